import { posix } from "node:path"
import { lockFiles } from "../checks/package-manager.js"
import { packageManifest, parsedJson } from "../checks/package-manifest.js"
import { Runner } from "../checks/test-runner.js"
import { testScript } from "../checks/test-script.js"
import { buildScriptOf, commandOf, type Generator, generatorAmong, makesNoPage, whyNotStatic } from "./generators.js"
import {
  filesBelow,
  folderOf,
  inFolder,
  isAside,
  nearest,
  type Repository,
  textIn,
  unlikeliness,
} from "./repository.js"

/** What was found of a site. */
export interface Site {
  /** Folder from the root on. */
  source: string
  /** What builds it, in words. */
  generator: string
  /** Script of package.json that builds it. */
  buildScript: string
  /** Why it may be no site at all; "" where it is one. */
  unsure: string
  output: string
  /** Why the output is a guess; "" where the generator always writes there. */
  outputUnsure: string
  /** Part of the first page's title; "" where none was found. */
  title: string
  /** Name of its lock file; "" for none. */
  lockFile: string
  /** Why none of its tests can run; "" where they can. */
  untested: string
  /** What stops it from being built as files; "" for nothing. */
  notStatic: string
  /** Folders of other sites, which a project does not deliver beside it. */
  others: string[]
  /** How its packages get a lock file, as its people would write it. */
  lockCommand: string
  /** Its file with the address of the service, in what is published; "" for none. */
  configFile: string
}

const usual = ["frontend", "web", "website", "site", "docs", "book", "client", "ui", "www", "app"]

const knownOutputs = ["build", "dist", "out", "public", "_site", "site"]

/** The likeliest folder whose package.json has a script that builds a site; `undefined` for none. @param wanted the folder, where it is known. */
export function siteIn(repository: Repository, wanted?: string): Site | undefined {
  const found = repository.files
    .filter((path) => /(?:^|\/)package\.json$/.test(path) && !isAside(path))
    .map(folderOf)
    .filter((folder) => (wanted === undefined ? isSite(repository, folder) : folder === wanted))
    .toSorted((one, other) => likelihood(repository, one) - likelihood(repository, other))
  const [source, ...others] = found
  return source === undefined ? undefined : { ...described(repository, source), others }
}

const manifestIn = (repository: Repository, folder: string) =>
  packageManifest(textIn(repository, folder, "package.json"))

