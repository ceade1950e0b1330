import { isUtf8 } from "node:buffer"
import pLimit from "p-limit"
import { z } from "zod"
import type { Clock } from "../../clock.js"
import {
  answerUnreadable,
  buildFailed,
  filesTooHeavy,
  hostRefused,
  imageNotPullable,
  namesCollide,
  notOurs,
  overtaken,
  spacePaused,
  tooSlow,
  vanished,
} from "../../deployment/errors.js"
import { commitIn, isThatCommit } from "../../deployment/health-probe.js"
import type { Candidate, Host, Live, Restored } from "../../deployment/host.js"
import { type ImageArtifact, imageNamed, isCommit, isPinned, pinned, type Release } from "../../deployment/release.js"
import type { CommitPlace } from "../../settings/settings-types.js"
import { nextPage, quoted } from "../address.js"
import { get } from "../endpoint.js"
import { filesOf } from "../netlify/site-files.js"
import { Pullable } from "../registry/registry.js"
import { accepted, type Call, growing, insist, NoReply, type Reply } from "../request.js"
import { collisions, type Writes, writesFor } from "./space-environment.js"
import { changes, imageFiles, imageIn, type SpaceFiles, sourceFiles, type TreeFile } from "./space-files.js"

export interface HuggingFaceSettings {
  /** `owner/name` of the Space. */
  space: string
  token: string
  /** Title shown on the Space's page. */
  title: string
  /** Port the app listens on in its container. */
  port: number
  /** Where the service tells its commit; `undefined` where it does not, and the Space's own revision has to. */
  commitAt: CommitPlace | undefined
  /** Origin of the Hub; another one only for a stand-in. */
  hub: string
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
const Runtime = z.object({ stage: z.string(), sha: z.string().nullish(), errorMessage: z.string().nullish() })
const time = z
  .string()
  .nullish()
  .transform((it) => it ?? "")
const Variables = z.record(
  z.string(),
  z.object({
    value: z
      .string()
      .nullish()
      .transform((it) => it ?? ""),
    updatedAt: time,
  }),
)
const Secrets = z.record(z.string(), z.object({ updatedAt: time }))
const Committed = z.object({ commitOid: z.string() })
const Titles = z.array(z.object({ id: z.string(), title: z.string() }))
const Tree = z.array(z.object({ type: z.string(), path: z.string(), oid: z.string() }))
const Preupload = z.object({ files: z.array(z.object({ path: z.string(), uploadMode: z.string() })) })
type Info = z.infer<typeof Info>
type Runtime = z.infer<typeof Runtime>

/** Files that the Hub takes in one question about them. */
const mostAsked = 256
/** Files asked for at once. */
const atOnce = 8
const errorStages = new Set(["NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR"])
const stoppedStages = new Set(["PAUSED", "STOPPED", "DELETING"])

/**
 * One Docker Space. Its Dockerfile names an image by digest, so the image that was tested is the one that runs; or, with `source`, it
 * builds the files that the tested image was built from.
 */
export class HuggingFaceHost implements Host<ImageArtifact> {
  /** What the Hub calls the Space; another name than in the settings when it was renamed. */
  private name: string

  constructor(
    private readonly settings: HuggingFaceSettings,
    private readonly clock: Clock,
    private readonly more: SpaceExtras = {},
  ) {
    this.name = settings.space
  }

  idOf(release: Release<ImageArtifact>): string {
    return pinned(release.artifact)
  }

  async live(): Promise<Live | undefined> {
    const [info, runtime] = [await this.info(), await this.runtime()]
    if (errorStages.has(runtime.stage) || stoppedStages.has(runtime.stage)) return undefined
    // While nothing runs yet, or again, the newest revision is what visitors are about to get.
    const revision = runtime.sha ?? info.sha
    const id = imageIn(await this.text(revision, "Dockerfile")) ?? `revision ${revision}`
    const url = this.address(info)
    return { id, commit: await this.commitOf(url, revision), url, locked: false }
  }

