/** A test covers itself, so its lines say nothing of the product. */
export const isTest = (file: string) =>
  /(^|[/\\])(tests?|__tests__|__mocks__)[/\\]|(^|[/\\])(test_[^/\\]*|[^/\\]*_tests?|tests?|conftest)\.py$|[.-](test|spec|cy|e2e|bench|test-d)\.[cm]?[jt]sx?$/.test(
    file,
  )

/**
 * Folders that hold what was made, or comes from others, whatever Git has of them. Names that a product has too, such as `build`, `env`,
 * `out`, are none of these: what Git ignores never comes here.
 */
const foreign =
  /(^|\/)(?:\.[^/]*|node_modules|site-packages|__pycache__|venv|vendor|third_party|dist|[^/]*\.egg-info)\/|^(?:coverage|htmlcov)\//
/** Folders that hold what belongs to the work on a product, not to the product. */
const beside =
  /^(?:testing|docs?|examples?|bench\w*|scripts|e2e|cypress|playwright)\/|(^|\/)(?:fixtures|__fixtures__|migrations|alembic)\//
/** Files that tools read, and types without code. */
const settings =
  /(^|\/)(?:\.[^/]*|[^/]*\.config\.[^/]*|[^/]*\.stories\.[^/]*|setup\.py|noxfile\.py|setupTests\.[^/]*|vitest\.setup\.[^/]*|jest\.setup\.[^/]*|sidebars\.[^/]*|gulpfile\.[^/]*|Gruntfile\.[^/]*)$|^build\.[cm]?[jt]s$|\.d\.[cm]?ts$|\.min\.js$/

/** Whether a file belongs to the work on a product, or sets a tool: where a project did not choose what is measured, its lines say nothing. */
export const isBeside = (file: string) => beside.test(file) || settings.test(file)

/** Whether a file, by its path from the component's root, is source of the product that tests could cover. */
export const isSource = (file: string) =>
  /\.(?:py|[cm]?[jt]sx?|vue|svelte)$/.test(file) && !isTest(file) && !foreign.test(file) && !isBeside(file)

/**
 * How many lines of a source file a coverage tool would count. Only for files that no tool counted, so a line more or less
 * is no harm: statements that begin in a line, as coverage.py and Istanbul count them.
 */
export function codeLines(file: string, text: string): number {
  if (file.endsWith(".py")) return pythonLines(text)
  if (!/\.(?:vue|svelte)$/.test(file)) return scriptLines(text)
  const scripts = [...text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/gi)]
  return scripts.reduce((sum, [, script = ""]) => sum + scriptLines(script), 0)
}

/** Logical lines without those that hold only text, a comment, or an `else:`. https://docs.python.org/3/reference/lexical_analysis.html */
function pythonLines(text: string): number {
  const strings = /[rbuft]{0,2}("""|'''|"|')/iy
  let count = 0
  let [depth, words, quoted] = [0, "", false]
  const end = () => {
    const statement = words.trim()
    if (statement !== "" && !/^(?:else|finally)\s*:$/.test(statement)) count++
    ;[words, quoted] = ["", false]
  }
  for (let at = 0; at < text.length; ) {
    const one = text[at] ?? ""
    strings.lastIndex = at
    const opened = /\w/.test(words.at(-1) ?? "") ? undefined : strings.exec(text)
    if (opened) {
      const [whole, quote = ""] = opened
      at = closing(text, at + whole.length, quote)
      // A text by itself is a docstring; in anything else it is a value.
      if (words.trim() !== "") words += "'"
      quoted = true
    } else if (one === "#") {
      const newline = text.indexOf("\n", at)
      at = newline < 0 ? text.length : newline
    } else if (one === "\\" && /^\r?\n/.test(text.slice(at + 1, at + 3))) at += text[at + 1] === "\r" ? 3 : 2
    else if (one === "\n" || one === ";") {
      if (one === ";") words += " "
      else if (depth === 0) end()
      at++
    } else {
      if ("([{".includes(one)) depth++
      else if (")]}".includes(one)) depth = Math.max(0, depth - 1)
      words += quoted && words === "" && !/\s/.test(one) ? `'${one}` : one
      at++
    }
  }
  end()
  return count
}

/** Where a text ends that begins at `from`: behind its quotes, or at the line end that cuts it off. */
function closing(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++
    else if (text.startsWith(quote, at)) return at + quote.length
    else if (quote.length === 1 && text[at] === "\n") return at
  }
  return text.length
}

/** Heads of declarations, and parts of a statement that began above. */
const noStatement =
  /^(?:import\b(?!\s*\()|export\s*(?:\*|\{|type\b|interface\b)|(?:export\s+)?(?:declare\b|interface\b|type\s+\w)|(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\b|class\b|abstract\s+class\b)|(?:else|try|finally|do)\s*\{?$|["']use \w+["'];?$)/
const continued = /^(?:[?:.,)\]|&+*/<=]|[\w$"'-]+\??:(?!:))/

/** Lines in which a statement begins. */
function scriptLines(text: string): number {
  let count = 0
  let depth = 0
  for (const line of withoutComments(text).split("\n")) {
    const words = line.replace(/^[\s})\];,]+/, "").trim()
    if (depth === 0 && /\w/.test(words) && !noStatement.test(words) && !continued.test(words)) count++
    // Braces also open blocks, in which statements begin.
    for (const one of line) depth = Math.max(0, depth + ("([".includes(one) ? 1 : ")]".includes(one) ? -1 : 0))
    if (/[{]\s*$/.test(line)) depth = 0
  }
  return count
}

/** The text without comments, and with texts emptied; line ends stay. */
function withoutComments(text: string): string {
  let left = ""
  for (let at = 0; at < text.length; ) {
    const one = text[at] ?? ""
    if (one === "/" && text[at + 1] === "/") {
      const newline = text.indexOf("\n", at)
      at = newline < 0 ? text.length : newline
    } else if (one === "/" && text[at + 1] === "*") {
      const close = text.indexOf("*/", at + 2)
      const end = close < 0 ? text.length : close + 2
      left += "\n".repeat(text.slice(at, end).split("\n").length - 1)
      at = end
    } else if (one === '"' || one === "'") {
      at = closing(text, at + 1, one)
      left += `${one}${one}`
    } else {
      left += one
      at++
    }
  }
  return left
}
