import type { ProtectionSettings } from "../settings/settings-types.js"

/** The protection of a branch now, by branch protection or by a ruleset. */
export interface Protection extends ProtectionSettings {
  forcePushes: boolean
  deletions: boolean
}

/** A branch without any protection. */
export const unprotected: Protection = {
  checks: [],
  reviews: 0,
  dismissStale: false,
  admins: false,
  forcePushes: true,
  deletions: true,
}

/** Where a branch is less protected than the settings require; empty when it is protected as much or more. */
export function weaknesses(wanted: ProtectionSettings, present: Protection): string[] {
  const lacking = wanted.checks.filter((name) => !present.checks.includes(name))
  return [
    ...lacking.map((name) => `${name} need not succeed`),
    ...(present.reviews < wanted.reviews ? [`${present.reviews} of ${wanted.reviews} reviews must approve`] : []),
    ...(wanted.dismissStale && wanted.reviews > 0 && !present.dismissStale
      ? ["approvals stay when a commit is added"]
      : []),
    ...(wanted.admins && !present.admins ? ["administrators can bypass it"] : []),
    ...(present.forcePushes ? ["its history can be overwritten"] : []),
    ...(present.deletions ? ["it can be deleted"] : []),
  ]
}

/** The combined protection: in each point the stricter of the two. */
export const together = (one: Protection, other: Protection): Protection => ({
  checks: [...new Set([...one.checks, ...other.checks])],
  reviews: Math.max(one.reviews, other.reviews),
  dismissStale: one.dismissStale || other.dismissStale,
  admins: one.admins || other.admins,
  forcePushes: one.forcePushes && other.forcePushes,
  deletions: one.deletions && other.deletions,
})

/** The protection of the settings, and whatever is stricter already. */
export const strengthened = (wanted: ProtectionSettings, present: Protection): Protection =>
  together({ ...wanted, forcePushes: false, deletions: false }, present)
