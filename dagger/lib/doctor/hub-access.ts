import { type Diagnosis, good, unknown } from "./diagnosis.js"

/** Which of the two ways to Hugging Face a call was given. @param isKeyless whether it is the identity of a run, and no stored token. */
export const judgeAccess = (isKeyless: boolean): Diagnosis =>
  good(
    "way to Hugging Face",
    isKeyless
      ? "keyless: the run's identity is exchanged for tokens of an hour, and none is stored"
      : "a stored token; a workflow can do without: docs/deployment/secrets.md, Without a stored token",
  )

/** That a Space's trusted publishers took the identity. What else they would take, nobody but their owner can see. */
export const judgeExchange = (space: string): Diagnosis =>
  good("Hugging Face token", `the Trusted Publishers of ${space} gave one that ends in an hour and is for it alone`)

/** A token of Hugging Face that no workflow can read: none is needed where the Space trusts the workflow. @param name of the secret. */
export const judgeUnstored = (name: string): Diagnosis =>
  unknown(
    `secret ${name}`,
    "it is not stored, so workflows give the run's own identity, and whether the Space trusts that only a run can tell",
    "call doctor in a workflow with `id-token: write`; or store it under Settings, Environments",
  )
