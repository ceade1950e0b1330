import { z } from "zod"
import type { Clock } from "../../clock.js"
import { commitIn, isThatCommit } from "../../deployment/health-probe.js"
import type { Candidate, Host, Live, Restored } from "../../deployment/host.js"
import { vanished } from "../../deployment/host-errors.js"
import { type ImageArtifact, imageNamed, isCommit, isPinned, pinned, type Release } from "../../deployment/release.js"
import type { CommitPlace } from "../../settings/settings-types.js"
import { get } from "../endpoint.js"
import { filesOf } from "../files.js"
import { Pullable } from "../registry/registry.js"
import { growing } from "../request.js"
import { imageNotPullable, notOurs, overtaken } from "./errors.js"
import { type SpaceAddress, SpaceApi } from "./space-api.js"
import { changes, imageFiles, imageIn, type SpaceFiles, sourceFiles, withReadmeOf } from "./space-files.js"
import { from, SpaceRepository } from "./space-repository.js"
import { isDown, SpaceRuntime } from "./space-runtime.js"
import { SpaceVariables } from "./space-variables.js"

export interface HuggingFaceSettings extends SpaceAddress {
  /** Title shown on the Space's page. */
  title: string
  /** Port the app listens on in its container. */
  port: number
  /** Where the service tells its commit; `undefined` where it does not, and the Space's own revision has to. */
  commitAt: CommitPlace | undefined
  /** Whole seconds that build and start may take together. */
  seconds: number
  /** Whole seconds in which an error stage may still be the one from before our commit. */
  graceSeconds: number
}

export interface SpaceExtras {
  /** A second Space in which a version is proven before this one gets it. */
  candidate?: HuggingFaceHost
  /** Whether the Space's builder can pull `repository@sha256:…`; asked before anything changes. See registry.ts. */
  pullable?: (image: string) => Promise<Pullable>
  /** Public settings of the app; set before the commit, and only when they differ. */
  variables?: Record<string, string>
  /** Secret settings of the app; set before the commit, and only when they differ. */
  secrets?: Record<string, string>
  /** Whether the Space gets the files that the image is built from, because it cannot pull the image. */
  source?: boolean
  /** Whole seconds after which a Space that makes no progress is restarted from scratch, once. 300 unless given. */
  stuckSeconds?: number
}

const Info = z.object({
  id: z.string().nullish(),
  sha: z.string(),
  host: z.string().nullish(),
  subdomain: z.string().nullish(),
})
type Info = z.infer<typeof Info>

/** What the Space is to hold, given the README that lies there. */
type FilesFor = (there: string) => SpaceFiles

/**
 * One Docker Space. Its Dockerfile names an image by digest, so the image that was tested is the one that runs; or, with `source`, it
 * builds the files that the tested image was built from.
 */
export class HuggingFaceHost implements Host<ImageArtifact> {
  /** What the Hub calls the Space; another name than in the settings when it was renamed. */
  private name: string

  private readonly api: SpaceApi
  private readonly repository: SpaceRepository
  private readonly runtime: SpaceRuntime
  private readonly variables: SpaceVariables

  constructor(
    private readonly settings: HuggingFaceSettings,
    clock: Clock,
    private readonly more: SpaceExtras = {},
  ) {
    const { variables = {}, secrets = {}, stuckSeconds = 300 } = more
    this.name = settings.space
    this.api = new SpaceApi(settings, clock)
    this.repository = new SpaceRepository(this.api)
    this.runtime = new SpaceRuntime(this.api, { ...settings, stuckSeconds })
    this.variables = new SpaceVariables(this.api, { variables, secrets })
  }

  /** Whether the Space has the variables and secrets already, as far as the Hub shows that. */
  isConfigured(): Promise<boolean> {
    return this.variables.areThere()
  }

  idOf(release: Release<ImageArtifact>): string {
    return pinned(release.artifact)
  }

  async live(): Promise<Live | undefined> {
    const [info, runtime] = [await this.info(), await this.runtime.now()]
    if (isDown(runtime)) return undefined
    // While nothing runs yet, or again, the newest revision is what visitors are about to get.
    const revision = runtime.sha ?? info.sha
    const id = imageIn(await this.repository.text(revision, "Dockerfile")) ?? `revision ${revision}`
    const url = this.address(info)
    return { id, commit: await this.commitOf(url, revision), url, locked: false }
  }

  /** The pinned image in the revision that the Space at this address runs; "" when none runs, or another Space is there. */
  async imageAt(url: string): Promise<string> {
    const info = await this.info()
    if (this.address(info) !== url) return (await this.more.candidate?.imageAt(url)) ?? ""
    const { sha } = await this.runtime.now()
    return (sha && imageIn(await this.repository.text(sha, "Dockerfile"))) || ""
  }

  /** A Space serves one version at a time; with a second Space the candidate runs there. */
  async place(release: Release<ImageArtifact>): Promise<Candidate | undefined> {
    const image = pinned(release.artifact)
    await this.variables.pending()
    const files = (await this.filesOf(release))("")
    if (this.more.source) await this.repository.mustTakeAll(files)
    const found = (await this.more.pullable?.(image)) ?? Pullable.Yes
    if (found !== Pullable.Yes) throw imageNotPullable(image, found)
    return this.more.candidate?.publish(release)
  }

