import type { ProtectionSettings } from "../settings/settings-types.js"
import { type Protection, strengthened, together, weaknesses } from "./branch-protection.js"
import { notAnAdministrator, protectionNotTaken, someUnprotected } from "./errors.js"

/** A branch whose protection can be read and raised. */
export interface ProtectedBranch {
  branch: string
  /** `undefined` when only an administrator may read it. */
  own(): Promise<Protection | undefined>
  byRulesets(): Promise<Protection>
  raise(to: Protection): Promise<void>
}

/** Protects each branch as the settings ask of it, even when another one fails. @throws PipelineError that reports all of them when one failed. */
export async function protectAll(
  branches: { branch: ProtectedBranch; wanted: ProtectionSettings }[],
  plan: boolean,
): Promise<string> {
  const ends: PromiseSettledResult<string>[] = []
  for (const { branch, wanted } of branches) ends.push(...(await Promise.allSettled([protect(branch, wanted, plan)])))
  const failed = ends.find((end) => end.status === "rejected")
  if (failed && ends.length === 1) throw failed.reason
  const lines = ends.map((end) => (end.status === "fulfilled" ? end.value : (end.reason as Error).message))
  if (failed) throw someUnprotected(lines.join("\n"))
  return lines.join("\n")
}

/**
 * Protects a branch at least as the settings say, and returns what was missing. Keeps what is stricter, repeats nothing that a
 * ruleset does, and verifies the protection afterwards.
 * @param plan `true` only reports.
 */
export async function protect(branch: ProtectedBranch, wanted: ProtectionSettings, plan: boolean): Promise<string> {
  const [own, rulesets] = await Promise.all([branch.own(), branch.byRulesets()])
  const missing = weaknesses(wanted, own ? together(own, rulesets) : rulesets)
  const list = missing.map((one) => `\n  ${one}`).join("")
  if (missing.length === 0) return `${branch.branch}: protected as the settings say`
  if (!own) throw notAnAdministrator(branch.branch)
  if (plan) return `${branch.branch}: would be protected; now:${list}`
  await branch.raise(strengthened(wanted, own))
  const after = await branch.own()
  const left = after ? weaknesses(wanted, together(after, rulesets)) : missing
  if (left.length > 0) throw protectionNotTaken(branch.branch, left)
  return `${branch.branch}: protected now; before:${list}`
}
