import { createHash } from "node:crypto"
import { z } from "zod"
import type { Clock } from "../../clock.js"
import { siteLocked } from "../../deployment/errors.js"
import type { Candidate, Host, Live, Restored } from "../../deployment/host.js"
import {
  answerUnreadable,
  HostRefusal,
  hostRefused,
  hostUnreachable,
  tooSlow,
  vanished,
} from "../../deployment/host-errors.js"
import type { Release, SiteArtifact } from "../../deployment/release.js"
import { DeploymentError } from "../../errors.js"
import { quoted } from "../address.js"
import { get, getBytes } from "../endpoint.js"
import { growing, NoReply, saidBy } from "../request.js"
import { deployBroken, notSwitched, siteNotFetchable } from "./errors.js"
import { readSite, type SiteFiles } from "./site-files.js"

export interface NetlifySettings {
  /** Site ID, or its domain such as `book.netlify.app`. */
  site: string
  token: string
  environment: string
  /** Address of the backend, which the site reads in its configuration file. */
  apiUrl: string
  /** That file, such as `config.json`; "" for none. */
  configFile: string
  /** Origin of the interface; another one only for a stand-in. */
  api: string
  /** Whole seconds that Netlify may take to process a deploy. */
  seconds: number
}

/**
 * How a deploy goes live. `restore`: a draft is published by restoring it; the site is not locked. `lock`, for accounts in which a
 * draft cannot be restored: the site rests locked, deploys are ordinary ones that the lock keeps unpublished.
 */
export type SwitchBy = "restore" | "lock"

export interface NetlifyExtras {
  switchBy?: SwitchBy
  /** Also serve the candidate at `branch--site.netlify.app`. */
  branch?: string
}

const Deploy = z.object({
  id: z.string(),
  state: z.string(),
  title: z.string().nullish(),
  error_message: z.string().nullish(),
  deploy_ssl_url: z.string().nullish(),
  locked: z.boolean().nullish(),
  draft: z.boolean().nullish(),
  required: z.array(z.string()).nullish(),
})
const SiteFile = z.object({ path: z.string(), sha: z.string() })
const Site = z.object({
  id: z.string(),
  name: z.string().nullish(),
  ssl_url: z.string(),
  published_deploy: Deploy.nullish(),
})
type Deploy = z.infer<typeof Deploy>
type Site = z.infer<typeof Site>

const broken = new Set(["error", "rejected"])
const diffed = new Set(["prepared", "uploading", "uploaded", "processing", "processed", "ready"])

/** Netlify reads these and serves them to nobody. https://docs.netlify.com/manage/routing/redirects/overview/ */
const appliedByNetlify = new Set(["_redirects", "_headers"])

/**
 * One Netlify site, over Netlify's own client.
 *
 * The client repeats after 429 and broken connections by itself, also requests that create a deploy; those are stopped here
 * after the first try, and looked for by their title instead.
 */
export class NetlifyHost implements Host<SiteArtifact> {
  private readonly placed = new Map<string, string>()
  private client: Promise<Client> | undefined
  /** What Netlify calls the site; "" before it was asked. */
  private name = ""

  constructor(
    protected readonly settings: NetlifySettings,
    private readonly clock: Clock,
    private readonly more: NetlifyExtras = {},
  ) {}

  idOf(release: Release<SiteArtifact>): string {
    return this.placed.get(release.commit) ?? ""
  }

  async live(): Promise<Live | undefined> {
    return this.asLive(await this.site())
  }

  async place(release: Release<SiteArtifact>): Promise<Candidate> {
    const { environment } = this.settings
    const files = await this.withConfig(release.artifact)
    const title = `deploy ${release.commit} to ${environment}, files ${files.fingerprint}`
    const site = await this.site()
    if (this.restsLocked) await this.keepPublished(site)
    const deploy = (await this.titled(site.id, title)) ?? (await this.create(site.id, title, files))
    this.placed.set(release.commit, deploy.id)
    const ready = await this.filled(deploy, files)
    return { id: ready.id, url: ready.deploy_ssl_url ?? site.ssl_url }
  }

  /** The site's files, and its configuration file for the environment. */
  protected withConfig(site: SiteArtifact): Promise<SiteFiles> {
    const { environment, apiUrl, configFile } = this.settings
    return readSite(site, configFile ? { path: configFile, content: { environment, apiUrl } } : undefined)
  }

