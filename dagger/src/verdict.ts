/** How a deployment ended. */
export enum Verdict {
  /** The new version is live and answered with its own commit. */
  Success = "success",
  /** This version was live and healthy already; nothing was written. */
  NoChange = "no-change",
  /** A newer version is live; this one is not deployed. */
  Superseded = "superseded",
  /** The new version failed after going live; the previous one is live again and answers. */
  RolledBack = "rolled-back",
  /** It failed before anything changed for visitors. */
  Failed = "failed",
  /** The new version failed and the previous one could not be restored: a person is needed now. */
  RollbackFailed = "rollback-failed",
  /** The host did not say what is live; run the same command again. */
  Inconclusive = "inconclusive",
  /** Somebody else is deploying here, or has locked the site. */
  Locked = "locked",
  /** A rule forbids it; nothing was touched. */
  Refused = "refused",
}

const successes = new Set([Verdict.Success, Verdict.NoChange, Verdict.Superseded])

/** Whether a call that ends so must exit non-zero. */
export const isFailure = (verdict: Verdict) => !successes.has(verdict)
