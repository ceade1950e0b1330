import { Component } from "../../src/exposed-types.js"
import { ownCall } from "../settings/module-call.js"
import type { SecretNames } from "../settings/settings-types.js"
import { word } from "../text/wording.js"

/** What a command for an environment needs. */
export interface UndoPlace {
  environment: string
  /** Variables that hold the environment's own secrets. */
  secrets?: Pick<SecretNames, "netlify" | "huggingFace" | "database"> | undefined
  /** Whether the call has the environment's database. */
  hasDatabase?: boolean
  /** As whom the call was at the registry; absent where it had no token for it. */
  registry?: RegistryUser | undefined
  /** What people type before a function; `dagger call` when left out. */
  call?: string | undefined
  /** Components that the command changes; both when left out. */
  components?: Component[]
}

/** Who a call is at the registry. */
export interface RegistryUser {
  /** "" for none. */
  user: string
  /** Variable that holds the token. */
  token: string
}

const usual = { netlify: "NETLIFY_TOKEN", huggingFace: "HF_TOKEN", database: "DATABASE_URL" }
const both = [Component.Backend, Component.Frontend]

/** The words before a function that asks GitHub. */
export const gitHubCall = (call = ownCall) => `${call} --github-token=env://GITHUB_TOKEN`

/** The same, with what a registry asks: a private one shows nothing to a command without it, and an image is pushed with it alone. */
export const withRegistry = ({ registry, call }: Pick<UndoPlace, "registry" | "call">) =>
  registry
    ? `${gitHubCall(call)}${registry.user && ` --registry-user=${word(registry.user)}`} --registry-token=env://${registry.token}`
    : gitHubCall(call)

/** Flags that give a function its environment's secrets. */
export function secretFlags({ secrets = usual, hasDatabase = false, components = both }: UndoPlace): string {
  const isBackend = components.includes(Component.Backend)
  return [
    ...(components.includes(Component.Frontend) ? [`--netlify-token=env://${secrets.netlify}`] : []),
    ...(isBackend ? [`--hugging-face-token=env://${secrets.huggingFace}`] : []),
    ...(isBackend && hasDatabase ? [`--database-url=env://${secrets.database}`] : []),
  ].join(" ")
}

/** What a function of one component answers is an object: this is the part of it for people. */
export const shown = "report"

/** The command that reverts a deployment of one component. */
export const undoDeployment = (component: Component, place: UndoPlace, previousId: string) =>
  `${withRegistry(place)} ${component} rollback --environment=${place.environment} --to=${previousId} --reason="…" ${secretFlags({ ...place, components: [component] })} ${shown}`

/** The command that reverts a rollback of one component: it quarantined the version it replaced, so deploying that one needs a reason. */
export const undoRollback = (component: Component, place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && ${withRegistry(place)} ${component} deploy --environment=${place.environment} --over-quarantine="…" ${secretFlags({ ...place, components: [component] })} ${shown}`

/** The command that reverts a deployment of all components. */
export const undoProduct = (place: UndoPlace) =>
  `${withRegistry(place)} rollback --environment=${place.environment} --reason="…" ${secretFlags(place)}`

/** The command that reverts a rollback of all components. */
export const undoProductRollback = (place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && ${withRegistry(place)} deploy --environment=${place.environment} --over-quarantine="…" ${secretFlags(place)}`
