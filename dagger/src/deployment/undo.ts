import { Component } from "../component.js"
import type { SecretNames } from "../settings/settings-types.js"

/** What a command of an environment needs to name. */
export interface UndoPlace {
  environment: string
  /** Variables that hold the environment's own secrets. */
  secrets?: Pick<SecretNames, "netlify" | "huggingFace" | "database"> | undefined
  /** Whether the call was given the environment's database. */
  hasDatabase?: boolean
}

const usual = { netlify: "NETLIFY_TOKEN", huggingFace: "HF_TOKEN", database: "DATABASE_URL" }

/** Flags that give a call its secrets; for one component, or for both. */
function secretFlags({ secrets = usual, hasDatabase = false }: UndoPlace, component?: Component): string {
  return [
    ...(component === Component.Backend ? [] : [`--netlify-token=env://${secrets.netlify}`]),
    ...(component === Component.Frontend ? [] : [`--hugging-face-token=env://${secrets.huggingFace}`]),
    "--github-token=env://GITHUB_TOKEN",
    ...(component !== Component.Frontend && hasDatabase ? [`--database-url=env://${secrets.database}`] : []),
  ].join(" ")
}

/** The command that takes a deployment of one component back. */
export const undoDeployment = (component: Component, place: UndoPlace, previousId: string) =>
  `dagger call rollback-${component} --environment=${place.environment} --to=${previousId} --reason="…" ${secretFlags(place, component)}`

/** The command that takes a rollback of one component back: what it left is quarantined, so it is deployed again with a reason. */
export const undoRollback = (component: Component, place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && dagger call deploy-${component} --environment=${place.environment} --over-quarantine="…" ${secretFlags(place, component)}`

/** The command that takes a deployment of both components back. */
export const undoProduct = (place: UndoPlace) =>
  `dagger call rollback --environment=${place.environment} --reason="…" ${secretFlags(place)}`

/** The command that takes a rollback of both components back. */
export const undoProductRollback = (place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && dagger call deploy --environment=${place.environment} --over-quarantine="…" ${secretFlags(place)}`
