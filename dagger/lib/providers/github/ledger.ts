import { randomUUID } from "node:crypto"
import pLimit from "p-limit"
import { z } from "zod"
import { Verdict } from "../../../src/exposed-types.js"
import type { Attempt, Closing, History, Ledger, Opening, Place } from "../../deployment/ledger.js"
import { storedAttempt, withCurrentKeys } from "../../deployment/stored-attempt.js"
import { webAddress } from "../../text/untrusted.js"
import { NoReply } from "../request.js"
import { description } from "./description.js"
import type { GitHub } from "./github.js"

const Payload = z.object({
  mark: z.string(),
  ...storedAttempt,
})
const ListedDeployment = z.object({
  id: z.int(),
  sha: z.string(),
  task: z.string(),
  environment: z.string(),
  payload: z.unknown(),
  created_at: z.string(),
})
const Status = z.object({ state: z.string(), description: z.string().nullish(), created_at: z.string() })
type ListedDeployment = z.infer<typeof ListedDeployment>

const states: Record<Verdict, string> = {
  [Verdict.Success]: "success",
  [Verdict.NoChange]: "success",
  [Verdict.Superseded]: "inactive",
  [Verdict.RolledBack]: "failure",
  [Verdict.Failed]: "failure",
  [Verdict.RollbackFailed]: "failure",
  [Verdict.Refused]: "failure",
  [Verdict.Locked]: "failure",
  [Verdict.Inconclusive]: "error",
}

/** Requests at once; GitHub allows 100 to all programs of an account together. */
const atOnce = 8
/** Of what a deployment or a rollback looks at. */
const newest = 30
/** Of a history: each attempt takes a request, and its commit another one, of the 1000 an hour that a workflow has. */
const mostAttempts = 450

/** The ledger as GitHub deployments: shown on the repository's page, one for each attempt, its end as a deployment status. */
export class GitHubLedger implements Ledger {
  constructor(private readonly github: GitHub) {}

  async open({ component, environment, commit, ...rest }: Opening): Promise<string> {
    const payload = { ...rest, mark: randomUUID() }
    const body = {
      ref: commit,
      task: taskOf(component),
      environment,
      description: description(`${rest.purpose} ${component} ${rest.version}`),
      payload,
      // Without these GitHub first merges the default branch, and waits for every check of the commit.
      auto_merge: false,
      required_contexts: [],
      production_environment: environment === "production",
    }
    const id = await this.create(body, component, environment, payload.mark)
    await this.say(String(id), { state: "in_progress", log_url: webAddress(rest.run), auto_inactive: false })
    return String(id)
  }

  async close(entry: string, { verdict, id, reason, url = "" }: Closing): Promise<void> {
    const { payload } = await this.github.read(`/deployments/${entry}`, ListedDeployment)
    const opened = payloadOf(payload)
    const state = states[verdict]
    await this.say(entry, {
      state,
      // At most 140 characters: the verdict, the ID unless it is known already, and the beginning of the reason.
      description: description(`${verdict} ${id === opened?.id || id === "" ? "=" : id} ${reason}`.trimEnd()),
      log_url: webAddress(opened?.run ?? ""),
      // GitHub links what is live from the repository's page.
      ...(state === "success" && webAddress(url) && { environment_url: webAddress(url) }),
      auto_inactive: false,
    })
  }

  /** Reads on by pages until it has enough, or 450: refusals that came one after the other would hide all that went live. */
  async list(component: string, environment: string, enough = reachedTheHost(newest)): Promise<Attempt[]> {
    const found = new Map<number, Attempt>()
    for await (const page of this.pagesOf(component, environment)) {
      const own = page.flatMap(ours).filter(({ deployment }) => !found.has(deployment.id))
      for (const [at, attempt] of (await this.attempts(own)).entries()) found.set(own[at]?.deployment.id ?? 0, attempt)
      if (found.size >= mostAttempts || enough([...found.values()])) break
    }
    return [...found.values()]
  }

  private pagesOf(component: string, environment: string) {
    const query = new URLSearchParams({ environment, task: taskOf(component), per_page: String(newest) })
    return this.github.pages("/deployments", query, z.array(ListedDeployment))
  }

  /**
   * All attempts of some places since a time, or the newest 450 of them.
   * @throws PipelineError when GitHub can't be asked: a part of a history would be a false one.
   */
  async history(places: Place[], since: Date): Promise<History> {
    const lists = await Promise.all(places.map((place) => this.since(place, since)))
    const found = lists.flatMap(({ deployments }) => deployments).toSorted(newestFirst)
    const own = found.flatMap(ours)
    const kept = own.slice(0, mostAttempts)
    const ends = lists.filter(({ cut }) => cut).map(({ deployments }) => deployments.at(-1)?.created_at ?? "")
    const beyond = own.length > mostAttempts ? [kept.at(-1)?.deployment.created_at ?? ""] : []
    const [from = ""] = [...ends, ...beyond].sort().reverse()
    return {
      attempts: await this.attempts(kept.filter(({ deployment }) => deployment.created_at >= from)),
      since: from || since.toISOString(),
      cut: from !== "",
      foreign: found.filter(({ payload }) => !isMarked(payload)).length,
      unreadable: found.filter(({ payload }) => isMarked(payload) && !payloadOf(payload)).length,
    }
  }