  /** The pinned image in the revision that the Space at this address runs; "" when none runs, or another Space is there. */
  async imageAt(url: string): Promise<string> {
    const info = await this.info()
    if (this.address(info) !== url) return (await this.more.candidate?.imageAt(url)) ?? ""
    const { sha } = await this.runtime()
    return (sha && imageIn(await this.text(sha, "Dockerfile"))) || ""
  }

  /** A Space serves one version at a time; with a second Space the candidate runs there. */
  async place(release: Release<ImageArtifact>): Promise<Candidate | undefined> {
    const image = pinned(release.artifact)
    await this.pending()
    if (this.more.source) await this.mustTakeAll(await this.filesOf(release))
    const found = (await this.more.pullable?.(image)) ?? Pullable.Yes
    if (found !== Pullable.Yes) throw imageNotPullable(image, found)
    return this.more.candidate?.publish(release)
  }

  async publish(release: Release<ImageArtifact>): Promise<Live> {
    await this.configure()
    const { live } = await this.serve(pinned(release.artifact), `Deploy ${release.commit}`, await this.filesOf(release))
    return live
  }

  async restore(earlier: Live): Promise<Restored> {
    if (!isPinned(earlier.id)) throw notOurs(earlier.id)
    const summary = `Restore ${earlier.commit || earlier.id}`
    if (!this.more.source) return this.serve(earlier.id, summary, imageFiles(this.content(earlier.id, earlier.commit)))
    const revision = await this.revisionOf(earlier.id)
    if (!revision) throw vanished(`the history of the Space ${this.settings.space}`, earlier.id)
    return this.serve(earlier.id, summary, await this.filesAt(revision))
  }

  /** Without `source` the Hub keeps no images: whether the registry still has one is for `pullable` to say. */
  async has(id: string): Promise<boolean> {
    if (!isPinned(id)) return false
    if (this.more.source) return (await this.revisionOf(id)) !== undefined
    return ((await this.more.pullable?.(id)) ?? Pullable.Yes) === Pullable.Yes
  }

  /** What is needed to serve `id` elsewhere as well. */
  async artifact(id: string): Promise<ImageArtifact> {
    if (!this.more.source) return imageNamed(id)
    const revision = await this.revisionOf(id)
    if (!revision) throw vanished(`the history of the Space ${this.settings.space}`, id)
    return { ...imageNamed(id), context: await this.filesAt(revision) }
  }

  private async serve(image: string, summary: string, files: SpaceFiles): Promise<Restored> {
    const { revision, committed } = await this.settle(image, summary, files)
    const running = await this.runtime()
    const moved = committed || !(running.stage === "RUNNING" && running.sha === revision)
    if (moved) await this.untilRunning(revision, committed)
    const url = this.address(await this.info())
    return { live: { id: image, commit: await this.commitOf(url, revision), url, locked: false }, moved }
  }

  private content(image: string, commit: string) {
    const { title, port } = this.settings
    return { image, commit, title, port }
  }

  private async filesOf({ artifact, commit }: Release<ImageArtifact>): Promise<SpaceFiles> {
    const content = this.content(pinned(artifact), commit)
    return this.more.source ? sourceFiles(await filesOf(artifact.context ?? new Map()), content) : imageFiles(content)
  }

  /** The newest revision that serves `image`. */
  private async revisionOf(image: string): Promise<string | undefined> {
    for await (const commits of this.pages(`/api/spaces/${this.settings.space}/commits/main?limit=100`, Titles))
      for (const { id, title } of commits)
        if (title.endsWith(from(image)) && imageIn(await this.text(id, "Dockerfile")) === image) return id
    return undefined
  }

  private async tree(revision: string): Promise<TreeFile[]> {
    const files: TreeFile[] = []
    const path = `/api/spaces/${this.settings.space}/tree/${revision}?recursive=true&expand=false`
    for await (const entries of this.pages(path, Tree)) files.push(...entries.filter(({ type }) => type === "file"))
    return files
  }

