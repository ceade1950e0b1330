import { lockFiles } from "../checks/package-manager.js"
import { packageManifest, parsedJson } from "../checks/package-manifest.js"
import { Runner } from "../checks/test-runner.js"
import { testScript } from "../checks/test-script.js"
import { filesBelow, folderOf, isAside, nearest, type Repository, textIn, unlikeliness } from "./repository.js"

/** What was found of a site. */
export interface Site {
  /** Folder from the root on. */
  source: string
  /** What builds it, in words. */
  generator: string
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

/** What writes a site, by a package of it, and where to. */
const generators: [name: string, title: string, output: string][] = [
  ["@docusaurus/core", "Docusaurus", "build"],
  ["astro", "Astro", "dist"],
  ["@sveltejs/kit", "SvelteKit", "build"],
  ["next", "Next.js", "out"],
  ["nuxt", "Nuxt", ".output/public"],
  ["gatsby", "Gatsby", "public"],
  ["vitepress", "VitePress", ".vitepress/dist"],
  ["@11ty/eleventy", "Eleventy", "_site"],
  ["react-scripts", "Create React App", "build"],
  ["vite", "Vite", "dist"],
  ["parcel", "Parcel", "dist"],
]
const knownOutputs = ["build", "dist", "out", "public", "_site", "site"]

/** The likeliest folder whose package.json has a `build` script; `undefined` for none. @param wanted the folder, where it is known. */
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
  if (!manifest?.scripts.build) return false
  const read = parsedJson(manifest.text) ?? {}
  const isLibrary = ["main", "exports", "bin", "module"].some((key) => key in read) && read.private !== true
  return generatorOf(manifest.text) !== undefined || (!isLibrary && !("workspaces" in read) && !isServer(read))
}

const likelihood = (repository: Repository, folder: string) =>
  unlikeliness(folder, usual) + (generatorOf(manifestIn(repository, folder)?.text ?? "") ? 0 : 5)

const packagesIn = (read: Record<string, unknown>) =>
  ["dependencies", "devDependencies"].flatMap((key) => Object.keys((read[key] as object | null) ?? {}))

function generatorOf(text: string) {
  const names = packagesIn(parsedJson(text) ?? {})
  return generators.find(([name]) => names.includes(name))
}

/** A program that answers by itself has a build as well, and no page to put anywhere. */
const isServer = (read: Record<string, unknown>) =>
  packagesIn(read).some((name) =>
    /^(?:express|fastify|koa|hapi|@hapi\/hapi|@nestjs\/core|@hono\/node-server)$/.test(name),
  )

function described(repository: Repository, source: string): Omit<Site, "others"> {
  const manifest = manifestIn(repository, source)
  const scripts = manifest?.scripts ?? {}
  const [name = "", generator = "its own build script", usually = ""] = generatorOf(manifest?.text ?? "") ?? []
  const config = configOf(repository, source)
  const { output, unsure } = outputOf(repository, source, { name, usually, config, script: scripts.build ?? "" })
  const place = nearest(repository, source, lockFiles)
  return {
    source,
    generator,
    output,
    outputUnsure: unsure,
    title: titleOf(repository, source, name === "@docusaurus/core" ? config : ""),
    lockCommand: lockCommands[/^(?:pnpm|yarn|bun)/.exec(manifest?.packageManager ?? "")?.[0] ?? "npm"] ?? "",
    configFile: configFileOf(repository, source),
    lockFile:
      place === undefined
        ? ""
        : (lockFiles.find((it) => repository.files.includes(place === "." ? it : `${place}/${it}`)) ?? ""),
    untested: whyUntested(scripts),
    notStatic: whyNotStatic(name, config, manifest?.text ?? ""),
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
      /^(?:docusaurus|vite|astro|next|svelte|nuxt|gatsby|\.?eleventy|\.vitepress\/config)[\w.-]*\.[cm]?[jt]s$/.test(
        name,
      ),
    )
    .map((name) => textIn(repository, folder, name))
    .join("\n")

function outputOf(
  repository: Repository,
  source: string,
  { name, usually, config, script }: { name: string; usually: string; config: string; script: string },
): { output: string; unsure: string } {
  const said =
    /(?:--out-?[dD]ir|--output|--dest|-o|-d)[= ]"?(?:\.\/)?([\w./-]+)"?/.exec(script)?.[1] ??
    /\b(?:outDir|distDir|pages)\s*:\s*["'](?:\.\/)?([\w./-]+)["']/.exec(config)?.[1]
  // What begins at the root of the machine, or climbs back, is not the folder.
  if (said && !/^\/|[^./]\/+\.\.|^\.{1,2}\/*$/.test(said)) return { output: said.replace(/\/+$/, ""), unsure: "" }
  if (name === "vitepress") {
    const root = /vitepress build\s+([\w./-]+)/.exec(script)?.[1]
    return { output: root ? `${root}/.vitepress/dist` : ".vitepress/dist", unsure: "" }
  }
  if (usually) return { output: usually, unsure: "" }
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

function whyNotStatic(name: string, config: string, manifest: string): string {
  if (name === "next" && !/output\s*:\s*["']export["']/.test(config))
    return 'Next.js writes files only with `output: "export"` in its configuration'
  if (name === "@sveltejs/kit" && !/adapter-static/.test(config + manifest))
    return "SvelteKit writes files only with @sveltejs/adapter-static"
  if (name === "astro" && /output\s*:\s*["']server["']/.test(config))
    return 'Astro writes files only without `output: "server"`'
  return ""
}