  /** Deployments of one place, newest first, each once. */
  private async since({ component, environment }: Place, since: Date) {
    const query = new URLSearchParams({ environment, task: taskOf(component), per_page: "100" })
    const found = new Map<number, ListedDeployment>()
    for await (const page of this.github.pages("/deployments", query, z.array(ListedDeployment))) {
      for (const deployment of page) {
        if (Date.parse(deployment.created_at) < since.getTime()) return { deployments: [...found.values()], cut: false }
        // One that was made meanwhile moves the last of a page to the next.
        found.set(deployment.id, deployment)
      }
      if (found.size > mostAttempts) return { deployments: [...found.values()], cut: true }
    }
    return { deployments: [...found.values()], cut: false }
  }

  private attempts(own: OwnDeployment[]): Promise<Attempt[]> {
    const limit = pLimit(atOnce)
    return Promise.all(own.map((one) => limit(() => this.attempt(one))))
  }

  private async attempt({ deployment, payload }: OwnDeployment): Promise<Attempt> {
    const { id, sha, environment, task } = deployment
    const { mark: _, ...opening } = payload
    const open: Attempt = {
      ...opening,
      entry: String(id),
      component: task.slice(taskOf("").length),
      environment,
      commit: sha,
      endedAt: "",
      verdict: undefined,
      reason: "",
    }
    const path = `/deployments/${id}/statuses`
    // Others may add a status of their own, such as GitHub when it makes an old deployment inactive.
    for await (const statuses of this.github.pages(path, new URLSearchParams({ per_page: "10" }), z.array(Status)))
      for (const { description, created_at } of statuses) {
        const [, verdict = "", given = "", reason = ""] = /^(\S+) (\S+) ?([\s\S]*)$/.exec(description ?? "") ?? []
        const known = Object.values(Verdict).find((each) => each === verdict)
        if (known)
          return { ...open, verdict: known, id: given === "=" ? payload.id : given, reason, endedAt: created_at }
      }
    return open
  }

  /** The newest thirty of a place. */
  private async deployments(component: string, environment: string): Promise<ListedDeployment[]> {
    const found = new Map<number, ListedDeployment>()
    for await (const page of this.pagesOf(component, environment)) {
      for (const deployment of page) found.set(deployment.id, deployment)
      if (found.size >= newest) break
    }
    return [...found.values()].slice(0, newest)
  }

  /** Creating is not idempotent: when the answer is lost, the deployment with our mark shows whether it happened. */
  private async create(body: object, component: string, environment: string, mark: string): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        const reply = await this.github.ask("POST", "/deployments", body, { repeats: false })
        if (reply.status === 201) return this.github.parse("POST", "/deployments", reply, z.object({ id: z.int() })).id
        throw this.github.refusal("POST", "/deployments", reply)
      } catch (failure) {
        if (!(failure instanceof NoReply) || attempt === 3) throw failure
        const mine = (await this.deployments(component, environment)).find(
          ({ payload }) => payloadOf(payload)?.mark === mark,
        )
        if (mine) return mine.id
      }
    }
  }

  private async say(entry: string, status: object): Promise<void> {
    const path = `/deployments/${entry}/statuses`
    const reply = await this.github.ask("POST", path, status)
    if (reply.status !== 201) throw this.github.refusal("POST", path, reply)
  }
}

/** Whether as many attempts went as far as the host; the others say nothing of what was live. */
const reachedTheHost = (count: number) => (attempts: Attempt[]) =>
  attempts.filter(({ verdict }) => verdict === undefined || !stopped.has(verdict)).length >= count
const stopped = new Set([Verdict.Refused, Verdict.Locked, Verdict.Superseded])

const taskOf = (component: string) => `deploy-${component}`
const newestFirst = (one: ListedDeployment, other: ListedDeployment) =>
  other.created_at.localeCompare(one.created_at) || other.id - one.id

type OwnDeployment = { deployment: ListedDeployment; payload: z.infer<typeof Payload> }

function ours(deployment: ListedDeployment): OwnDeployment[] {
  const payload = payloadOf(deployment.payload)
  return payload ? [{ deployment, payload }] : []
}

/** GitHub hands the payload back as an object or as text; deployments of others have other ones. */
const payloadOf = (payload: unknown) => Payload.safeParse(withCurrentKeys(objectOf(payload))).data
const isMarked = (payload: unknown) => Payload.pick({ mark: true }).safeParse(objectOf(payload)).success

function objectOf(payload: unknown): unknown {
  try {
    return typeof payload === "string" ? JSON.parse(payload) : payload
  } catch {
    return undefined
  }
}