  /** Whether a deploy was made of these files, by the fingerprint in its title; `undefined` for one that this pipeline did not make. */
  async isMadeOf(id: string, artifact: SiteArtifact): Promise<boolean | undefined> {
    const { id: site } = await this.site()
    const { title } = await this.ask("getSiteDeploy", { site_id: site, deploy_id: id }, Deploy)
    const stated = /, files ([0-9a-f]{12})$/.exec(title ?? "")?.[1]
    return stated === undefined ? undefined : stated === (await this.withConfig(artifact)).fingerprint
  }

  async publish(_release: Release<SiteArtifact>, candidate: Candidate | undefined): Promise<Live> {
    if (!candidate) throw new Error("a Netlify deployment always has a candidate")
    const { live } = await this.switchTo(candidate.id)
    return live
  }

  async restore(earlier: Live): Promise<Restored> {
    return this.switchTo(earlier.id)
  }

  async has(id: string): Promise<boolean> {
    const { id: site } = await this.site()
    try {
      return (await this.ask("getSiteDeploy", { site_id: site, deploy_id: id }, Deploy)).state === "ready"
    } catch (failure) {
      if (isMissing(failure)) return false
      throw failure
    }
  }

  private async switchTo(id: string): Promise<Restored> {
    const site = await this.site()
    const published = site.published_deploy
    if (published?.id === id) {
      // A run that was killed after the switch has left it unlocked.
      if (this.restsLocked) await this.keepPublished(site)
      return { live: await this.mustLive(site), moved: false }
    }
    if (published?.locked && !this.restsLocked) throw siteLocked(this.settings.site)
    const deploy = await this.ask("getSiteDeploy", { site_id: site.id, deploy_id: id }, Deploy).catch((failure) => {
      throw isMissing(failure) ? vanished("Netlify", `deploy ${id}`) : failure
    })
    if (broken.has(deploy.state)) throw deployBroken(this.settings.site, id, deploy.error_message ?? "")
    const refusal = await this.makeLive(site, id).then(
      () => undefined,
      (failure: unknown) => failure,
    )
    return { live: await this.mustLive(await this.confirmed(id, refusal)), moved: true }
  }

  /** The only place where what visitors get is changed. */
  private async makeLive(site: Site, id: string): Promise<void> {
    const published = site.published_deploy
    if (this.restsLocked && published?.locked) await this.ask("unlockDeploy", { deploy_id: published.id }, Deploy)
    await this.ask("restoreSiteDeploy", { site_id: site.id, deploy_id: id }, Deploy)
    if (this.restsLocked) await this.ask("lockDeploy", { deploy_id: id }, Deploy)
  }

  private get restsLocked(): boolean {
    return this.more.switchBy === "lock"
  }

  /** Locks the site to what it publishes, so that the next deploy gets ready without going live. */
  private async keepPublished({ published_deploy }: Site): Promise<void> {
    if (published_deploy && !published_deploy.locked)
      await this.ask("lockDeploy", { deploy_id: published_deploy.id }, Deploy)
  }

