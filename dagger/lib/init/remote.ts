import { posix } from "node:path"
import { parsedJson } from "../checks/package-manifest.js"
import { placeholders } from "../settings/placeholders.js"
import type { Settings } from "../settings/settings-types.js"
import type { Repository } from "./repository.js"

/** Where a repository is at GitHub. */
export interface Remote {
  owner: string
  name: string
  /** Whether its address says so; else the owner is a placeholder, and the name that of the project's own files, or one too. */
  isKnown: boolean
}

/** The remote `origin` where it is at GitHub, else the first one there. Addresses of a user and a token keep neither. */
export function remoteOf({ gitConfig, ...files }: Pick<Repository, "gitConfig" | "texts" | "tables">): Remote {
  const remotes = [...gitConfig.matchAll(/^\[remote "([^"\n]+)"\]\s*\n((?:(?!\[).*\n?)*)/gm)].map(
    ([, name, body = ""]) => ({
      name,
      url: /^\s*url\s*=\s*(\S+)\s*$/m.exec(body)?.[1] ?? "",
    }),
  )
  const found = remotes
    .toSorted((one, other) => Number(other.name === "origin") - Number(one.name === "origin"))
    .map(({ url }) =>
      /^(?:(?:https?|ssh|git):\/\/(?:[^@/]+@)?|[\w.-]+@)github\.com(?::\d+)?[:/]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/i.exec(
        url,
      ),
    )
    .find((match) => match !== null)
  return found
    ? { owner: found[1] ?? "", name: found[2] ?? "", isKnown: true }
    : { owner: placeholders.owner, name: ownName(files) || placeholders.name, isKnown: false }
}

/** What the project calls itself at its top; "" for nothing that GitHub would take as a name. */
function ownName({ texts, tables }: Pick<Repository, "texts" | "tables">): string {
  const table = tables["pyproject.toml"] as { project?: Named; tool?: { poetry?: Named } } | undefined
  const names = [parsedJson(texts["package.json"] ?? "")?.name, table?.project?.name, table?.tool?.poetry?.name]
  const name = names.find((it) => typeof it === "string" && it !== "")
  return String(name ?? "")
    .replace(/^@[^/]*\//, "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
}
type Named = { name?: unknown }

/** A name that Netlify, Hugging Face and registries all take; with `-staging` behind it, it still fits a label of DNS. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 50)
    .replace(/-+$/, "") || "product"

/** Words for people: `acme-docs` is Acme Docs. */
export const titled = (name: string): string =>
  posix
    .basename(name)
    .replace(/[-_.]+/g, " ")
    .trim()
    .replace(/(?:^|\s)[a-z]/g, (letter) => letter.toUpperCase()) || "Product"

/** The branches of the two environments. */
export interface Branches {
  staging: string
  production: string
  /** Why production's is a guess; "" for one that is usual and there. */
  unsure: string
}

export function branchesOf({ branches }: Pick<Repository, "branches">): Branches {
  const usual = ["main", "master", "trunk"].find((name) => branches.includes(name))
  const [current] = branches
  const production = usual ?? (current && current !== "staging" ? current : "main")
  const unsure = usual ? "" : "no branch main, master or trunk is there; write the one that production gets"
  return { staging: "staging", production, unsure }
}

/** The two environments that workflows are about: the settings' own; one twice where they have no other. */
export function placesOf(settings: Settings | undefined, branches: Branches) {
  const usual = [
    { name: "staging", branch: branches.staging, production: false },
    { name: "production", branch: branches.production, production: true },
  ]
  const all = settings ? Object.values(settings.environments) : usual
  const [first = { name: "", branch: "" }] = all
  return {
    staging: all.find((it) => !it.production) ?? first,
    production: all.find((it) => it.production) ?? first,
  }
}
