import ts from "typescript"

/** One way in which an error reads. Words in capitals stand for what only a run knows; [ ] for what may be left out. */
export interface ErrorText {
  what: string
  why: string
  next: string
  /** How a deployment ends by it, such as `Refused`; "" for an error that ends no deployment. */
  verdict: string
}
/** A function of the errors of a room. */
export interface DescribedError {
  name: string
  /** Its file, from `dagger/lib`. */
  file: string
  /** What its doc comment says; often nothing. */
  about: string
  texts: ErrorText[]
}

type Value = ts.Expression | undefined
/** What is known where an expression stands: names that have a value, and which way each condition went. */
interface Scope {
  names: Map<string, { value: Value; scope: Scope }>
  choices: Map<string, boolean>
}
interface Case {
  value: Value
  scope: Scope
}

const failures = /(?:PipelineError|RegistryRefusal|RegistryAnswerOdd|DeploymentError|HostRefusal|SchemaConflict)/

/**
 * Every text of the errors in these files, by reading the functions as far as they are decided by the code alone.
 * @param files the sources by their paths; of those that make errors, each function that gives one is described.
 */
export function errorTexts(files: Record<string, string>): DescribedError[] {
  const sources = Object.entries(files).map(([path, text]) =>
    ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true),
  )
  const makers = sources.filter(({ text }) => new RegExp(`new ${failures.source}\\(`).test(text))
  const reader = new Reader(sources.filter((one) => makers.includes(one) || /(?:^|[/-])errors\.ts$/.test(one.fileName)))
  return makers.flatMap((source) =>
    exported(source).flatMap(([name, made]): DescribedError[] => {
      const own = textsOf(reader.returned(made, nowhere), reader)
      // What only the caller knows is read where it is called.
      const texts = own.some(({ next }) => isPlaceholder(next)) ? [...own, ...ofCalls(name, sources, reader)] : own
      const decided = texts.filter(({ next }) => !isPlaceholder(next))
      const kept = unique(decided.length > 0 ? decided : texts)
      return kept.length > 0 ? [{ name, file: source.fileName, about: aboutOf(made), texts: kept }] : []
    }),
  )
}

const nowhere: Scope = { names: new Map(), choices: new Map() }

/** What an error says where it is called. */
function ofCalls(name: string, sources: ts.SourceFile[], reader: Reader): ErrorText[] {
  const found: ErrorText[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name)
      found.push(...textsOf(reader.cases(node, nowhere), reader))
    ts.forEachChild(node, visit)
  }
  for (const source of sources) if (source.text.includes(`${name}(`)) visit(source)
  return found
}

/** What the doc comment says of it, without its parameters. */
function aboutOf(made: Made): string {
  let node: ts.Node = made
  while (!ts.isSourceFile(node.parent)) node = node.parent
  const [comment] = ts.getJSDocCommentsAndTags(node).filter((it) => ts.isJSDoc(it))
  return (ts.getTextOfJSDocComment(comment?.comment) ?? "").replace(/\s+/g, " ").trim()
}

type Made = ts.ArrowFunction | ts.FunctionDeclaration
type Known = Map<string, ts.Expression | ts.FunctionDeclaration>

function declarations(source: ts.SourceFile, isMeant: (one: ts.Statement) => boolean = () => true): Known {
  const found: Known = new Map()
  for (const one of source.statements.filter(isMeant)) {
    if (ts.isFunctionDeclaration(one) && one.name) found.set(one.name.text, one)
    if (!ts.isVariableStatement(one)) continue
    for (const { name, initializer } of one.declarationList.declarations)
      if (initializer) found.set(name.getText(), initializer)
  }
  return found
}