  /** The files that the site publishes, without the configuration file, each checked against Netlify's own digest of it. */
  async published(): Promise<Map<string, Uint8Array>> {
    const site = await this.site()
    const files = new Map<string, Uint8Array>()
    const listed = await this.ask("listSiteFiles", { site_id: site.id }, z.array(SiteFile))
    const wanted = listed.filter(({ path }) => path !== `/${this.settings.configFile}`)
    const kept = wanted.map(({ path }) => path.replace(/^\//, "")).filter((path) => appliedByNetlify.has(path))
    if (kept.length > 0)
      throw siteNotFetchable(this.settings.site, `Netlify applies ${kept.join(" and ")}, and serves it to nobody`)
    const fetchNext = async (): Promise<void> => {
      for (let file = wanted.pop(); file !== undefined; file = wanted.pop())
        files.set(
          file.path.replace(/^\//, ""),
          await download(this.settings.site, site.published_deploy?.deploy_ssl_url ?? site.ssl_url, file),
        )
    }
    await Promise.all(Array.from({ length: 5 }, fetchNext))
    return files
  }

  /** The site once it says that it publishes `id`; a switch whose answer was lost may have happened all the same. */
  private async confirmed(id: string, refusal: unknown): Promise<Site> {
    let site = await this.site()
    for (let looks = 1; site.published_deploy?.id !== id; looks++) {
      if (refusal) throw refusal
      if (looks === 10) throw notSwitched(this.settings.site, id, site.published_deploy?.id ?? "")
      await this.clock.sleep(1000)
      site = await this.site()
    }
    return site
  }

  protected async site(): Promise<Site> {
    const site = await this.ask("getSite", { site_id: this.settings.site }, Site)
    this.name = site.name ?? ""
    return site
  }

  /** What is to be said of how Netlify answered, a sentence each. A site that is named by its ID or by its own domain keeps that. */
  notes = (): string[] => {
    const [wanted, ...rest] = this.settings.site.toLowerCase().split(".netlify.app")
    if (this.name === "" || rest.length !== 1 || this.name.toLowerCase() === wanted) return []
    return [
      `The site ${this.settings.site} is named ${this.name}.netlify.app now: write the new name in the settings, for the old one may be given to another site`,
    ]
  }

  private async asLive(site: Site): Promise<Live | undefined> {
    const deploy = site.published_deploy
    if (!deploy) return undefined
    const commit = (await commitAt(site.ssl_url)) || (await this.commitInTitle(site.id, deploy.id))
    return { id: deploy.id, commit, url: site.ssl_url, locked: !this.restsLocked && (deploy.locked ?? false) }
  }

  private async mustLive(site: Site): Promise<Live> {
    const live = await this.asLive(site)
    if (!live) throw notSwitched(this.settings.site, "a deploy", "")
    return live
  }

  private async commitInTitle(site: string, id: string): Promise<string> {
    const { title } = await this.ask("getSiteDeploy", { site_id: site, deploy_id: id }, Deploy)
    return /\b[0-9a-f]{40}\b/.exec(title ?? "")?.[0] ?? ""
  }

  protected async titled(site: string, title: string): Promise<Deploy | undefined> {
    for await (const deploys of this.deploys(site)) {
      const found = deploys.find((deploy) => deploy.title === title && !broken.has(deploy.state))
      // Lists need not say which files are still missing.
      if (found) return this.ask("getDeploy", { deploy_id: found.id }, Deploy)
    }
    return undefined
  }

  /** The pages of a site's deploys, newest first, to their end or as long as they are taken. */
  protected async *deploys(site: string): AsyncGenerator<Deploy[]> {
    const seen = new Set<string>()
    for (let page = 1; ; page++) {
      const deploys = await this.ask("listSiteDeploys", { site_id: site, page, per_page: 100 }, z.array(Deploy))
      const before = seen.size
      for (const { id } of deploys) seen.add(id)
      // Netlify's client hands out no links: a page that brings nothing new is behind the end.
      if (seen.size === before) return
      yield deploys
    }
  }

  protected async create(
    site: string,
    title: string,
    files: SiteFiles,
    { draft = !this.restsLocked, branch = this.more.branch } = {},
  ): Promise<Deploy> {
    // Netlify cuts a request off after 30 s; a long list is therefore compared in the background.
    const body = {
      files: files.digests,
      draft,
      async: Object.keys(files.digests).length > 100,
      ...(branch && { branch: aliasOf(branch) }),
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.ask("createSiteDeploy", { site_id: site, title, body }, Deploy, { creates: true })
      } catch (failure) {
        if (!(failure instanceof NoReply)) throw failure
        const mine = await this.titled(site, title)
        if (mine) return mine
        if (attempt === 5) throw hostUnreachable("Netlify", "createSiteDeploy", failure.message)
        await this.clock.sleep(growing(attempt))
      }
    }
  }

  /** A deploy once it has its files and Netlify is done with it. */
  protected async filled(deploy: Deploy, files: SiteFiles): Promise<Deploy> {
    if (deploy.state !== "ready") await this.upload(await this.until(deploy, (it) => diffed.has(it.state)), files)
    return this.until(deploy, (it) => it.state === "ready")
  }

  /** Sends each wanted content once: Netlify refuses a second path with the same content. */
  private async upload(deploy: Deploy, files: SiteFiles): Promise<void> {
    const wanted = [...new Set(deploy.required ?? [])]
    const sendNext = async (): Promise<void> => {
      for (let sha = wanted.pop(); sha !== undefined; sha = wanted.pop()) {
        const path = files.pathOf.get(sha)
        if (path === undefined)
          throw answerUnreadable("Netlify", "createSiteDeploy", `it asks for an unknown file ${sha}`)
        await this.send(deploy.id, path, await files.read(path))
      }
    }
    await Promise.all(Array.from({ length: 5 }, sendNext))
  }

  private async send(deploy: string, path: string, content: Uint8Array): Promise<void> {
    const encoded = quoted(path)
    const body = () => Buffer.from(content)
    try {
      await this.ask("uploadDeployFile", { deploy_id: deploy, path: encoded, body }, z.unknown(), {
        bytes: content.length,
      })
    } catch (failure) {
      // The same content came with an earlier try whose answer was lost.
      if (!(failure instanceof DeploymentError && failure.message.includes("No records matched"))) throw failure
    }
  }

  private async until(deploy: Deploy, done: (deploy: Deploy) => boolean): Promise<Deploy> {
    const began = this.clock.now().getTime()
    let now = deploy
    // A small site is processed within a second, a large one in minutes.
    for (let pause = 250; !done(now); pause = Math.min(2000, pause * 1.5)) {
      if (broken.has(now.state)) throw deployBroken(this.settings.site, now.id, now.error_message ?? "")
      if (this.clock.now().getTime() - began > this.settings.seconds * 1000)
        throw tooSlow(`Deploy ${now.id} of ${this.settings.site}`, now.state, this.settings.seconds)
      await this.clock.sleep(pause)
      now = await this.ask("getDeploy", { deploy_id: deploy.id }, Deploy)
    }
    return now
  }

  protected async ask<Answer>(
    operation: string,
    params: object,
    shape: z.ZodType<Answer>,
    { creates = false, bytes = 0 } = {},
  ): Promise<Answer> {
    this.client ??= connect(this.settings)
    const client = await this.client
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = shape.safeParse(await inTime(client[operation]?.(params, oneTry(creates, bytes)), bytes))
        if (answer.success) return answer.data
        throw answerUnreadable("Netlify", operation, z.prettifyError(answer.error))
      } catch (failure) {
        if (failure instanceof DeploymentError || failure instanceof NoReply) throw failure
        const { status } = failure as { status?: number }
        // Only the message and the status of the client's errors are safe to repeat; their `data` may hold the token.
        const why = reason(failure)
        if (creates && (status === undefined || status >= 500)) throw new NoReply(why)
        if (status !== undefined && status < 500) throw hostRefused("Netlify", operation, status, why)
        if (attempt === 5)
          throw status ? hostRefused("Netlify", operation, status, why) : hostUnreachable("Netlify", operation, why)
        await this.clock.sleep(growing(attempt))
      }
    }
  }
}

