// jsonc-parser: the parser of VS Code's own settings, without dependencies, which gives the place of each key.
import { printParseErrorCode, visit } from "jsonc-parser"

/** The position and reason of a mistake; never quotes the text, which may contain a secret by mistake. */
export class JsonMistake {
  constructor(
    /** Both count from 1. */
    readonly line: number,
    readonly column: number,
    readonly why: string,
  ) {}
}

const deepest = 100

/** Messages for the parser's codes. */
const reasons: Record<string, string> = {
  InvalidSymbol: "a word that is not in double quotes",
  InvalidNumberFormat: "a number that JSON can't read",
  PropertyNameExpected: "expected a key in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: "expected a colon after the key",
  CommaExpected: "expected a comma",
  CloseBraceExpected: "expected a comma or }",
  CloseBracketExpected: "expected a comma or ]",
  EndOfFileExpected: "more text after the end",
  UnexpectedEndOfComment: "a comment without its end",
  UnexpectedEndOfString: "a text without its closing quote",
  UnexpectedEndOfNumber: "a number that ends too early",
  InvalidUnicode: "a \\u without four hexadecimal digits",
  InvalidEscapeCharacter: "a backslash before something that it can't escape",
  InvalidCharacter: "a character that must be written with a backslash, such as \\n",
}

/**
 * Reads JSON with comments. An object that has a key twice is refused, where `JSON.parse` silently keeps the last.
 * @throws JsonMistake at the first mistake; the caller knows which file it is about.
 */
export function readCommentedJson(text: string): unknown {
  const json = text.replace(/^\uFEFF/, "")
  const document: { value?: unknown } = {}
  /** The containers around the place that is read, the outermost first. */
  const open: { add: (value: unknown) => void; keys: Set<string> }[] = [
    {
      add: (value) => {
        document.value = value
      },
      keys: new Set(),
    },
  ]
  let key = ""
  const fail = (line: number, column: number, why: string): never => {
    throw new JsonMistake(line + 1, column + 1, why)
  }
  const begin = (container: unknown, add: (value: unknown) => void, line: number, column: number) => {
    if (open.length > deepest) fail(line, column, `nested more than ${deepest} deep`)
    open.at(-1)?.add(container)
    open.push({ add, keys: new Set() })
  }
  visit(json, {
    onObjectBegin: (_offset, _length, line, column) => {
      const object: Record<string, unknown> = {}
      begin(
        object,
        (value) => {
          object[key] = value
        },
        line,
        column,
      )
    },
    onArrayBegin: (_offset, _length, line, column) => {
      const list: unknown[] = []
      begin(list, (value) => list.push(value), line, column)
    },
    onObjectProperty: (name, _offset, _length, line, column) => {
      const keys = open.at(-1)?.keys
      if (keys?.has(name)) fail(line, column, "a key that this object has already")
      // JavaScript would set the prototype instead of a key.
      if (name === "__proto__") fail(line, column, "a key that can't be used")
      keys?.add(name)
      key = name
    },
    onLiteralValue: (value) => open.at(-1)?.add(value),
    onObjectEnd: () => open.pop(),
    onArrayEnd: () => open.pop(),
    onError: (code, offset, _length, line, column) =>
      fail(
        line,
        column,
        offset >= json.trimEnd().length && printParseErrorCode(code) !== "UnexpectedEndOfString"
          ? "it ends too early"
          : (reasons[printParseErrorCode(code)] ?? "something that JSON does not have"),
      ),
  })
  return document.value
}
