import { describe, expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { deploymentJson, deploymentMarkdown, deploymentText } from "../../lib/deployment/report.js"
import { noTracer } from "../../lib/deployment/tracer.js"
import { diagnosesText } from "../../lib/doctor/diagnosis.js"
import { diagnosed } from "../../lib/doctor/doctor.js"
import { environmentOf, readSettings } from "../../lib/settings/settings.js"
import { statusText } from "../../lib/status/status-report.js"
import { survey } from "../../lib/status/survey.js"
import { diagnosedHub } from "../../lib/wiring/hub-doctor.js"
import { hubTokenFor } from "../../lib/wiring/hub-token.js"
import { backendTarget } from "../../lib/wiring/targets.js"
import { watchedOf } from "../../lib/wiring/watched.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { identityProvider } from "../../stand-ins/identity-provider.js"
import { commit, imageRelease, runner } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"

const [space, candidate, production] = ["owner/book-staging", "owner/book-candidate", "owner/book"]
const gitHub = identityProvider()

/** A product with a service alone, whose Spaces of staging trust the job of its repository; `more` trust it too. */
async function keyless({ variables = {}, more = [] as string[] } = {}) {
  const clock = fastClock()
  const hub = await huggingFace({
    spaces: [space, candidate, production],
    run: runner(),
    token: "hf_stored",
    publishers: [space, candidate, ...more].map((trusts) => ({
      space: trusts,
      provider: gitHub,
      claims: { repository: "owner/book" },
    })),
    now: () => clock.now().getTime(),
  })
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Book", source: "https://github.com/owner/book" },
      image: { repository: "registry.example/book" },
      backend: {},
      providers: { huggingFace: hub.url },
      probe: { times: 2, seconds: 5, wakeUpSeconds: 5, firstPauseMilliseconds: 50, slowestPauseMilliseconds: 100 },
      environments: {
        staging: {
          branch: "staging",
          backend: { space, candidateSpace: candidate, url: hub.spaceUrl(space), needs: ["database"], variables },
        },
        production: { branch: "main", backend: { space: production, url: hub.spaceUrl(production) } },
      },
    }),
  )
  const place = environmentOf(settings, "staging")
  return {
    hub,
    settings,
    clock,
    place,
    idToken: () => gitHub.idToken({}, clock.now().getTime()),
    deploy: async (given: string, letter = "a", spaceSecrets: Record<string, string> = {}) => {
      const token = await hubTokenFor(given, place, settings, clock)
      const target = backendTarget({ settings, environment: "staging", token, clock, tracer: noTracer, spaceSecrets })
      return deploy(imageRelease(letter), target)
    },
    doctor: async (given: string) =>
      diagnosesText(
        "staging",
        await diagnosed([{ about: "Hugging Face token", look: () => diagnosedHub(given, place, settings, clock) }]),
      ),
    [Symbol.asyncDispose]: () => hub.close(),
  }
}

