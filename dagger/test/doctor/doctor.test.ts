import { generateKeyPairSync } from "node:crypto"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { MigrationClass } from "../../lib/database/schema.js"
import { hostRefused } from "../../lib/deployment/host-errors.js"
import { type Diagnosis, diagnosesText, doubtful, good, isWrong, unknown, wrong } from "../../lib/doctor/diagnosis.js"
import { diagnosed } from "../../lib/doctor/doctor.js"
import {
  judgeEnd,
  judgeEnvironment,
  judgeHealthForm,
  judgeHubToken,
  judgeKey,
  judgeNames,
  judgePage,
  judgePlan,
  judgeProtection,
  judgeRepository,
  judgeSecrets,
  judgeSite,
  judgeSpace,
  judgeWebhook,
  notGiven,
} from "../../lib/doctor/doctor-checks.js"
import { GitHub } from "../../lib/providers/github/github.js"
import {
  environmentOnGitHub,
  hasBranch,
  repositoryFacts,
  storedSecrets,
} from "../../lib/providers/github/repository-facts.js"
import { Hub } from "../../lib/providers/hugging-face/space-facts.js"
import { registryRefused } from "../../lib/providers/registry/errors.js"
import { SlackWebhook } from "../../lib/providers/slack/slack.js"
import { environmentOf, readSettings, siteOf } from "../../lib/settings/settings.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { slack } from "../../stand-ins/slack.js"
import { fastClock } from "../support/fast-clock.js"

const now = new Date("2026-11-24T12:00:00.000Z")
const staging = environmentOf(readSettings(readFileSync("delivery.json", "utf8")), "staging")
const short = ({ severity, about, says }: Diagnosis) => `${severity}: ${about}: ${says}`

async function repository() {
  const server = await gitHub({ token: "ghp_x" })
  server.commit("root", [], "main")
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, fastClock())
  return Object.assign(server, { github })
}

describe("the report", () => {
  it("has all that a registry said of a refusal, on one line", async () => {
    const refused = registryRefused("ghcr.io", 403, "denied: permission_denied\nThe token has no scope")
    const diagnoses = await diagnosed([
      {
        about: "registry",
        look: async () => {
          throw refused
        },
      },
    ])

    expect(diagnosesText("staging", diagnoses).split("\n")[1]).toBe(
      "  wrong     registry  ghcr.io rejected the image. it answered 403: denied: permission_denied; The token has no scope",
    )
  })

  it("lists what is wrong first, each with its fix, counts, and shows no secret", () => {
    const report = diagnosesText("staging", [
      good("schema", "one newest revision of 3: 0003"),
      unknown("database", "not checked: its secret was not given", "give --database-url=env://DATABASE_URL_STAGING"),
      wrong("Space a/b", "it is paused\nby hf_abcdefghijklmnopqrstuvwx", "start it"),
      doubtful("GitHub token", "it expires in 3 days", "make a new one"),
    ])

    expect(report).toMatchInlineSnapshot(`
      "What a deployment to staging needs:
        wrong     Space a/b     it is paused; by ***
                                next: start it
        doubtful  GitHub token  it expires in 3 days
                                next: make a new one
        unknown   database      not checked: its secret was not given
                                next: give --database-url=env://DATABASE_URL_STAGING
        good      schema        one newest revision of 3: 0003
      1 wrong, 1 doubtful, 1 unknown, 1 good; nothing was changed"
    `)
  })

  it("makes a diagnosis of a failed check, and runs all others", async () => {
    const diagnoses = await diagnosed([
      {
        about: "Netlify token",
        look: async () => Promise.reject(hostRefused("Netlify", "getSite", 401, "Access Denied")),
      },
      { about: "odd", look: async () => Promise.reject(new Error("no such thing")) },
      { about: "schema", look: async () => [good("schema", "fine")] },
    ])

    expect(diagnoses).toEqual([
      wrong(
        "Netlify token",
        "Netlify refused a request. getSite was answered 401: Access Denied",
        "the token is missing, wrong or expired: make a new one and store it where the call reads it",
      ),
      wrong("odd", "no such thing", "run the same command again"),
      good("schema", "fine"),
    ])
    expect(isWrong(diagnoses)).toBe(true)
    expect(isWrong(diagnoses.slice(2))).toBe(false)
  })
})

