import type { KeyObject } from "node:crypto"
import { type Container, dag, ImageLayerCompression } from "@dagger.io/dagger"
import { labelsOf } from "../cache/entry.js"
import { branchUnasked, cacheEntryOdd, cacheNotFilled, cachePushFailed, notOnDefaultBranch } from "../cache/errors.js"
import { pruned, type Remover } from "../cache/pruning.js"
import { keyOf as entryKeyOf, tagOf } from "../cache/recipe.js"
import { causeOf, notKept, packagesLine } from "../cache/told.js"
import { wallClock } from "../clock.js"
import { Order } from "../deployment/release.js"
import { GitHubPackages } from "../providers/github/packages.js"
import { registryHost } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { sanitized, shortened } from "../text/untrusted.js"
import { printed } from "../text/wording.js"
import { gitHubOf } from "../wiring/targets.js"
import { linterBox } from "./backend-lint.js"
import { missingSecret } from "./errors.js"
import { authorized, type Cache, cacheOf, pulled } from "./package-cache.js"
import type { Installable } from "./packages.js"
import { type Project, settingsOf } from "./project.js"
import { keyOf } from "./publication.js"
import { plaintext } from "./secrets.js"
import * as service from "./service-packages.js"
import * as site from "./site-packages.js"
import { committed, type Sources } from "./sources.js"
import { span } from "./span.js"
import * as workflows from "./workflows.js"

/**
 * Keeps in the cache what the checks of the checkout's commit install and the cache lacks, and deletes old entries.
 * @param fromAnyBranch why a commit that the default branch lacks may fill it.
 * @returns a line for each kind of packages. @throws PipelineError when one could not be kept.
 */
export async function warmCache(project: Project, fromAnyBranch: string): Promise<string> {
  const settings = await settingsOf(project)
  const cache = await cacheOf(project, settings)
  if (!cache) return "nothing was kept: the settings name no cache.repository\n"
  if (!project.registryService && !cache.access.token) throw missingSecret("registry-token")
  const key = await keyOf(project.signingKey, cache.place.publicKey, "cache")
  const { commit, sources } = await committed(project.workspace, settings)
  const branch = await mayFill(project, settings, commit, fromAnyBranch)
  await authorized(cache)
  const { wanted, left } = await installables(sources, settings)
  const outcomes = await Promise.all(
    wanted.map(async (packages) => {
      const act = () => kept(cache, packages, key, settings.project.source)
      const said = await span(`keep the packages of ${packages.kind}`, act).then(
        (done) => ({ ...done, failed: false }),
        (failure: unknown) => ({ line: causeOf(failure), tag: "", failed: true }),
      )
      return { ...said, line: packagesLine(packages.kind, said.line) }
    }),
  )
  const failed = outcomes.filter((it) => it.failed)
  if (failed.length > 0) throw cacheNotFilled(failed.map(({ line }) => line))
  const remover = await removerOf(project, settings, cache)
  const inUse = outcomes.map(({ tag }) => tag)
  const old = await pruned(remover, inUse).catch((failure: unknown) => [
    `old entries were not looked for: ${causeOf(failure)}`,
  ])
  return printed([branch, ...outcomes.map(({ line }) => line), ...left, ...old].join("\n"))
}

/** @returns what was found of the commit. @throws PipelineError when it may not fill the cache, or nobody can say. */
async function mayFill(project: Project, settings: Settings, commit: string, fromAnyBranch: string): Promise<string> {
  const reason = shortened(sanitized(fromAnyBranch).trim().replace(/\s+/g, " "), 200)
  if (reason) return `not asked whether the default branch has ${commit.slice(0, 7)}: ${reason}`
  if (!project.githubToken) throw branchUnasked()
  const gitHub = gitHubOf(settings, await plaintext(project.githubToken, "github-token"), wallClock)
  const branch = await gitHub.defaultBranch()
  const order = await gitHub.order(commit, branch)
  if (order !== Order.Same && order !== Order.Older) throw notOnDefaultBranch(commit, branch)
  return `${branch} has ${commit.slice(0, 7)}`
}

/** What the checks install before they look at a source, and a line for what can't be kept. */
interface Installables {
  wanted: Installable[]
  left: string[]
}

async function installables(sources: Sources, settings: Settings): Promise<Installables> {
  const [pages, installs] = await Promise.all([
    settings.frontend && sources.frontend && site.described(sources.frontend, settings.frontend, sources),
    servicePackages(sources, settings),
  ])
  const linters = await workflows.linterBoxes(sources.workflows, sources.context, settings)
  return { ...installs, wanted: [...(pages ? [pages.packages] : []), ...installs.wanted, ...linters] }
}

async function servicePackages(sources: Sources, settings: Settings): Promise<Installables> {
  if (!settings.backend || !sources.backend) return { wanted: [], left: [] }
  const known = await service.described(sources.backend, settings.backend, sources)
  const linters = await linterBox(known, settings.backend, settings.lint, sources.above ?? dag.directory())
  const isKept = known.plan.early.length > 0
  return {
    wanted: [...(isKept ? [service.packagesOf(known, settings.backend)] : []), ...(linters ? [linters] : [])],
    left: isKept ? [] : [packagesLine("backend", notKept)],
  }
}

/** Pushes the packages of one kind unless the cache has them whole. @returns what was done, and the entry's tag. */
async function kept(
  cache: Cache,
  packages: Installable,
  key: KeyObject | undefined,
  source: string,
): Promise<{ line: string; tag: string }> {
  const { entries, access } = cache
  const recipe = await packages.recipe()
  const tag = tagOf(recipe, entryKeyOf(recipe))
  const name = entries.nameOf(recipe)
  const found = await entries.find(recipe)
  // Pulled, because nothing else tells whether it is whole.
  const why = found.digest ? await pulled(cache, recipe, found.digest).then(() => "", causeOf) : found.why
  if (found.digest && !why) return { tag, line: `${name} has them` }
  const labels = Object.entries(labelsOf(recipe, source, wallClock.now()))
  const labelled = labels.reduce((it: Container, [label, value]) => it.withLabel(label, value), await packages.build())
  const pushed = await labelled
    .publish(name, {
      forcedCompression: ImageLayerCompression.Zstd,
      ...(access.service && { registryService: access.service }),
    })
    .catch((failure: unknown) => {
      throw cachePushFailed(name, causeOf(failure))
    })
  const digest = pushed.split("@")[1] ?? ""
  if (key) await entries.sign(digest, key)
  const now = await entries.findPushed(recipe, wallClock)
  if (!now.digest) throw cacheEntryOdd(name, now.why)
  const done = now.digest === digest ? `pushed ${name}` : `${name} has them: another run pushed it at the same time`
  return { tag, line: why ? `${done}; what was there is not used: ${why}` : done }
}

/** Who deletes old entries: GitHub for its own registry, which does not do it itself. */
async function removerOf(project: Project, settings: Settings, { place, entries, access }: Cache): Promise<Remover> {
  const host = registryHost(place.repository)
  const secret = project.githubToken ?? access.token
  if (host !== "ghcr.io" || access.service || !secret) return entries.remover()
  const token = await plaintext(secret, "github-token")
  const repository = place.repository.slice(host.length + 1)
  return new GitHubPackages({ api: settings.providers.gitHub, token, repository }, wallClock)
}