  private async filesAt(revision: string): Promise<SpaceFiles> {
    const limit = pLimit(atOnce)
    const paths = (await this.tree(revision)).map(({ path }) => path).filter((path) => path !== ".gitattributes")
    const read = async (path: string) => {
      const content = await this.file(revision, path)
      // Without it the version would come back incomplete, and say that it is whole.
      if (!content) throw vanished(`the Space ${this.settings.space}`, `${path} of ${revision}`)
      return [path, content] as const
    }
    return new Map(await Promise.all(paths.map((path) => limit(() => read(path)))))
  }

  /** The pages of a list, to its end or as long as they are taken. */
  private async *pages<Answer>(path: string, shape: z.ZodType<Answer>): AsyncGenerator<Answer> {
    const asked = new Set<string>()
    for (let next = path; next !== "" && !asked.has(next); ) {
      asked.add(next)
      const call = this.call("GET", next)
      const reply = accepted(await this.send(call), "Hugging Face", call)
      yield this.parse(shape, reply, call)
      next = nextPage(reply.headers.link, reply.url)
    }
  }

  /** Asks the Hub before anything changes: it takes binary and large files only by a way of their own. */
  private async mustTakeAll(files: SpaceFiles): Promise<void> {
    const samples = [...files].map(([path, content]) => ({
      path,
      size: content.length,
      sample: Buffer.from(content.subarray(0, 512)).toString("base64"),
    }))
    const large: { path: string }[] = []
    for (let first = 0; first < samples.length; first += mostAsked) {
      const text = JSON.stringify({ files: samples.slice(first, first + mostAsked) })
      const body = { type: "application/json", text }
      const call = this.call("POST", `/api/spaces/${this.settings.space}/preupload/main`, body)
      const { files: answers } = this.parse(Preupload, accepted(await this.send(call), "Hugging Face", call), call)
      large.push(...answers.filter(({ uploadMode }) => uploadMode !== "regular"))
    }
    const others = [...files].filter(([path, content]) => large.some((it) => it.path === path) || !isUtf8(content))
    if (others.length > 0)
      throw filesTooHeavy(
        this.settings.space,
        others.map(([path, content]) => `${path} (${content.length} bytes)`),
      )
  }

  /** Whether the Space has the variables and secrets already, as far as the Hub shows that. */
  async isConfigured(): Promise<boolean> {
    const { secrets, variables } = await this.pending()
    return secrets.length + variables.length === 0
  }

  /** Each changed value restarts the Space, so what is right already is left alone. */
  private async configure(): Promise<void> {
    const path = `/api/spaces/${this.settings.space}`
    const { secrets, variables } = await this.pending()
    for (const [key, value] of secrets) await this.set(`${path}/secrets`, key, value)
    for (const [key, value] of variables) await this.set(`${path}/variables`, key, value)
  }

  /** @throws PipelineError when a name would be both. */
  private async pending(): Promise<Writes> {
    const { variables = {}, secrets = {} } = this.more
    if (Object.keys(variables).length + Object.keys(secrets).length === 0) return { secrets: [], variables: [] }
    const path = `/api/spaces/${this.settings.space}`
    const present = {
      variables: await this.read(`${path}/variables`, Variables),
      secrets: await this.read(`${path}/secrets`, Secrets),
    }
    const twice = collisions(present, variables, secrets)
    if (twice.length > 0) throw namesCollide(this.settings.space, twice)
    return writesFor(present, variables, secrets, this.settings.token)
  }

  private async set(path: string, key: string, value: string): Promise<void> {
    const call = this.call("POST", path, { type: "application/json", text: JSON.stringify({ key, value }) })
    accepted(await this.send(call), "Hugging Face", call)
  }

