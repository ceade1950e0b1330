import { type Opening, Purpose } from "../../lib/deployment/ledger.js"
import { commit } from "./app.js"

/** The opening of an attempt at the version of a letter. */
export const opening = (letter: string, extra: Partial<Opening> = {}): Opening => ({
  purpose: Purpose.Deploy,
  component: "backend",
  environment: "staging",
  commit: commit(letter),
  version: `v-${letter}`,
  id: `id-${letter}`,
  previousCommit: "",
  previousId: "",
  actor: "ana",
  run: "",
  why: "",
  schema: "",
  bothComponents: false,
  calledAt: "",
  startedAt: "2026-11-24T12:00:00.000Z",
  ...extra,
})
