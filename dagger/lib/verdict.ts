import { Verdict } from "../src/exposed-types.js"

const successes = new Set([Verdict.Success, Verdict.NoChange, Verdict.Superseded])

/** Whether a call that ends so must exit non-zero. */
export const isFailure = (verdict: Verdict) => !successes.has(verdict)