describe("a deployment with the identity of a run", () => {
  it("gets a token for each of its Spaces, and goes live with nothing stored", async () => {
    await using it = await keyless({ variables: { MODE: "staging" } })

    const deployment = await it.deploy(it.idToken())

    expect(deployment).toMatchObject({ verdict: "success", liveCommit: commit("a") })
    expect(it.hub.issued()).toHaveLength(2)
    expect([it.hub.commits(candidate).length, it.hub.commits(space).length]).toEqual([2, 2])
    expect(it.hub.variables(space)).toMatchObject({ MODE: "staging" })
  })

  it("changes nothing when one of its Spaces does not trust the run", async () => {
    await using it = await keyless()
    const other = gitHub.idToken({ repository: "owner/fork" }, it.clock.now().getTime())

    await expect(it.deploy(other)).rejects.toThrow("Hugging Face gave no token for owner/book-staging.")
    expect(new Set(it.hub.writes())).toEqual(new Set(["POST /oauth/token"]))
  })

  it("shows neither the identity nor the token in a report, whatever Hugging Face answers", async () => {
    await using it = await keyless()
    const idToken = it.idToken()
    const inWords = () => {
      const [first = ""] = it.hub.issued()
      return { status: 403, body: JSON.stringify({ error: `${first} and ${idToken} may not do this` }) }
    }
    let spoilt = false
    it.hub.onRequest = (when, request) => {
      if (spoilt || when !== "before" || !request.includes(`/spaces/${candidate}/commit/`)) return
      spoilt = true
      it.hub.fail({ on: /\/commit\//, kind: "status", times: 9, ...inWords() })
    }

    const deployment = await it.deploy(idToken)

    const reports = [deploymentText(deployment), deploymentMarkdown(deployment), deploymentJson(deployment)].join("\n")
    expect(deployment.verdict).not.toBe("success")
    expect(reports).toContain("*** and *** may not do this")
    for (const secret of [...it.hub.issued(), idToken].flatMap((one) => one.split(".")).filter((it) => it.length > 20))
      expect(reports).not.toContain(secret)
  })

  it("writes the service's secrets only where they differ, although each run has another token", async () => {
    await using it = await keyless()
    const secrets = { QDRANT_API_KEY: "a-key-of-qdrant-1", MODE: "x" }
    const written = () => it.hub.writes().filter((one) => one !== "POST /oauth/token").length

    const first = await it.deploy(it.idToken(), "a", secrets)
    const before = written()
    const second = await it.deploy(it.idToken(), "a", { MODE: "x", QDRANT_API_KEY: "a-key-of-qdrant-1" })
    const repeated = written()
    const third = await it.deploy(it.idToken(), "a", { ...secrets, MODE: "y" })

    expect([first.verdict, second.verdict, third.verdict]).toEqual(["success", "no-change", "success"])
    expect(repeated).toBe(before)
    expect(it.hub.secrets(space)).toEqual({ QDRANT_API_KEY: "a-key-of-qdrant-1", MODE: "y" })
    expect(Object.values(it.hub.variables(space)).join()).not.toContain("qdrant-1")
  })

  it("writes secrets that are easy to guess in each run, for a lasting mark of them would give them away", async () => {
    await using it = await keyless()
    const marks = () => it.hub.variables(space).PIPELINE_SECRETS_MARK

    await it.deploy(it.idToken(), "a", { PIN: "1234" })
    const before = marks()
    const again = await it.deploy(it.idToken(), "a", { PIN: "1234" })

    expect(again.verdict).toBe("success")
    expect(marks()).not.toBe(before)
  })

  it("asks for no token where a stored one is given", async () => {
    await using it = await keyless()

    expect((await it.deploy("hf_stored")).verdict).toBe("success")
    expect(it.hub.writes()).not.toContain("POST /oauth/token")
  })
})

describe("doctor", () => {
  it("says that it is keyless, and which Spaces gave a token", async () => {
    await using it = await keyless()

    expect(await it.doctor(it.idToken())).toMatchInlineSnapshot(`
      "What a deployment to staging needs:
        unknown   service's variables and secrets  the token may not see those of production
                                                   next: give a token that may read both Spaces, or compare them by hand
        good      way to Hugging Face              keyless: the run's identity is exchanged for tokens of an hour, and none is stored
        good      Hugging Face token               the Trusted Publishers of owner/book-staging gave one that ends in an hour and is for it alone
        good      Space owner/book-staging         a public Docker Space, NO_APP_FILE
        good      Hugging Face token               the Trusted Publishers of owner/book-candidate gave one that ends in an hour and is for it alone
        good      Space owner/book-candidate       a public Docker Space, NO_APP_FILE
      1 unknown, 5 good; nothing was changed"
    `)
  })

  it("compares with the other environment where that Space trusts the run too", async () => {
    await using it = await keyless({ more: [production] })

    expect(await it.doctor(it.idToken())).toContain("production has the same: none")
  })

  it("says that a token is stored", async () => {
    await using it = await keyless()

    expect(await it.doctor("hf_stored")).toMatchInlineSnapshot(`
      "What a deployment to staging needs:
        doubtful  Hugging Face token               it is 327 days old and does not expire
                                                   next: make a new one that expires, store it under the same name, then revoke this one
        doubtful  Hugging Face token               it is 327 days old and does not expire
                                                   next: make a new one that expires, store it under the same name, then revoke this one
        good      way to Hugging Face              a stored token; a workflow can do without: docs/deployment/secrets.md, Without a stored token
        good      Hugging Face token               "pipeline" may write to everything of its user
        good      Space owner/book-staging         a public Docker Space, NO_APP_FILE
        good      Hugging Face token               "pipeline" may write to everything of its user
        good      Space owner/book-candidate       a public Docker Space, NO_APP_FILE
        good      service's variables and secrets  production has the same: none
      2 doubtful, 6 good; nothing was changed"
    `)
    expect(it.hub.writes()).toEqual([])
  })

  it("finds wrong that a Space does not trust the run", async () => {
    await using it = await keyless()
    const other = gitHub.idToken({ repository: "owner/fork" }, it.clock.now().getTime())

    expect(await it.doctor(other)).toMatch(
      /wrong {5}Hugging Face token {2}Hugging Face gave no token for owner\/book-staging\. POST \/oauth\/token was answered 400: invalid_grant/,
    )
  })
})

it("status sees the Spaces that trust the run, and says why it does not see the others", async () => {
  await using it = await keyless()
  const tokens = { netlify: "", hub: it.idToken(), gitHub: "" }

  const found = statusText(await survey(watchedOf(it.settings, tokens, it.clock)))

  expect(found).toContain("The host of the backend of staging says that it serves nothing.")
  expect(found).toContain("Hugging Face gave no token for owner/book.")
})
