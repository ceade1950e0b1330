import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import type { FrontendSettings } from "../settings/settings-types.js"
import { readerMissing } from "../site/errors.js"
import {
  applicable,
  type FunctionFolders,
  type NetlifyRules,
  noRules,
  readNetlifyRules,
  type SiteNotes,
} from "../site/netlify-rules.js"
import { readSiteFacts, type SiteFacts, uploadable } from "../site/site-files.js"
import { answered, ran } from "./exec.js"

const assets = () => dag.currentModule().source().directory("assets")

/** What a build left in its container. */
export interface BuiltFiles {
  /** Links have become what they point to. */
  site: Directory
  facts: SiteFacts
  notes: string[]
}

/**
 * The built site as it can be uploaded; `undefined` with the folders that are there instead, where there is none.
 * @throws PipelineError for one that visitors would not get as it was built.
 */
export async function builtFiles(built: Container, output: string): Promise<BuiltFiles | { missing: string[] }> {
  const script = "/opt/delivery/site-files.cjs"
  const looked = await answered(
    // What the project sets for Node is not for this.
    built.withFile(script, assets().file("site-files.cjs")).withoutEnvVariable("NODE_OPTIONS"),
    ["node", script, output],
  )
  const facts = readSiteFacts(looked.stdout)
  if (looked.code !== 0) return { missing: facts.there }
  const notes = uploadable(facts)
  return { site: looked.container.directory(facts.folder), facts, notes }
}

/** A netlify.toml and what it says. */
export interface FoundRules {
  /** "" where the project has none. */
  path: string
  file?: ReturnType<Directory["file"]>
  rules: NetlifyRules
  folders: FunctionFolders
}

/**
 * The netlify.toml of a site: in its own folder, or in the nearest above it, as Netlify looks for it.
 * @throws PipelineError when it can't be read, or asks for what an upload of files can't give.
 */
export async function netlifyRules(
  source: Directory,
  settings: FrontendSettings,
  repository: Directory | undefined,
): Promise<FoundRules> {
  const found = await nearest(source, settings.source, repository)
  const rules = found.file ? await read(found.path, found.file, settings, dag.directory()) : noRules
  const folders = await functionFolders(rules, source, settings, repository)
  applicable(rules, folders, { ...settings, path: found.path || "the project", without: settings.netlifyWithout })
  return { ...found, rules, folders }
}

/** The site with the rules of netlify.toml in its `_redirects` and `_headers`, and what is to be told of them. */
export async function withNetlifyRules(
  site: Directory,
  found: FoundRules,
  settings: FrontendSettings,
): Promise<{ site: Directory; notes: SiteNotes }> {
  const { path, file, folders } = found
  const own = file ? (await site.entries()).filter((name) => name === "_redirects" || name === "_headers") : []
  const rules = file && own.length > 0 ? await read(path, file, settings, site.filter({ include: own })) : found.rules
  const notes = applicable(rules, folders, {
    ...settings,
    path: path || "the project",
    without: settings.netlifyWithout,
  })
  const written = Object.entries({ _redirects: rules.redirects.text, _headers: rules.headers.text }).filter(
    ([, text]) => text !== "",
  )
  return { site: written.reduce((all, [name, text]) => all.withNewFile(name, text), site), notes }
}

async function nearest(source: Directory, path: string, repository: Directory | undefined) {
  const name = "netlify.toml"
  const parts = path === "." ? [] : path.split("/")
  if ((await source.entries()).includes(name)) return { path: [...parts, name].join("/"), file: source.file(name) }
  for (let depth = parts.length - 1; repository && depth >= 0; depth--) {
    const above = parts.slice(0, depth)
    const folder = above.length > 0 ? repository.directory(above.join("/")) : repository
    if ((await folder.entries()).includes(name)) return { path: [...above, name].join("/"), file: folder.file(name) }
  }
  return { path: "" }
}

/** Netlify's own packages, in a container of their own: 31 MB that no call of the module loads. */
async function read(
  path: string,
  file: ReturnType<Directory["file"]>,
  settings: FrontendSettings,
  site: Directory,
): Promise<NetlifyRules> {
  const [home, base] = ["/opt/delivery/netlify", path.split("/").slice(0, -1).join("/")]
  const scripts = assets().directory("netlify")
  const install = await ran(
    dag
      .container()
      .from("node:24-slim")
      .withMountedCache("/root/.npm", dag.cacheVolume("npm"), { sharing: CacheSharingMode.Shared })
      .withWorkdir(home)
      .withFile("package.json", scripts.file("package.json"))
      .withFile("package-lock.json", scripts.file("package-lock.json")),
    ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
  )
  if (install.code !== 0) throw readerMissing(install.stderr || install.stdout)
  const asked = install.container
    .withFile("rules.mjs", scripts.file("rules.mjs"))
    .withDirectory(`/repository/${settings.source === "." ? "" : settings.source}`, dag.directory())
    .withFile(`/repository/${path}`, file)
    .withDirectory("/site", site)
  const { stdout, stderr } = await answered(asked, ["node", "rules.mjs", "/repository", base, "/site"])
  return readNetlifyRules(stdout || JSON.stringify({ failure: stderr || "it ended without an answer" }), path)
}

/** Folders of functions that are there: Netlify looks in some without being told. */
async function functionFolders(
  rules: NetlifyRules,
  source: Directory,
  settings: FrontendSettings,
  repository: Directory | undefined,
): Promise<FunctionFolders> {
  const inside = settings.source === "." ? "" : `${settings.source}/`
  const look = async (...paths: string[]) => {
    for (const path of paths.filter(Boolean)) {
      const folder = path.startsWith(inside) ? source : repository
      const files = (await folder?.glob(`${path.startsWith(inside) ? path.slice(inside.length) : path}/**/*.*`)) ?? []
      if (files.length > 0) return path
    }
    return ""
  }
  const usual = (await source.entries()).includes("netlify/")
  const [functions, edgeFunctions] = await Promise.all([
    look(rules.functions, usual ? `${inside}netlify/functions` : ""),
    look(rules.edgeFolder, usual ? `${inside}netlify/edge-functions` : ""),
  ])
  return { functions, edgeFunctions }
}
