import { readmeContradicts } from "./errors.js"

/** What the head of a Space's README has to say. https://huggingface.co/docs/hub/spaces-config-reference */
export interface SpaceHead {
  title: string
  port: number
}

interface Readme {
  /** Lines of the YAML head by their key, in their order; comments before a key belong to it. */
  head: Map<string, string>
  body: string
}

/** The keys of a head stand at the beginning of a line; what is indented belongs to the key above it. */
const keyAt = /^(?:"([^"]+)"|'([^']+)'|([\w.-]+))[ \t]*:(?=\s|$)/

/** A README without a head is all body. */
export function readReadme(text: string): Readme {
  const plain = text.replace(/^\uFEFF/, "").replace(/\r\n/g, "\n")
  const found = /^---[ \t]*\n([\s\S]*?\n)?---[ \t]*(?:\n|$)/.exec(plain)
  const head = new Map<string, string>()
  let [key, waiting] = ["", ""]
  for (const line of (found?.[1] ?? "").split("\n").slice(0, -1)) {
    const [, ...names] = keyAt.exec(line) ?? []
    const named = names.find((name) => name !== undefined)
    if (named !== undefined) {
      key = named
      head.set(key, `${waiting}${line}\n`)
      waiting = ""
    } else if (/^#|^\s*$/.test(line)) waiting += `${line}\n`
    else {
      head.set(key, `${head.get(key) ?? ""}${waiting}${line}\n`)
      waiting = ""
    }
  }
  if (waiting) head.set(key, `${head.get(key) ?? ""}${waiting}`)
  return { head, body: plain.slice(found?.[0].length ?? 0).replace(/^\n+/, "") }
}

/** Texts of a Space of which nobody else wrote the README. */
export const writtenHere = {
  served: "Serves an image that was built and tested elsewhere; the deployment pipeline writes these files.\n",
  built: "Builds what was tested elsewhere; the deployment pipeline writes these files.\n",
}
const ours = new Set(["title", "sdk", "app_port"])

/** The README that lies in the Space, without what only this pipeline wrote. */
function byOwner(text: string): Readme {
  const { head, body } = readReadme(text)
  const isOurText = Object.values(writtenHere).includes(body)
  const isAllOurs = isOurText && [...head.keys()].every((key) => ours.has(key))
  return { head: isAllOurs ? new Map() : head, body: isOurText ? "" : body }
}

/**
 * The README of a Space. The head that the project or the Space's owner wrote stays; only what Hugging Face needs and is missing is
 * added. The port and the kind of Space are the settings' to say, so the ones that lie in the Space follow them.
 * @param project its README; "" for none.
 * @param there what lies in the Space; "" for nothing.
 * @param wins whose key counts where both have it.
 * @throws PipelineError when the project's head says another port or kind than the settings.
 */
export function spaceReadme(
  { title, port }: SpaceHead,
  { project, there, wins, body }: { project: string; there: string; wins: "project" | "there"; body: string },
): string {
  const [given, owner] = [readReadme(project), byOwner(there)]
  const wanted = { sdk: "docker", app_port: String(port) }
  const head = new Map(owner.head)
  for (const [key, lines] of given.head) if (wins === "project" || !head.has(key)) head.set(key, lines)
  if (!head.has("title")) head.set("title", `title: ${JSON.stringify(title)}\n`)
  for (const [key, value] of Object.entries(wanted)) {
    const said = saidIn(given.head.get(key))
    if (wins === "project" && said !== undefined && said !== value) throw readmeContradicts(key, said, value)
    if (saidIn(head.get(key)) !== value) head.set(key, `${key}: ${value}\n`)
  }
  const text = given.body.trim() ? given.body : owner.body || body
  return `---\n${[...head.values()].join("")}---\n\n${text}`
}

/** A plain value, without its quotes and comment. */
function saidIn(lines: string | undefined): string | undefined {
  const line = lines?.split("\n").find((one) => keyAt.test(one))
  return line
    ?.slice(line.indexOf(":") + 1)
    .replace(/(?:^|\s)#.*$/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
}

/** A text under the head of another README. */
export function withHeadOf(text: string, other: string): string {
  const { head } = readReadme(other)
  return head.size === 0 ? text : `---\n${[...head.values()].join("")}---\n\n${readReadme(text).body}`
}
