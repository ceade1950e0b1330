import { createHash, randomBytes } from "node:crypto"
import { type Asked, paged, routes, type StandIn, standIn, type Told } from "./server.js"

interface Deploy {
  id: string
  site: Site
  state: string
  title: string
  draft: boolean
  branch: string
  /** SHA-1 by path, paths without a leading slash. */
  files: Map<string, string>
  missing: Set<string>
  error: string
  createdAt: string
  publishedAt: string | null
  /** Its own origin, as each deploy has at Netlify. */
  server: StandIn
}

interface Site {
  id: string
  name: string
  /** Names that it had before. */
  earlier: string[]
  deploys: Deploy[]
  published: Deploy | undefined
  locked: boolean
  /** The address that visitors use. */
  server: StandIn
}

export interface NetlifyStandIn extends StandIn {
  /** Address of a site as visitors know it. */
  siteUrl(name: string): string
  /** ID of the deploy that a site publishes; "" when none. */
  published(name: string): string
  /** What the published deploy was made of: the SHA-1 of each path, also of what Netlify serves to nobody. */
  files(name: string): Record<string, string>
  deploys(name: string): { id: string; state: string; title: string; draft: boolean; branch: string; url: string }[]
  lock(name: string): void
  locked(name: string): boolean
  unlock(name: string): void
  /** Gives a site another name. */
  rename(name: string, to: string): void
  /** Takes these tokens alone from now on, as when one was made and another revoked. */
  take(...tokens: string[]): void
  /** Forgets a deploy, as Netlify does with old ones. */
  forget(id: string): void
  /** Lets the next processed deploy end in `error` with this message. */
  breakNextDeploy(message: string): void
  /** The server that visitors of a site talk to: its log, its faults. */
  front(name: string): StandIn
}

/**
 * Behaves like Netlify for some sites: digest deploys, drafts, restore, locks; serves what was uploaded.
 * Every deploy and every site is an origin of its own, here a loopback port.
 */
