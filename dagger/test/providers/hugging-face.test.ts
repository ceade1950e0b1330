import { expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { pinned } from "../../lib/deployment/release.js"
import { HuggingFaceHost } from "../../lib/providers/hugging-face/hugging-face.js"
import { changes, dockerfile, gitOid, imageIn, sourceFiles } from "../../lib/providers/hugging-face/space-files.js"
import { Pullable } from "../../lib/providers/registry/registry.js"
import { BuildFailure, type HuggingFaceStandIn, huggingFace } from "../../stand-ins/hugging-face.js"
import { commit, image, imageRelease, runner, sourceRelease } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { backend } from "../support/targets.js"

const space = "owner/book"
const settings = (hub: string) => ({
  space,
  token: "hf_secret",
  title: "Book",
  port: 7860,
  commitAt: { path: "/health", field: "commit", header: "" },
  hub,
  seconds: 600,
  graceSeconds: 120,
})

it("commits a Dockerfile of two lines that names the image by digest", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  await backend(hub).host.publish(imageRelease("a"), undefined)

  expect(hub.dockerfile(space)).toBe(`FROM ${pinned(image("a"))}\nENV IMAGE_DIGEST=${image("a").digest}\n`)
  expect(hub.dockerfile(space)).toBe(dockerfile(pinned(image("a"))))
  expect(hub.commits(space)[0]?.title).toBe(`Deploy ${commit("a")}`)
})

it("commits nothing when the Space already names this image", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const { host } = backend(hub)
  await host.publish(imageRelease("a"), undefined)
  const writes = hub.writes().length

  await host.publish(imageRelease("a"), undefined)

  expect(hub.writes()).toHaveLength(writes)
})

it("makes one commit although its answer is lost", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  hub.fail({ on: /POST .*\/commit\//, kind: "lost reply" })

  await backend(hub).host.publish(imageRelease("a"), undefined)

  expect(hub.commits(space)).toHaveLength(2)
})

it("looks again when somebody else committed meanwhile", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  let intruder = true
  hub.onRequest = (when, request) => {
    if (when === "before" && intruder && request.includes("/commit/")) {
      intruder = false
      hub.pushByOther(space)
    }
  }

  expect(await backend(hub).host.publish(imageRelease("a"), undefined)).toMatchObject({ commit: commit("a") })
  expect(hub.log.filter(({ path }) => path.includes("/commit/")).map(({ status }) => status)).toEqual([412, 200])
  expect(hub.commits(space).map(({ title }) => title)).toEqual([
    `Deploy ${commit("a")}`,
    "edited in the browser",
    "initial commit",
  ])
})

it("does not take the error of the version before for its own", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner({ a: { exits: "boom" } }), stalePolls: 3 })
  const { host } = backend(hub)
  await expect(host.publish(imageRelease("a"), undefined)).rejects.toThrowError(/RUNTIME_ERROR/)

  expect(await host.publish(imageRelease("b"), undefined)).toMatchObject({ commit: commit("b") })
})

it("tells the end of the build log when the image cannot be pulled, without the token", async () => {
  const run = runner()
  const failing = async () => {
    throw new BuildFailure("pulling image\nunauthorized: hf_secret may not pull")
  }
  await using hub = await huggingFace({
    spaces: [space],
    run: (wanted) => (wanted.digest === image("b").digest ? failing() : run(wanted)),
  })

  const failure = await backend(hub)
    .host.publish(imageRelease("b"), undefined)
    .catch((failure: Error) => failure.message)
  expect(failure).toContain("the end of its log: --> FROM registry.example/book@sha256:")
  expect(failure).toContain("pulling image | unauthorized: *** may not pull")
  expect(failure).toContain("next: make the image's package public: a Space builds without credentials of a registry")
})

it("gives up after its time with the stage, and treats a stage it does not know as waiting", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner(), pollsPerStage: 10_000 })
  hub.fail({ on: /runtime/, kind: "status", status: 200, body: '{"stage":"DREAMING"}', times: 5, after: 1 })

  await expect(backend(hub).host.publish(imageRelease("a"), undefined)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The Space owner/book was not ready in time.
      why: after 600 s its state is still "RUNNING_BUILDING"
      next: run the same command again; it checks first and repeats nothing that is done]
  `)
  expect(hub.writes().filter((write) => write.endsWith("/restart"))).toHaveLength(1)
})

it("says that a paused Space needs its owner", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const { host } = backend(hub)
  await host.publish(imageRelease("a"), undefined)
  await hub.pause(space)

  expect(await host.live()).toBeUndefined()
  await expect(host.publish(imageRelease("a"), undefined)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The Space owner/book does not run.
      why: its stage is PAUSED, which only its owner can end
      next: restart it in the Space's settings, then run the same command again]
  `)
})