type Client = Record<string, (params: object, options: object) => Promise<unknown>>

async function connect({ api, token }: NetlifySettings): Promise<Client> {
  const { NetlifyAPI } = await import("netlify")
  const { protocol, host } = new URL(api)
  return new NetlifyAPI(token, { scheme: protocol.slice(0, -1), host }) as unknown as Client
}

/** Milliseconds that a slow line takes for an upload. */
const sending = (bytes: number) => bytes / 200

/** The client reads its options anew for each try: the place to give each its own time limit, and to stop a second one. */
function oneTry(creates: boolean, bytes: number) {
  let tries = 0
  return {
    get signal() {
      tries++
      if (creates && tries > 1) throw new NoReply("got no answer, or was asked to wait")
      return AbortSignal.timeout(Math.ceil(60_000 + sending(bytes)))
    },
  }
}

/** The client waits as long as a rate limit's reset lies ahead, which a wrong clock makes hours; here three minutes are enough. */
async function inTime<Answer>(asked: Promise<Answer> | undefined, bytes: number): Promise<Answer | undefined> {
  const { promise, reject } = Promise.withResolvers<never>()
  const seconds = Math.ceil(180 + (3 * sending(bytes)) / 1000)
  const timer = setTimeout(() => reject(new Error(`got no answer within ${seconds} s`)), seconds * 1000)
  try {
    return await Promise.race([asked, promise])
  } finally {
    clearTimeout(timer)
  }
}

function reason(failure: unknown): string {
  const { json, data, status, code } = failure as { json?: unknown; data?: unknown; status?: number; code?: string }
  if (status === undefined) return `got no answer (${code ?? "the connection broke"})`
  return saidBy(json ? JSON.stringify(json) : typeof data === "string" ? data : "")
}

export const isMissing = (failure: unknown) => failure instanceof HostRefusal && failure.status === 404

/** Netlify knows an alias only in lower case, without symbols, up to 37 characters. */
export const aliasOf = (branch: string) =>
  branch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 37)
    .replace(/^-+|-+$/g, "")

async function download(site: string, url: string, { path, sha }: { path: string; sha: string }): Promise<Uint8Array> {
  const bytes = await getBytes(`${url}${quoted(path)}`).catch((failure: Error) => {
    throw failure instanceof DeploymentError ? siteNotFetchable(site, failure.parts.why) : failure
  })
  const given = createHash("sha1").update(bytes).digest("hex")
  if (given === sha) return bytes
  throw siteNotFetchable(site, `${path} is served otherwise`)
}

/** The commit that the site itself says it was built from. */
async function commitAt(url: string): Promise<string> {
  const answer = await get(`${url}/version.json`)
  if (answer.kind === "silent" || answer.status !== 200) return ""
  try {
    const { commit } = JSON.parse(answer.body) as { commit?: unknown }
    return typeof commit === "string" ? commit : ""
  } catch {
    return ""
  }
}