export async function netlify({
  sites: names,
  token = "",
  address = "127.0.0.1",
  pollsPerState = 1,
  createsPerMinute = Number.POSITIVE_INFINITY,
  pageSize = 100,
  prettyUrls = false,
  now = () => new Date(),
}: {
  sites: string[]
  /** The token asked for; "" takes any. */
  token?: string
  address?: string
  /** How often a deploy has to be looked at before it takes its next state. */
  pollsPerState?: number
  createsPerMinute?: number
  /** Items that one page of a list holds at most. */
  pageSize?: number
  /** Whether `/about.html` leads to `/about`. */
  prettyUrls?: boolean
  now?: () => Date
}): Promise<NetlifyStandIn> {
  const sites: Site[] = []
  const contents = new Map<string, Uint8Array>()
  const looks = new Map<string, number>()
  const creates: number[] = []
  let nextError = ""

  for (const name of names) {
    const site: Site = {
      id: `site-${name}`,
      name,
      earlier: [],
      deploys: [],
      published: undefined,
      locked: false,
      server: undefined as never,
    }
    site.server = await standIn((asked) => page(site.published, asked), { address })
    sites.push(site)
  }

  /** Also of deploys that are deleted or forgotten: one that still listens keeps its process alive. */
  const opened: StandIn[] = []

  const page = (deploy: Deploy | undefined, { path, headers }: Asked): Told => {
    if (!deploy) return { status: 404, headers: { "content-type": "text/html" }, body: "<title>Site not found</title>" }
    const rules = (name: string) => String(Buffer.from(contents.get(deploy.files.get(name) ?? "") ?? ""))
    const credentials = credentialsFor(path, rules("_headers"))
    if (credentials && headers.authorization !== `Basic ${Buffer.from(credentials).toString("base64")}`)
      return { status: 401, headers: { "www-authenticate": "Basic" }, body: "Not authorized" }
    const forced = forcedRedirect(path, rules("_redirects"))
    if (forced) return { status: forced.status, headers: { location: forced.to } }
    // Pretty URLs, which a site has unless its owner turns them off.
    const pretty = /^(.*\/)index\.html$|^(.+)\.html$/.exec(path)
    if (prettyUrls && pretty && deploy.files.has(decodeURIComponent(path).slice(1)))
      return { status: 301, headers: { location: pretty[1] ?? pretty[2] ?? "" } }
    const plain = decodeURIComponent(path).replace(/^\/+/, "")
    const served = (name: string) => deploy.files.has(name) && !settingsFiles.has(name)
    const found = [plain, `${plain}index.html`, `${plain}.html`, `${plain}/index.html`].find(served)
    const file = contents.get(deploy.files.get(found ?? "404.html") ?? "")
    return {
      status: found ? 200 : 404,
      headers: { "content-type": typeOf(found ?? "404.html") },
      body: file ?? "Not found",
    }
  }

  const deployJson = (deploy: Deploy) => ({
    id: deploy.id,
    site_id: deploy.site.id,
    state: deploy.state,
    name: deploy.site.name,
    url: deploy.site.server.url,
    ssl_url: deploy.site.server.url,
    admin_url: `https://app.netlify.com/projects/${deploy.site.name}`,
    deploy_url: deploy.server.url,
    deploy_ssl_url: deploy.server.url,
    draft: deploy.draft,
    required: deploy.state === "preparing" ? [] : [...deploy.missing],
    required_functions: [],
    error_message: deploy.error,
    branch: deploy.branch,
    title: deploy.title,
    context: deploy.draft ? "deploy-preview" : "production",
    locked: deploy.site.locked && deploy.site.published === deploy,
    created_at: deploy.createdAt,
    updated_at: deploy.createdAt,
    ...(deploy.publishedAt && { published_at: deploy.publishedAt }),
  })

  const siteJson = (site: Site) => ({
    id: site.id,
    name: site.name,
    url: site.server.url,
    ssl_url: site.server.url,
    admin_url: `https://app.netlify.com/projects/${site.name}`,
    account_slug: "stand-in",
    account_id: "account",
    build_settings: {},
    ...(site.published && { published_deploy: deployJson(site.published) }),
  })

  const publish = (deploy: Deploy) => {
    deploy.site.published = deploy
    deploy.publishedAt = now().toISOString()
  }

  /** Moves a deploy on once it has been looked at often enough. */
  const advance = (deploy: Deploy) => {
    const seen = (looks.get(deploy.id) ?? 0) + 1
    looks.set(deploy.id, seen)
    if (seen % pollsPerState !== 0) return
    if (deploy.state === "preparing") deploy.state = deploy.missing.size > 0 ? "prepared" : "uploaded"
    else if (deploy.state === "uploaded" && nextError) {
      deploy.state = "error"
      deploy.error = nextError
      nextError = ""
    } else if (deploy.state === "uploaded") deploy.state = "processing"
    else if (deploy.state === "processing") deploy.state = "processed"
    else if (deploy.state === "processed") {
      deploy.state = "ready"
      if (!deploy.draft && !deploy.site.locked) publish(deploy)
    }
  }

  const siteNamed = (wanted: string) =>
    sites.find(({ id, name, earlier }) =>
      [name, ...earlier].some((each) => id === wanted || each === wanted || wanted === `${each}.netlify.app`),
    )
  const deployNamed = (id: string) => sites.flatMap(({ deploys }) => deploys).find((deploy) => deploy.id === id)
  const onSite = (name: string | undefined, act: (site: Site) => Told | Promise<Told>) => {
    const site = siteNamed(name ?? "")
    return site ? act(site) : notFound
  }
  const onDeploy = (id: string | undefined, act: (deploy: Deploy) => Told | Promise<Told>) => {
    const deploy = deployNamed(id ?? "")
    return deploy ? act(deploy) : notFound
  }
  const look = (deploy: Deploy): Told => {
    advance(deploy)
    return { json: deployJson(deploy) }
  }

  async function create(site: Site, { body, query }: Asked): Promise<Told> {
    const second = Math.floor(now().getTime() / 1000)
    const recent = creates.filter((at) => at > second - 60)
    if (recent.length >= createsPerMinute)
      return {
        status: 429,
        headers: {
          "x-ratelimit-limit": String(createsPerMinute),
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String((recent[0] ?? second) + 60),
        },
        json: { code: 429, message: "You are being rate limited" },
      }
    creates.push(second)
    const wanted = wantedBy(body)
    const deploy: Deploy = {
      id: randomBytes(12).toString("hex"),
      site,
      state: "new",
      title: query.get("title") ?? wanted.title ?? "",
      draft: wanted.draft ?? false,
      branch: wanted.branch ?? query.get("branch") ?? "main",
      files: new Map(),
      missing: new Set(),
      error: "",
      createdAt: now().toISOString(),
      publishedAt: null,
      server: undefined as never,
    }
    deploy.server = await standIn(
      (asked) => page(deploy.state === "ready" || deploy.state === "processed" ? deploy : undefined, asked),
      { address },
    )
    opened.push(deploy.server)
    site.deploys.unshift(deploy)
    // Without a list of files a deploy waits for one.
    if (wanted.files) fill(deploy, wanted)
    return { json: deployJson(deploy) }
  }

  /** Gives a deploy its list of files, at once or after the deploy was made. */
  function fill(deploy: Deploy, { files = {}, async = false, draft = false }: Wanted): void {
    deploy.files = new Map(Object.entries(files).map(([path, sha]) => [path.replace(/^\//, ""), sha]))
    deploy.missing = new Set([...deploy.files.values()].filter((sha) => !contents.has(sha)))
    // Netlify's command line makes a draft and then sends its files with `draft: false`: a draft stays one.
    deploy.draft ||= draft
    deploy.state = async ? "preparing" : deploy.missing.size > 0 ? "uploading" : "uploaded"
  }

  function upload(deploy: Deploy, path: string, body: Buffer): Told {
    const sha = deploy.files.get(path)
    const given = createHash("sha1").update(body).digest("hex")
    if (sha !== undefined && sha !== given)
      return { status: 422, json: { code: 422, message: "The uploaded file does not match the deploy" } }
    // A second path of one content is taken as long as the deploy still waits for files.
    const isWaiting = ["prepared", "uploading"].includes(deploy.state)
    if (sha === undefined || !(deploy.missing.has(sha) || (isWaiting && contents.has(sha))))
      return { status: 422, json: { code: 422, message: "No records matched" } }
    contents.set(sha, new Uint8Array(body))
    deploy.missing.delete(sha)
    deploy.state = deploy.missing.size === 0 ? "uploaded" : "uploading"
    return { json: { id: `/${path}`, path: `/${path}`, sha, mime_type: typeOf(path), size: body.length } }
  }

  const listed = (path: string, query: URLSearchParams, all: object[]): Told => {
    const { items, headers } = paged(server.url + path, query, all, { usual: 100, most: pageSize })
    return { headers, json: items }
  }

  const account = {
    id: "account",
    name: "Stand-in",
    slug: "stand-in",
    type: "personal",
    default: true,
    capabilities: {},
  }

  const answer = routes({
    "GET /api/v1/user": () => ({ json: { id: "user", email: "someone@example.com", full_name: "Someone" } }),
    "GET /api/v1/sites": ({ path, query }) =>
      listed(path, query, sites.filter(({ name }) => name.includes(query.get("name") ?? "")).map(siteJson)),
    "GET /api/v1/sites/:site": (_, [site]) => onSite(site, (it) => ({ json: siteJson(it) })),
    "GET /api/v1/sites/:site/deploys": ({ path, query }, [site]) =>
      onSite(site, ({ deploys }) => listed(path, query, deploys.map(deployJson))),
    "POST /api/v1/sites/:site/deploys": (asked, [site]) => onSite(site, (it) => create(it, asked)),
    "GET /api/v1/sites/:site/deploys/:id": (_, [, id]) => onDeploy(id, look),
    "PUT /api/v1/sites/:site/deploys/:id": ({ body }, [, id]) =>
      onDeploy(id, (deploy) => {
        fill(deploy, wantedBy(body))
        return { json: deployJson(deploy) }
      }),
    "POST /api/v1/deploys/:id/cancel": (_, [id]) =>
      onDeploy(id, (deploy) => {
        if (deploy.state !== "ready") Object.assign(deploy, { state: "error", error: "Canceled" })
        return { status: 201, json: deployJson(deploy) }
      }),
    "GET /api/v1/accounts": () => ({ json: [account] }),
    "GET /api/v1/accounts/:account": () => ({ json: account }),
    "GET /api/v1/accounts/:account/env": () => ({ json: [] }),
    "POST /api/v1/sites/:site/deploys/:id/restore": (_, [, id]) =>
      onDeploy(id, (deploy) => {
        publish(deploy)
        return { status: 201, json: deployJson(deploy) }
      }),
    "GET /api/v1/sites/:site/files": (_, [site]) =>
      onSite(site, ({ published }) => ({
        json: [...(published?.files ?? [])].map(([path, sha]) => ({
          id: `/${path}`,
          path: `/${path}`,
          sha,
          mime_type: typeOf(path),
          size: contents.get(sha)?.length ?? 0,
        })),
      })),
    "GET /api/v1/deploys/:id": (_, [id]) => onDeploy(id, look),
    "DELETE /api/v1/deploys/:id": async (_, [id]) =>
      onDeploy(id, async (deploy) => {
        const { site } = deploy
        if (site.published === deploy)
          return { status: 422, json: { code: 422, message: "The published deploy cannot be deleted" } }
        site.deploys = site.deploys.filter((one) => one !== deploy)
        // Its address is gone with it.
        deploy.state = "deleted"
        return { status: 204 }
      }),
    "PUT /api/v1/deploys/:id/files/*": ({ body }, [id, path = ""]) =>
      onDeploy(id, (deploy) => upload(deploy, path, body)),
    "POST /api/v1/deploys/:id/lock": (_, [id]) =>
      onDeploy(id, (deploy) => {
        publish(deploy)
        deploy.site.locked = true
        return { json: deployJson(deploy) }
      }),
    "POST /api/v1/deploys/:id/unlock": (_, [id]) =>
      onDeploy(id, (deploy) => {
        deploy.site.locked = false
        return { json: deployJson(deploy) }
      }),
  })

  let valid = token ? [token] : []
  const server: StandIn = await standIn(
    (asked) =>
      valid.length > 0 && !valid.some((one) => asked.headers.authorization === `Bearer ${one}`)
        ? { status: 401, json: { code: 401, message: "Access Denied" } }
        : answer(asked),
    { address },
  )
  const must = (name: string): Site => {
    const site = siteNamed(name)
    if (!site) throw new Error(`the stand-in has no site ${name}`)
    return site
  }
  const closeApi = server.close
  const close = async () => {
    await Promise.all([closeApi(), ...sites.map((site) => site.server.close()), ...opened.map((each) => each.close())])
  }
  return Object.assign(server, {
    siteUrl: (name: string) => must(name).server.url,
    published: (name: string) => must(name).published?.id ?? "",
    files: (name: string) => Object.fromEntries(must(name).published?.files ?? []),
    deploys: (name: string) =>
      must(name).deploys.map(({ id, state, title, draft, branch, server }) => ({
        ...{ id, state, title, draft, branch },
        url: server.url,
      })),
    locked: (name: string) => must(name).locked,
    lock: (name: string) => {
      must(name).locked = true
    },
    unlock: (name: string) => {
      must(name).locked = false
    },
    rename: (name: string, to: string) => {
      const site = must(name)
      site.earlier.push(site.name)
      site.name = to
    },
    take: (...tokens: string[]) => {
      valid = tokens
    },
    forget: (id: string) => {
      for (const site of sites) site.deploys = site.deploys.filter((deploy) => deploy.id !== id)
    },
    breakNextDeploy: (message: string) => {
      nextError = message
    },
    front: (name: string) => must(name).server,
    close,
    [Symbol.asyncDispose]: close,
  })
}

/** What is asked of a deploy. */
interface Wanted {
  files?: Record<string, string>
  draft?: boolean
  async?: boolean
  branch?: string
  title?: string
}

const wantedBy = (body: Buffer) => JSON.parse(body.toString() || "{}") as Wanted

/** Netlify takes these for itself, and serves neither as a file. */
const settingsFiles = new Set(["_redirects", "_headers"])

/** What `_headers` asks for at a path, as `user:password`; "" for nothing. https://docs.netlify.com/manage/security/secure-access-to-sites/basic-authentication-with-custom-http-headers/ */
function credentialsFor(path: string, rules: string): string {
  let applies = false
  for (const line of rules.split("\n")) {
    if (line.startsWith("/"))
      applies = line.trim().endsWith("*") ? path.startsWith(line.trim().slice(0, -1)) : path === line.trim()
    const [, credentials] = /^\s+Basic-Auth:\s*(\S+)/i.exec(line) ?? []
    if (applies && credentials) return credentials
  }
  return ""
}

/** A redirect of `_redirects` that holds also where there is a file: its status ends in `!`. */
function forcedRedirect(path: string, rules: string): { to: string; status: number } | undefined {
  for (const line of rules.split("\n")) {
    const [from, to = "", status = ""] = line.trim().split(/\s+/)
    if (from === path && /^30\d!$/.test(status)) return { to, status: Number.parseInt(status, 10) }
  }
  return undefined
}

const notFound: Told = { status: 404, json: { code: 404, message: "Not Found" } }

const types: Record<string, string> = {
  html: "text/html; charset=UTF-8",
  css: "text/css",
  js: "application/javascript",
  json: "application/json",
  svg: "image/svg+xml",
  png: "image/png",
  xml: "application/xml",
  txt: "text/plain",
}
const typeOf = (path: string) => types[path.split(".").at(-1) ?? ""] ?? "application/octet-stream"
