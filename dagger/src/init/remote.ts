import { posix } from "node:path"
import type { Repository } from "./repository.js"

/** Where a repository is at GitHub. */
export interface Remote {
  owner: string
  name: string
  /** Whether its address says so; else they are placeholders. */
  isKnown: boolean
}

/** The remote `origin` where it is at GitHub, else the first one there. Addresses of a user and a token keep neither. */
export function remoteOf({ gitConfig }: Pick<Repository, "gitConfig">): Remote {
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
    : { owner: "OWNER", name: "REPOSITORY", isKnown: false }
}

/** A name that Netlify, Hugging Face and registries all take. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "") || "product"

/** Words for people: `acme-docs` is Acme Docs. */
export const titled = (name: string): string =>
  posix
    .basename(name)
    .replace(/[-_.]+/g, " ")
    .trim()
    .replace(/(?:^|\s)[a-z]/g, (letter) => letter.toUpperCase()) || "Product"

/** The branches of the two environments. */
export function branchesOf({ branches }: Pick<Repository, "branches">): { staging: string; production: string } {
  const usual = ["main", "master", "trunk"].find((name) => branches.includes(name))
  const [current] = branches
  const production = usual ?? (current && current !== "staging" ? current : "main")
  return { staging: "staging", production }
}
