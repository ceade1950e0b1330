import { Component, NoticeKind, Verdict } from "../../src/exposed-types.js"
import { Step } from "../deployment/tracer.js"
import { undoDeployment } from "../deployment/undo.js"
import { ownCall } from "../settings/module-call.js"
import { isFailure } from "../verdict.js"
import { isSchemaConflict, type Operation, OperationKind, type OperationResult } from "./operation.js"

/** Author and message of a commit; "" when GitHub did not answer. Untrusted text. */
export interface Authorship {
  author: string
  message: string
}

/** A notification, independent of the channel. All of it may be untrusted text. */
export interface Notice {
  kind: NoticeKind
  /** Such as `backend of production`. */
  subject: string
  /** What happened to it; completes the sentence. */
  event: string
  component: string
  environment: string
  version: string
  commit: string
  author: string
  message: string
  actor: string
  /** Whole milliseconds; 0 at the start. */
  milliseconds: number
  /** What the migration of the database did, or why it failed; "" for none. */
  migration: string
  /** What visitors get now; "" when unknown. */
  live: string
  /** Addresses of the run and of what visitors see. */
  run: string
  url: string
  failed: string
  reason: string
  log: string[]
  next: string
  /** The command to run next; "" for none. */
  command: string
}

const short = (commit: string) => commit.slice(0, 7) || "a version"

/** The components of an environment, described. */
export const subjectOf = (components: string[], environment: string) =>
  `${components.length === 1 ? components[0] : "both components"}${environment && ` of ${environment}`}`

/** The moment as the settings name it: `started`, or the verdict. */
export const momentOf = (result: OperationResult | undefined) => result?.verdict ?? "started"

export function noticeKind({ kind }: Operation, result: OperationResult | undefined): NoticeKind {
  switch (result?.verdict) {
    case undefined:
      return NoticeKind.Started
    case Verdict.Success:
      if (kind === OperationKind.Promotion) return NoticeKind.Promotion
      return kind === OperationKind.Rollback ? NoticeKind.Rollback : NoticeKind.Success
    case Verdict.NoChange:
    case Verdict.Superseded:
      return NoticeKind.Unchanged
    case Verdict.RolledBack:
      return NoticeKind.RolledBack
    case Verdict.Locked:
    case Verdict.Refused:
      return isSchemaConflict(result) ? NoticeKind.Failure : NoticeKind.Stopped
    default:
      return NoticeKind.Failure
  }
}

/** What happened; completes a sentence that begins with the components. */
export function eventOf(kind: NoticeKind, what: string, commit: string, verdict = ""): string {
  switch (kind) {
    case NoticeKind.Started:
      return commit ? `the ${what} of ${short(commit)} has started` : `a ${what} has started`
    case NoticeKind.Success:
      return what === OperationKind.Checks ? `${short(commit)} passed` : `${short(commit)} is live`
    case NoticeKind.Promotion:
      return `${short(commit)} was promoted and is live`
    case NoticeKind.Rollback:
      return `was rolled back by hand to ${short(commit)}`
    case NoticeKind.RolledBack:
      return `${short(commit)} failed and was rolled back`
    default:
      return `the ${what}${commit && ` of ${short(commit)}`} ended ${verdict || kind}`
  }
}

/** The notification of an operation: of its start, or, with a result, of its end. */
export function noticeOf(operation: Operation, result: OperationResult | undefined, authorship: Authorship): Notice {
  const { components, environment, actor, run } = operation
  const kind = noticeKind(operation, result)
  const commit = result?.commit || operation.commit
  const last = newestOfEach(result)
  return {
    kind,
    subject: operation.kind === OperationKind.Checks ? "checks" : subjectOf(components, environment),
    event: eventOf(kind, operation.kind, commit, result?.verdict),
    component: components.join(", "),
    environment,
    version: last[0]?.version ?? commit.slice(0, 7),
    commit,
    ...authorship,
    actor,
    milliseconds: result?.milliseconds ?? 0,
    migration: migrationOf(result),
    live: last.map(({ component, liveCommit }) => `${component}: ${liveCommit.slice(0, 7) || "nothing"}`).join(", "),
    run,
    url: (last.find(({ component }) => component === Component.Frontend) ?? last[0])?.url ?? "",
    failed: result?.failed ?? "",
    reason: result?.reason || operation.reason,
    log: result?.log ?? [],
    next: result?.next ?? "",
    command: result ? commandAfter(operation, result) : "",
  }
}

/** Of a release of both components only the backend has a database. */
const migrationOf = (result: OperationResult | undefined) =>
  (result?.deployments ?? [])
    .filter(({ component }) => component === Component.Backend)
    .flatMap(({ steps }) => steps)
    .find(({ name }) => name === Step.Migrate)?.detail ?? ""

/** The last deployment of each component. */
const newestOfEach = (result: OperationResult | undefined) =>
  (result?.deployments ?? []).filter(
    ({ component }, at, all) => all.findLastIndex((other) => other.component === component) === at,
  )

/** The command to run next: the one that reverts a success, or one that helps after a failure. */
function commandAfter(
  { kind, environment, secrets, registry, call = ownCall }: Operation,
  { verdict, deployments, undo }: OperationResult,
): string {
  if (!isFailure(verdict)) return undo
  if (kind === OperationKind.Checks) return `${call} ci`
  const stuck = deployments.find((one) => one.verdict === Verdict.RollbackFailed)
  if (stuck?.previousId)
    return undoDeployment(stuck.component, { environment, secrets, registry, call }, stuck.previousId)
  return `${call} probe --environment=${environment}`
}

/** A custom notification, whose text the caller gives. */
export function ownNotice(
  kind: NoticeKind,
  text: string,
  component: string,
  environment: string,
  title: string,
  given: Pick<Notice, "version" | "commit" | "author" | "actor" | "reason" | "next" | "run" | "url" | "milliseconds">,
): Notice {
  return {
    kind,
    subject: component || environment ? subjectOf(component ? [component] : [], environment) : title,
    event: text || eventOf(kind, "deployment", given.commit || given.version),
    component,
    environment,
    ...given,
    ...{ message: "", migration: "", live: "", failed: "", log: [], command: "" },
  }
}