it("waits as long as the Hub asks after 429", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const clock = fastClock()
  hub.fail({ on: /POST .*\/commit\//, kind: "status", status: 429, headers: { ratelimit: '"api";r=0;t=42' } })

  await backend(hub, { clock }).host.publish(imageRelease("a"), undefined)

  expect(clock.slept).toBeGreaterThanOrEqual(42_000)
})

it("waits a second after an outage of the Hub, whatever is left of its five minutes", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const clock = fastClock()
  hub.fail({ on: /GET \/api\/spaces\/[^/]+\/[^/]+$/, kind: "status", status: 503 })

  expect(await new HuggingFaceHost(settings(hub.url), clock).live()).toBeUndefined()

  expect(clock.slept).toBe(1000)
})

it("refuses to bring back what is not an image pinned by digest", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  await expect(
    backend(hub).host.restore({ id: "revision 12ab", commit: "", url: "", locked: false }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: revision 12ab cannot be restored.
      why: it is not an image pinned by digest, so this pipeline did not deploy it
      next: restore it manually, or deploy a version that the pipeline built]
  `)
})

it.each([
  [401, "the token is missing, wrong or expired: make a new one and store it where the call reads it"],
  [402, "the plan of the account does not allow this: Docker Spaces need a paid plan"],
  [403, "the token is valid but may not do this: give it write access to this site or Space"],
])("explains a %i", async (status, advice) => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  hub.fail({ on: /POST .*\/commit\//, kind: "status", status, body: '{"error":"no"}' })
  await expect(backend(hub).host.publish(imageRelease("a"), undefined)).rejects.toThrowError(
    `Hugging Face refused a request.\n  why: POST /api/spaces/owner/book/commit/main was answered ${status}: no\n  next: ${advice}`,
  )
})

it("proves the candidate in a second Space when there is one", async () => {
  const run = runner()
  await using hub = await huggingFace({ spaces: [space, "owner/book-candidate"], run })
  const candidate = new HuggingFaceHost({ ...settings(hub.url), space: "owner/book-candidate" }, fastClock())
  const host = new HuggingFaceHost(settings(hub.url), fastClock(), { candidate })

  expect(await host.place(imageRelease("a"))).toMatchObject({
    id: pinned(image("a")),
    url: hub.spaceUrl("owner/book-candidate"),
  })
  expect(hub.dockerfile(space)).toBe("")
})

it("sets variables and secrets before the commit, and only when they differ", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const deployed = async (more: object, letter: string) => {
    hub.log.length = 0
    await new HuggingFaceHost(settings(hub.url), fastClock(), more).publish(imageRelease(letter))
    return hub.writes().map((write) => (write.split("/").at(-1) === "main" ? "commit" : write.split("/").at(-1)))
  }
  const more = { variables: { LOG_LEVEL: "info" }, secrets: { DATABASE_URL: "postgresql://u:hunter2@db/book" } }

  expect(await deployed(more, "a")).toEqual(["secrets", "variables", "variables", "commit"])
  expect(await deployed(more, "b")).toEqual(["commit"])
  expect(await deployed({ ...more, secrets: { DATABASE_URL: "postgresql://u:hunter3@db/book" } }, "c")).toEqual([
    "secrets",
    "variables",
    "commit",
  ])
  expect(JSON.stringify(hub.variables(space))).not.toContain("hunter")
})

const secret = (value: string) => ({ secrets: { API_KEY: value, OTHER: "unchanged-value" } })
const withSecrets = (hub: { url: string }, more: object) => ({
  ...backend(hub),
  host: new HuggingFaceHost(settings(hub.url), fastClock(), more),
})
const secretsSet = (hub: HuggingFaceStandIn) =>
  hub.log.filter(({ method, path }) => method === "POST" && path.endsWith("/secrets")).length

it("writes only the secret that is new or has another value", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  await withSecrets(hub, secret("first-value")).host.publish(imageRelease("a"))
  hub.log.length = 0

  await withSecrets(hub, secret("second-value")).host.publish(imageRelease("b"))

  expect(secretsSet(hub)).toBe(1)
  expect(hub.secrets(space)).toEqual({ API_KEY: "second-value", OTHER: "unchanged-value" })
})

it("writes a secret again that somebody set or deleted after us", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const { host } = withSecrets(hub, secret("our-value"))
  await host.publish(imageRelease("a"))
  hub.setSecret(space, "API_KEY", "by hand")
  hub.log.length = 0

  expect(await host.isConfigured()).toBe(false)
  await host.publish(imageRelease("b"))

  expect(secretsSet(hub)).toBe(1)
  expect(hub.secrets(space)).toMatchObject({ API_KEY: "our-value" })
  expect(await host.isConfigured()).toBe(true)
})

it("serves the same version anew with another secret or variable, and ends no-change without one", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const on = (more: object) => deploy(imageRelease("a"), withSecrets(hub, more))
  await on(secret("first-value"))

  const same = await on(secret("first-value"))
  const another = await on(secret("second-value"))
  const variable = await on({ ...secret("second-value"), variables: { CORS_ORIGINS: "https://book.example" } })

  expect([same.verdict, another.verdict, variable.verdict]).toEqual(["no-change", "success", "success"])
  expect(hub.secrets(space)).toMatchObject({ API_KEY: "second-value" })
  expect(hub.variables(space)).toMatchObject({ CORS_ORIGINS: "https://book.example" })
  expect(hub.commits(space)).toHaveLength(2)
})

it("refuses, before anything changes, a name that the Space has as a secret and would get as a variable", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  await backend(hub).host.publish(imageRelease("a"), undefined)
  hub.setSecret(space, "CORS_ORIGINS", "by hand")
  await hub.settled(space)
  const writes = hub.writes().length

  const { verdict, failed, liveCommit } = await deploy(
    imageRelease("b"),
    withSecrets(hub, { variables: { CORS_ORIGINS: "https://book.example" } }),
  )

  expect({ verdict, failed, liveCommit }).toEqual({
    verdict: "refused",
    failed: "CORS_ORIGINS would be a variable and a secret of the Space owner/book at once.",
    liveCommit: commit("a"),
  })
  expect(hub.writes()).toHaveLength(writes)
})

it("restarts from scratch, once, a Space that failed with this very image in an earlier run", async () => {
  let flaky = true
  const run = runner()
  await using hub = await huggingFace({
    spaces: [space],
    run: async (wanted) => {
      if (!flaky) return run(wanted)
      flaky = false
      throw new Error("the node ran out of memory")
    },
  })
  await expect(backend(hub).host.publish(imageRelease("a"), undefined)).rejects.toThrow(/ran out of memory/)

  expect(await backend(hub).host.publish(imageRelease("a"), undefined)).toMatchObject({ commit: commit("a") })
  expect(hub.writes().map((write) => write.split("/").at(-1))).toEqual(["main", "restart"])
})

it.each([
  [Pullable.NotByAnybody, "its registry requires credentials, and a Space builds without any"],
  [Pullable.Gone, "its registry does not have it"],
])("refuses an image that is pullable %s, before anything changes", async (found, why) => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const host = new HuggingFaceHost(settings(hub.url), fastClock(), { pullable: async () => found })

  await expect(host.place(imageRelease("a"))).rejects.toThrow(
    `A Space cannot pull ${pinned(image("a"))}.\n  why: ${why}\n`,
  )
  expect(await host.has(pinned(image("a")))).toBe(false)
  expect(hub.writes()).toEqual([])
})

const sourceHost = (hub: string, name = space) =>
  new HuggingFaceHost({ ...settings(hub), space: name }, fastClock(), { source: true })

it("gives a Space that cannot pull the image the files that it is built from, and deletes what is gone", async () => {
  const ran: string[][] = []
  const usual = runner()
  const run: typeof usual = Object.assign(
    (wanted: Parameters<typeof usual>[0]) => {
      ran.push([...wanted.files.keys()].sort())
      return usual(wanted)
    },
    { started: usual.started },
  )
  await using hub = await huggingFace({ spaces: [space], run })
  const host = sourceHost(hub.url)
  await host.publish(sourceRelease("a", { "app/old.py": "print()" }))

  expect(await host.publish(sourceRelease("b"))).toMatchObject({ commit: commit("b"), id: pinned(image("b")) })

  expect(hub.files(space)).toEqual({
    Dockerfile: `FROM python@${image("z").digest}\nCOPY app /app\n\n# Tested as ${pinned(image("b"))}\nENV COMMIT=${commit("b")}\nENV IMAGE_DIGEST=${image("b").digest}\n`,
    "README.md": '---\nsdk: docker\ntitle: "Book"\napp_port: 7860\n---\n\n# The service\n',
    "app/main.py": 'print("b")\n',
  })
  expect(hub.commits(space)[0]?.title).toBe(`Deploy ${commit("b")} from ${image("b").digest}`)
  expect(ran.at(-1)).toEqual(["Dockerfile", "README.md", "app/main.py"])
  expect(await host.live()).toMatchObject({ id: pinned(image("b")), commit: commit("b") })
  const writes = hub.writes().length
  await host.publish(sourceRelease("b"))
  expect(hub.writes()).toHaveLength(writes)
})

