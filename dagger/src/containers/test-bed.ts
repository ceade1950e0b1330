import { type Container, type Directory, dag, type Service } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { headOf, schemaState } from "../database/migration.js"
import { type ImageArtifact, pinned } from "../deployment/release.js"
import { SiteArchive } from "../providers/registry/site-archive.js"
import { type Dependencies, Version } from "../rehearsal/rehearsal.js"
import { currentRevision, ownDatabase, revisionsIn, upgrade } from "./alembic.js"
import { imageLayout } from "./image-layout.js"
import { ownRegistry, push, registryOf } from "./registry.js"
import { runner } from "./space.js"

/** A registry and a database for each environment, all empty; they run until `close`. */
export class TestBed {
  private constructor(
    private readonly registry: Service,
    private readonly databases: Record<string, Service>,
  ) {}

  static async build(environments: string[]): Promise<TestBed> {
    const databases = environments.map((name) => [hostOf(name), ownDatabase(name)] as const)
    const [registry] = await Promise.all([ownRegistry().start(), ...databases.map(([, service]) => service.start())])
    return new TestBed(registry, Object.fromEntries(databases))
  }

  run = (port: number) => runner(this.registry, port, this.databases)

  /** Builds a version of the backend with `build`, and pushes it. */
  async image(
    source: Directory,
    commit: string,
    version: Version,
    build: (source: Directory) => Promise<Container>,
  ): Promise<ImageArtifact> {
    const changed = version === Version.Contract || version === Version.Later
    const image = await build(changed ? await withContractStep(source) : source)
    const changedImage = version === Version.Broken ? image.withEnvVariable("QDRANT_URL", "http://127.0.0.1:9") : image
    const repository = "registry:5000/rehearsal/backend"
    const layout = await imageLayout([{ platform: "linux/amd64", image: changedImage }], "")
    await push(layout, await registryOf(repository, { user: "", service: this.registry }, wallClock), commit)
    return { repository, digest: layout.manifest.digest }
  }

  /** Keeps built sites in the same registry. */
  async archive(source: string): Promise<SiteArchive> {
    const repository = "registry:5000/rehearsal/site"
    const there = await registryOf(repository, { user: "", service: this.registry }, wallClock, "site")
    return new SiteArchive(there, { repository, source, publicKey: "", hasToken: false }, wallClock)
  }

  database: Dependencies["database"] = (environment) => {
    const url = `postgresql+psycopg://postgres:rehearsal@${hostOf(environment)}:5432/${environment}`
    const service = { name: hostOf(environment), service: this.databases[hostOf(environment)] as Service }
    const database = {
      url: dag.setSecret(`database of ${environment}`, url),
      variable: "DATABASE_URL",
      env: {},
      service,
    }
    const pulled = (image: ImageArtifact) => dag.container().from(pinned(image), { registryService: this.registry })
    const revisions = (image: ImageArtifact) => revisionsIn(pulled(image).directory("."))
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

/** The backend with one more revision: a contract step, which earlier versions can't work with. */
async function withContractStep(source: Directory): Promise<Directory> {
  const head = headOf(await revisionsIn(source))
  return source.withNewFile(
    "migrations/versions/9999_rehearsal.py",
    `"""Drop a table that is no longer used."""

from alembic import op

revision = "9999"
down_revision = "${head}"
deployment_class = "contract"


def upgrade() -> None:
    op.execute("DROP TABLE IF EXISTS rehearsal_leftover")


def downgrade() -> None:
    pass
`,
  )
}
