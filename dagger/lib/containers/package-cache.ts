import { type Container, dag, type Platform } from "@dagger.io/dagger"
import { cacheEntryBroken, cacheSilent } from "../cache/errors.js"
import { type Recipe, sha256 } from "../cache/recipe.js"
import { Origin } from "../cache/slow-step.js"
import { distrusted, fromTheCache, noEntry, packagesLine, unpullable, unreadable } from "../cache/told.js"
import { wallClock } from "../clock.js"
import { PackageCache } from "../providers/registry/package-cache.js"
import { registryHost } from "../settings/settings.js"
import type { CacheSettings, Settings } from "../settings/settings-types.js"
import { type Installable, installedNow, type PackageSource } from "./packages.js"
import { type Project, registryAccess } from "./project.js"
import { type RegistryAccess, registryOf, tokenFor } from "./registry.js"
import { isEmpty } from "./secrets.js"
import { span } from "./span.js"

/** The cache of a project, with the access of a call. */
export interface Cache {
  entries: PackageCache
  place: CacheSettings
  access: RegistryAccess
}

/** The cache that the settings name; `undefined` where they name none. A token that is empty is none. */
export async function cacheOf(project: Project, settings: Settings): Promise<Cache | undefined> {
  const { cache: place } = settings
  if (!place) return undefined
  const given = registryAccess(project, settings)
  const access = given.token && !(await isEmpty(given.token)) ? given : { ...given, token: undefined }
  return {
    entries: new PackageCache(await registryOf(place.repository, access, wallClock, "cache"), place),
    place,
    access,
  }
}

/** How long a cache may take before the packages are installed as without it, in milliseconds. */
const patience = { lookUp: 20_000, pull: 180_000 }

/** Takes packages from the cache, and installs what it lacks or what can't be trusted. Writes nothing. */
export const reading = (cache: Cache): PackageSource => ({
  take: async (packages) => {
    const { kind } = packages
    const found = await span(`look up the packages of ${kind}`, () => lookedUp(cache, packages))
    const { container } = found
    const taken = container ? { container, origin: Origin.Registry } : await installedNow(packages)
    return { ...taken, told: packagesLine(kind, found.what) }
  },
})

async function lookedUp(cache: Cache, packages: Installable): Promise<{ what: string; container?: Container }> {
  const until = wallClock.now().getTime() + patience.lookUp
  let entry = ""
  try {
    const recipe = await within(patience.lookUp, packages.recipe)
    const found = await cache.entries.by(until).find(recipe)
    if (!found.digest) return { what: found.why ? distrusted(cache.entries.nameOf(recipe), found.why) : noEntry }
    entry = cache.entries.nameOf(recipe)
    const container = await within(patience.pull, () => pulled(cache, recipe, found.digest))
    return { what: fromTheCache(entry), container }
  } catch (failure) {
    return { what: entry ? unpullable(entry, failure) : unreadable(failure) }
  }
}

/** An entry with all its layers here. @throws when one is missing or is not what its digest says, or holds another lock file. */
export async function pulled(cache: Cache, recipe: Recipe, digest: string): Promise<Container> {
  const { place, access } = cache
  await authorized(cache)
  const container = dag
    .container({ platform: recipe.platform as Platform })
    .from(`${place.repository}@${digest}`, access.service ? { registryService: access.service } : {})
  if (!recipe.lockPath) return container.sync()
  if (sha256(await container.file(recipe.lockPath).contents()) !== recipe.lock) throw cacheEntryBroken(recipe.lockPath)
  return container
}

/**
 * Gives the engine the token for this call. Beside the chain of a container and not in it: there each token would make another container
 * of it, and what follows would run again.
 */
export async function authorized({ place, access }: Pick<Cache, "place" | "access">): Promise<void> {
  const host = registryHost(place.repository)
  const token = tokenFor(access, host)
  if (token) await dag.container().withRegistryAuth(host, access.user, token).id()
}

/** What an act gives in time. What it does later is of no interest, nor how it fails. */
export async function within<Result>(milliseconds: number, act: () => Promise<Result>): Promise<Result> {
  const running = act()
  running.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(cacheSilent(milliseconds)), milliseconds)
  })
  try {
    return await Promise.race([running, late])
  } finally {
    // Else it would keep the process of the call alive.
    clearTimeout(timer)
  }
}
