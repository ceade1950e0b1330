import { applyEdits, modify } from "jsonc-parser"
import { parsedJson } from "../checks/package-manifest.js"
import { moduleName } from "../settings/module-call.js"
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
    const blueprint = { name, engineVersion, blueprint: { name: moduleName, source: module } }
    return { text: `${JSON.stringify(blueprint, null, 2)}\n`, why: "so that `dagger call ci` finds the module" }
  }
  const read = parsedJson(existing)
  if (!read) return { text: "", why: "it is not JSON" }
  if (read.name === moduleName && read.sdk) return { text: "", why: "it is this module's own" }
  if (read.blueprint) return { text: "", why: "it has a blueprint already" }
  const toolchains = Array.isArray(read.toolchains) ? read.toolchains : []
  const used = usedIn(toolchains, module)
  if (used) return { text: "", why: `it has the toolchain ${used}` }
  if (usedIn(read.dependencies, module)) return { text: "", why: "its module depends on delivery" }
  const edits = modify(
    existing,
    ["toolchains", toolchains.length],
    { name: moduleName, source: module },
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

/** The name under which a list of modules has this one, whatever its version; "" for none. */
function usedIn(list: unknown, module: string): string {
  const all: ({ name?: unknown; source?: unknown } | null)[] = Array.isArray(list) ? list : []
  const found = all.find((one) => one?.name === moduleName || (module !== "" && bare(one?.source) === bare(module)))
  return found ? String(found.name ?? moduleName) : ""
}

/** An address without scheme and version. */
const bare = (source: unknown) =>
  String(source ?? "")
    .replace(/^https?:\/\//, "")
    .replace(/(?:\.git)?(?:@[^@]*)?$/, "")
    .toLowerCase()

/** The name under which a project uses this module, once `init` has written what is missing. */
export function nameIn(manifest: string, module: string): string {
  const { blueprint, toolchains } = parsedJson(manifest) ?? {}
  return usedIn([blueprint], module) || usedIn(toolchains, module) || moduleName
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