const isExported = (one: ts.Statement) =>
  ts.canHaveModifiers(one) && (ts.getModifiers(one) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

const exported = (source: ts.SourceFile): [name: string, made: Made][] =>
  source.statements.filter(isExported).flatMap((one): [string, Made][] => {
    if (ts.isFunctionDeclaration(one)) return [[one.name?.text ?? "", one]]
    if (!ts.isVariableStatement(one)) return []
    return one.declarationList.declarations.flatMap(({ name, initializer }): [string, Made][] =>
      initializer && ts.isArrowFunction(initializer) ? [[name.getText(), initializer]] : [],
    )
  })

function textsOf(cases: Case[], reader: Reader): ErrorText[] {
  return cases.flatMap(({ value, scope }) => {
    if (!value || !ts.isNewExpression(value) || !failures.test(value.expression.getText())) return []
    const [what, parts, verdict] = value.arguments ?? []
    const ends = /^(?:PipelineError|RegistryRefusal|RegistryAnswerOdd)$/.test(value.expression.getText())
      ? ""
      : verdict?.getText().startsWith("Verdict.")
        ? verdict.getText()
        : "Verdict.Failed"
    return reader.cases(what, scope).flatMap((first) =>
      reader.cases(parts, after(scope, first)).flatMap((said) =>
        reader.cases(reader.property(said, "why"), said.scope).flatMap((why) =>
          reader.cases(reader.property(said, "next"), after(said.scope, why)).map((next) => ({
            what: reader.text(first.value, { ...first.scope, choices: next.scope.choices }),
            why: reader.text(why.value, why.scope),
            next: reader.text(next.value, next.scope),
            verdict: ends.replace("Verdict.", ""),
          })),
        ),
      ),
    )
  })
}

const isPlaceholder = (text: string) => !/[a-z]/.test(text)

function unique(texts: ErrorText[]): ErrorText[] {
  const seen = new Set<string>()
  return texts.filter((one) => {
    const key = JSON.stringify(one)
    return one.why !== "" && !seen.has(key) && seen.add(key)
  })
}

/** Follows the code of an error as far as it says its text. */
class Reader {
  private readonly own: Map<string, Known>
  private readonly exported: Known

  constructor(sources: ts.SourceFile[]) {
    this.own = new Map(sources.map((source) => [source.fileName, declarations(source)]))
    this.exported = new Map(sources.flatMap((source) => [...declarations(source, isExported)]))
  }

  /** What a name stands for in its file, or in the one that it is imported from. */
  private known(name: ts.Identifier): ts.Expression | ts.FunctionDeclaration | undefined {
    return this.own.get(name.getSourceFile().fileName)?.get(name.text) ?? this.exported.get(name.text)
  }

  /** What a function returns, each with the conditions under which it does. */
  returned(made: Made, scope: Scope): Case[] {
    if (!made.body) return []
    return ts.isBlock(made.body) ? this.walked([...made.body.statements], scope) : this.cases(made.body, scope)
  }

  private walked(statements: ts.Statement[], scope: Scope): Case[] {
    const [first, ...rest] = statements
    if (!first) return []
    if (ts.isReturnStatement(first)) return this.cases(first.expression, scope)
    if (ts.isIfStatement(first)) {
      const inside = (one: ts.Statement) => (ts.isBlock(one) ? [...one.statements] : [one])
      return [
        ...this.walked(inside(first.thenStatement), chosen(scope, first.expression, true)),
        ...this.walked(
          [...(first.elseStatement ? inside(first.elseStatement) : []), ...rest],
          chosen(scope, first.expression, false),
        ),
      ]
    }
    if (!ts.isVariableStatement(first)) return this.walked(rest, scope)
    // A name with several values is one of them in all that follows.
    let scopes = [scope]
    for (const { name, initializer } of first.declarationList.declarations)
      if (ts.isIdentifier(name) && initializer)
        scopes = scopes.flatMap((one) =>
          this.cases(initializer, one).map((it) => ({
            names: new Map(one.names).set(name.text, it),
            choices: it.scope.choices,
          })),
        )
    return scopes.flatMap((one) => this.walked(rest, one))
  }

  /** The values that an expression may have, as far as the code decides. */
  cases(value: Value, scope: Scope): Case[] {
    if (!value) return [{ value, scope }]
    if (ts.isParenthesizedExpression(value) || ts.isAsExpression(value)) return this.cases(value.expression, scope)
    if (ts.isConditionalExpression(value)) {
      const way = scope.choices.get(value.condition.getText())
      return [
        ...(way === false ? [] : this.cases(value.whenTrue, chosen(scope, value.condition, true))),
        ...(way === true ? [] : this.cases(value.whenFalse, chosen(scope, value.condition, false))),
      ]
    }
    if (ts.isBinaryExpression(value) && /^(?:\?\?|\|\|)$/.test(value.operatorToken.getText()))
      return this.cases(value.left, scope).flatMap((left) => {
        if (!left.value) return this.cases(value.right, after(scope, left))
        if (isText(left.value)) return [left]
        const rest = this.cases(value.right, after(scope, left))
        return [left, ...rest.filter((it) => !(it.value && ts.isStringLiteralLike(it.value) && it.value.text === ""))]
      })
    if (ts.isBinaryExpression(value) && value.operatorToken.getText() === "&&")
      return [...this.cases(value.right, scope), { value: undefined, scope }]
    // Whole sentences that a text takes in are texts of their own.
    if (ts.isTemplateExpression(value))
      for (const { expression } of value.templateSpans) {
        if (!ts.isIdentifier(expression) || !scope.names.has(expression.text)) continue
        const all = this.cases(expression, scope)
        if (all.length > 1 && all.every((it) => it.value && isText(it.value) && it.value.getText().length > 60))
          return all.map((it) => ({
            value,
            scope: { names: new Map(scope.names).set(expression.text, it), choices: it.scope.choices },
          }))
      }
    if (ts.isIdentifier(value)) {
      const bound = scope.names.get(value.text)
      if (bound) return this.cases(bound.value, after(bound.scope, { value, scope }))
      const one = this.known(value)
      return one && !ts.isFunctionDeclaration(one) && (isText(one) || ts.isObjectLiteralExpression(one))
        ? [{ value: one, scope }]
        : [{ value, scope }]
    }
    if (ts.isCallExpression(value)) return this.called(value, scope)
    if (ts.isPropertyAccessExpression(value))
      return this.cases(value.expression, scope).flatMap((it) => {
        if (!it.value) return [{ value: undefined, scope: it.scope }]
        const found = this.property(it, value.name.text)
        return found ? this.cases(found, it.scope) : [{ value, scope: it.scope }]
      })
    if (ts.isElementAccessExpression(value) && ts.isIdentifier(value.expression)) {
      const all = this.known(value.expression)
      if (all && ts.isObjectLiteralExpression(all))
        return all.properties.flatMap((it) => (ts.isPropertyAssignment(it) ? this.cases(it.initializer, scope) : []))
    }
    return [{ value, scope }]
  }

  /** A property of an object that stands in the code. */
  property({ value }: Case, name: string): Value {
    if (!value || !ts.isObjectLiteralExpression(value)) return undefined
    for (const one of value.properties) {
      if (ts.isPropertyAssignment(one) && one.name.getText() === name) return one.initializer
      if (ts.isShorthandPropertyAssignment(one) && one.name.text === name) return one.name
    }
    return undefined
  }

  private called(value: ts.CallExpression, scope: Scope): Case[] {
    const { expression } = value
    // One of a list that stands in the code.
    if (ts.isPropertyAccessExpression(expression) && expression.name.text === "find") {
      const all = ts.isIdentifier(expression.expression) ? this.known(expression.expression) : undefined
      if (all && ts.isArrayLiteralExpression(all))
        return [...all.elements.map((it) => ({ value: it, scope })), { value: undefined, scope }]
    }
    const made = ts.isIdentifier(expression) ? this.known(expression) : undefined
    if (!made || !(ts.isArrowFunction(made) || ts.isFunctionDeclaration(made))) return [{ value, scope }]
    const names = new Map<string, Case>()
    made.parameters.forEach(({ name, initializer }, at) => {
      const given = value.arguments[at] ?? initializer
      if (ts.isIdentifier(name) && given) names.set(name.text, { value: given, scope })
    })
    const inside = this.returned(made, { names, choices: scope.choices })
    return inside.length > 0 && inside.every((it) => it.value && says(it.value)) ? inside : [{ value, scope }]
  }

  /** The text of an expression. */
  text(value: Value, scope: Scope): string {
    return (
      this.said(value, scope)
        .replace(/\s+/g, " ")
        // A value on lines of its own below the text, or one that is put together of parts.
        .replace(/(?<=[a-z]:)(?=\(?[A-Z_]{3})/g, " ")
        .replace(/\b([A-Z_]{3,})\1\b/g, "$1")
    )
  }

  private said(value: Value, scope: Scope): string {
    if (!value) return ""
    if (ts.isStringLiteralLike(value)) return value.text
    if (ts.isNumericLiteral(value)) return value.text
    if (ts.isTemplateExpression(value))
      return [
        value.head.text,
        ...value.templateSpans.map((span) => `${this.inline(span.expression, scope)}${span.literal.text}`),
      ].join("")
    return this.inline(value, scope)
  }

  /** Within a text: what is decided, a choice in brackets, or the name of what only a run knows. */
  private inline(value: ts.Expression, scope: Scope): string {
    if (ts.isParenthesizedExpression(value)) return this.inline(value.expression, scope)
    if (isText(value)) return this.said(value, scope)
    if (ts.isConditionalExpression(value)) {
      const way = scope.choices.get(value.condition.getText())
      if (way !== undefined) return this.inline(way ? value.whenTrue : value.whenFalse, scope)
      return choice([this.inline(value.whenTrue, scope), this.inline(value.whenFalse, scope)])
    }
    if (ts.isBinaryExpression(value)) {
      const [left, operator, right] = [value.left, value.operatorToken.getText(), value.right]
      if (operator === "&&") return choice([this.inline(right, scope), ""])
      if (operator === "||" || operator === "??") return choice([this.inline(left, scope), this.inline(right, scope)])
      return this.inline(left, scope)
    }
    const all = this.cases(value, scope)
    if (all.length > 1 || all[0]?.value !== value) {
      const texts = all.map((it) => this.said(it.value, it.scope))
      return choice([...new Set(texts)])
    }
    if (ts.isIdentifier(value)) return placeholder(value.text)
    if (ts.isCallExpression(value)) {
      // A list with one line for each of its members.
      if (ts.isPropertyAccessExpression(value.expression)) {
        const [given] = value.arguments
        const name = value.expression.name.text
        if (/^(?:stringify|min|max|ceil|round|floor)$/.test(name) && given) return this.inline(given, scope)
        const parts = name === "join" && given ? arrayOf(value.expression.expression) : undefined
        if (parts) return parts.map((it) => this.inline(it, scope)).join(this.said(given, scope))
        return this.inline(value.expression.expression, scope)
      }
      return value.arguments[0] ? this.inline(value.arguments[0], scope) : placeholder(value.expression.getText())
    }
    if (ts.isPropertyAccessExpression(value)) return value.name.text === "length" ? "N" : placeholder(value.name.text)
    if (ts.isElementAccessExpression(value)) return this.inline(value.expression, scope)
    if (ts.isArrayLiteralExpression(value)) return value.elements.map((it) => this.inline(it, scope)).join("; ")
    if (ts.isNonNullExpression(value)) return this.inline(value.expression, scope)
    return "…"
  }
}

const chosen = (scope: Scope, condition: ts.Expression, way: boolean): Scope => ({
  ...scope,
  choices: new Map(scope.choices).set(condition.getText(), way),
})
/** A scope, with what was decided on the way to a case. */
const after = ({ names }: Scope, { scope }: Case): Scope => ({ names, choices: scope.choices })

/** The members of a list that stands in the code, whatever is done to each of them. */
function arrayOf(value: ts.Expression): readonly ts.Expression[] | undefined {
  if (ts.isArrayLiteralExpression(value)) return value.elements
  return ts.isCallExpression(value) && ts.isPropertyAccessExpression(value.expression)
    ? arrayOf(value.expression.expression)
    : undefined
}

const isText = (value: ts.Expression) => ts.isStringLiteralLike(value) || ts.isTemplateExpression(value)
const says = (value: ts.Expression) =>
  isText(value) || ts.isObjectLiteralExpression(value) || ts.isNewExpression(value) || ts.isIdentifier(value)

const choice = (texts: string[]) => {
  const filled = [...new Set(texts.filter((text) => text !== ""))]
  const joined = filled.join(" | ")
  if (filled.length === 0) return ""
  if (filled.length < texts.length) return `[${joined}]`
  return filled.length === 1 ? joined : `(${joined})`
}

const placeholder = (name: string) => (/^\w+$/.test(name) ? name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toUpperCase() : "…")
