import { z } from "zod"
import type { FrontendSettings } from "../settings/settings-types.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import { count } from "../text/wording.js"
import { rulesNotApplied, rulesOfAnother, rulesUnreadable } from "./errors.js"

const words = z.array(z.string())
const merged = () =>
  z.object({
    /** The file anew; "" where nothing is added. */
    text: z.string(),
    added: z.number(),
    /** Rules that no such file can hold. */
    unheld: words,
    /** Rules that Netlify's reader skips, and why. */
    errors: words,
  })
const shape = () =>
  z.object({
    failure: z.literal(""),
    /** build.base as it is written; "" for none. */
    base: z.string(),
    /** Folder that it means. */
    builtIn: z.string(),
    /** From the repository on; "" for none. */
    publish: z.string(),
    command: z.string(),
    /** Names of build.environment. */
    environment: words,
    processing: z.boolean(),
    /** Contexts beside production. */
    contexts: words,
    plugins: words,
    /** Folder from the repository on; "" for none. */
    functions: z.string(),
    edgeFunctions: words,
    edgeFolder: z.string(),
    remoteImages: words,
    redirects: merged(),
    headers: merged(),
  })

/** What a netlify.toml says, as assets/netlify/rules.mjs reads it. */
export type NetlifyRules = z.infer<ReturnType<typeof shape>>

/** @param path of the file, for the message. @throws PipelineError with what Netlify's reader says. */
export function readNetlifyRules(text: string, path: string): NetlifyRules {
  const answer = JSON.parse(text) as { failure?: unknown }
  if (typeof answer.failure === "string" && answer.failure !== "") throw rulesUnreadable(path, answer.failure)
  return shape().parse(answer)
}

const nothing = { text: "", added: 0, unheld: [], errors: [] }
/** Of a project without a netlify.toml. */
export const noRules: NetlifyRules = {
  failure: "",
  base: "",
  builtIn: "",
  publish: "",
  command: "",
  environment: [],
  processing: false,
  contexts: [],
  plugins: [],
  functions: "",
  edgeFunctions: [],
  edgeFolder: "",
  remoteImages: [],
  redirects: nothing,
  headers: nothing,
}

/** A part of netlify.toml that an upload of files can't give, by the word of the settings that leaves it out. */
export type NetlifyPart = FrontendSettings["netlifyWithout"][number]

/** What the project builds with, to compare. */
export interface Built {
  /** Path of the netlify.toml, from the repository on. */
  path: string
  /** Of the settings. */
  source: string
  output: string
  env: Readonly<Record<string, string>>
  /** Parts that the settings leave out. */
  without: readonly NetlifyPart[]
}

/** Folders with functions that are there: those that the file names, and those where Netlify looks by itself. */
export interface FunctionFolders {
  functions: string
  edgeFunctions: string
}

const shown = (all: string[]) =>
  shortened(all.map((it) => sanitized(redacted(it)).replace(/\s+/g, " ")).join(", "), 160)

/** What was made of a project's files for its upload, a sentence each. */
export interface SiteNotes {
  done: string[]
  /** What went well and still needs a person's eye. */
  doubts: string[]
}

/**
 * What is to be told of a netlify.toml.
 * @throws PipelineError for one that asks for what an upload of files can't give, unless the settings do without.
 */
export function applicable(rules: NetlifyRules, folders: FunctionFolders, built: Built): SiteNotes {
  const { path, source, without } = built
  if (rules.base !== "" && (rules.builtIn || ".") !== source) throw rulesOfAnother(path, rules.base, source)
  const parts: { word: NetlifyPart; text: string }[] = []
  const add = (word: NetlifyPart, found: string[], text: string) => {
    if (found.length > 0) parts.push({ word, text: `${text}: ${shown(found)}` })
  }
  const edge = [...rules.edgeFunctions, ...(folders.edgeFunctions ? [`${folders.edgeFunctions}/`] : [])]
  add("edge_functions", edge, "edge functions")
  add("functions", folders.functions ? [`${folders.functions}/`] : [], "functions")
  add("plugins", rules.plugins, "build plugins")
  add("images", rules.remoteImages, "images of other places for Netlify's image service")
  add("redirects", rules.redirects.unheld, "what a file _redirects can't hold")
  add("headers", rules.headers.unheld, "what a file _headers can't hold")
  const refused = parts.filter(({ word }) => !without.includes(word))
  if (refused.length > 0) throw rulesNotApplied(path, refused)
  const skipped = [...rules.redirects.errors, ...rules.headers.errors]
  return {
    done: [...applied(rules, path), ...parts.map(({ text }) => `${path}: left out as the settings say: ${text}`)],
    doubts: [
      ...(skipped.length > 0 ? [`rules that Netlify skips: ${shown(skipped)}`] : []),
      ...contradictions(rules, built),
    ],
  }
}

function applied({ redirects, headers }: NetlifyRules, path: string): string[] {
  const added = [
    ...(redirects.added > 0 ? [count(redirects.added, "redirect")] : []),
    ...(headers.added > 0 ? [`headers for ${count(headers.added, "path")}`] : []),
  ]
  return added.length > 0 ? [`${path}: ${added.join(" and ")} added to the upload`] : []
}

/** Netlify's own builders read these variables, and Node's release is the settings' or the project's. */
const ofBuilder = /^(?:NODE_VERSION|NPM_VERSION|NPM_FLAGS|YARN_VERSION|YARN_FLAGS|PNPM_FLAGS|NETLIFY_.*|CI|.*_VERSION)$/

/** What a build at Netlify would do otherwise. */
function contradictions(rules: NetlifyRules, { path, source, output, env }: Built): string[] {
  const publish = joined(source, output)
  const missing = rules.environment.filter((name) => !(name in env) && !ofBuilder.test(name))
  return [
    ...(rules.publish !== "" && rules.publish !== publish
      ? [`${path} publishes ${shown([rules.publish])}, the settings ${publish}: the settings are obeyed`]
      : []),
    ...(rules.command !== "" && !isBuildScript(rules.command)
      ? [`${path} builds with ${shown([rules.command])}; here the script build of package.json does`]
      : []),
    ...(missing.length > 0
      ? [
          `${path} gives its builds ${shown(missing)}, which this build does not get: what it needs belongs in frontend.env of the settings`,
        ]
      : []),
    ...(rules.contexts.length > 0
      ? [
          `${path}: only the context production is read, for every environment gets the same files; not ${shown(rules.contexts)}`,
        ]
      : []),
    ...(rules.processing
      ? [`${path}: build.processing does nothing here: it is a setting of the site at Netlify`]
      : []),
  ]
}

const isBuildScript = (command: string) => /^(?:npm|pnpm|yarn|bun)(?: run)? build$/.test(command.trim())

/** A path from the repository on. */
function joined(source: string, output: string): string {
  const parts = source === "." ? [] : source.split("/")
  for (const part of output.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "." && part !== "") parts.push(part)
  }
  return parts.join("/")
}