/** A library has a build as well, but a page to begin with has only a site. */
function isSite(repository: Repository, folder: string): boolean {
  const manifest = manifestIn(repository, folder)
  if (!manifest) return false
  const read = parsedJson(manifest.text) ?? {}
  const generator = generatorAmong(packagesIn(read))
  const script = buildScriptOf(manifest.scripts, generator)
  if (script === undefined) return false
  const isLibrary = ["main", "exports", "bin", "module"].some((key) => key in read) && read.private !== true
  if (bundlers.includes(generator.name))
    return (
      hasPage(repository, folder) ||
      (commandOf(manifest.scripts, script).includes(generator.program) &&
        !isLibrary &&
        !/\blib\s*:\s*\{/.test(configOf(repository, folder)))
    )
  if (generator.name) return true
  return (
    !isLibrary &&
    !isWorkspaceRoot(repository, folder, read) &&
    !isServer(read) &&
    !makesNoPage(manifest.scripts[script] ?? "")
  )
}

/** Whether it only holds others together, whose builds its own calls. */
const isWorkspaceRoot = (repository: Repository, folder: string, read: Record<string, unknown>) =>
  "workspaces" in read ||
  ["pnpm-workspace.yaml", "lerna.json", "nx.json", "turbo.json"].some((name) =>
    repository.files.includes(inFolder(folder, name)),
  )

/** What builds libraries as well. */
const bundlers = ["vite", "parcel"]

/** Whether a page of its own lies there, to begin with. */
const hasPage = (repository: Repository, folder: string) =>
  filesBelow(repository, folder).some((name) => /(?:^|\/)index\.html$/.test(name) && !isAside(name))

const likelihood = (repository: Repository, folder: string) =>
  unlikeliness(folder, usual) + (generatorIn(repository, folder).name ? 0 : 5)

const packagesIn = (read: Record<string, unknown>) =>
  ["dependencies", "devDependencies"].flatMap((key) => Object.keys((read[key] as object | null) ?? {}))

const generatorIn = (repository: Repository, folder: string): Generator =>
  generatorAmong(packagesIn(parsedJson(manifestIn(repository, folder)?.text ?? "") ?? {}))

/** A program that answers by itself has a build as well, and no page to put anywhere. */
const isServer = (read: Record<string, unknown>) =>
  packagesIn(read).some((name) =>
    /^(?:express|fastify|koa|hapi|@hapi\/hapi|@nestjs\/core|@hono\/node-server)$/.test(name),
  )

function described(repository: Repository, source: string): Omit<Site, "others"> {
  const manifest = manifestIn(repository, source)
  const scripts = manifest?.scripts ?? {}
  const generator = generatorIn(repository, source)
  const buildScript = buildScriptOf(scripts, generator) ?? "build"
  const script = commandOf(scripts, buildScript)
  const config = configOf(repository, source)
  const { output, unsure } = outputOf(repository, source, { generator, config, script })
  const place = nearest(repository, source, lockFiles)
  return {
    source,
    generator: generator.title,
    buildScript,
    unsure: generator.name || hasPage(repository, source) ? "" : "no generator of pages is known to be here",
    output,
    outputUnsure: unsure,
    title: titleOf(repository, source, ["@docusaurus/core", "vitepress"].includes(generator.name) ? config : ""),
    lockCommand: lockCommands[/^(?:pnpm|yarn|bun)/.exec(manifest?.packageManager ?? "")?.[0] ?? "npm"] ?? "",
    configFile: configFileOf(repository, source),
    lockFile:
      place === undefined
        ? ""
        : (lockFiles.find((it) => repository.files.includes(place === "." ? it : `${place}/${it}`)) ?? ""),
    untested: whyUntested(scripts),
    notStatic: whyNotStatic(generator, config, manifest?.text ?? "", script),
  }
}

const lockCommands: Record<string, string> = {
  npm: "npm install --package-lock-only",
  pnpm: "pnpm install --lockfile-only",
  yarn: "yarn install",
  bun: "bun install --lockfile-only",
}

/** A file that is published as it is, with the keys that the pipeline writes for each environment. */
const configFileOf = (repository: Repository, source: string): string =>
  ["static", "public"].some((folder) => {
    const read = parsedJson(textIn(repository, source, `${folder}/config.json`)) ?? {}
    return "apiUrl" in read || "environment" in read
  })
    ? "config.json"
    : ""

const configOf = (repository: Repository, folder: string): string =>
  filesBelow(repository, folder)
    .filter((name) =>
      /^(?:docusaurus|vite|astro|next|svelte|nuxt|gatsby|\.?eleventy|(?:[\w-]+\/)?\.vitepress\/config)[\w.-]*\.[cm]?[jt]s$/.test(
        name,
      ),
    )
    .map((name) => textIn(repository, folder, name))
    .join("\n")

function outputOf(
  repository: Repository,
  source: string,
  { generator, config, script }: { generator: Generator; config: string; script: string },
): { output: string; unsure: string } {
  // Both count their folder from their root, which may lie deeper.
  const root =
    generator.name === "vitepress"
      ? /vitepress build\s+(?:\.\/)?(\w[\w./-]*)/.exec(script)?.[1]
      : generator.name === "vite"
        ? (/\broot\s*:\s*["'](?:\.\/)?(\w[\w./-]*)["']/.exec(config)?.[1] ??
          /vite build\s+(?:\.\/)?(\w[\w./-]*)/.exec(script)?.[1])
        : undefined
  const at = (folder: string) => posix.join(root ?? ".", folder).replace(/\/+$/, "")
  const said =
    /(?:--out-?[dD]ir|--output|--dest|-o|-d)[= ]"?(?:\.\/)?([\w./-]+)"?/.exec(script)?.[1] ??
    /\b(?:outDir|distDir|pages)\s*:\s*["'](?:\.\/)?([\w./-]+)["']/.exec(config)?.[1]
  // What begins at the root of the machine, or climbs back, is not the folder.
  if (said && !/^\/|[^./]\/+\.\.|^\.{1,2}\/*$/.test(said)) return { output: at(said), unsure: "" }
  if (generator.output) return { output: at(generator.output), unsure: "" }
  // A folder that Git ignores is one that something writes.
  const ignored = ignoredFolders(textIn(repository, source, ".gitignore"))
    .concat(source === "." ? [] : ignoredFolders(textIn(repository, ".", ".gitignore")))
    .find((folder) => knownOutputs.includes(folder))
  const written = /\bmkdir(?:Sync)?\(\s*["'`](?:\.\/)?(\w[\w-]*)/.exec(
    ["build.mjs", "build.js", "build.ts"].map((it) => textIn(repository, source, it)).join("\n"),
  )?.[1]
  return {
    output: ignored ?? written ?? "dist",
    unsure: "the folder that its build script writes, from the folder of the site on",
  }
}

const ignoredFolders = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim().replace(/^\/|\/$/g, ""))
    .filter((line) => line !== "" && !line.startsWith("#"))

/** The page's title as the source has it: of the generator's settings, or of the first page. */
function titleOf(repository: Repository, source: string, config: string): string {
  const ofDocusaurus = /^\s*title\s*:\s*(["'])((?:\\.|(?!\1).)+)\1/m.exec(config)?.[2]
  if (ofDocusaurus) return plain(ofDocusaurus)
  const pages = filesBelow(repository, source)
    .filter((name) => !isAside(name))
    .toSorted((one, other) => one.split("/").length - other.split("/").length)
  for (const name of pages) {
    const title = /<title>\s*([^<>{}$%]{1,150}?)\s*<\/title>/.exec(textIn(repository, source, name))?.[1]
    if (title) return plain(title)
  }
  return ""
}

const plain = (text: string) =>
  text
    .trim()
    .replace(/\\(.)/g, "$1")
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? "")
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" }

function whyUntested(scripts: Record<string, string>): string {
  if (!scripts.test || /no test specified/.test(scripts.test)) return "it has no test script yet"
  return testScript(scripts).runner === Runner.Browser ? "its tests need a browser" : ""
}
