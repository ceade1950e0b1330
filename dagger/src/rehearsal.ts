import { createHash } from "node:crypto"
import { huggingFace, type RunImage } from "../stand-ins/hugging-face.js"
import { netlify } from "../stand-ins/netlify.js"
import type { Clock } from "./clock.js"
import { type Deployment, deploy, Half } from "./deployment.js"
import { HealthState } from "./health-probe.js"
import type { Journal } from "./journal.js"
import type { ImageArtifact, SiteArtifact } from "./release.js"
import { environmentOf, type Settings } from "./settings.js"
import { backendTarget, frontendTarget, type Means } from "./targets.js"
import type { Event } from "./timeline.js"
import { Verdict } from "./verdict.js"

/** What a rehearsal gets from the engine. */
export interface Props {
  /** Commit of the caller's checkout: the version that must survive. */
  commit: string
  settings: Settings
  /** Runs all checks; says how they went. Throws when one failed. */
  checks(): Promise<string>
  /** Builds the site for a commit. */
  site(commit: string): Promise<SiteArtifact>
  /** Builds the image for a commit and pushes it. A broken one starts, but can't reach what it needs. */
  image(commit: string, broken: boolean): Promise<ImageArtifact>
  run: RunImage
  clock: Clock
  journal: Journal
}

export interface Rehearsed {
  events: Event[]
  /** What the rehearsal proved, or where it went wrong. */
  conclusion: string[]
  passed: boolean
}

/**
 * The whole pipeline against stand-ins: CI, build, push, staging, production, a broken candidate of each half, automatic rollback.
 * Every step is the product's own; only the providers' addresses are others.
 */
export async function rehearse({
  commit,
  settings,
  checks,
  site,
  image,
  run,
  clock,
  journal,
}: Props): Promise<Rehearsed> {
  const stage = new Stage(clock)
  const [staging, production] = ["staging", "production"].map((name) => environmentOf(settings, name))
  if (!staging || !production) throw new Error("unreachable")
  await using sites = await netlify({
    sites: [staging.frontend.site, production.frontend.site],
    token: "nfp_rehearsal",
  })
  await using spaces = await huggingFace({
    spaces: [staging.backend.space, production.backend.space],
    token: "hf_rehearsal",
    run,
  })
  const means = {
    settings: onStage(settings, { netlify: sites.url, huggingFace: spaces.url }),
    clock,
    journal,
  }
  const frontendOf = (environment: string) =>
    frontendTarget({ ...means, environment, token: "nfp_rehearsal" } satisfies Means)
  const backendOf = (environment: string) =>
    backendTarget({ ...means, environment, token: "hf_rehearsal" } satisfies Means)
  const broken = createHash("sha1").update(`a commit after ${commit}`).digest("hex")

  // Pushes to one registry come one after the other: side by side they spoil each other's layers.
  const images = async () => [
    await stage.scene("build and push the image", settings.budgets.image, () => image(commit, false)),
    await stage.scene("build and push a broken candidate", settings.budgets.image, () => image(broken, true)),
  ]
  // No build goes to an environment before the checks have passed.
  const [, goodSite, [goodImage, brokenImage]] = await Promise.all([
    stage.scene("check both halves", settings.budgets.tests, checks),
    stage.scene("build the site", settings.budgets.frontend, () => site(commit)),
    images(),
  ])
  if (!goodImage || !brokenImage) throw new Error("unreachable")
  const good = { commit, version: commit.slice(0, 7) }
  const bad = { commit: broken, version: broken.slice(0, 7) }

  for (const environment of ["staging", "production"]) {
    await stage.deployment(Verdict.Success, settings.budgets.backend, () =>
      deploy({ ...good, artifact: goodImage }, backendOf(environment)),
    )
    await stage.deployment(Verdict.Success, settings.budgets.frontend, () =>
      deploy({ ...good, artifact: goodSite }, frontendOf(environment)),
    )
  }
  await stage.deployment(Verdict.NoChange, settings.budgets.frontend, () =>
    deploy({ ...good, artifact: goodSite }, frontendOf("production")),
  )
  const spoiled = await stage.deployment(Verdict.RolledBack, settings.budgets.rollback, () =>
    deploy({ ...bad, artifact: brokenImage }, backendOf("production")),
  )
  // The site says that it was built from another commit than the one deployed: a stale build.
  await stage.deployment(Verdict.Failed, settings.budgets.frontend, () =>
    deploy({ ...bad, artifact: goodSite }, frontendOf("production")),
  )

  const proofs: string[] = []
  for (const [half, target] of [
    [Half.Backend, backendOf("production")],
    [Half.Frontend, frontendOf("production")],
  ] as const) {
    const live = await target.host.live()
    const health = await target.probe(live?.url ?? "", commit)
    if (health.state !== HealthState.Healthy) stage.wrong.push(`production ${half}: ${health.reason}`)
    else proofs.push(`production ${half} serves ${commit}, asked at ${live?.url}`)
  }
  return {
    events: stage.events,
    passed: stage.wrong.length === 0,
    conclusion:
      stage.wrong.length > 0
        ? stage.wrong
        : [`The broken candidate ${broken.slice(0, 7)} was ${spoiled.verdict}: ${spoiled.reason}`, ...proofs],
  }
}

/** The product's own settings, with the stand-ins' addresses; they answer at once, so the probe need not be patient. */
function onStage(settings: Settings, standIns: { netlify: string; huggingFace: string }): Settings {
  const probe = { times: 3, seconds: 10, wakeUpSeconds: 30, firstPause: 200, slowestPause: 1000 }
  const environments = Object.entries(settings.environments).map(([name, one]) => [name, { ...one, probe }])
  return {
    ...settings,
    providers: { ...settings.providers, ...standIns },
    environments: Object.fromEntries(environments),
  }
}

/** Keeps the time of each scene, and whether it ended as it must. */
class Stage {
  readonly events: Event[] = []
  readonly wrong: string[] = []
  private readonly curtain: number

  constructor(private readonly clock: Clock) {
    this.curtain = this.now()
  }

  private now = () => this.clock.now().getTime()

  async scene<Result>(name: string, budgetSeconds: number, act: () => Promise<Result>): Promise<Result> {
    const began = this.now()
    const note = (verdict: string, detail: string) => {
      const times = { startMilliseconds: began - this.curtain, milliseconds: this.now() - began, budgetSeconds }
      this.events.push({ name, half: "", environment: "", verdict, detail, steps: [], ...times })
    }
    try {
      const result = await act()
      note("done", typeof result === "string" && !result.startsWith("/") ? result : "")
      return result
    } catch (failure) {
      note("failed", (failure as Error).message)
      throw failure
    }
  }

  async deployment(expected: Verdict, budgetSeconds: number, act: () => Promise<Deployment>): Promise<Deployment> {
    const began = this.now()
    const { half, environment, verdict, commit, reason, steps, ...rest } = await act()
    const name = `deploy ${commit.slice(0, 7)} (${half}, ${environment})`
    const times = { startMilliseconds: began - this.curtain, milliseconds: this.now() - began, budgetSeconds }
    this.events.push({ name, half, environment, verdict, detail: reason, steps, ...times })
    if (verdict !== expected)
      this.wrong.push(`${name} ended ${verdict}, expected ${expected}: ${rest.failed} ${reason}`)
    return { half, environment, verdict, commit, reason, steps, ...rest }
  }
}