it("commits the files of an earlier build again, and knows whether the Space still has them", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const host = sourceHost(hub.url)
  await host.publish(sourceRelease("a", { "app/old.py": "print()" }))
  const before = hub.files(space)
  await host.publish(sourceRelease("b"))
  const earlier = { id: pinned(image("a")), commit: commit("a"), url: "", locked: false }

  expect(await host.has(earlier.id)).toBe(true)
  expect(await host.has(pinned(image("c")))).toBe(false)
  expect(await host.restore(earlier)).toMatchObject({ moved: true, live: { id: earlier.id, commit: commit("a") } })

  expect(hub.files(space)).toEqual(before)
  await expect(host.restore({ ...earlier, id: pinned(image("c")) })).rejects.toThrowError(
    /the history of the Space owner\/book no longer has it/,
  )
})

it.each([false, true])(
  "keeps the head that the Space's owner wrote, through a deployment and a rollback; built there: %s",
  async (source) => {
    await using hub = await huggingFace({ spaces: [space], run: runner() })
    const host = source ? sourceHost(hub.url) : new HuggingFaceHost(settings(hub.url), fastClock())
    const of = (letter: string) => (source ? sourceRelease(letter) : imageRelease(letter))
    await host.publish(of("a"))
    const readme = () => hub.files(space)["README.md"] ?? ""
    hub.edit(space, "README.md", readme().replace("title:", "emoji: 📚\nsuggested_hardware: t4-small\ntitle:"))
    const edited = readme()

    await host.publish(of("b"))
    expect(readme()).toBe(edited)
    const writes = hub.writes().length
    await host.publish(of("b"))
    expect(hub.writes()).toHaveLength(writes)

    await host.restore({ id: pinned(image("a")), commit: commit("a"), url: "", locked: false })
    expect(readme()).toBe(edited)
  },
)

