import { Component } from "../component.js"
import { undoDeployment } from "../deployment/undo.js"
import { isFailure, Verdict } from "../verdict.js"
import { type Operation, OperationKind, type OperationResult } from "./operation.js"

/** What a message says first. */
export enum NoticeKind {
  Started = "started",
  Success = "success",
  Promotion = "promotion",
  /** By hand. */
  Rollback = "rollback",
  /** By itself. */
  RolledBack = "rolled-back",
  Failure = "failure",
  /** A rule or a lock stopped it; nothing changed. */
  Stopped = "stopped",
  /** There was nothing to do. */
  Unchanged = "unchanged",
}

/** Who wrote a commit and how it calls itself; "" when nobody could be asked. Words of others. */
export interface Authorship {
  author: string
  message: string
}

/** What people are told, whatever they are told by. All of it may be the words of others. */
export interface Notice {
  kind: NoticeKind
  /** Such as `backend of production`. */
  subject: string
  /** What happened to it, in the rest of the sentence. */
  event: string
  component: string
  environment: string
  version: string
  commit: string
  author: string
  message: string
  actor: string
  /** Whole milliseconds; 0 when it has only started. */
  milliseconds: number
  /** What visitors get now; "" when it is not known. */
  live: string
  /** Addresses of the run and of what visitors see. */
  run: string
  url: string
  failed: string
  reason: string
  log: string[]
  next: string
  /** What to type next; "" for nothing. */
  command: string
}

const short = (commit: string) => commit.slice(0, 7) || "a version"

/** The components of an environment in words. */
export const subjectOf = (components: string[], environment: string) =>
  `${components.length === 1 ? components[0] : "both components"}${environment && ` of ${environment}`}`

/** The settings' word for how an operation ended, or for its start. */
export const momentOf = (ending: OperationResult | undefined) => ending?.verdict ?? "started"

export function noticeKind({ kind }: Operation, ending: OperationResult | undefined): NoticeKind {
  switch (ending?.verdict) {
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
      return NoticeKind.Stopped
    default:
      return NoticeKind.Failure
  }
}

/** What happened, in the rest of a sentence that begins with the components. */
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

/** What is told of an operation when it starts, and, with its ending, when it is over. */
export function noticeOf(operation: Operation, ending: OperationResult | undefined, authorship: Authorship): Notice {
  const { components, environment, actor, run } = operation
  const kind = noticeKind(operation, ending)
  const commit = ending?.commit || operation.commit
  const last = newestOfEach(ending)
  return {
    kind,
    subject: operation.kind === OperationKind.Checks ? "checks" : subjectOf(components, environment),
    event: eventOf(kind, operation.kind, commit, ending?.verdict),
    component: components.join(", "),
    environment,
    version: last[0]?.version ?? commit.slice(0, 7),
    commit,
    ...authorship,
    actor,
    milliseconds: ending?.milliseconds ?? 0,
    live: last.map(({ component, liveCommit }) => `${component}: ${liveCommit.slice(0, 7) || "nothing"}`).join(", "),
    run,
    url: (last.find(({ component }) => component === Component.Frontend) ?? last[0])?.url ?? "",
    failed: ending?.failed ?? "",
    reason: ending?.reason || operation.reason,
    log: ending?.log ?? [],
    next: ending?.next ?? "",
    command: ending ? commandAfter(operation, ending) : "",
  }
}

/** How each component stands at the end. */
const newestOfEach = (ending: OperationResult | undefined) =>
  (ending?.deployments ?? []).filter(
    ({ component }, at, all) => all.findLastIndex((other) => other.component === component) === at,
  )

/** What to type next: the way back when there is one, a look when something went wrong. */
function commandAfter(
  { kind, environment, secrets }: Operation,
  { verdict, deployments, undo }: OperationResult,
): string {
  if (!isFailure(verdict)) return undo
  if (kind === OperationKind.Checks) return "dagger call ci"
  const ill = deployments.find((one) => one.verdict === Verdict.RollbackFailed)
  if (ill?.previousId) return undoDeployment(ill.component, { environment, secrets }, ill.previousId)
  return `dagger call probe --environment=${environment}`
}

/** A notice of somebody's own, of whom only the words are known. */
export function ownNotice(
  kind: NoticeKind,
  text: string,
  component: string,
  environment: string,
  title: string,
  said: Pick<Notice, "version" | "commit" | "author" | "actor" | "reason" | "next" | "run" | "url" | "milliseconds">,
): Notice {
  return {
    kind,
    subject: component || environment ? subjectOf(component ? [component] : [], environment) : title,
    event: text || eventOf(kind, "deployment", said.commit || said.version),
    component,
    environment,
    ...said,
    ...{ message: "", live: "", failed: "", log: [], command: "" },
  }
}
