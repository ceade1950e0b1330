import { type Container, type Directory, dag, type Platform, type Service } from "@dagger.io/dagger"
import { Origin, type SlowStep } from "../cache/slow-step.js"
import { needsSources, packagesLine, restBesideSources } from "../cache/told.js"
import { type Licensed, pipLicences } from "../checks/licences.js"
import { measured } from "../checks/python-project.js"
import { requirementFiles } from "../checks/requirements.js"
import type { BackendSettings } from "../settings/settings-types.js"
import { originIn, ranSlowly, type SlowRan } from "./exec.js"
import { withModesOfGit } from "./git.js"
import { type PackageSource, take } from "./packages.js"
import {
  all,
  bare,
  type Described,
  described,
  packagesOf,
  placesOf,
  withCaches,
  withEnvironment,
} from "./service-packages.js"
import { type Around, only } from "./sources.js"
import { withVariables } from "./system.js"

/** A backend with its packages, test tools and sources in place. */
export interface Installed extends Described {
  container: Container
  /** Folder of the sources in the container. */
  workdir: string
  /** Where the packages came from, for the summary; "" where no cache was asked. */
  packages: string
  /** What the install did, or a cache spared it. */
  steps: SlowStep[]
}

/**
 * Installs the packages, as far as it goes before the sources come, so that an edit of a source reuses them: by the lock file of uv, Poetry
 * or PDM, else by the requirements, else as pyproject.toml says; with the extras and groups for tests.
 * @param around where a workspace's lock file and a release of Python are looked for above the service.
 * @param cache where what goes before the sources may be already.
 */
export async function installed(
  source: Directory,
  settings: BackendSettings,
  around: Around = {},
  cache?: PackageSource,
): Promise<Installed> {
  const known = await described(source, settings, around)
  const { plan, root } = known
  const { at, workdir } = placesOf(known, settings)
  // Without such commands there is nothing to keep.
  const asked = plan.early.length > 0 ? cache : undefined
  const { container: taken, told, origin } = await take(packagesOf(known, settings), asked)
  const container = await all(withCaches(taken, plan).withDirectory(at, root), plan.late, known)
  const rest = origin === Origin.Registry && plan.late.length > 0 ? [restBesideSources] : []
  const step = (name: string, from: SlowStep["origin"]): SlowStep => ({ component: "backend", name, origin: from })
  return {
    ...known,
    steps: [
      ...(plan.equip.length + plan.early.length > 0 ? [step("packages", origin)] : []),
      ...(plan.late.length > 0 ? [step("what the sources install", await originIn(container))] : []),
    ],
    workdir,
    container: withVariables(container, settings.env),
    packages: cache && !asked ? packagesLine("backend", needsSources) : [told, ...rest].join("; "),
  }
}

/**
 * Packages that the service needs to run, without those for tests.
 * @param cache where the packages may be already; those of requirements files are installed, because it has them with those for tests.
 */
export async function licences(
  source: Directory,
  settings: BackendSettings,
  around: Around = {},
  cache?: PackageSource,
): Promise<Licensed[]> {
  const known = await described(source, settings, around)
  const { running } = requirementFiles(known.names)
  const [file] = known.plan.lockFile || settings.install.length > 0 ? [] : running
  const base = withEnvironment(bare(`python:${known.tag}`))
  const local = file && Object.values(known.requirements).some((it) => it.local)
  const container =
    file && !local && !known.named
      ? await all(
          base.withDirectory(".", only(source, Object.keys(known.requirements))),
          [["pip", "install", "-r", file]],
          known,
        )
      : (await installed(source, settings, around, cache)).container
  return pipLicences(await container.withExec(["pip", "inspect", "--local"]).stdout(), "the list of pip")
}

/** What is written into an image beside its files, by the names of the OCI image specification. */
export type ImageLabels = {
  title: string
  source: string
  revision: string
  version: string
  /** When the commit was made, not the image: the same commit gives the same label. */
  created: string
}

/** How an image is built. */
export interface ImageBuild {
  labels: ImageLabels
  dockerfile?: string
  /** Such as linux/amd64. The engine would take its own machine's. */
  platform: string
}

/** The runtime image, built from the project's own Dockerfile, with the commit that it answers to. @param context what the build sees. */
export function image(context: Directory, { labels, dockerfile = "Dockerfile", platform }: ImageBuild): Container {
  const built = withModesOfGit(context).dockerBuild({
    dockerfile,
    platform: platform as Platform,
    buildArgs: [{ name: "COMMIT", value: labels.revision }],
  })
  return Object.entries(labels).reduce(
    (container, [name, value]) => (value ? container.withLabel(`org.opencontainers.image.${name}`, value) : container),
    built,
  )
}

/** pytest with coverage of the package, as Cobertura XML, and JUnit XML. Code 5 means that there was no test. */
export async function tests(
  source: Directory,
  settings: BackendSettings,
  service = installed(source, settings),
): Promise<SlowRan> {
  const [{ container, project, names, texts }, modules] = await Promise.all([service, source.glob("*/__init__.py")])
  // A report that came with the sources must not pass for one of this run.
  const fresh = container.withoutFiles([settings.junit, settings.coverage])
  const packages = modules.map((path) => path.split("/", 1)[0] ?? "")
  const sources = names.includes("src") ? ["src"] : packages
  const ini = [texts["pytest.ini"], texts["tox.ini"], texts["setup.cfg"], texts[".coveragerc"]].join("\n")
  const outputs = [`--junitxml=${settings.junit}`, `--cov-report=xml:${settings.coverage}`]
  return ranSlowly(settings.testDatabase ? withDatabase(fresh, settings) : fresh, [
    ...["python", "-m", "pytest", ...measured(sources, project, ini), ...outputs],
  ])
}

/** A variable of the settings keeps its value: a project may need the address in another form. */
function withDatabase(container: Container, { databaseVariable, env }: BackendSettings): Container {
  const bound = container.withServiceBinding("database", testDatabase())
  return databaseVariable in env
    ? bound
    : bound.withEnvVariable(databaseVariable, "postgresql://postgres:postgres@database:5432/test")
}

/** An empty PostgreSQL for one run of the tests. */
const testDatabase = (): Service =>
  dag
    .container()
    .from("postgres:17")
    .withEnvVariable("POSTGRES_DB", "test")
    .withEnvVariable("POSTGRES_PASSWORD", "postgres")
    .withExposedPort(5432)
    .asService({ useEntrypoint: true })