it("gives a Space that pulls the image the head of the project's README, and refuses one that contradicts the settings", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const host = new HuggingFaceHost(settings(hub.url), fastClock())
  const withReadme = (readme: string) => ({ ...imageRelease("a"), artifact: { ...imageRelease("a").artifact, readme } })

  await expect(host.place(withReadme("---\napp_port: 1\n---\n"))).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The head of the backend's README.md contradicts the settings.
      why: it says app_port: "1", and the Space needs app_port: 7860
      next: correct it, or backend.port of the settings]
  `)
  expect(hub.writes()).toEqual([])
  await host.publish(withReadme("---\nemoji: 📚\n---\n# How to develop this\n"))

  expect(hub.files(space)["README.md"]).toBe(
    '---\nsdk: docker\nemoji: 📚\ntitle: "Book"\napp_port: 7860\n---\n\nServes an image that was built and tested elsewhere; the deployment pipeline writes these files.\n',
  )
})

it("fixes a file that somebody edited in the Space", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const host = sourceHost(hub.url)
  await host.publish(sourceRelease("a"))
  const before = hub.files(space)
  hub.edit(space, "app/main.py", "print()")

  await host.publish(sourceRelease("a"))

  expect(hub.files(space)).toEqual(before)
})

it("gives another Space the very files that this one builds", async () => {
  await using hub = await huggingFace({ spaces: [space, "owner/live"], run: runner() })
  const [staging, production] = [sourceHost(hub.url), sourceHost(hub.url, "owner/live")]
  await staging.publish(sourceRelease("a"))

  const artifact = await staging.artifact(pinned(image("a")))
  await production.publish({ ...imageRelease("a"), artifact })

  expect(hub.files("owner/live")).toEqual(hub.files(space))
})

it("refuses files that the Hub takes only as large ones, before anything changes", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const host = sourceHost(hub.url)

  await expect(
    host.place(sourceRelease("a", { "model.bin": Buffer.from([1, 0, 2]), "notes.txt": Buffer.from([0xff, 0x41]) })),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The Space owner/book does not accept these files: model.bin (3 bytes), notes.txt (2 bytes).
      why: Hugging Face accepts binary files and files over 10 MB only as large files, which this pipeline does not write
      next: keep them out of the backend's folder, or make the image's package public and set backend.delivery to "image"]
  `)
  await expect(
    host.publish({ ...imageRelease("a"), artifact: { ...image("a"), context: new Map() } }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The Space cannot build the service.
      why: backend.delivery is "source", and the backend's folder has no Dockerfile
      next: add one, or set backend.delivery to "image"]
  `)
  expect(hub.commits(space)).toHaveLength(1)
})

it("names a file's content as Git does", () => {
  expect(gitOid(Buffer.from("hello\n"))).toBe("ce013625030ba8dba906f756967f9e9ca394464a")
  const files = new Map([["a", Buffer.from("hello\n")]])
  const there = [".gitattributes", "a", "b"].map((path) => ({ path, oid: gitOid(Buffer.from("hello\n")) }))
  expect(changes(files, there)).toEqual({ written: [], deleted: ["b"] })
  const content = { image: pinned(image("a")), commit: commit("a"), title: "Book", port: 7860 }
  const once = sourceFiles(new Map([["Dockerfile", Buffer.from("FROM x\n")]]), content)
  expect(sourceFiles(once, content)).toEqual(once)
  expect(imageIn(String(once.get("Dockerfile")))).toBe(content.image)
})

const oddFiles = {
  "notes/what is #1?.txt": "a heading",
  "notes/100%.txt": "all",
  "notes/%41.txt": "no A",
  "app/bom.csv": "\ufeffname,count\n",
  "notes/ü & ñ.txt": "letters",
}

it("brings back files whose names and contents have a meaning elsewhere: # ? % and a byte order mark", async () => {
  await using hub = await huggingFace({ spaces: [space, "owner/live"], run: runner() })
  const [host, live] = [sourceHost(hub.url), sourceHost(hub.url, "owner/live")]
  await host.publish(sourceRelease("a", oddFiles))
  const before = hub.files(space)
  expect(before).toMatchObject(oddFiles)
  await host.publish(sourceRelease("b"))

  await host.restore({ id: pinned(image("a")), commit: commit("a"), url: "", locked: false })
  await live.publish({ ...imageRelease("a"), artifact: await host.artifact(pinned(image("a"))) })

  expect(hub.files(space)).toEqual(before)
  expect(hub.files("owner/live")).toEqual(before)
})

it("reads the lists of files and of commits to their end, however short their pages are", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner(), pageSize: 2 })
  const host = sourceHost(hub.url)
  const many = (letter: string) =>
    Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`app/of-${letter}/${n}.py`, `print(${n})`]))
  await host.publish(sourceRelease("a", many("a")))
  const before = hub.files(space)
  for (const letter of ["b", "c", "d"]) await host.publish(sourceRelease(letter, many(letter)))

  expect(Object.keys(hub.files(space)).filter((path) => /of-[abc]/.test(path))).toEqual([])
  await host.restore({ id: pinned(image("a")), commit: commit("a"), url: "", locked: false })

  expect(hub.files(space)).toEqual(before)
})

it("deploys a Space of more files than the Hub takes in one question", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const host = sourceHost(hub.url)
  const release = sourceRelease(
    "a",
    Object.fromEntries(Array.from({ length: 1200 }, (_, n) => [`app/${n}.py`, `print(${n})`])),
  )

  await host.place(release)
  await host.publish(release)

  expect(Object.keys(hub.files(space))).toHaveLength(1203)
})

it("follows a Space to its new name, commits there once, and says so", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner() })
  const { host } = backend(hub)
  await host.publish(imageRelease("a"), undefined)
  expect(host.notes?.()).toEqual([])
  hub.rename(space, "owner/guide")

  expect(await host.publish(imageRelease("b"), undefined)).toMatchObject({ commit: commit("b") })

  expect(hub.commits("owner/guide")).toHaveLength(3)
  expect(host.notes?.()).toEqual([
    "The Space owner/book is named owner/guide now: write the new name in the settings, for the old one may be given to another Space",
  ])
})