describe("the expiry of a token", () => {
  it.each([
    ["2026-12-08T12:00:00Z", "", "good: token: valid until 2026-12-08"],
    ["2026-12-08T11:59:59Z", "", "doubtful: token: it expires in 13 days, on 2026-12-08"],
    ["2026-11-25T13:00:00Z", "", "doubtful: token: it expires in 1 day, on 2026-11-25"],
    ["2026-11-24T11:00:00Z", "", "doubtful: token: it expires in 0 days, on 2026-11-24"],
    ["", "2026-08-26T12:00:00Z", ""],
    ["", "2026-08-25T11:00:00Z", "doubtful: token: it is 91 days old and does not expire"],
    ["2027-06-01T00:00:00Z", "2020-01-01T00:00:00Z", "good: token: valid until 2027-06-01"],
    ["", "", ""],
    ["soon", "once", ""],
  ])("%s, made %s", (expires, made, expected) => {
    expect(judgeEnd("token", expires, made, now).map(short).join("; ")).toBe(expected)
  })
})

describe("a Netlify site", () => {
  const live = { id: "d1", commit: "c", url: "https://x", locked: false }
  const site = siteOf(staging)
  const byLock = { ...site, switchBy: "lock" as const }
  it.each([
    [site, live, "good", "serves d1"],
    [site, undefined, "good", "serves nothing yet"],
    [site, { ...live, locked: true }, "wrong", "is locked: nothing new can go live"],
    [byLock, { ...live, locked: true }, "good", "serves d1"],
    [byLock, live, "doubtful", "an upload by hand would go live at once"],
  ])("with %o", (place, seen, severity, says) => {
    expect(judgeSite(place, seen)).toEqual([expect.objectContaining({ severity, says: expect.stringContaining(says) })])
  })
})

describe("a Hugging Face token", () => {
  const facts = { name: "ci", role: "fineGrained", grants: [], createdAt: "2026-11-01T00:00:00Z", expiresAt: "" }
  const grant = (name: string, ...permissions: string[]) => ({ name, permissions })
  it.each([
    [{ role: "read" }, 'wrong: Hugging Face token: "ci" may only read'],
    [{ role: "write" }, 'good: Hugging Face token: "ci" may write to everything of its user'],
    [{ role: "" }, "unknown: Hugging Face token: Hugging Face does not say what it may do"],
    [{}, 'wrong: Hugging Face token: "ci" may not write to a/b: it has no right there'],
    [
      { grants: [grant("a/b", "repo.content.read")] },
      'wrong: Hugging Face token: "ci" may not write to a/b: repo.content.read',
    ],
    [
      { grants: [grant("a/other", "repo.write")] },
      'wrong: Hugging Face token: "ci" may not write to a/b: it has no right there',
    ],
    [{ grants: [grant("a/b", "repo.content.read", "repo.write")] }, 'good: Hugging Face token: "ci" may write to a/b'],
    [{ grants: [grant("a", "repo.write")], name: "" }, "good: Hugging Face token: may write to a/b"],
  ])("%j", (more, expected) => {
    expect(judgeHubToken({ ...facts, ...more }, "a/b", now).map(short)).toEqual([expected])
  })

  it("is read from the Hub", async () => {
    const scoped = [{ entity: { type: "space", name: "owner/book" }, permissions: ["repo.write"] }]
    await using hub = await huggingFace({
      spaces: ["owner/book"],
      token: "hf_x",
      run: async () => Promise.reject(new Error("nothing runs here")),
      grant: { role: "fineGrained", fineGrained: { scoped } },
    })
    const asked = new Hub(hub.url, "hf_x", fastClock())

    expect(await asked.tokenFacts()).toEqual({
      name: "pipeline",
      role: "fineGrained",
      grants: [{ name: "owner/book", permissions: ["repo.write"] }],
      createdAt: "2026-01-01T00:00:00.000Z",
      expiresAt: "",
    })
    expect(await asked.spaceFacts("owner/book")).toEqual({
      sdk: "docker",
      isPrivate: false,
      isDisabled: false,
      stage: "NO_APP_FILE",
    })
    await expect(asked.spaceFacts("owner/none")).rejects.toThrow(
      "check the name in the settings; a private one also answers 404 to a token that may not see it",
    )
    await expect(new Hub(hub.url, "hf_old", fastClock()).tokenFacts()).rejects.toThrow(
      "the token is missing, wrong or expired",
    )
    expect(hub.writes()).toEqual([])
  })
})

