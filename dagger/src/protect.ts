import { type Protection, type ProtectionSettings, strengthened, together, weaknesses } from "./branch-protection.js"
import { notAnAdministrator, protectionNotTaken } from "./govern-errors.js"

/** A branch whose protection can be seen and raised. */
export interface ProtectedBranch {
  branch: string
  /** `undefined` for: nobody but an administrator may know. */
  own(): Promise<Protection | undefined>
  byRulesets(): Promise<Protection>
  raise(to: Protection): Promise<void>
}

/**
 * Protects a branch at least as the settings say, and tells what was missing. What is stricter already stays; what a ruleset does
 * is not done twice. Looks again afterwards.
 * @param plan only to tell.
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