  async publish(release: Release<ImageArtifact>): Promise<Live> {
    await this.variables.configure()
    const { live } = await this.serve(pinned(release.artifact), `Deploy ${release.commit}`, await this.filesOf(release))
    return live
  }

  async restore(earlier: Live): Promise<Restored> {
    if (!isPinned(earlier.id)) throw notOurs(earlier.id)
    const summary = `Restore ${earlier.commit || earlier.id}`
    const content = this.content(earlier.id, earlier.commit)
    if (!this.more.source) return this.serve(earlier.id, summary, (there) => imageFiles(content, "", there))
    const revision = await this.repository.revisionOf(earlier.id)
    if (!revision) throw vanished(`the history of the Space ${this.settings.space}`, earlier.id)
    const files = await this.repository.filesAt(revision)
    return this.serve(earlier.id, summary, (there) => withReadmeOf(files, there))
  }

  /** Without `source` the Hub keeps no images: whether the registry still has one is for `pullable` to say. */
  async has(id: string): Promise<boolean> {
    if (!isPinned(id)) return false
    if (this.more.source) return (await this.repository.revisionOf(id)) !== undefined
    return ((await this.more.pullable?.(id)) ?? Pullable.Yes) === Pullable.Yes
  }

  /** What is needed to serve `id` elsewhere as well. */
  async artifact(id: string): Promise<ImageArtifact> {
    if (!this.more.source) return imageNamed(id)
    const revision = await this.repository.revisionOf(id)
    if (!revision) throw vanished(`the history of the Space ${this.settings.space}`, id)
    return { ...imageNamed(id), context: await this.repository.filesAt(revision) }
  }

  private async serve(image: string, summary: string, files: FilesFor): Promise<Restored> {
    const { revision, committed } = await this.settle(image, summary, files)
    const running = await this.runtime.now()
    const moved = committed || !(running.stage === "RUNNING" && running.sha === revision)
    if (moved) await this.runtime.untilRunning(revision, committed)
    const url = this.address(await this.info())
    return { live: { id: image, commit: await this.commitOf(url, revision), url, locked: false }, moved }
  }

  private content(image: string, commit: string) {
    const { title, port } = this.settings
    return { image, commit, title, port }
  }

  private async filesOf({ artifact, commit }: Release<ImageArtifact>): Promise<FilesFor> {
    const content = this.content(pinned(artifact), commit)
    if (!this.more.source) return (there) => imageFiles(content, artifact.readme, there)
    const context = await filesOf(artifact.context ?? new Map())
    return (there) => sourceFiles(context, content, there)
  }

  /** The revision that serves `image`: the newest one if it does already, else a new commit on top of it. */
  private async settle(
    image: string,
    summary: string,
    filesFor: FilesFor,
  ): Promise<{ revision: string; committed: boolean }> {
    for (let attempt = 1; ; attempt++) {
      const { sha } = await this.info()
      const files = filesFor(await this.repository.text(sha, "README.md"))
      const there = this.more.source ? await this.repository.tree(sha) : []
      const needed = this.more.source ? changes(files, there) : { written: [...files.keys()], deleted: [] }
      const isThere = this.more.source
        ? needed.written.length + needed.deleted.length === 0
        : imageIn(await this.repository.text(sha, "Dockerfile")) === image
      if (isThere) return { revision: sha, committed: attempt > 1 }
      if (attempt === 4) throw overtaken(this.settings.space)
      const title = this.more.source ? summary + from(image) : summary
      const revision = await this.repository.commit(title, sha, files, needed)
      if (revision) return { revision, committed: true }
      await this.api.clock.sleep(growing(attempt))
    }
  }

  private async info(): Promise<Info> {
    const info = await this.api.read(this.api.path, Info)
    this.name = info.id ?? this.settings.space
    return info
  }

  /** What is to be said of how the Hub answered, a sentence each. */
  notes = (): string[] =>
    this.name.toLowerCase() === this.settings.space.toLowerCase()
      ? []
      : [
          `The Space ${this.settings.space} is named ${this.name} now: write the new name in the settings, for the old one may be given to another Space`,
        ]

  private address({ host, subdomain }: Info): string {
    return host || `https://${subdomain}.hf.space`
  }

  /**
   * The commit that the service tells. One that sleeps, is unhealthy or tells none, or only its short name: the one that was written
   * when it was deployed.
   */
  private async commitOf(url: string, revision: string): Promise<string> {
    const { commitAt } = this.settings
    const answer = commitAt && (await get(url.replace(/\/+$/, "") + commitAt.path))
    const told =
      (answer?.kind === "answered" && answer.status === 200 && commitIn(answer, commitAt as CommitPlace)) || ""
    if (isCommit(told)) return told
    const written = await this.repository.commitInTitle(revision)
    return told === "" || isThatCommit(told, written) ? written : ""
  }
}
