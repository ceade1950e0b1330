import { applyEdits, modify } from "jsonc-parser"
import { parsedJson } from "../checks/package-manifest.js"
import { endOf } from "./additions.js"

/** dagger.json that uses this module. */
export interface ModuleManifest {
  /** "" where it stays as it is. */
  text: string
  /** What it is for, or why it stays. */
  why: string
}

const engineVersion = "v0.21.8"

/**
 * A blueprint where there is no dagger.json; beside a module of the project's own a toolchain, the one key that is added to it.
 * @param existing text of dagger.json, "" for none. @param module address with a version.
 */
export function moduleManifest(existing: string, name: string, module: string): ModuleManifest {
  if (!existing) {
    const blueprint = { name, engineVersion, blueprint: { name: "delivery", source: module } }
    return { text: `${JSON.stringify(blueprint, null, 2)}\n`, why: "so that `dagger call ci` finds the module" }
  }
  const read = parsedJson(existing)
  if (!read) return { text: "", why: "it is not JSON" }
  if (read.name === "delivery" && read.sdk) return { text: "", why: "it is this module's own" }
  if (read.blueprint) return { text: "", why: "it has a blueprint already" }
  const toolchains = Array.isArray(read.toolchains) ? read.toolchains : []
  if (uses(toolchains)) return { text: "", why: "it has the toolchain delivery" }
  if (uses(Array.isArray(read.dependencies) ? read.dependencies : []))
    return { text: "", why: "its module depends on delivery" }
  const edits = modify(
    existing,
    ["toolchains", toolchains.length],
    { name: "delivery", source: module },
    {
      formattingOptions: { insertSpaces: true, tabSize: 2, eol: endOf(existing) },
      isArrayInsertion: true,
    },
  )
  return {
    text: applyEdits(existing, edits),
    why: "the toolchain delivery beside your own module: `dagger call delivery ci`",
  }
}

const uses = (list: unknown[]) => list.some((one) => (one as { name?: unknown } | null)?.name === "delivery")

/** The address of a module, as `-m` takes it, from where a file of it is shown to people; "" where that tells none. */
export function addressIn(url: string): string {
  const [, host = "", path = "", commit = ""] =
    /^https:\/\/([^/]+)\/(.+?)\/(?:-\/)?(?:blob|tree|src)\/([0-9a-f]{40})\//.exec(url) ?? []
  if (!commit) return ""
  return host === "github.com" ? `${host}/${path}@${commit}` : `https://${host}/${path}.git@${commit}`
}

/**
 * Where editors get the JSON schema of the settings from, of the very version that reads them.
 * @param module address with a version. @returns "" where that is not at GitHub, which alone serves single files at a known address.
 */
export function schemaAddress(module: string): string {
  const [, repository, version] =
    /^(?:https:\/\/)?github\.com\/([\w.-]+\/[\w.-]+?)(?:\.git)?@([\w./-]+)$/.exec(module) ?? []
  return repository
    ? `https://raw.githubusercontent.com/${repository}/${version}/docs/deployment/reference/delivery.schema.json`
    : ""
}