  /** The revision that serves `image`: the newest one if it does already, else a new commit on top of it. */
  private async settle(
    image: string,
    summary: string,
    files: SpaceFiles,
  ): Promise<{ revision: string; committed: boolean }> {
    for (let attempt = 1; ; attempt++) {
      const { sha } = await this.info()
      const there = this.more.source ? await this.tree(sha) : []
      const needed = this.more.source ? changes(files, there) : { written: [...files.keys()], deleted: [] }
      const isThere = this.more.source
        ? needed.written.length + needed.deleted.length === 0
        : imageIn(await this.text(sha, "Dockerfile")) === image
      if (isThere) return { revision: sha, committed: attempt > 1 }
      if (attempt === 4) throw overtaken(this.settings.space)
      const title = this.more.source ? summary + from(image) : summary
      const revision = await this.commit(title, sha, files, needed)
      if (revision) return { revision, committed: true }
      await this.clock.sleep(growing(attempt))
    }
  }

  /** `undefined` when the answer was lost or somebody else committed meanwhile: then look again. */
  private async commit(
    summary: string,
    parentCommit: string,
    files: SpaceFiles,
    { written, deleted }: { written: string[]; deleted: string[] },
  ): Promise<string | undefined> {
    const { space } = this.settings
    const lines = [
      { key: "header", value: { summary, description: "", parentCommit } },
      ...written.map((path) => ({
        key: "file",
        value: { path, content: Buffer.from(files.get(path) ?? "").toString("base64"), encoding: "base64" },
      })),
      ...deleted.map((path) => ({ key: "deletedFile", value: { path } })),
    ]
    const call = this.call("POST", `/api/spaces/${space}/commit/main`, {
      type: "application/x-ndjson",
      text: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    })
    try {
      const reply = await insist(call, { host: "Hugging Face", clock: this.clock, repeats: false })
      if (reply.status === 412 || reply.status === 409 || reply.status >= 500) return undefined
      return this.parse(Committed, accepted(reply, "Hugging Face", call), call).commitOid
    } catch (failure) {
      if (failure instanceof NoReply) return undefined
      throw failure
    }
  }

  /**
   * Waits until the Space runs `revision`. Just after a commit the Hub may still report the old stage, also an old error, so an
   * error counts once it belongs to this revision, or a build was seen, or the grace time is over.
   * A Space that gets nowhere, or that failed with this very revision in an earlier run, is restarted from scratch once.
   */
  private async untilRunning(revision: string, committed: boolean): Promise<void> {
    const { space, seconds, graceSeconds } = this.settings
    const { stuckSeconds = 300 } = this.more
    const began = this.clock.now().getTime()
    let buildSeen = false
    let restarted = false
    for (let pause = 1000; ; pause = Math.min(15_000, pause * 1.5)) {
      const { stage, sha, errorMessage } = await this.runtime()
      if (sha === revision && (stage === "RUNNING" || stage === "SLEEPING")) return
      const waited = (this.clock.now().getTime() - began) / 1000
      const isError = errorStages.has(stage)
      const isOldFailure = isError && !committed && !buildSeen
      const isStuck = !isError && !stoppedStages.has(stage) && waited > stuckSeconds
      const fresh = sha === revision || buildSeen || !committed || waited > graceSeconds
      if (waited > seconds) throw tooSlow(`The Space ${space}`, stage, seconds)
      if (!restarted && (isOldFailure || isStuck)) {
        restarted = true
        await this.factoryRestart()
      } else if (isError && fresh) throw buildFailed(space, stage, errorMessage ?? "", await this.logTail(stage))
      if (stoppedStages.has(stage) && fresh) throw spacePaused(space, stage)
      buildSeen ||= stage.endsWith("BUILDING") || stage.endsWith("STARTING")
      await this.clock.sleep(pause)
    }
  }

  private async factoryRestart(): Promise<void> {
    const call = this.call("POST", `/api/spaces/${this.settings.space}/restart?factory=true`)
    accepted(await this.send(call), "Hugging Face", call)
  }

