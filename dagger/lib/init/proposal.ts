import { callAt, callIn } from "../settings/module-call.js"
import { readSettings } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { gitignore, netlifyToml } from "./additions.js"
import { dockerfileFor, dockerignore } from "./dockerfile.js"
import { folderMissing, nothingToDeliver } from "./errors.js"
import { byHandLines, foundLines, missingLines } from "./findings.js"
import { moduleManifest, nameIn, schemaAddress } from "./module-manifest.js"
import { type Branches, branchesOf, placesOf, remoteOf, slug } from "./remote.js"
import { inFolder, plainTexts, type Repository } from "./repository.js"
import { librariesIn, type Service, serviceIn } from "./service.js"
import { settingsFile } from "./settings-file.js"
import { type Site, siteIn } from "./site.js"
import { workflowFrom } from "./workflows.js"

/** What a project needs to be delivered. */
export interface Proposal {
  /** Texts of files that are written, by path. None is replaced but .gitignore and dagger.json, which only grow. */
  files: Record<string, string>
  /** A line for each: what was found, written, left alone and why, what may be wrong, and what only a person can do. */
  found: string[]
  written: string[]
  leftAlone: string[]
  missing: string[]
  byHand: string[]
}

/** What comes with the module, by file name. */
export interface Templates {
  workflows: Record<string, string>
  /** What the linters are told about them. */
  lint: Record<string, string>
}

/**
 * Decides what is written into a repository.
 * @param settings of its delivery.json, where it has one: then these are the facts.
 * @param module address of this module with its version; "" when it is not known, and then nothing that names it is written.
 * @throws PipelineError when there is neither a site nor a service.
 */
export function proposal(
  given: Repository,
  { settings, module, templates }: { settings: Settings | undefined; module: string; templates: Templates },
): Proposal {
  const repository = plainTexts(given)
  const site = settings && !settings.frontend ? undefined : siteIn(repository, settings?.frontend?.source)
  const service = settings && !settings.backend ? undefined : serviceIn(repository, settings?.backend?.source)
  if (settings?.frontend && !site)
    throw folderMissing("frontend.source", settings.frontend.source, "it has no package.json")
  if (settings?.backend && !service) throw folderMissing("backend.source", settings.backend.source, "it holds no file")
  if (!site && !service) throw nothingToDeliver(librariesIn(repository))
  const made: Proposal = {
    files: {},
    found: [
      ...foundLines(site, service),
      ...(given.unread ? [`not looked at: ${given.unread} more files of the kinds that say something`] : []),
    ],
    written: [],
    leftAlone: [],
    missing: missingLines(site, service),
    byHand: [],
  }
  const write = (path: string, text: string, why: string) => {
    made.files[path] = text
    made.written.push(`${path}: ${why}`)
  }
  const leave = (path: string, why: string) => made.leftAlone.push(`${path}: ${why}`)
  // Where a machine does not tell apart upper and lower case, one would take the other's place; and a folder may have that name.
  const taken = new Set(given.files.flatMap(placesOfFile))
  const has = (path: string) => taken.has(path.toLowerCase())
  const remote = remoteOf(repository)
  const branches = branchesOf(repository)

  if (has("delivery.json")) leave("delivery.json", "it is there")
  else {
    const text = settingsFile({ remote, branches, site, service, schema: schemaAddress(module) })
    write("delivery.json", text, "the settings; a line with GUESS is worth a look")
    made.missing.push(...mistakesIn(text))
  }

  const manifest = moduleManifest(given.texts["dagger.json"] ?? "", slug(remote.name), module)
  if (isUnread(given, "dagger.json")) leave("dagger.json", "it is there, and was not read")
  else if (!manifest.text) leave("dagger.json", manifest.why)
  else if (!module) leave("dagger.json", addressMissing)
  else write("dagger.json", manifest.text, manifest.why)
  workflows(repository, { write, leave, has, module, templates, settings, branches, site, service })
  if (site) {
    const own = ["netlify.toml", inFolder(site.source, "netlify.toml")].find(has)
    if (own) leave(own, "it is there")
    else write("netlify.toml", netlifyToml(site), "keeps Netlify from building the same commit by itself")
  }
  if (service) dockerfile(made, service, { write, leave, has })
  const ignored = gitignore(given.texts[".gitignore"] ?? "")
  if (isUnread(given, ".gitignore"))
    leave(".gitignore", "it is there, and can't be read as UTF-8: add /reports/ and .env to it")
  else if (ignored) write(".gitignore", ignored, "entries for reports and for secrets of a machine")
  else leave(".gitignore", "it has the entries for reports and secrets")
  const dagger = made.files["dagger.json"] ?? repository.texts["dagger.json"] ?? ""
  made.byHand.push(
    ...byHandLines(repository, {
      remote,
      call: callIn(dagger, nameIn(dagger, module)) ?? callAt(module),
      settings,
      branches,
      site,
      service,
    }),
  )
  return made
}

