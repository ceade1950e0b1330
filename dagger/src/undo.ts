import { Half } from "./deployment.js"
import type { SecretNames } from "./settings.js"

/** What a command of an environment needs to name. */
export interface UndoPlace {
  environment: string
  /** Variables that hold the environment's own secrets. */
  secrets?: Pick<SecretNames, "netlify" | "huggingFace" | "database"> | undefined
  /** Whether the call was given the environment's database. */
  hasDatabase?: boolean
}

const usual = { netlify: "NETLIFY_TOKEN", huggingFace: "HF_TOKEN", database: "DATABASE_URL" }

/** Flags that give a call its secrets; for one half, or for both. */
function secretFlags({ secrets = usual, hasDatabase = false }: UndoPlace, half?: Half): string {
  return [
    ...(half === Half.Backend ? [] : [`--netlify-token=env://${secrets.netlify}`]),
    ...(half === Half.Frontend ? [] : [`--hugging-face-token=env://${secrets.huggingFace}`]),
    "--github-token=env://GITHUB_TOKEN",
    ...(half !== Half.Frontend && hasDatabase ? [`--database-url=env://${secrets.database}`] : []),
  ].join(" ")
}

/** The command that takes a deployment of one half back. */
export const undoDeployment = (half: Half, place: UndoPlace, previousId: string) =>
  `dagger call rollback-${half} --environment=${place.environment} --to=${previousId} --reason="…" ${secretFlags(place, half)}`

/** The command that takes a rollback of one half back: what it left is quarantined, so it is deployed again with a reason. */
export const undoRollback = (half: Half, place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && dagger call deploy-${half} --environment=${place.environment} --over-quarantine="…" ${secretFlags(place, half)}`

/** The command that takes a deployment of both halves back. */
export const undoProduct = (place: UndoPlace) =>
  `dagger call rollback --environment=${place.environment} --reason="…" ${secretFlags(place)}`

/** The command that takes a rollback of both halves back. */
export const undoProductRollback = (place: UndoPlace, leftCommit: string) =>
  `git switch --detach ${leftCommit} && dagger call deploy --environment=${place.environment} --over-quarantine="…" ${secretFlags(place)}`