describe("a Space", () => {
  const facts = { sdk: "docker", isPrivate: false, isDisabled: false, stage: "RUNNING" }
  it.each([
    [{}, "good: Space a/b: a public Docker Space, RUNNING"],
    [{ stage: "SLEEPING" }, "good: Space a/b: a public Docker Space, SLEEPING"],
    [{ sdk: "gradio" }, "wrong: Space a/b: it is a gradio Space"],
    [{ stage: "PAUSED" }, "wrong: Space a/b: it is paused"],
    [{ isPrivate: true }, "wrong: Space a/b: it is private: neither visitors nor the probe reach it"],
    [{ isDisabled: true }, "wrong: Space a/b: Hugging Face disabled it"],
    [{ stage: "BUILD_ERROR" }, "doubtful: Space a/b: it is in BUILD_ERROR"],
  ])("%j", (more, expected) => {
    expect(judgeSpace("a/b", { ...facts, ...more }).map(short)).toEqual([expected])
  })
})

describe("a GitHub repository", () => {
  it("shows whether the token may write, and when it expires", async () => {
    await using server = await repository()
    server.tokenEnds("2026-12-01 10:00:00 UTC")

    const facts = await repositoryFacts(server.github)

    expect(facts).toEqual({ mayWrite: true, isArchived: false, tokenExpires: "2026-12-01T10:00:00.000Z" })
    expect(judgeRepository(facts, now).map(short)).toEqual([
      "good: GitHub token: it may write to the repository",
      "doubtful: GitHub token: it expires in 6 days, on 2026-12-01",
    ])
  })

  it.each([
    [{ mayWrite: false }, "wrong: GitHub token: it may not write, which the lock and the ledger need"],
    [{ mayWrite: undefined }, "unknown: GitHub token: GitHub does not say whether it may write"],
    [{ isArchived: true }, "wrong: GitHub repository: it is archived: nothing can be written"],
  ])("%j", (more, expected) => {
    const facts = { mayWrite: true, isArchived: false, tokenExpires: "", ...more }
    expect(judgeRepository(facts, now).map(short)).toEqual([expected])
  })

  it("has its branches, also those with a slash", async () => {
    await using server = await repository()
    server.commit("release", [], "release/1.0")

    expect(await hasBranch(server.github, "release/1.0")).toBe(true)
    expect(await hasBranch(server.github, "release/2.0")).toBe(false)
  })

  it("lists the secrets of an environment together with those of all workflows, never values", async () => {
    await using server = await repository()
    server.secret("", "SLACK_WEBHOOK_URL", "2026-11-01T00:00:00Z")
    expect(await storedSecrets(server.github, "production")).toEqual([
      { name: "SLACK_WEBHOOK_URL", updatedAt: "2026-11-01T00:00:00Z" },
    ])
    server.environment("production", ["required_reviewers"])
    server.secret("production", "HF_TOKEN", "2026-08-01T00:00:00Z")

    const stored = await storedSecrets(server.github, "production")

    const wanted = { needed: ["HF_TOKEN", "NETLIFY_TOKEN"], optional: ["SLACK_WEBHOOK_URL", "OTHER"] }
    expect(judgeSecrets(stored, wanted, now).map(short)).toEqual([
      "wrong: secret NETLIFY_TOKEN: no workflow of this environment can read one of this name",
      "doubtful: secret OTHER: it is not stored, so what needs it is skipped",
      "doubtful: secret HF_TOKEN: it was stored on 2026-08-01, more than 90 days ago",
    ])
    expect(judgeSecrets(stored, { needed: ["HF_TOKEN"], optional: [] }, new Date("2026-08-02")).map(short)).toEqual([
      "good: GitHub secrets: all that a deployment needs are stored: HF_TOKEN",
    ])
  })

  it("does not find wrong that a token is not stored which a workflow can do without", async () => {
    await using server = await repository()
    server.environment("production", [])
    server.secret("production", "NETLIFY_TOKEN", "2026-11-01T00:00:00Z")
    const stored = await storedSecrets(server.github, "production")
    const wanted = { needed: ["NETLIFY_TOKEN"], replaceable: ["HF_TOKEN"], optional: [] }

    expect(judgeSecrets(stored, wanted, now).map(short)).toEqual([
      "unknown: secret HF_TOKEN: it is not stored, so workflows give the run's own identity, and whether the Space trusts that only a run can tell",
      "good: GitHub secrets: all that a deployment needs are stored: NETLIFY_TOKEN",
    ])

    server.secret("production", "HF_TOKEN", "2026-08-01T00:00:00Z")
    expect(judgeSecrets(await storedSecrets(server.github, "production"), wanted, now).map(short)).toEqual([
      "doubtful: secret HF_TOKEN: it was stored on 2026-08-01, more than 90 days ago",
      "good: GitHub secrets: all that a deployment needs are stored: NETLIFY_TOKEN, HF_TOKEN",
    ])
  })

  it("finds a secret of its organisation; of two with one name that of the environment counts", async () => {
    await using server = await repository()
    server.environment("production", [])
    server.secret("organization", "NETLIFY_TOKEN", "2026-11-01T00:00:00Z")
    server.secret("organization", "HF_TOKEN", "2020-01-01T00:00:00Z")
    server.secret("", "HF_TOKEN", "2020-01-01T00:00:00Z")
    server.secret("production", "HF_TOKEN", "2026-11-01T00:00:00Z")

    const stored = await storedSecrets(server.github, "production")

    expect(judgeSecrets(stored, { needed: ["NETLIFY_TOKEN", "HF_TOKEN"], optional: [] }, now).map(short)).toEqual([
      "good: GitHub secrets: all that a deployment needs are stored: NETLIFY_TOKEN, HF_TOKEN",
    ])
  })

  it("says which token may list secrets", async () => {
    await using server = await repository()
    server.withoutSecrets()

    const stored = await storedSecrets(server.github, "production")

    expect(stored).toBeUndefined()
    expect(judgeSecrets(stored, { needed: ["X"], optional: [] }, now)).toEqual([
      unknown(
        "GitHub secrets",
        "this token may not list them; the token of a workflow never may",
        "run this locally with a personal token that may read secrets",
      ),
    ])
  })

  it("reports a missing environment, and one of production without rules", async () => {
    await using server = await repository()
    server.environment("Production", ["wait_timer"])

    const found = await environmentOnGitHub(server.github, "production")

    expect(short(judgeEnvironment("production", true, found))).toBe(
      "doubtful: GitHub environment production: a workflow of any branch may use it, without approval",
    )
    expect(short(judgeEnvironment("staging", false, { name: "staging", rules: [] }))).toBe(
      "good: GitHub environment staging: it exists",
    )
    expect(short(judgeEnvironment("production", true, { name: "production", rules: ["branch_policy"] }))).toBe(
      "good: GitHub environment production: protected by branch_policy",
    )
    expect(short(judgeEnvironment("qa", false, await environmentOnGitHub(server.github, "qa")))).toBe(
      "doubtful: GitHub environment qa: it does not exist: the first workflow run creates one without rules",
    )
  })

  it("does not report an environment as wrong that the token may not read", async () => {
    await using server = await repository()
    server.fail({ on: /GET .*\/environments$/, kind: "status", status: 403 })

    expect(judgeEnvironment("production", true, await environmentOnGitHub(server.github, "production"))).toEqual(
      unknown(
        "GitHub environment production",
        "this token may not see it",
        "give --github-token one that may also read actions",
      ),
    )
  })

  it("lists what its protection lacks, and who may read it", () => {
    expect(
      [
        judgeProtection("main", [], "dagger call"),
        judgeProtection("main", ["it can be deleted"], "dagger call delivery"),
        judgeProtection("main", undefined, "dagger call"),
      ].map(short),
    ).toEqual([
      "good: branch main: protected as the settings say",
      "wrong: branch main: it is less protected than the settings say: it can be deleted",
      "unknown: branch main: only an administrator may read its protection",
    ])
  })
})

