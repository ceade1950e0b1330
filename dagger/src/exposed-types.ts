// What the functions take and give. They stand here because Dagger describes a module by the files of this folder alone.

export enum Component {
  Frontend = "frontend",
  Backend = "backend",
}

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

/** The contexts of commit statuses; branch protection rules refer to them. */
export enum StatusContext {
  Ci = "ci",
  DeployFrontend = "deploy-frontend",
  DeployBackend = "deploy-backend",
}

export enum StatusState {
  Pending = "pending",
  Success = "success",
  Failure = "failure",
  Error = "error",
}

export enum IncidentAction {
  Open = "open",
  Close = "close",
}

/** What a notification is about. */
export enum NoticeKind {
  Started = "started",
  Success = "success",
  Promotion = "promotion",
  /** A manual rollback. */
  Rollback = "rollback",
  /** An automatic rollback. */
  RolledBack = "rolled-back",
  Failure = "failure",
  /** A rule or a lock stopped it; nothing changed. */
  Stopped = "stopped",
  /** There was nothing to do. */
  Unchanged = "unchanged",
}

/** A deployment, for people and for programs. */
export type Deployed = {
  /** What was live before, each step with its time, what is live now, and the command that reverts it; with --markdown as Markdown. */
  report: string
  /** All of it as JSON. */
  json: string
  /** All of it for a pull request or a job summary. */
  markdown: string
  /** All of it as one page that needs nothing else. */
  html: string
  verdict: Verdict
  /** Commit to deploy. */
  commit: string
  /** Commit that is live at the end. */
  liveCommit: string
  url: string
}
