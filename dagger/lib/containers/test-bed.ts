import { type Container, type Directory, dag, ReturnType, type Service } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { databaseScheme } from "../database/database-url.js"
import { headOf, schemaState } from "../database/migration.js"
import { type ImageArtifact, pinned } from "../deployment/release.js"
import { isTest } from "../init/repository.js"
import { SiteArchive } from "../providers/registry/site-archive.js"
import { type Dependencies, type RehearsalDatabase, Version } from "../rehearsal/rehearsal.js"
import type { MigrationSettings } from "../settings/settings.js"
import type { BackendSettings } from "../settings/settings-types.js"
import { currentRevision, ownDatabase, type Revisions, revisionsFrom, upgrade } from "./alembic.js"
import { imageLayout } from "./image-layout.js"
import { ownRegistry, push, registryOf } from "./registry.js"
import { runner } from "./space.js"

/** What a service needs of a database. */
export interface DatabaseNeed {
  /** Of its address, such as `postgresql+psycopg`; "" where it has none. */
  scheme: string
  /** Of its schema; `undefined` for none. */
  revisions: Revisions | undefined
}

/** Most files that are read to find out. */
const most = 500

/** Whether a service reads a database's address, with which driver, and whether it has a schema. */
export async function databaseNeedOf(source: Directory, { databaseVariable }: BackendSettings): Promise<DatabaseNeed> {
  const [found, code, lists] = await Promise.all([
    revisionsFrom(source),
    source.glob("**/*.py"),
    source.glob("{*.txt,requirements/*.txt,pyproject.toml,uv.lock,poetry.lock,pdm.lock,Pipfile}"),
  ])
  const revisions = found.revisions.length > 0 ? found : undefined
  const own = code.filter((path) => !isTest(path)).slice(0, most)
  const textOf = (path: string) =>
    source
      .file(path)
      .contents()
      .catch(() => "")
  const [texts, packages] = await Promise.all([Promise.all(own.map(textOf)), Promise.all(lists.map(textOf))])
  const reads = texts.some((text) => text.toLowerCase().includes(databaseVariable.toLowerCase()))
  return { scheme: revisions || reads ? databaseScheme(packages.join("\n")) : "", revisions }
}

/** A registry and a database for each environment, all empty; they run until `close`. */
export class TestBed {
  private readonly files = new Map<string, Directory>()

  private constructor(
    private readonly registry: Service,
    private readonly databases: Record<string, Service>,
    private readonly need: DatabaseNeed,
  ) {}

  /** @param environments that get a database, where the service needs one. */
  static async build(environments: string[], need: DatabaseNeed): Promise<TestBed> {
    const databases = (need.scheme ? environments : []).map((name) => [hostOf(name), ownDatabase(name)] as const)
    const [registry] = await Promise.all([ownRegistry().start(), ...databases.map(([, service]) => service.start())])
    return new TestBed(registry, Object.fromEntries(databases), need)
  }

  run = (port: number) => runner(this.registry, port, this.databases)

  /** The files of an image that was pushed. */
  filesOf = (image: ImageArtifact): Directory => this.files.get(image.digest) ?? dag.directory()

  /** Builds a version of the backend with `build`, and pushes it. */
  async image(
    source: Directory,
    commit: string,
    version: Version,
    { port }: BackendSettings,
    build: (source: Directory) => Promise<Container>,
  ): Promise<ImageArtifact> {
    const changed = version === Version.Contract || version === Version.Later
    const image = await build(changed && this.need.revisions ? withContractStep(source, this.need.revisions) : source)
    const rehearsed = version === Version.Broken ? await broken(image, port) : image
    const layout = await imageLayout([{ platform: "linux/amd64", image: rehearsed }], "")
    const repository = "registry:5000/rehearsal/backend"
    await push(layout, await registryOf(repository, { user: "", hosts: [], service: this.registry }, wallClock), commit)
    this.files.set(layout.manifest.digest, layout.files)
    return { repository, digest: layout.manifest.digest }
  }

  /** Keeps built sites in the same registry. */
  async archive(source: string): Promise<SiteArchive> {
    const repository = "registry:5000/rehearsal/site"
    const there = await registryOf(repository, { user: "", hosts: [], service: this.registry }, wallClock, "site")
    return new SiteArchive(there, { repository, source, publicKey: "", hasToken: false }, wallClock)
  }

  /** @param settingsOf what the migrations of an environment get. */
  database =
    (settingsOf: (environment: string) => MigrationSettings): NonNullable<Dependencies["database"]> =>
    (environment): RehearsalDatabase => {
      const { databaseVariable: variable, env } = settingsOf(environment)
      const service = { name: hostOf(environment), service: this.databases[hostOf(environment)] as Service }
      const pulled = (image: ImageArtifact) => dag.container().from(pinned(image), { registryService: this.registry })
      const url = `${this.need.scheme}://postgres:rehearsal@${hostOf(environment)}:5432/${environment}`
      const database = { url: dag.setSecret(`database of ${environment}`, url), variable, env, service }
      if (!this.need.revisions)
        return {
          url,
          upgrade: async () => "the service has no schema revisions",
          head: async () => "",
          state: async () => ({ database: "", known: [], between: [] }),
        }
      const revisions = async (image: ImageArtifact) => (await revisionsFrom(pulled(image).directory("."))).revisions
      return {
        url,
        upgrade: (image, allowContract) => upgrade(pulled(image), database, allowContract),
        head: async (image) => headOf(await revisions(image)),
        state: async (image, newest) => {
          const [current, known, all] = await Promise.all([
            currentRevision(pulled(newest), database),
            revisions(image),
            revisions(newest),
          ])
          return schemaState(current, known, all)
        },
      }
    }

  async close(): Promise<void> {
    const all = [this.registry, ...Object.values(this.databases)]
    await Promise.allSettled(all.map((service) => service.stop({ kill: true })))
  }
}

const hostOf = (environment: string) => `database-${environment}`

/** Answers 503 to everything, as an app that has lost what it needs. */
const answers503 = (port: number) => `
from http.server import BaseHTTPRequestHandler, HTTPServer
class Broken(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"status": "down"}')
    do_POST = do_PUT = do_OPTIONS = do_HEAD = do_GET
HTTPServer(("", ${port}), Broken).serve_forever()
`

/** An image of the same layers that starts and answers 503; one without Python ends at once. */
async function broken(image: Container, port: number): Promise<Container> {
  const bare = image.withEntrypoint([])
  for (const python of ["python", "python3"]) {
    const found = await bare
      .withExec([python, "-c", ""], { expect: ReturnType.Any })
      .exitCode()
      // There is no such program.
      .catch(() => 127)
    if (found === 0) return bare.withDefaultArgs([python, "-c", answers503(port)])
  }
  return bare.withDefaultArgs(["/rehearsal/no-such-program"])
}

/** The backend with one more revision: a contract step, which earlier versions can't work with. */
function withContractStep(source: Directory, { revisions, folders }: Revisions): Directory {
  return source.withNewFile(
    `${folders[0] ?? "migrations/versions"}/9999_rehearsal.py`,
    `"""Drop a table that is no longer used."""

from alembic import op

revision = "9999"
down_revision = "${headOf(revisions, folders)}"
deployment_class = "contract"


def upgrade() -> None:
    op.execute("DROP TABLE IF EXISTS rehearsal_leftover")


def downgrade() -> None:
    pass
`,
  )
}
