import { type Changeset, type Directory, dag } from "@dagger.io/dagger"
import pLimit from "p-limit"
import { type Proposal, proposal, proposalText, type Templates } from "../init/proposal.js"
import { isTelling, type Repository } from "../init/repository.js"
import { readSettings } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { printed } from "../text/wording.js"
import { ownAddress } from "./own-module.js"
import type { Project } from "./project.js"
import { neverSources } from "./sources.js"
import { span } from "./span.js"

/** Longer ones say nothing that is looked for; the most files of one kind that are read. */
const [longest, most] = [200_000, 1500]

/** What the caller's repository needs, as changes to it; what is left alone, and why, stands in the trace. */
export async function init(project: Project, module: string): Promise<Changeset> {
  const { before, made } = await proposed(project, module)
  await span(proposalText(made), async () => {})
  return Object.entries(made.files)
    .reduce((directory, [path, text]) => directory.withNewFile(path, text), before)
    .changes(before)
}

/** The same in words. */
export async function initReport(project: Project, module: string): Promise<string> {
  return printed(proposalText((await proposed(project, module)).made))
}

async function proposed(
  { workspace, settingsFile }: Project,
  given: string,
): Promise<{ before: Directory; made: Proposal }> {
  const before = workspace.directory("/", { exclude: neverSources, gitignore: true })
  const git = workspace.directory("/", { include: [".git/config", ".git/HEAD", ".git/packed-refs", ".git/refs/**"] })
  const [repository, address, templates] = await Promise.all([read(before, git), given || ownAddress(), templatesOf()])
  const own = repository.files.includes("delivery.json") ? (repository.texts["delivery.json"] ?? "") : undefined
  const text = settingsFile ? await settingsFile.contents() : own
  const settings: Settings | undefined = text === undefined ? undefined : readSettings(text)
  const options = { settings, module: address, templates }
  const made = proposal(repository, options)
  const include = Object.keys(made.files)
  // Without a pattern the engine would be sent all that lies there, also what .gitignore names.
  if (include.length === 0) return { before, made }
  // What .gitignore names was not seen, and must not be replaced either.
  const there = await workspace.directory("/", { include }).glob("**")
  const hidden = there.filter((path) => !path.endsWith("/") && !repository.files.includes(path))
  if (hidden.length === 0) return { before, made }
  return { before, made: proposal({ ...repository, files: [...repository.files, ...hidden] }, options) }
}

async function read(root: Directory, git: Directory): Promise<Repository> {
  const files = (await root.glob("**")).filter((path) => !path.endsWith("/"))
  const limit = pLimit(16)
  const all = files.filter(isTelling)
  const telling = all.slice(0, most)
  const texts = await Promise.all(telling.map((path) => limit(() => textOf(root, path))))
  const byPath = Object.fromEntries(telling.flatMap((path, at) => (texts[at] === undefined ? [] : [[path, texts[at]]])))
  const { parse } = await import("smol-toml")
  const tables = Object.entries(byPath).flatMap(([path, text]): [string, unknown][] => {
    if (!path.endsWith("pyproject.toml")) return []
    try {
      return [[path, parse(text.replace(/^\uFEFF/, ""))]]
    } catch {
      // `ci` says what is wrong with it.
      return []
    }
  })
  const [gitConfig = "", head = "", packed = "", loose] = await Promise.all([
    textOf(git, ".git/config"),
    textOf(git, ".git/HEAD"),
    textOf(git, ".git/packed-refs"),
    git.glob(".git/refs/**").catch((): string[] => []),
  ])
  const named = /^ref: refs\/heads\/(\S+)/m.exec(head)?.[1]
  const refs = [...loose, ...[...packed.matchAll(/^[0-9a-f]+ (\S+)$/gm)].map(([, ref = ""]) => `.git/${ref}`)]
  const others = refs.flatMap((ref) => /^\.git\/refs\/(?:heads|remotes\/origin)\/(.+[^/])$/.exec(ref)?.[1] ?? [])
  const branches = [...new Set([...(named ? [named] : []), ...others])].filter((name) => name !== "HEAD")
  return {
    files,
    texts: byPath,
    unread: all.length - telling.length,
    tables: Object.fromEntries(tables),
    gitConfig,
    branches,
  }
}

/** `undefined` for what is too long, no text, or a link that leads nowhere. */
async function textOf(root: Directory, path: string): Promise<string | undefined> {
  try {
    const text = await root.file(path).contents()
    return text.length > longest ? undefined : text
  } catch {
    return undefined
  }
}

async function templatesOf(): Promise<Templates> {
  const [workflows = {}, lint = {}] = await Promise.all(["workflows", "lint"].map(assets))
  return { workflows, lint }
}

async function assets(name: string): Promise<Record<string, string>> {
  const folder = dag.currentModule().source().directory(`assets/${name}`)
  const names = await folder.entries()
  const texts = await Promise.all(names.map((file) => folder.file(file).contents()))
  return Object.fromEntries(names.map((file, at) => [file, texts[at] ?? ""]))
}