  private async info(): Promise<Info> {
    const info = await this.read(`/api/spaces/${this.settings.space}`, Info)
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

  private runtime(): Promise<Runtime> {
    return this.read(`/api/spaces/${this.settings.space}/runtime`, Runtime)
  }

  /** A file as it is at a revision; `undefined` when it is not there. */
  private async file(revision: string, path: string): Promise<Uint8Array | undefined> {
    const call = this.call("GET", `/spaces/${this.settings.space}/raw/${revision}/${quoted(path)}`)
    const reply = await this.send(call)
    return reply.status === 404 ? undefined : accepted(reply, "Hugging Face", call).bytes
  }

  /** The same as text; "" when it is not there. */
  private async text(revision: string, path: string): Promise<string> {
    return Buffer.from((await this.file(revision, path)) ?? []).toString()
  }

  /** The last lines of the build log or of the app's own, without the token; the stream stays open, so it is cut after 3 s. */
  private async logTail(stage: string): Promise<string[]> {
    const kind = stage === "RUNTIME_ERROR" ? "run" : "build"
    const call = this.call("GET", `/api/spaces/${this.settings.space}/logs/${kind}`)
    const { request } = await import("undici")
    let text = ""
    try {
      const { body, statusCode } = await request(call.url, { headers: call.headers, signal: AbortSignal.timeout(3000) })
      for await (const part of body) if (statusCode === 200) text = (text + String(part)).slice(-100_000)
    } catch {
      // Cut off by time, as intended; what came is kept.
    }
    return text
      .split("\n")
      .flatMap(logLine)
      .map((line) => line.replaceAll(this.settings.token, "***"))
      .slice(-10)
  }

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
    const written = await this.commitInTitle(revision)
    return told === "" || isThatCommit(told, written) ? written : ""
  }

  private async commitInTitle(revision: string): Promise<string> {
    const { space } = this.settings
    const [commit] = await this.read(
      `/api/spaces/${space}/commits/${revision}?limit=1`,
      z.array(z.object({ title: z.string() })),
    )
    return /\b[0-9a-f]{40}\b/.exec(commit?.title ?? "")?.[0] ?? ""
  }

  private async read<Answer>(path: string, shape: z.ZodType<Answer>): Promise<Answer> {
    const call = this.call("GET", path)
    return this.parse(shape, accepted(await this.send(call), "Hugging Face", call), call)
  }

  private parse<Answer>(shape: z.ZodType<Answer>, reply: Reply, call: Call): Answer {
    const name = `${call.method} ${new URL(call.url).pathname}`
    let value: unknown
    try {
      value = JSON.parse(reply.text)
    } catch {
      throw answerUnreadable("Hugging Face", name, "it is not JSON")
    }
    const answer = shape.safeParse(value)
    if (!answer.success) throw answerUnreadable("Hugging Face", name, z.prettifyError(answer.error))
    return answer.data
  }

  private async send(call: Call): Promise<Reply> {
    const reply = await insist(call, { host: "Hugging Face", clock: this.clock })
    if (reply.status >= 500)
      throw hostRefused("Hugging Face", `${call.method} ${new URL(call.url).pathname}`, reply.status, "")
    return reply
  }

  private call(method: Call["method"], path: string, body?: { type: string; text: string }): Call {
    const { hub, token } = this.settings
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": body.type }) }
    return { method, url: hub + path, headers, ...(body && { body: body.text }) }
  }
}

/** The end of a commit's title by which a build from source is found again. */
const from = (image: string) => ` from ${image.split("@")[1]}`

function logLine(line: string): string[] {
  if (!line.startsWith("data:")) return []
  try {
    const { data } = JSON.parse(line.slice(5)) as { data?: unknown }
    return typeof data === "string" && data.trim() ? [data.trim().slice(0, 300)] : []
  } catch {
    return []
  }
}
