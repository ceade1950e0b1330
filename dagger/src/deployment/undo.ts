import { Component } from "../component.js"
import type { SecretNames } from "../settings/settings-types.js"

/** What a command for an environment needs. */
export interface UndoPlace {
  environment: string
  /** Variables that hold the environment's own secrets. */
  secrets?: Pick<SecretNames, "netlify" | "huggingFace" | "database"> | undefined
  /** Whether the call has the environment's database. */
  hasDatabase?: boolean
  /** Components that the command changes; both when left out. */
  components?: Component[]
}

const usual = { netlify: "NETLIFY_TOKEN", huggingFace: "HF_TOKEN", database: "DATABASE_URL" }
const both = [Component.Backend, Component.Frontend]

/** `dagger call` with what is the same for every function. */
export const daggerCall = "dagger call --github-token=env://GITHUB_TOKEN"

/** Flags that give a function its environment's secrets. */
export function secretFlags({ secrets = usual, hasDatabase = false, components = both }: UndoPlace): string {
  const isBackend = components.includes(Component.Backend)
  return [
    ...(components.includes(Component.Frontend) ? [`--netlify-token=env://${secrets.netlify}`] : []),
    ...(isBackend ? [`--hugging-face-token=env://${secrets.huggingFace}`] : []),
    ...(isBackend && hasDatabase ? [`--database-url=env://${secrets.database}`] : []),
  ].join(" ")
}

/** The command that reverts a deployment of one component. */
export const undoDeployment = (component: Component, place: UndoPlace, previousId: string) =>
  `${daggerCall} ${component} rollback --environment=${place.environment} --to=${previousId} --reason="…" ${secretFlags({ ...place, components: [component] })}`

/** The command that reverts a rollback of one component: it quarantined the version it replaced, so deploying that one needs a reason. */
export const undoRollback = (component: Component, place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && ${daggerCall} ${component} deploy --environment=${place.environment} --over-quarantine="…" ${secretFlags({ ...place, components: [component] })}`

/** The command that reverts a deployment of all components. */
export const undoProduct = (place: UndoPlace) =>
  `${daggerCall} rollback --environment=${place.environment} --reason="…" ${secretFlags(place)}`

/** The command that reverts a rollback of all components. */
export const undoProductRollback = (place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && ${daggerCall} deploy --environment=${place.environment} --over-quarantine="…" ${secretFlags(place)}`