it("reports an irreversible migration before it runs", () => {
  const step = (revision: string, kind: MigrationClass) => ({ revision, down: [], depends: [], class: kind, title: "" })

  expect(
    [
      { from: "0003", to: "0003", steps: [] },
      { from: "", to: "0001", steps: [step("0001", MigrationClass.Expand)] },
      { from: "0003", to: "0004", steps: [step("0004", MigrationClass.Contract)] },
    ].map((plan) => short(judgePlan(plan, "dagger call"))),
  ).toEqual([
    "good: database: it answers, at 0003",
    "good: database: it answers; the next deployment migrates empty → 0001: 0001 expand",
    "doubtful: database: the next deployment changes it irreversibly: 0003 → 0004: 0004 contract",
  ])
})

it("reports a signing key that does not belong to the settings' public key", () => {
  const [ours, other] = [
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ]

  expect(
    [
      judgeKey(ours.publicKey, ours.publicKey),
      judgeKey(other.publicKey, ours.publicKey),
      judgeKey(ours.publicKey, undefined),
    ].map(short),
  ).toEqual([
    "good: signing key: it belongs to the settings' publicKey",
    "wrong: signing key: it does not belong to the settings' publicKey",
    "doubtful: signing key: it signs, but nothing requires a signature: the settings have no publicKey",
  ])
})

