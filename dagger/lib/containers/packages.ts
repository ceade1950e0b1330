import { type Container, type Directory, dag } from "@dagger.io/dagger"
import { digestIn, type PackageKind, type Recipe, sha256 } from "../cache/recipe.js"
import type { Origin } from "../cache/slow-step.js"
import { wallClock } from "../clock.js"
import { isoWeek } from "../metrics/iso-week.js"
import { originIn } from "./exec.js"

/** Packages that can be installed, and what decides which. */
export interface Installable {
  kind: PackageKind
  recipe(): Promise<Recipe>
  /** Installs them; the last of its commands is stamped. @throws PipelineError that says why they can't be. */
  build(): Promise<Container>
}

/** Installed packages, and a line for the summary on where they came from; "" where no cache was asked. */
export interface Packages {
  container: Container
  told: string
  origin: Origin
}

/** Where installed packages come from. */
export interface PackageSource {
  take(packages: Installable): Promise<Packages>
}

/** The packages from a cache where there is one and it has them, else installed. */
export const take = async (packages: Installable, cache?: PackageSource): Promise<Packages> =>
  cache ? cache.take(packages) : { ...(await installedNow(packages)), told: "" }

/** Packages as they are installed without another cache than the engine's. */
export async function installedNow({ build }: Installable): Promise<Omit<Packages, "told">> {
  const container = await build()
  return { container, origin: await originIn(container) }
}

/** The parts of a recipe, as the code that installs knows them. */
export interface Ingredients {
  kind: PackageKind
  /** Such as node:24-slim. */
  image: string
  /** The files that the install reads, and no other. */
  files: Directory
  /** Path of the lock file among them; "" without one. */
  lock: string
  /** Where they lie in the container. */
  folder: string
  /** Where the commands run. */
  workdir: string
  commands: string[][]
  variables: Record<string, string>
  /** Whether files and commands name the release of all that is installed. */
  isPinned: boolean
}

/** Tools that pip installs by their names alone. What they need is the newest, so a week is as long as they are kept. */
export const ofTools = (kind: PackageKind, image: string, tools: string[]): Ingredients => ({
  ...{ kind, image, files: dag.directory(), lock: "", folder: "/", workdir: "/", variables: {}, isPinned: false },
  commands: [["pip", "install", ...tools]],
})

/** The recipe of an install. Asks the registry which image the tag names today; pulls nothing. */
export async function recipeOf({ image, files, lock, folder, isPinned, ...rest }: Ingredients): Promise<Recipe> {
  const [reference, platform, paths, text] = await Promise.all([
    dag.container().from(image).imageRef(),
    dag.defaultPlatform(),
    files.glob("**"),
    lock ? files.file(lock).contents() : "",
  ])
  const digests = paths.filter((path) => !path.endsWith("/")).map(async (path) => [path, await contentOf(files, path)])
  return {
    ...rest,
    base: digestIn(reference),
    platform,
    files: Object.fromEntries(await Promise.all(digests)),
    lock: lock && sha256(text),
    lockPath: lock && `${folder}/${lock}`,
    week: isPinned ? "" : isoWeek(wallClock.now().getTime()).name,
  }
}

/** What a file holds and whether it may be run; its other permissions are of the machine that checked it out. */
async function contentOf(files: Directory, path: string): Promise<string> {
  const file = files.file(path)
  try {
    const [digest, permissions] = await Promise.all([file.digest({ excludeMetadata: true }), file.stat().permissions()])
    return (permissions & 0o111) === 0 ? digest : `${digest} executable`
  } catch {
    // Such as a link to a folder or to nowhere.
    return files.filter({ include: [path.replace(/[\\*?[\]]/g, "\\$&")] }).digest()
  }
}
