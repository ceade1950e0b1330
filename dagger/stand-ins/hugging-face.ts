import { createHash, randomBytes } from "node:crypto"
import { type IncomingMessage, request as proxied, type ServerResponse } from "node:http"
import { type Asked, routes, type StandIn, standIn, type Told } from "./server.js"
import { type TrustedPublisher, trustedPublishers } from "./trusted-publishers.js"

/** What a Space's Dockerfile asks for. */
export interface SpaceImage {
  /** `repository@sha256:…`. */
  reference: string
  digest: string
  /** From the Dockerfile, the Space's variables and its secrets. */
  env: Record<string, string>
  /** All files of the Space, where its Dockerfile builds from them; else none. */
  files: ReadonlyMap<string, Uint8Array>
}

export interface RunningImage {
  /** Origin at which the container answers. */
  url: string
  stop(): Promise<void>
}

/** Starts an image and resolves once it runs; rejects with what its log says when it does not. */
export type RunImage = (image: SpaceImage) => Promise<RunningImage>

interface Commit {
  oid: string
  title: string
  date: string
  files: Map<string, Buffer>
}

interface Space {
  name: string
  commits: Commit[]
  stage: string
  /** Commit of the container that serves. */
  servingOid: string
  container: RunningImage | undefined
  error: string
  buildLog: string[]
  runLog: string[]
  variables: Record<string, string>
  secrets: Record<string, string>
  /** When each was written, by `secrets/NAME` and `variables/NAME`. */
  written: Map<string, string>
  /** Answers to `runtime` still to be given as if the last commit had not come yet. */
  stalePolls: number
  /** What `runtime` says in turn while a build is on its way. */
  ahead: string[]
  building: boolean
  /** Counts builds; a build that a newer one overtook changes nothing any more. */
  build: number
  starting: Promise<void> | undefined
  /** The address that visitors use. */
  server: StandIn
}

export interface HuggingFaceStandIn extends StandIn {
  spaceUrl(name: string): string
  stage(name: string): string
  /** Dockerfile of the newest commit. */
  dockerfile(name: string): string
  /** Texts of the newest commit's files, by path. */
  files(name: string): Record<string, string>
  commits(name: string): { oid: string; title: string }[]
  variables(name: string): Record<string, string>
  /** Values of the secrets, which the Hub's own API never shows. */
  secrets(name: string): Record<string, string>
  /** Sets a secret, as a person does on the Space's page. */
  setSecret(name: string, key: string, value: string): void
  /** Takes these tokens alone from now on, as when one was made and another revoked. */
  take(...tokens: string[]): void
  /** Puts a Space to sleep; a visit wakes it. */
  sleep(name: string): Promise<void>
  pause(name: string): Promise<void>
  /** A commit by somebody else. */
  pushByOther(name: string): void
  /** The same, with one file changed. */
  edit(name: string, path: string, text: string): void
  /** The server that visitors of a Space talk to: its log, its faults. */
  front(name: string): StandIn
  /** Gives a Space another name; the old one leads there. */
  rename(name: string, to: string): void
  /** Resolves when no container is starting. */
  settled(name: string): Promise<void>
  /** Tokens of an hour that jobs got for their identity, oldest first. */
  issued(): string[]
}

/**
 * Behaves like the Hugging Face Hub for some Docker Spaces, and like the Spaces themselves: a commit builds and starts the
 * image that the Dockerfile names, the old container serves until the new one answers, and when that fails nothing serves.
 */