it("misses somebody to call where visitors are, and nobody elsewhere", () => {
  expect(judgePage("production", true, [])).toEqual([
    doubtful(
      "people to call",
      "a failure mentions the channel alone: nobody is named",
      "put the Slack IDs of those on call into environments.production.page of the settings",
    ),
  ])
  expect(judgePage("staging", false, [])).toEqual([])
  expect(judgePage("production", true, ["U0ANA0000", "S0ONCALL0"]).map(short)).toEqual([
    "good: people to call: a failure mentions U0ANA0000, S0ONCALL0",
  ])
})

describe("a Slack webhook", () => {
  it("is good when Slack only rejects an empty message, which nobody sees", async () => {
    await using channel = await slack()

    expect(short(judgeWebhook(await new SlackWebhook(channel.webhook, fastClock()).look()))).toBe(
      "good: Slack webhook: it accepts messages",
    )
    expect(channel.messages()).toEqual([])
  })

  it.each([
    [404, "no_service", "wrong: Slack webhook: it accepts no messages: Slack answered 404: no_service"],
    [
      410,
      "channel_is_archived",
      "wrong: Slack webhook: it accepts no messages: Slack answered 410: channel_is_archived",
    ],
    [500, "no_text", "good: Slack webhook: it accepts messages"],
    [400, "<html>", "wrong: Slack webhook: it accepts no messages: Slack answered 400"],
    [200, "ok", "wrong: Slack webhook: it accepts no messages: Slack answered 200: ok"],
    [500, "rollup_error", "unknown: Slack webhook: Slack answered 500: rollup_error"],
    [302, "<html>", "wrong: Slack webhook: it accepts no messages: Slack answered 302"],
  ])("that answers %d", async (status, code, expected) => {
    await using channel = await slack()
    channel.refuse(status, code)

    expect(short(judgeWebhook(await new SlackWebhook(channel.webhook, fastClock()).look()))).toBe(expected)
  })

  it("that can't be reached is reported without its address", async () => {
    const channel = await slack()
    await channel.close()

    await expect(new SlackWebhook(channel.webhook, fastClock()).look()).rejects.toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: Slack did not take the message.
        why: it got no answer (ECONNREFUSED)
        next: the operation itself is not affected; notify people yourself]
    `)
  })
})

it("names the flag of a check that was not run", () => {
  expect(notGiven("database", "database-url", "DATABASE_URL_STAGING")).toEqual(
    unknown("database", "not checked: its secret was not given", "give --database-url=env://DATABASE_URL_STAGING"),
  )
})

describe("the health answer", () => {
  const url = "https://book.example"

  it.each([
    [undefined, "", "good: health answer: https://book.example answers in a form that can be judged"],
    [undefined, "refused the connection", "unknown: health answer: https://book.example refused the connection"],
    [
      { why: "/health tells no commit in the field commit", setting: 'backend: { "commitFrom": "host" }' },
      "",
      "wrong: health answer: https://book.example: /health tells no commit in the field commit",
    ],
  ])("%j, silence %j", (found, silence, says) => {
    expect(short(judgeHealthForm(url, found, silence))).toBe(says)
  })
})

describe("the names of a service's variables and secrets", () => {
  const about = "service's variables and secrets"

  it("are compared between the environments, as the Hub shows them, without our own mark", async () => {
    await using hub = await huggingFace({
      spaces: ["a/staging", "a/live"],
      run: async () => ({ url: "", stop: async () => {} }),
    })
    const facts = new Hub(hub.url, "hf_secret", fastClock())
    const set = (space: string, kind: string, key: string) =>
      fetch(`${hub.url}/api/spaces/${space}/${kind}`, {
        method: "POST",
        headers: { authorization: "Bearer hf_secret" },
        body: JSON.stringify({ key, value: "x" }),
      })
    await set("a/staging", "variables", "CORS_ORIGINS")
    await set("a/staging", "variables", "PIPELINE_SECRETS_MARK")
    await set("a/staging", "secrets", "API_KEY")
    await set("a/live", "secrets", "API_KEY")
    const [staging, live] = await Promise.all(["a/staging", "a/live"].map((space) => facts.names(space)))

    expect(staging).toEqual(["API_KEY", "CORS_ORIGINS"])
    const own = { environment: "production", names: live }
    expect(judgeNames(own, [{ environment: "staging", names: staging }]).map(short)).toEqual([
      `doubtful: ${about}: staging has CORS_ORIGINS, production does not`,
    ])
    expect(judgeNames(own, [{ environment: "staging", names: live }]).map(short)).toEqual([
      `good: ${about}: staging has the same: API_KEY`,
    ])
  })

  it("are unknown where the token may not see them", async () => {
    await using hub = await huggingFace({ spaces: [], run: async () => ({ url: "", stop: async () => {} }) })
    const names = await new Hub(hub.url, "hf_secret", fastClock()).names("a/hidden")

    expect(
      judgeNames({ environment: "staging", names: [] }, [{ environment: "production", names }]).map(short),
    ).toEqual([`unknown: ${about}: the token may not see those of production`])
  })
})
