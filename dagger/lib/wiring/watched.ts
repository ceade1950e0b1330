import { Component, Verdict } from "../../src/exposed-types.js"
import type { Clock } from "../clock.js"
import type { Answer, Get } from "../deployment/answer.js"
import { backendChecks, commitPlaceOf, frontendChecks } from "../deployment/health-checks.js"
import { addressOf, type Check, commitIn, probeOnce } from "../deployment/health-probe.js"
import type { Host } from "../deployment/host.js"
import type { Attempt } from "../deployment/ledger.js"
import { noTracer } from "../deployment/tracer.js"
import { get } from "../providers/endpoint.js"
import { GitHubIssues } from "../providers/github/issues.js"
import { GitHubLedger } from "../providers/github/ledger.js"
import { GitHubLocks } from "../providers/github/lock.js"
import { backendOf, siteOf, spaceOf } from "../settings/settings.js"
import type { CommitPlace, EnvironmentSettings, Settings } from "../settings/settings-types.js"
import type { OfService } from "../status/fit.js"
import type { Hosted, Recorded, Seen, Surveyed, Watched } from "../status/survey.js"
import { hubTokenFor } from "./hub-token.js"
import { backendTarget, frontendTarget, gitHubOf } from "./targets.js"

/** Tokens that a look may use; "" for one that it was not given. */
export interface LookTokens {
  netlify: string
  hub: string
  gitHub: string
}

/** Milliseconds that a public address may take, and any other question. */
const [forAddress, forQuestion] = [5_000, 8_000]

/** All environments of the settings, as a look at them needs them. */
export function watchedOf(settings: Settings, tokens: LookTokens, clock: Clock): Surveyed {
  const until = clock.now().getTime() + forQuestion
  return {
    environments: Object.values(settings.environments).map((place) => ({
      environment: place.name,
      production: place.production,
      secrets: place.secrets,
      components: [
        ...(place.backend ? [service(settings, place, tokens.hub, hurried(clock, until))] : []),
        ...(place.frontend ? [page(settings, place, tokens.netlify, hurried(clock, until))] : []),
      ],
    })),
    records: tokens.gitHub ? recorded(settings, tokens.gitHub, clock, until) : undefined,
    call: settings.call,
    ofService: serviceFiles(settings),
    now: clock.now(),
    milliseconds: forQuestion,
  }
}

/** A clock by which nobody waits beyond a time. */
const hurried = (clock: Clock, until: number): Clock => ({
  now: clock.now,
  sleep: (milliseconds) =>
    clock.now().getTime() + milliseconds > until
      ? Promise.reject(new Error(`it gave no answer within ${forQuestion / 1000} s`))
      : clock.sleep(milliseconds),
})

/**
 * Two versions that went live: what is live, and the way back. Failures that came one after the other are read past, to 90 attempts: each
 * is a request.
 */
const tellsEnough = (attempts: Attempt[]) =>
  attempts.length >= 90 ||
  new Set(attempts.flatMap(({ verdict, commit }) => (verdict === Verdict.Success ? [commit] : []))).size > 1

function recorded(settings: Settings, token: string, clock: Clock, until: number): Recorded {
  const gitHub = gitHubOf(settings, token, clock).by(until)
  const [ledger, locks, issues] = [new GitHubLedger(gitHub), new GitHubLocks(gitHub), new GitHubIssues(gitHub)]
  return {
    attempts: (component, environment) => ledger.list(component, environment, tellsEnough),
    lease: async (environment) => (await locks.read(environment))?.record,
    incidents: () => issues.opened(),
    distance: (commit, than) => gitHub.distance(commit, than),
  }
}

function service(settings: Settings, place: EnvironmentSettings, token: string, clock: Clock): Watched {
  const [backend, own] = [spaceOf(place), backendOf(settings)]
  return {
    component: Component.Backend,
    url: backend.url,
    flag: "--hugging-face-token",
    look: () => seenAt(backend.url, backendChecks(own, backend, ""), commitPlaceOf(own)),
    ...(token && {
      host: async () => {
        const exchanged = await hubTokenFor(token, place, settings, clock)
        const context = { settings, environment: place.name, token: exchanged, clock, tracer: noTracer }
        return backendTarget(context).host.live()
      },
    }),
  }
}

function page(settings: Settings, place: EnvironmentSettings, token: string, clock: Clock): Watched {
  const frontend = siteOf(place)
  return {
    component: Component.Frontend,
    url: frontend.url,
    flag: "--netlify-token",
    look: () =>
      seenAt(frontend.url, frontendChecks(frontend, ""), { path: "/version.json", field: "commit", header: "" }),
    ...(token && {
      host: hosted(() => frontendTarget({ settings, environment: place.name, token, clock, tracer: noTracer }).host),
    }),
  }
}

const hosted = (host: () => Host<never>) => async (): Promise<Hosted | undefined> => host().live()

/** One round of the probe, with the commit that is told on the way. */
async function seenAt(url: string, checks: Check[], place: CommitPlace | undefined): Promise<Seen> {
  const answers = new Map<string, Promise<Answer>>()
  const once: Get = (address, question) => {
    if (question) return get(address, question, forAddress)
    const known = answers.get(address) ?? get(address, undefined, forAddress)
    answers.set(address, known)
    return known
  }
  const [health, told] = await Promise.all([
    probeOnce(url, checks, once),
    place &&
      once(addressOf(url, place.path)).then((answer) => (answer.kind === "answered" ? commitIn(answer, place) : "")),
  ])
  return { ...health, commit: /^[0-9a-f]{7,40}$/.test(told ?? "") ? (told ?? "") : "" }
}

/** Files of the service: those of its folder, and of what its image is built from. */
export function serviceFiles({ frontend, backend }: Settings): OfService {
  const inside = (folder: string) => (path: string) => folder === "." || path.startsWith(`${folder}/`)
  const folders = backend ? [...new Set([backend.source, backend.context])] : []
  const ofSite = frontend && frontend.source !== "." ? inside(frontend.source) : () => false
  return (path) => !ofSite(path) && folders.some((folder) => inside(folder)(path))
}
