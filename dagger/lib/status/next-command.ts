import { Component, Verdict } from "../../src/exposed-types.js"
import { HealthState } from "../deployment/health-probe.js"
import { Purpose } from "../deployment/ledger.js"
import { gitHubCall, secretFlags, shown, type UndoPlace, withRegistry } from "../deployment/undo.js"
import { ownCall } from "../settings/module-call.js"
import { isFailure } from "../verdict.js"
import { commits, FitState } from "./fit.js"
import type { ComponentStatus, Drift, EnvironmentStatus, NextCommand, Status } from "./status.js"

/** What all commands begin with. */
export type Beginning = Pick<UndoPlace, "registry" | "call">
/** What the commands for an environment name. */
export type Secrets = Record<string, UndoPlace["secrets"]>

/** What to type next, the most urgent first: what visitors miss now, then what was left open, then what waits to be promoted. */
export function nextCommands(
  { environments, drift }: Pick<Status, "environments" | "drift">,
  secrets: Secrets,
  hasRecords: boolean,
  beginning: Beginning = {},
): NextCommand[] {
  const inOrder = environments.toSorted((one, other) => Number(other.production) - Number(one.production))
  const own = inOrder.flatMap((one) => ofEnvironment(one, { secrets: secrets[one.environment], ...beginning }) ?? [])
  const promotions = own.length > 0 ? [] : ofDrift(drift, environments, secrets, beginning)
  const rest = [...own, ...promotions]
  if (rest.length > 0 || hasRecords) return rest
  return [
    {
      environment: "",
      why: "what the ledger, the lock and the incidents say is not known",
      command: `${gitHubCall(beginning.call)} status`,
    },
  ]
}

const verb = (purpose: Purpose) => (purpose === Purpose.Rollback ? "roll back" : "deploy")

/** Whether nothing was ever deployed there, as far as a ledger says. */
const isNew = ({ commit, health, last, quarantined }: ComponentStatus) =>
  commit === "" && health !== HealthState.Healthy && last === undefined && quarantined !== undefined

/** What one environment needs most. */
function ofEnvironment(it: EnvironmentStatus, given: Pick<UndoPlace, "secrets"> & Beginning): NextCommand | undefined {
  const { environment, components, fit, lock, incidents } = it
  const next = (why: string, command: string): NextCommand => ({ environment, why, command })
  const place = (...only: ComponentStatus[]): UndoPlace => ({
    environment,
    ...given,
    hasDatabase: only.some(({ schema }) => schema !== ""),
    components: only.map(({ component }) => component),
  })
  const call = (name: string, of: UndoPlace, flags = "") =>
    `${withRegistry(given)} ${name} --environment=${environment}${flags} ${secretFlags(of)}${name.includes(" ") ? ` ${shown}` : ""}`
  const at = (commit: string, command: string) => (commit ? `git switch --detach ${commit} && ${command}` : command)
  const deployed = (one: ComponentStatus, commit: string) => at(commit, call(`${one.component} deploy`, place(one)))

  if (typeof lock !== "string" && !lock.isOver)
    return next(
      `${lock.owner} is changing it (${lock.reason}); the lock lasts until ${lock.expires}`,
      `${gitHubCall(given.call)} status`,
    )
  const bad = components.find(
    (one) => !isNew(one) && (one.health === HealthState.Unhealthy || one.health === HealthState.WrongVersion),
  )
  if (bad)
    return bad.hasWayBack
      ? next(
          `its ${bad.component} is ${bad.health}: ${bad.reason}`,
          call(`${bad.component} rollback`, place(bad), ' --reason="…"'),
        )
      : next(
          `its ${bad.component} is ${bad.health}, and no earlier version is known: ${bad.reason}`,
          call("doctor", place(...components)),
        )
  const mute = components.find((one) => one.health !== HealthState.Healthy && !isNew(one))
  if (mute)
    return next(
      `its ${mute.component} does not answer: ${mute.reason}`,
      `${given.call ?? ownCall} probe --environment=${environment}`,
    )
  const open = components.find(
    ({ last }) => last && (last.verdict === undefined || last.verdict === Verdict.Inconclusive),
  )
  if (open?.last) {
    const { purpose, commit, why } = open.last
    const left = `the run that was to ${verb(purpose)} ${commit.slice(0, 7)} of its ${open.component} ended without a word`
    return purpose === Purpose.Rollback
      ? next(left, call(`${open.component} rollback`, place(open), ` --reason="${why.replace(/["$`\\]/g, "") || "…"}"`))
      : next(left, deployed(open, commit))
  }
  const never = components.find(isNew)
  if (never) return next(`nothing was deployed to its ${never.component} yet`, call("deploy", place(...components)))
  const service = components.find(({ component }) => component === Component.Backend)
  const page = components.find(({ component }) => component === Component.Frontend)
  if (fit.state === FitState.Unfit && service && page)
    return next(`its components do not fit: ${fit.why}`, deployed(service, page.commit))
  const failed = components.find(({ last }) => last?.verdict && isFailure(last.verdict))
  if (failed?.last)
    return next(
      `the newest attempt to ${verb(failed.last.purpose)} its ${failed.component} ended ${failed.last.verdict}: ${failed.last.reason}`,
      call("doctor", place(...components)),
    )
  const [incident] = incidents ?? []
  if (incident)
    return next(
      `#${incident.number} is open, and everything is healthy`,
      `${gitHubCall(given.call)} incident --action=CLOSE --environment=${environment} --component=${incident.component.toUpperCase()} --reason="…"`,
    )
  return undefined
}

/** What is proven in one environment and not yet in another. */
function ofDrift(
  drift: Drift[],
  environments: EnvironmentStatus[],
  secrets: Secrets,
  beginning: Beginning,
): NextCommand[] {
  const ahead = drift.find(({ ahead }) => ahead > 0)
  const from = environments.find(({ environment }) => environment === ahead?.from)
  const to = environments.find(({ environment }) => environment === ahead?.to)
  if (!ahead || !from || !to) return []
  const components = to.components.map(({ component }) => component)
  const hasDatabase = from.components.some(({ schema }) => schema !== "")
  const flags = secretFlags({ environment: to.environment, secrets: secrets[to.environment], hasDatabase, components })
  const proving = secretFlags({ environment: from.environment, secrets: secrets[from.environment], components })
  return [
    {
      environment: to.environment,
      why: `${from.environment} is ${commits(ahead.ahead)} ahead`,
      command: `${withRegistry(beginning)} promote --from=${from.environment} --to=${to.environment} ${flags} ${proving.replaceAll("--", "--from-")}`,
    },
  ]
}