export async function huggingFace({
  spaces: names,
  run,
  token = "",
  address = "127.0.0.1",
  stalePolls = 1,
  pollsPerStage = 1,
  pageSize = 1000,
  grant = { role: "write" },
  publishers = [],
  now = Date.now,
}: {
  spaces: string[]
  run: RunImage
  /** The token asked for; "" takes any that begins with `hf_`. */
  token?: string
  address?: string
  /** How many answers after a commit still report the state before it. */
  stalePolls?: number
  pollsPerStage?: number
  /** Entries of a list that one answer holds at most. */
  pageSize?: number
  /** What the token may do, as `whoami-v2` reports it. */
  grant?: { role: string; fineGrained?: { scoped: { entity: object; permissions: string[] }[] } }
  /** Jobs that the Spaces trust. */
  publishers?: TrustedPublisher[]
  /** Milliseconds since 1970, for the ends of tokens. */
  now?: () => number
}): Promise<HuggingFaceStandIn> {
  const spaces: Space[] = []
  for (const name of names) {
    const space: Space = {
      name,
      commits: [
        {
          oid: oid(),
          title: "initial commit",
          date: new Date().toISOString(),
          files: new Map([["README.md", Buffer.from("---\nsdk: docker\n---\n")]]),
        },
      ],
      stage: "NO_APP_FILE",
      servingOid: "",
      container: undefined,
      error: "",
      buildLog: [],
      runLog: [],
      variables: {},
      secrets: {},
      written: new Map(),
      stalePolls: 0,
      ahead: [],
      building: false,
      build: 0,
      starting: undefined,
      server: undefined as never,
    }
    space.server = await standIn((asked) => visit(space, asked), { address })
    spaces.push(space)
  }

  const head = (space: Space): Commit => space.commits[0] as Commit

  async function visit(space: Space, asked: Asked): Promise<Told> {
    if (space.stage === "SLEEPING") void wake(space)
    const { container } = space
    if (!container)
      return {
        status: 503,
        headers: { "content-type": "text/html" },
        body: "<!doctype html><title>Your space is not running</title>",
      }
    return {
      pipe: (request, response) => {
        const visits = visitors.get(container) ?? 0
        visitors.set(container, visits + 1)
        response.once("close", () => visitors.set(container, (visitors.get(container) ?? 1) - 1))
        forward(container.url, request, response, asked.body)
      },
    }
  }

  /** Requests on their way to a container. */
  const visitors = new Map<RunningImage, number>()

  /** Stops a container that another one has replaced, once it has answered those that it was asked; after 2 s in any case. */
  async function retire(container: RunningImage | undefined): Promise<void> {
    for (let waited = 0; container && (visitors.get(container) ?? 0) > 0 && waited < 2000; waited += 5)
      await new Promise((wake) => setTimeout(wake, 5))
    await container?.stop()
  }

  function build(space: Space): void {
    const text = head(space).files.get("Dockerfile")?.toString() ?? ""
    const reference = /^FROM (\S+)/m.exec(text)?.[1]
    const target = head(space).oid
    const was = space.container
    if (reference === undefined) return void settle(space, "NO_APP_FILE", "no Dockerfile")
    if (Object.keys(space.variables).some((name) => name in space.secrets))
      return void halt(space, "CONFIG_ERROR", "Collision on variables and secrets names")
    const builds = /^(?:COPY|ADD|RUN)\b/m.test(text)
    const digest = builds ? "" : /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1]
    space.stalePolls = stalePolls
    space.building = true
    space.ahead = (was ? ["RUNNING_BUILDING", "RUNNING_APP_STARTING"] : ["BUILDING", "APP_STARTING"]).flatMap((stage) =>
      Array.from({ length: pollsPerStage }, () => stage),
    )
    space.buildLog = [`--> FROM ${reference}`]
    const begun = start(space, target, ++space.build, was, {
      reference,
      digest: digest ?? "",
      env: environment(space, text),
      files: builds ? head(space).files : new Map(),
    })
    space.starting = begun
  }

  async function start(
    space: Space,
    target: string,
    build: number,
    was: RunningImage | undefined,
    image: SpaceImage,
  ): Promise<void> {
    try {
      if (!image.digest && image.files.size === 0) throw new BuildFailure(`${image.reference}: not found`)
      const container = await run(image)
      if (space.build !== build) return void (await container.stop())
      space.container = container
      space.servingOid = target
      space.runLog = [`serving ${image.reference}`]
      settle(space, "RUNNING", "")
      await retire(was)
    } catch (failure) {
      if (space.build !== build) return
      const message = failure instanceof Error ? failure.message : String(failure)
      const isBuild = failure instanceof BuildFailure
      if (isBuild) space.buildLog.push(...message.split("\n"))
      else space.runLog = message.split("\n")
      space.container = undefined
      space.servingOid = ""
      settle(space, isBuild ? "BUILD_ERROR" : "RUNTIME_ERROR", message)
      await was?.stop()
    }
  }

  function settle(space: Space, stage: string, error: string): void {
    space.building = false
    space.stage = stage
    space.error = error
  }

  async function wake(space: Space): Promise<void> {
    space.stage = "APP_STARTING"
    build(space)
    space.stalePolls = 0
  }

  async function halt(space: Space, stage: string, error = ""): Promise<void> {
    const { container } = space
    space.container = undefined
    settle(space, stage, error)
    await container?.stop()
  }

  let before = new Map<Space, { stage: string; sha: string }>()

  function runtime(space: Space): Told {
    const shown = before.get(space)
    if (space.stalePolls > 0 && shown) {
      space.stalePolls--
      return told(shown.stage, shown.sha, "")
    }
    const passing = space.ahead.shift()
    if (passing) return told(passing, passing.startsWith("RUNNING") ? (shown?.sha ?? "") : "", "")
    if (space.building) return told(shown?.sha ? "RUNNING_APP_STARTING" : "APP_STARTING", shown?.sha ?? "", "")
    before = new Map(before).set(space, { stage: space.stage, sha: space.servingOid })
    return told(space.stage, space.servingOid, space.error)
  }

  const told = (stage: string, sha: string, errorMessage: string): Told => ({
    json: {
      stage,
      hardware: { current: "cpu-basic", requested: "cpu-basic" },
      storage: null,
      gcTimeout: 172800,
      replicas: { current: 1, requested: 1 },
      devMode: false,
      domains: [],
      ...(errorMessage && { errorMessage }),
      ...(sha && { sha }),
    },
  })

  function commit(space: Space, { body }: Asked): Told {
    const lines = body
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> })
    const header = lines.find(({ key }) => key === "header")?.value
    if (!header) return { status: 400, json: { error: "the first line must be the header" } }
    if (header.parentCommit && header.parentCommit !== head(space).oid)
      return { status: 412, json: { error: "A commit has happened since. Please refresh and try again." } }
    const files = new Map(head(space).files)
    for (const { key, value } of lines) {
      if (key === "file")
        files.set(value.path ?? "", Buffer.from(value.content ?? "", value.encoding === "base64" ? "base64" : "utf8"))
      if (key === "deletedFile" || key === "deletedEntry") files.delete(value.path ?? "")
    }
    if (!/^---\n[\s\S]*?^sdk: docker$/m.test(files.get("README.md")?.toString() ?? ""))
      return { status: 400, json: { error: "Invalid metadata in README.md: sdk is missing" } }
    remember(space)
    const entry = { oid: oid(), title: header.summary ?? "", date: new Date().toISOString(), files }
    space.commits.unshift(entry)
    build(space)
    return {
      json: {
        success: true,
        commitOid: entry.oid,
        commitUrl: `${server.url}/spaces/${space.name}/commit/${entry.oid}`,
        hookOutput: "",
      },
    }
  }

  function remember(space: Space): void {
    before = new Map(before).set(space, { stage: space.stage, sha: space.servingOid })
  }

  const info = (space: Space): Told => ({
    json: {
      _id: createHash("md5").update(space.name).digest("hex").slice(0, 24),
      id: space.name,
      author: space.name.split("/")[0],
      sha: head(space).oid,
      host: space.server.url,
      subdomain: space.name.toLowerCase().replace(/[^a-z0-9]+/g, "-"),
      sdk: "docker",
      likes: 0,
      tags: ["docker"],
      private: false,
      disabled: false,
      createdAt: space.commits.at(-1)?.date,
      lastModified: head(space).date,
      runtime: (runtime(space).json as object) ?? {},
      siblings: [...head(space).files.keys()].map((rfilename) => ({ rfilename })),
    },
  })

  const at = (space: Space, revision: string) =>
    revision === "main" || revision === "HEAD" ? head(space) : space.commits.find(({ oid }) => oid === revision)

  function tree(space: Space, revision: string, asked: Asked): Told {
    const found = at(space, revision)
    if (!found) return { status: 404, headers: { "x-error-code": "RevisionNotFound" }, json: { error: "not found" } }
    const folders = [...found.files.keys()].flatMap((path) =>
      path
        .split("/")
        .slice(0, -1)
        .map((_, depth, parts) => parts.slice(0, depth + 1).join("/")),
    )
    const entries = [
      ...[...new Set(folders)].map((path) => ({ type: "directory", oid: sha1(path), size: 0, path })),
      ...[...found.files].map(([path, content]) => ({
        type: "file",
        oid: createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex"),
        size: content.length,
        path,
      })),
    ]
    // The Hub's cursor is a word of its own that only it can read.
    const from = Number(Buffer.from(asked.query.get("cursor") ?? "", "base64url").toString() || 0)
    const query = new URLSearchParams(asked.query)
    query.set("cursor", Buffer.from(String(from + pageSize)).toString("base64url"))
    return {
      json: entries.slice(from, from + pageSize),
      ...(from + pageSize < entries.length && {
        headers: { link: `<${server.url}${asked.path}?${query}>; rel="next"` },
      }),
    }
  }

  function file(space: Space, revision: string, path: string): Told {
    const found = at(space, revision)
    if (!found) return { status: 404, headers: { "x-error-code": "RevisionNotFound" }, body: "Revision not found" }
    const content = found.files.get(path)
    const headers = { etag: `"${sha1(`${content}`)}"`, "x-repo-commit": found.oid }
    return content
      ? { headers: { ...headers, "content-length": String(content.length) }, body: content }
      : { status: 404, headers: { "x-error-code": "EntryNotFound" }, body: "Entry not found" }
  }

  const variablesOf = ({ variables, written }: Space): Told => ({
    json: Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [
        key,
        { key, value, description: "", updatedAt: written.get(`variables/${key}`) },
      ]),
    ),
  })

  /** The Hub gives names and times of secrets, never a value. */
  const secretsOf = ({ secrets, written }: Space): Told => ({
    json: Object.fromEntries(
      Object.keys(secrets).map((key) => [key, { key, description: "", updatedAt: written.get(`secrets/${key}`) }]),
    ),
  })

  function setOne(space: Space, kind: "variables" | "secrets", { body }: Asked): Told {
    const { key, value } = JSON.parse(body.toString()) as { key: string; value: string }
    if (!/^[a-zA-Z][_a-zA-Z0-9]*$/.test(key)) return { status: 400, json: { error: `"key" with value "${key}" fails` } }
    write(space, kind, key, value)
    return kind === "variables" ? variablesOf(space) : { json: {} }
  }

  function write(space: Space, kind: "variables" | "secrets", key: string, value: string): void {
    space[kind][key] = value
    // Two writes are never at one time.
    latest = Math.max(Date.now(), latest + 1)
    space.written.set(`${kind}/${key}`, new Date(latest).toISOString())
    restart(space)
  }
  let latest = 0

  function removeOne(space: Space, kind: "variables" | "secrets", { body }: Asked): Told {
    const { key } = JSON.parse(body.toString()) as { key: string }
    delete space[kind][key]
    restart(space)
    return kind === "variables" ? variablesOf(space) : { json: {} }
  }

  /** Also a changed variable does this. */
  function restart(space: Space): void {
    if (!head(space).files.has("Dockerfile")) return
    remember(space)
    build(space)
  }

  const log = (lines: string[]): Told => ({
    pipe: (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" })
      for (const data of lines)
        response.write(`data: ${JSON.stringify({ data: `${data}\n`, timestamp: new Date().toISOString() })}\n\n`)
      response.write("data:\n\n")
      // The Hub leaves the stream open; here it closes after a while so that no test hangs on it.
      setTimeout(() => response.end(), 20)
    },
  })

  const on = (owner: string | undefined, name: string | undefined, act: (space: Space) => Told): Told => {
    const space = spaces.find((each) => each.name === `${owner}/${name}`)
    return space
      ? act(space)
      : { status: 404, headers: { "x-error-code": "RepoNotFound" }, json: { error: "Repository not found" } }
  }
  const answer = routes({
    "GET /api/whoami-v2": () => ({
      json: {
        type: "user",
        id: "user",
        name: "stand-in",
        isPro: true,
        orgs: [],
        auth: {
          type: "access_token",
          accessToken: { displayName: "pipeline", createdAt: "2026-01-01T00:00:00.000Z", ...grant },
        },
      },
    }),
    "POST /api/validate-yaml": ({ body }) => {
      const { content } = JSON.parse(body.toString()) as { content: string }
      const isFit = /^---\n[\s\S]*?^sdk: docker$/m.test(content)
      const errors = isFit ? [] : [{ message: "Invalid metadata in README.md: sdk is missing" }]
      return { status: isFit ? 200 : 400, json: { errors, warnings: [] } }
    },
    "POST /api/repos/create": ({ body }) => {
      const { name, organization = "stand-in" } = JSON.parse(body.toString()) as { name: string; organization?: string }
      const full = name.includes("/") ? name : `${organization}/${name}`
      return spaces.some((each) => each.name === full)
        ? { status: 409, json: { error: "You already created this space repo", url: `${server.url}/spaces/${full}` } }
        : { status: 402, json: { error: "Creating Docker Spaces needs a paid plan" } }
    },
    "GET /api/spaces/:owner/:name": (_, [owner, name]) => on(owner, name, info),
    "GET /api/spaces/:owner/:name/revision/:rev": (_, [owner, name]) => on(owner, name, info),
    "GET /api/spaces/:owner/:name/runtime": (_, [owner, name]) => on(owner, name, runtime),
    "GET /api/spaces/:owner/:name/commits/:rev": ({ query, path }, [owner, name, rev]) =>
      on(owner, name, ({ commits }) => {
        const size = Math.min(pageSize, Number(query.get("limit") ?? 50))
        const page = Number(query.get("p") ?? 0)
        const newest = Math.max(
          0,
          commits.findIndex(({ oid }) => oid === rev),
        )
        const from = newest + page * size
        const listed = commits.slice(from, from + size)
        const next = new URLSearchParams(query)
        next.set("p", String(page + 1))
        return {
          ...(from + size < commits.length && { headers: { link: `<${server.url}${path}?${next}>; rel="next"` } }),
          json: listed.map(({ oid, title, date }) => ({
            id: oid,
            title,
            message: "",
            authors: [{ user: "stand-in" }],
            date,
          })),
        }
      }),
    "GET /api/spaces/:owner/:name/tree/:rev": (asked, [owner, name, rev = ""]) =>
      on(owner, name, (space) => tree(space, rev, asked)),
    "POST /api/spaces/:owner/:name/preupload/:rev": ({ body }, [owner, name]) =>
      on(owner, name, (space) => {
        const { files } = JSON.parse(body.toString()) as { files: { path: string; size: number; sample: string }[] }
        if (files.length > 256) return { status: 400, json: { error: "files: at most 256" } }
        return {
          json: {
            files: files.map(({ path, size, sample }) => {
              const isLarge = size > 10_000_000 || Buffer.from(sample, "base64").includes(0)
              return { path, uploadMode: isLarge ? "lfs" : "regular", shouldIgnore: false }
            }),
            commitOid: head(space).oid,
          },
        }
      }),
    "POST /api/spaces/:owner/:name/commit/:rev": (asked, [owner, name]) =>
      on(owner, name, (space) => commit(space, asked)),
    "POST /api/spaces/:owner/:name/restart": (_, [owner, name]) =>
      on(owner, name, (space) => {
        restart(space)
        return runtime(space)
      }),
    "GET /api/spaces/:owner/:name/variables": (_, [owner, name]) => on(owner, name, variablesOf),
    "POST /api/spaces/:owner/:name/variables": (asked, [owner, name]) =>
      on(owner, name, (space) => setOne(space, "variables", asked)),
    "DELETE /api/spaces/:owner/:name/variables": (asked, [owner, name]) =>
      on(owner, name, (space) => removeOne(space, "variables", asked)),
    "GET /api/spaces/:owner/:name/secrets": (_, [owner, name]) => on(owner, name, secretsOf),
    "POST /api/spaces/:owner/:name/secrets": (asked, [owner, name]) =>
      on(owner, name, (space) => setOne(space, "secrets", asked)),
    "DELETE /api/spaces/:owner/:name/secrets": (asked, [owner, name]) =>
      on(owner, name, (space) => removeOne(space, "secrets", asked)),
    "GET /api/spaces/:owner/:name/logs/build": (_, [owner, name]) => on(owner, name, ({ buildLog }) => log(buildLog)),
    "GET /api/spaces/:owner/:name/logs/run": (_, [owner, name]) => on(owner, name, ({ runLog }) => log(runLog)),
    "GET /spaces/:owner/:name/raw/:rev/*": (_, [owner, name, rev = "", path = ""]) =>
      on(owner, name, (space) => file(space, rev, path)),
    "HEAD /spaces/:owner/:name/resolve/:rev/*": (_, [owner, name, rev = "", path = ""]) =>
      on(owner, name, (space) => file(space, rev, path)),
    "GET /spaces/:owner/:name/resolve/:rev/*": (_, [owner, name, rev = "", path = ""]) =>
      on(owner, name, (space) => file(space, rev, path)),
  })

  const trust = trustedPublishers(publishers, now)
  const renamed: [from: string, to: string][] = []
  let valid = token ? [token] : []
  const server: StandIn = await standIn(
    (asked) => {
      if (`${asked.method} ${asked.path}` === "POST /oauth/token") return trust.exchange(asked)
      const given = asked.headers.authorization ?? ""
      const allowed = trust.allows(given.replace("Bearer ", ""), asked)
      if (allowed === "no") return { status: 403, json: { error: "Forbidden: this token is for another repository." } }
      if (allowed === "ended") return { status: 401, json: { error: "Invalid username or password." } }
      const known =
        allowed === "yes" ||
        (valid.length > 0 ? valid.some((one) => given === `Bearer ${one}`) : given.startsWith("Bearer hf_"))
      const [place, to] = renamed.find(([from]) => `${asked.path}/`.includes(`/spaces/${from}/`)) ?? []
      if (known && place && to) {
        const query = asked.query.size > 0 ? `?${asked.query}` : ""
        return { status: 307, headers: { location: asked.path.replace(place, to) + query }, body: "" }
      }
      return known ? answer(asked) : { status: 401, json: { error: "Invalid username or password." } }
    },
    // It tells what is left of its five minutes in each answer.
    { address, always: () => ({ ratelimit: '"api";r=489;t=189' }) },
  )

  function pushByOther(space: Space, files: Map<string, Buffer>): void {
    remember(space)
    space.commits.unshift({
      oid: oid(),
      title: "edited in the browser",
      date: new Date().toISOString(),
      files: new Map([...head(space).files, ...files]),
    })
    if (head(space).files.has("Dockerfile")) build(space)
  }

  const must = (name: string): Space => {
    const space = spaces.find((each) => each.name === name)
    if (!space) throw new Error(`the stand-in has no Space ${name}`)
    return space
  }
  const closeHub = server.close
  const close = async () => {
    await Promise.all(spaces.map((space) => space.starting))
    await Promise.all([closeHub(), ...spaces.flatMap((space) => [space.server.close(), space.container?.stop()])])
  }
  return Object.assign(server, {
    spaceUrl: (name: string) => must(name).server.url,
    stage: (name: string) => must(name).stage,
    dockerfile: (name: string) => head(must(name)).files.get("Dockerfile")?.toString() ?? "",
    files: (name: string) =>
      Object.fromEntries([...head(must(name)).files].map(([path, content]) => [path, content.toString()])),
    commits: (name: string) => must(name).commits.map(({ oid, title }) => ({ oid, title })),
    variables: (name: string) => ({ ...must(name).variables }),
    secrets: (name: string) => ({ ...must(name).secrets }),
    setSecret: (name: string, key: string, value: string) => write(must(name), "secrets", key, value),
    take: (...tokens: string[]) => {
      valid = tokens
    },
    sleep: (name: string) => halt(must(name), "SLEEPING"),
    pause: (name: string) => halt(must(name), "PAUSED"),
    pushByOther: (name: string) => pushByOther(must(name), new Map()),
    edit: (name: string, path: string, text: string) => pushByOther(must(name), new Map([[path, Buffer.from(text)]])),
    front: (name: string) => must(name).server,
    rename: (name: string, to: string) => {
      must(name).name = to
      renamed.push([name, to])
    },
    settled: async (name: string) => await must(name).starting,
    issued: () => trust.issued(),
    close,
    [Symbol.asyncDispose]: close,
  })
}

/** A failure of `run` that belongs to the build, not to the app: the image cannot be pulled. */
export class BuildFailure extends Error {}

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex")

const oid = () => randomBytes(20).toString("hex")

function environment(space: Space, dockerfile: string): Record<string, string> {
  const baked = [...dockerfile.matchAll(/^ENV (\w+)=(\S*)$/gm)].map(([, key, value]) => [key, value] as const)
  const own = {
    SPACE_ID: space.name,
    SPACE_AUTHOR_NAME: space.name.split("/")[0] ?? "",
    SPACE_REPO_NAME: space.name.split("/")[1] ?? "",
  }
  return { ...own, ...Object.fromEntries(baked), ...space.variables, ...space.secrets }
}

function forward(origin: string, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const onward = proxied(
    new URL(request.url ?? "/", origin),
    { method: request.method, headers: { ...request.headers, host: new URL(origin).host } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on("error", () => {
    if (!response.headersSent) response.writeHead(502, { "content-type": "text/html" })
    response.end("<!doctype html><title>Bad gateway</title>")
  })
  onward.end(body)
}
