/** Where a JSON text goes wrong, and why; it never quotes the text, which may hold a secret by mistake. */
export class JsonMistake {
  constructor(
    /** Both count from 1. */
    readonly line: number,
    readonly column: number,
    readonly why: string,
  ) {}
}

/**
 * Reads JSON as RFC 8259 has it, and refuses an object that has a key twice, where `JSON.parse` keeps the last silently.
 * @throws JsonMistake; the caller knows which file it is about.
 */
export function readStrictJson(text: string): unknown {
  const json = text.replace(/^\uFEFF/, "")
  const scan = new Scan(json)
  scan.value(0)
  scan.space()
  if (scan.at < json.length) scan.fail("more text after the end")
  return JSON.parse(json)
}

const whitespace = /[ \t\n\r]*/y
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b/y
const deepest = 100

class Scan {
  at = 0

  constructor(private readonly json: string) {}

  space(): void {
    this.take(whitespace)
  }

  value(depth: number): void {
    this.space()
    if (depth > deepest) this.fail(`nested more than ${deepest} deep`)
    const first = this.json[this.at]
    if (first === "{") this.object(depth)
    else if (first === "[") this.list("]", () => this.value(depth + 1))
    else if (first === '"') this.string()
    else if (this.take(scalar) === undefined) this.fail(first === undefined ? "it ends too early" : "expected a value")
  }

  private object(depth: number): void {
    const keys = new Set<string>()
    this.list("}", () => {
      this.space()
      const start = this.at
      if (this.json[start] !== '"') this.fail("expected a key in double quotes")
      const key = JSON.parse(this.string()) as string
      if (keys.has(key)) this.fail("a key that this object has already", start)
      // Readers of objects pass over this one in silence.
      if (key === "__proto__") this.fail("a key that can't be used", start)
      keys.add(key)
      this.space()
      if (this.json[this.at] !== ":") this.fail("expected a colon after the key")
      this.at++
      this.value(depth + 1)
    })
  }

  private list(end: string, element: () => void): void {
    this.at++
    this.space()
    if (this.json[this.at] === end) {
      this.at++
      return
    }
    for (;;) {
      element()
      this.space()
      const next = this.json[this.at]
      if (next !== "," && next !== end)
        this.fail(next === undefined ? "it ends too early" : `expected a comma or ${end}`)
      const comma = this.at++
      if (next === end) return
      this.space()
      if (this.json[this.at] === end) this.fail(`a comma before ${end}`, comma)
    }
  }

  /** A loop, for a regular expression runs out of stack on a text of some megabytes. */
  private string(): string {
    const start = this.at++
    for (;;) {
      const one = this.json[this.at]
      if (one === undefined || one < " ") this.fail("a text without its closing quote", start)
      if (one === "\\") this.take(escaped) ?? this.fail("a backslash before something that it can't escape")
      else this.at++
      if (one === '"') return this.json.slice(start, this.at)
    }
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.json)?.[0]
    this.at += found?.length ?? 0
    return found
  }

  fail(why: string, at = this.at): never {
    const before = this.json.slice(0, at).split(/\r\n|\r|\n/)
    throw new JsonMistake(before.length, (before.at(-1)?.length ?? 0) + 1, why)
  }
}