/** A path and the folders above it, as far as names without case differ. */
const placesOfFile = (path: string): string[] =>
  path
    .toLowerCase()
    .split("/")
    .map((_, at, all) => all.slice(0, at + 1).join("/"))

/** Whether it is there and its text is not known, or not all of it: then nothing may be added to it. */
const isUnread = ({ files, texts }: Repository, path: string) =>
  files.includes(path)
    ? (texts[path] ?? "\uFFFD").includes("\uFFFD")
    : files.some((file) => file.startsWith(`${path}/`))

const addressMissing =
  "the module was called from a folder of this machine: give --module=ADDRESS, as github.com/OWNER/REPOSITORY@VERSION"

interface Pen {
  write: (path: string, text: string, why: string) => void
  leave: (path: string, why: string) => void
}

function workflows(
  { files, texts }: Repository,
  {
    write,
    leave,
    has,
    module,
    templates,
    settings,
    branches,
    site,
    service,
  }: Pen & {
    has: (path: string) => boolean
    module: string
    templates: Templates
    settings: Settings | undefined
    branches: Branches
    site: Site | undefined
    service: Service | undefined
  },
): void {
  const calling = files.filter(
    (path) =>
      /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) &&
      /dagger (?:call|check)|dagger-for-github/.test(texts[path] ?? ""),
  )
  if (calling.length > 0) {
    leave(
      ".github/workflows",
      `${calling[0]} calls Dagger already, and two deployments of one push would be in each other's way`,
    )
    return
  }
  if (!module) {
    leave(".github/workflows", addressMissing)
    return
  }
  const { staging, production } = placesOf(settings, branches)
  const facts = {
    module,
    staging,
    production,
    has: {
      frontend: site !== undefined,
      backend: service !== undefined,
      database: service !== undefined && (service.databaseVariable !== "" || service.hasAlembic),
    },
  }
  for (const [name, template] of Object.entries(templates.workflows)) {
    // A draft for each pull request is one of the site.
    if (name === "preview.yml" && !site) continue
    const path = `.github/workflows/${name}`
    if (name === "promote.yml" && staging.name === production.name)
      leave(path, `delivery.json has one environment, ${staging.name}, so there is nothing to promote`)
    else if (has(path) || has(path.replace(/\.yml$/, ".yaml"))) leave(path, "another workflow has that name")
    else
      write(
        path,
        workflowFrom(template, facts),
        name === "delivery.yml" ? "one call of the module; the others say when" : "when, and which call",
      )
  }
  // Beside workflows of the project's own they would hold those to rules that nobody has agreed to.
  if (files.some((path) => /^\.github\/workflows\//.test(path))) return
  for (const [name, text] of Object.entries(templates.lint)) {
    const path = `.github/${name}`
    if (has(path)) leave(path, "it is there")
    else write(path, text, "what the linters of workflows do not know yet")
  }
}

function dockerfile(
  made: Proposal,
  service: Service,
  { write, leave, has }: Pen & { has: (path: string) => boolean },
): void {
  if (service.dockerfile) {
    leave(service.dockerfile, "it is there")
    return
  }
  const text = dockerfileFor(service)
  const path = inFolder(service.source, "Dockerfile")
  if (has(path)) {
    leave(path, "a file or folder of that name is there, and Docker reads none of it")
    return
  }
  if (!text) {
    made.missing.push(
      `${path}: write one, for no ${service.application ? "packages" : "application object"} could be found that it would ${service.application ? "install" : "serve"}`,
    )
    return
  }
  write(
    path,
    text,
    `serves ${service.application} as a user that is not root${service.lockIgnored && `; WITHOUT the versions of ${service.lockIgnored}, which it does not hold`}`,
  )
  const ignore = inFolder(service.source, ".dockerignore")
  if (has(ignore)) leave(ignore, "it is there")
  else write(ignore, dockerignore, "keeps secrets of a machine out of the image")
}

/** A folder may have a name that the pipeline can't take: the settings say it as any call would. */
function mistakesIn(text: string): string[] {
  try {
    readSettings(text)
    return []
  } catch (failure) {
    return [`delivery.json: ${whyOf(failure)}`]
  }
}

/** All mistakes in one line. */
const whyOf = (failure: unknown) =>
  (failure instanceof Error ? failure.message : String(failure))
    .split("\n")
    .slice(1, -1)
    .map((line) => line.trim().replace(/^why: /, ""))
    .join(" ")

/** All of it as text, for people. */
export function proposalText({ found, written, leftAlone, missing, byHand }: Proposal): string {
  const section = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)]
  return [
    "Found",
    ...found.map((line) => `  ${line}`),
    ...section("Written", written),
    ...(written.length === 0 ? ["", "Nothing is written."] : []),
    ...section("Left alone", leftAlone),
    ...section("Missing, and yours to write", missing),
    ...section("Only a person can", byHand),
  ].join("\n")
}
