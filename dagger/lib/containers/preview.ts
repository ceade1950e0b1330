import type { Secret } from "@dagger.io/dagger"
import { Component, Verdict } from "../../src/exposed-types.js"
import { wallClock } from "../clock.js"
import { describedPlan, headOf, stepsBetween } from "../database/migration.js"
import { frontendChecks } from "../deployment/health-checks.js"
import { probeUntil } from "../deployment/health-probe.js"
import type { Attempt } from "../deployment/ledger.js"
import { imageNamed } from "../deployment/release.js"
import { imageBudget } from "../image/image-budget.js"
import { notAPullRequest } from "../preview/errors.js"
import { closed, preview } from "../preview/preview.js"
import { sizeChange } from "../preview/preview-report.js"
import { get } from "../providers/endpoint.js"
import { GitHubLedger } from "../providers/github/ledger.js"
import { GitHubPullRequests } from "../providers/github/pull-requests.js"
import { NetlifyPreviews } from "../providers/netlify/previews.js"
import { backendOf, environmentOf, frontendOf, siteOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { asked, type Known } from "../status/known.js"
import { printed } from "../text/wording.js"
import { gitHubOf } from "../wiring/targets.js"
import { serviceFiles } from "../wiring/watched.js"
import { revisionsIn } from "./alembic.js"
import { buildImage, buildSite, exported } from "./builds.js"
import * as checks from "./checks.js"
import { imageLayout, imageSize } from "./image-layout.js"
import { type Project, registryAccess, settingsOf } from "./project.js"
import { registryOf } from "./registry.js"
import { isEmpty, plaintext } from "./secrets.js"
import { commitOf, noSources, nothingLost, type Sources, workingCopy } from "./sources.js"

/** What a preview is called with. */
export interface PreviewCall {
  netlifyToken: Secret
  pullRequest: number
  environment: string
  /** "" for the checkout's. */
  commit: string
  /** Only remove the drafts. */
  close: boolean
}

/** Milliseconds that a fact of the service may take; one of them builds an image. */
const patience = 600_000

/** Puts a draft of a pull request beside what an environment publishes, and tells of it there; or removes it again. */
export async function previewSite(project: Project, call: PreviewCall): Promise<string> {
  const { environment, pullRequest: pull } = call
  if (pull < 1) throw notAPullRequest(pull)
  const settings = await settingsOf(project)
  const place = environmentOf(settings, environment)
  const frontend = siteOf(place)
  const token = await plaintext(call.netlifyToken, "netlify-token", place.secrets.netlify)
  const gitHub = await gitHubFor(project, settings)
  const pulls = gitHub && new GitHubPullRequests(gitHub)
  const { providers, budgets } = settings
  const { site } = frontend
  const host = new NetlifyPreviews(
    {
      ...{ site, token, environment, apiUrl: place.apiUrl, configFile: frontendOf(settings).configFile },
      ...{ api: providers.netlify, seconds: budgets.frontend },
    },
    wallClock,
  )
  if (call.close) return printed(await closed(host, pulls, { pull, site }))
  const [sources, commit] = await Promise.all([
    workingCopy(project.workspace, settings),
    commitOf(project.workspace, call.commit),
  ])
  if (!call.commit) await nothingLost(project.workspace, settings)
  const build = async () => {
    const [artifact, ran, service] = await Promise.all([
      buildSite(sources, commit, settings).then(({ site: files }) => exported(files, commit)),
      Promise.all([checks.frontendTests(sources, settings), checks.frontendLint(sources, settings)]),
      serviceFacts(project, settings, { sources, commit, environment }),
    ])
    return { artifact, checks: ran, ...service }
  }
  const done = await preview(host, pulls, {
    ...{ pull, commit, environment, site, build, run: project.run },
    probe: (url) => probeUntil(url, frontendChecks(frontend, commit), place.probe, { get, clock: wallClock }),
  })
  return printed(done)
}

/** The repository; `undefined` without a token, or with an empty one. */
async function gitHubFor({ githubToken }: Project, settings: Settings) {
  if (!githubToken || (await isEmpty(githubToken))) return undefined
  return gitHubOf(settings, await plaintext(githubToken, "github-token"), wallClock)
}

/** What a deployment of these sources would do to the service's image and schema, against what is live; nothing is asked of a database. */
async function serviceFacts(
  project: Project,
  settings: Settings,
  { sources, commit, environment }: { sources: Sources; commit: string; environment: string },
): Promise<{ image: Known<string>; schema: Known<string> }> {
  const same = (fact: Known<string>) => ({ image: fact, schema: fact })
  if (!environmentOf(settings, environment).backend)
    return same({ known: true, value: `${environment} has no service` })
  const gitHub = await gitHubFor(project, settings)
  if (!gitHub) return same({ known: false, why: "there is no --github-token to ask what is live with" })
  const who = { who: "GitHub", milliseconds: patience }
  const live = await asked(async () => {
    const attempts = await new GitHubLedger(gitHub).list(Component.Backend, environment, () => true)
    return attempts.find(({ verdict }) => verdict === Verdict.Success)
  }, who)
  if (!live.known) return same(live)
  const { value: attempt } = live
  if (!attempt) return same({ known: false, why: `the ledger says of nothing that it is live in ${environment}` })
  const distance = await asked(() => gitHub.distance(commit, attempt.commit), who)
  if (!distance.known) return same(distance)
  const { files, isCut } = distance.value
  if (!isCut && !files.some(serviceFiles(settings)))
    return same({
      known: true,
      value: `unchanged since ${attempt.commit.slice(0, 7)}, which is live in ${environment}`,
    })
  const [image, schema] = await Promise.all([
    asked(() => imageChange(project, settings, { sources, commit, attempt, environment }), {
      ...who,
      who: "the build",
    }),
    asked(() => schemaChange(sources, attempt), { ...who, who: "the build" }),
  ])
  return { image, schema }
}

async function imageChange(
  project: Project,
  settings: Settings,
  {
    sources,
    commit,
    attempt,
    environment,
  }: { sources: Sources; commit: string; attempt: Attempt; environment: string },
): Promise<string> {
  const { imageBudgetMegabytes: budget, platforms } = backendOf(settings)
  const [platform = ""] = platforms
  const image = await buildImage(sources, commit, settings)
  const [layout] = (await imageLayout([{ platform, image }], "")).platforms
  if (!layout) throw new Error("an image has a platform")
  const built = await imageSize(layout, budget)
  const before = await asked(
    async () => {
      const { repository, digest } = imageNamed(attempt.id)
      const there = await registryOf(repository, registryAccess(project, settings), wallClock)
      const listed = (await there.image(digest))?.platforms.find((it) => it.platform === platform)
      const manifest = listed && (await there.manifest(listed.digest))
      if (!manifest) throw new Error(`the registry has no ${digest.slice(0, 19)} of ${platform}`)
      return imageBudget(manifest.text, "", budget).bytes
    },
    { who: "the registry", milliseconds: 30_000 },
  )
  return `${sizeChange(built.bytes, before, environment)}; ${built.passed ? "within" : "OVER"} the budget of ${budget} MB`
}

/** By the revision files and the ledger alone. */
async function schemaChange({ backend = noSources() }: Sources, { schema, commit }: Attempt): Promise<string> {
  const revisions = await revisionsIn(backend)
  if (revisions.length === 0) return "the service has no revisions"
  const to = headOf(revisions)
  if (schema === "")
    return `newest revision ${to}; whether a database has it is not known, for ${commit.slice(0, 7)} was deployed without one`
  const steps = stepsBetween(revisions, schema, to)
  const titles = steps.map(({ revision, title }) => `${revision} is "${title}"`)
  return [describedPlan({ from: schema, to, steps }), ...titles].join("; ")
}
