import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { MigrationClass } from "../../lib/database/schema.js"
import type { Deployment } from "../../lib/deployment/outcome.js"
import { deploymentText } from "../../lib/deployment/report.js"
import { rollback } from "../../lib/deployment/rollback.js"
import { noTracer, Step, type Tracer } from "../../lib/deployment/tracer.js"
import { PipelineError } from "../../lib/errors.js"
import { Notifier, notifying, type OperationContext } from "../../lib/notifications/notifier.js"
import { type Operation, OperationKind, resultOf } from "../../lib/notifications/operation.js"
import { readSettings } from "../../lib/settings/settings.js"
import type { Settings } from "../../lib/settings/settings-types.js"
import { keepSecret } from "../../lib/text/secret-values.js"
import { channelsOf } from "../../lib/wiring/channels.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { slack } from "../../stand-ins/slack.js"
import { commit } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { operation } from "../support/operations.js"
import { shortWaits } from "../support/short-waits.js"
import { world } from "../support/world.js"

let scratch = ""
let hurry: Disposable
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "notifier-"))
  hurry = shortWaits()
})
afterAll(async () => {
  hurry[Symbol.dispose]()
  await rm(scratch, { recursive: true, force: true })
})

/** A site of which "a" is live, and Slack and GitHub to tell of what happens to it. */
async function testBed(notify: object = {}) {
  const [it, channel, history] = [
    await world(Component.Frontend, scratch),
    await slack(),
    await gitHub({ token: "ghp_x" }),
  ]
  for (const letter of ["a", "b"]) history.commit(`version ${letter} for <!channel> and $(all)`, [], "", commit(letter))
  const settings = (): Settings =>
    readSettings(
      JSON.stringify({
        project: { title: "Book", source: "https://github.com/owner/book" },
        image: { repository: "ghcr.io/owner/book" },
        providers: { gitHub: history.url },
        environments: {
          staging: {
            branch: "staging",
            frontend: { site: "book" },
            backend: { space: "owner/book" },
            page: ["U024BE7LH"],
            notify,
          },
        },
      }),
    )
  return {
    it,
    channel,
    history,
    settings,
    statuses: (letter = "b") =>
      history
        .commitStatuses(commit(letter))
        .map(({ context, state, description }) => `${context} ${state} ${description.replace(/\d+\.\d s$/, "… s")}`)
        .reverse(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([it[Symbol.asyncDispose](), channel.close(), history.close()])
    },
  }
}
type TestBed = Awaited<ReturnType<typeof testBed>>

const theSite = (over: Partial<Operation> = {}) =>
  operation({ components: [Component.Frontend], environment: "staging", ...over })

async function tell(
  { settings, channel }: TestBed,
  act: (context: OperationContext) => Promise<Deployment>,
  { on = theSite(), credentials = {}, tracer = noTracer as Tracer } = {},
) {
  const clock = fastClock()
  const given = { slackWebhook: channel.webhook, gitHubToken: "ghp_x", ...credentials }
  const { channels, undelivered: unreachable } = channelsOf(settings(), on, given, clock)
  const { result, undelivered } = await notifying(
    new Notifier(channels, on, clock, tracer, unreachable),
    on,
    clock,
    act,
    resultOf,
  )
  return { ...result, undelivered, slept: clock.slept }
}
const deployB =
  ({ it }: TestBed) =>
  ({ tracer }: OperationContext) =>
    it.deploy("b", { tracer })
const deployIll =
  ({ it }: TestBed) =>
  ({ tracer }: OperationContext) =>
    it.deploy("b", {
      tracer,
      gates: () => Promise.reject(new PipelineError("A gate fails.", { why: "coverage is 69.9 %", next: "test more" })),
    })

describe("notifications", () => {
  it("report a deployment when it begins to change something and when it is live; its commit shows both", async () => {
    await using all = await testBed()
    const { verdict, undelivered } = await tell(all, deployB(all))
    expect([verdict, undelivered]).toEqual([Verdict.Success, []])
    expect(all.channel.messages().map(({ text }) => text)).toEqual([
      "⚪ frontend of staging: the deployment of bbbbbbb has started",
      "🟢 frontend of staging: bbbbbbb is live",
    ])
    expect(all.channel.shown(1)).toContain("version b for &lt;!channel&gt; and $(all)")
    expect(all.channel.shown(1)).toContain("*Author*\nowner")
    expect(all.statuses()).toEqual([
      "deploy-frontend pending staging: the deployment is running",
      "deploy-frontend success staging: live in … s",
    ])
    expect(all.history.issues()).toEqual([])
  })

  it("send nothing to Slack for an unchanged version, and its commit shows that", async () => {
    await using all = await testBed()
    const { verdict } = await tell(all, ({ tracer }) => all.it.deploy("a", { tracer }), {
      on: theSite({ commit: commit("a") }),
    })
    expect(verdict).toBe(Verdict.NoChange)
    expect(all.channel.messages()).toEqual([])
    expect(all.statuses("a").at(-1)).toBe("deploy-frontend success staging: no-change in … s")
  })

  it("write nothing when the same call is repeated", async () => {
    await using all = await testBed()
    await tell(all, deployB(all))
    const writes = () => [all.channel.writes().length, all.history.writes().length]
    const before = writes()

    const { verdict } = await tell(all, deployB(all))

    expect(verdict).toBe(Verdict.NoChange)
    expect(writes()).toEqual(before)
  })

  it("set a commit to pending again once its second deployment changes something", async () => {
    await using all = await testBed()
    await tell(all, deployB(all))
    await all.it.deploy("a")
    await tell(all, deployIll(all))
    expect(all.statuses()).toEqual([
      "deploy-frontend pending staging: the deployment is running",
      "deploy-frontend success staging: live in … s",
      "deploy-frontend failure staging: failed: A gate fails.",
    ])
    await tell(all, deployB(all))
    expect(all.statuses().slice(-2)).toEqual([
      "deploy-frontend pending staging: the deployment is running",
      "deploy-frontend success staging: live in … s",
    ])
  })

  it("are sent for that too when the settings say so", async () => {
    await using all = await testBed({ slack: ["no-change"] })
    await tell(all, ({ tracer }) => all.it.deploy("a", { tracer }), { on: theSite({ commit: commit("a") }) })
    expect(all.channel.messages().map(({ text }) => text)).toEqual([
      "⚪ frontend of staging: the deployment of aaaaaaa ended no-change",
    ])
  })

  it("mention people for a failure, which opens one incident however often it happens; the next success closes it", async () => {
    await using all = await testBed()
    await tell(all, deployIll(all))
    await tell(all, deployIll(all))
    expect(all.channel.messages().map(({ text }) => text)).toEqual([
      "<!channel> <@U024BE7LH> 🔴 frontend of staging: the deployment of bbbbbbb ended failed",
      "<!channel> <@U024BE7LH> 🔴 frontend of staging: the deployment of bbbbbbb ended failed",
    ])
    expect(all.channel.shown(0)).toContain("coverage is 69.9 %")
    expect(all.history.issues().map(({ title, state, comments }) => [title, state, comments.length])).toEqual([
      ["staging: the frontend ended failed (check the gates)", "open", 1],
    ])

    await tell(all, deployB(all))
    expect(all.history.issues().map(({ state, comments }) => [state, comments.at(-1)?.split("\n")[0]])).toEqual([
      ["closed", `Over: \`${commit("b")}\` is live and answers.`],
    ])
  })

  it("report a manual rollback, which opens an incident", async () => {
    await using all = await testBed()
    await all.it.deploy("b")
    const on = theSite({ kind: OperationKind.Rollback, commit: "", reason: "prices are <wrong>" })
    await tell(all, ({ tracer }) => rollback({ ...all.it.target, tracer }, { to: "", reason: on.reason }), { on })
    expect(all.channel.messages().map(({ text }) => text)).toEqual([
      "⚪ frontend of staging: a rollback has started",
      "🟡 frontend of staging: was rolled back by hand to aaaaaaa",
    ])
    expect(all.channel.shown(1)).toContain("*Why*\n```\nprices are &lt;wrong&gt;\n```")
    expect(all.statuses("a")).toEqual(["deploy-frontend success staging: live again after a rollback in … s"])
    expect(all.history.issues().map(({ title }) => title)).toEqual(["staging: the frontend was rolled back by hand"])
  })

  it("call people when the schema is in the way of a rollback, where the settings want no word of refusals", async () => {
    await using all = await testBed({ slack: ["rollback-failed"] })
    await all.it.deploy("b")
    const on = theSite({ kind: OperationKind.Rollback, commit: "", reason: "prices are wrong" })
    const schema = async () => ({
      database: "r2",
      known: ["r1"],
      between: [{ revision: "r2", class: MigrationClass.Contract }],
    })

    await tell(all, ({ tracer }) => rollback({ ...all.it.target, tracer }, { to: "", reason: on.reason, schema }), {
      on,
    })
    await tell(all, ({ tracer }) => rollback({ ...all.it.target, tracer }, { to: "fffffff", reason: on.reason }), {
      on,
    })

    expect(all.channel.messages().map(({ text }) => text)).toEqual([
      "<!channel> <@U024BE7LH> 🔴 frontend of staging: the rollback ended refused",
    ])
  })

  it("report an automatic rollback in yellow, and mention people", async () => {
    await using all = await testBed()
    all.it.front.fail({ on: /version/, kind: "status", status: 500, times: 999, when: () => all.it.serving() === "b" })
    const { verdict } = await tell(all, deployB(all))
    expect(verdict).toBe(Verdict.RolledBack)
    expect(all.channel.messages().at(-1)?.text).toBe(
      "<!channel> <@U024BE7LH> 🟡 frontend of staging: bbbbbbb failed and was rolled back",
    )
    expect(all.history.issues().map(({ title }) => title)).toEqual([
      "staging: the frontend ended rolled-back (probe live)",
    ])
  })

  it("report a run that was aborted before it had a verdict, with the end of its log", async () => {
    await using all = await testBed()
    const checks = ({ log }: OperationContext): Promise<Deployment> =>
      log.step<Deployment>(
        Step.Check,
        async () => {
          throw new PipelineError("The checks failed.\nFAILED  frontend tests\n  ✗ says <hello>", {
            why: "see above",
            next: "fix them",
          })
        },
        String,
      )
    await expect(tell(all, checks)).rejects.toThrow("The checks failed.")
    expect(all.channel.messages()[0]?.text).toContain("🔴 frontend of staging: the deployment of bbbbbbb ended failed")
    expect(all.channel.shown(0)).toContain("FAILED  frontend tests\n  ✗ says &lt;hello&gt;")
    expect(all.statuses().at(-1)).toBe("deploy-frontend failure staging: failed: The checks failed.")
    expect(all.history.issues().map(({ title }) => title)).toEqual([
      "staging: the frontend ended failed (run the checks)",
    ])
  })

  it("are sent only as the settings say", async () => {
    await using all = await testBed({ slack: [], incidents: [], statuses: false })
    await tell(all, deployIll(all))
    expect([all.channel.log, all.history.log]).toEqual([[], []])
  })
})

interface Row {
  fault: string
  when: (it: TestBed) => void
  undelivered: string[]
}
const slackFails = (fault: object) => (all: TestBed) =>
  all.channel.fail({ on: /POST/, kind: "status", times: 99, ...fault } as never)
const gitHubFails = (on: RegExp, fault: object) => (all: TestBed) =>
  all.history.fail({ on, kind: "status", times: 99, ...fault } as never)
const statuses = /\/statuses\//
const issues = /\/issues/

// biome-ignore format: one row, one line
const rows: Row[] = [
  { fault: "Slack answers 429 for a while", when: slackFails({ status: 429, times: 2, headers: { "retry-after": "2" } }), undelivered: [] },
  { fault: "Slack answers 429 for longer than there is time", when: slackFails({ status: 429, headers: { "retry-after": "60" } }), undelivered: ["Slack was not notified: it answered 429"] },
  { fault: "Slack answers 500 twice", when: slackFails({ status: 500, times: 2 }), undelivered: [] },
  { fault: "Slack answers 500 forever", when: slackFails({ status: 500, body: "rollup_error" }), undelivered: ["Slack was not notified: it answered 500: rollup_error four times"] },
  { fault: "Slack hangs up forever", when: slackFails({ kind: "reset" }), undelivered: ["Slack was not notified: it got no answer (UND_ERR_SOCKET) four times"] },
  { fault: "Slack is down", when: (all) => void all.channel.close(), undelivered: ["Slack was not notified: it got no answer (ECONNREFUSED) four times"] },
  { fault: "the webhook was removed", when: (all) => all.channel.refuse(404, "no_service"), undelivered: ["Slack was not notified: it answered 404: no_service"] },
  { fault: "the channel is archived", when: (all) => all.channel.refuse(410, "channel_is_archived"), undelivered: ["Slack was not notified: it answered 410: channel_is_archived"] },
  { fault: "statuses may not be written", when: gitHubFails(statuses, { status: 403, body: '{"message":"Resource not accessible by integration"}' }), undelivered: [`Commit statuses were not notified: POST /statuses/${commit("b")} was answered 403: Resource not accessible by integration`] },
  { fault: "the commit is not pushed", when: gitHubFails(statuses, { status: 422, body: '{"message":"No commit found for SHA"}' }), undelivered: [`Commit statuses were not notified: POST /statuses/${commit("b")} was answered 422: No commit found for SHA`] },
  { fault: "statuses answer 502 once", when: gitHubFails(statuses, { status: 502, times: 1 }), undelivered: [] },
  { fault: "statuses answer 503 forever", when: gitHubFails(statuses, { status: 503 }), undelivered: [`Commit statuses were not notified: POST /statuses/${commit("b")} was answered 503: scripted fault`] },
  { fault: "issues are disabled", when: (all) => all.history.disableIssues(), undelivered: ["Incidents were not notified: its issues are disabled"] },
  { fault: "issues may not be read", when: gitHubFails(issues, { status: 403 }), undelivered: ["Incidents were not notified: GET /issues was answered 403: scripted fault"] },
  { fault: "the repository's issues are not found", when: gitHubFails(issues, { status: 404 }), undelivered: ["Incidents were not notified: GET /issues was answered 404: scripted fault"] },
  { fault: "issues answer 503 forever", when: gitHubFails(issues, { status: 503 }), undelivered: ["Incidents were not notified: GET /issues was answered 503: scripted fault"] },
  { fault: "the author of the commit is unknown", when: gitHubFails(/\/commits\//, { status: 500 }), undelivered: [] },
  { fault: "all are down", when: (all) => { all.channel.refuse(404, "no_service"); gitHubFails(/./, { status: 500 })(all) }, undelivered: ["Slack was not notified: it answered 404: no_service", `Commit statuses were not notified: POST /statuses/${commit("b")} was answered 500: scripted fault`, "Incidents were not notified: GET /issues was answered 500: scripted fault"] },
]

describe("an outage of a channel", () => {
  it.each(rows)("changes neither verdict nor what is live: $fault", async ({ when, undelivered }) => {
    await using all = await testBed()
    when(all)
    const deployment = await tell(all, deployB(all))
    expect([deployment.verdict, await all.it.live()]).toEqual([Verdict.Success, "b"])
    expect(deployment.undelivered.toSorted()).toEqual(undelivered.toSorted())
    expect(deploymentText(deployment).match(/^ {2}undelivered .*$/gm) ?? []).toHaveLength(undelivered.length)
    expect(deployment.slept).toBeLessThanOrEqual(30_000)
    expect((await all.it.ledger.list("frontend", "staging"))[0]).toMatchObject({ verdict: Verdict.Success })
  })

  it.each(rows)("does not change a failure: $fault", async ({ when }) => {
    await using all = await testBed()
    when(all)
    const deployment = await tell(all, deployIll(all))
    expect([deployment.verdict, await all.it.live()]).toEqual([Verdict.Failed, "a"])
    expect(deployment.failed).toBe("A gate fails.")
  })

  it("is a failed step of the trace", async () => {
    await using all = await testBed()
    all.channel.refuse(404, "no_service")
    const seen: string[] = []
    const tracer: Tracer = {
      step: (step, act) =>
        act().catch((failure) => {
          seen.push(`${step}: ${failure.message.split("\n")[1]}`)
          throw failure
        }),
    }
    await tell(all, deployB(all), { tracer })
    expect(seen).toEqual(Array(2).fill("notify:   why: it answered 404: no_service"))
  })

  it("is in the error of an aborted run", async () => {
    await using all = await testBed()
    all.channel.refuse(500, "")
    const broken = async (): Promise<never> => {
      throw new PipelineError("The checks failed.", { why: "see above", next: "fix them" })
    }
    await expect(tell(all, broken)).rejects.toThrow(
      "The checks failed.\n  why: see above\n  next: fix them\n  undelivered: Slack was not notified: it answered 500 four times",
    )
  })

  it("keeps the class of a failure, by which the engine shows the output of a command", async () => {
    await using all = await testBed()
    all.channel.refuse(404, "no_service")
    class ExecError extends Error {
      readonly exitCode = 3
    }
    const failure: unknown = await tell(all, () => Promise.reject(new ExecError("exit code: 3"))).catch((it) => it)
    expect(failure).toBeInstanceOf(ExecError)
    expect(failure).toMatchObject({
      exitCode: 3,
      message: "exit code: 3\n  undelivered: Slack was not notified: it answered 404: no_service",
    })
  })

  it("does not delay the deployment", async () => {
    await using all = await testBed()
    let released = () => {}
    const held = new Promise<void>((release) => {
      released = release
    })
    all.channel.onRequest = (when) => (when === "before" ? held : undefined)
    let live = ""
    const deployment = tell(all, async (means) => {
      const done = await deployB(all)(means)
      live = await all.it.live()
      released()
      return done
    })
    expect((await deployment).verdict).toBe(Verdict.Success)
    expect(live).toBe("b")
    expect(all.channel.messages()).toHaveLength(2)
  })
})

const secret = 'tok/en+"12345'
keepSecret(secret)

it.each([
  ["as it is", secret],
  ["in base64", Buffer.from(`x:${secret}`).toString("base64")],
  ["URL-encoded", encodeURIComponent(secret)],
  ["in JSON", JSON.stringify(secret).slice(1, -1)],
])("no secret that a test printed %s leaves by any of the three", async (_, written) => {
  await using all = await testBed()
  const why = `the test printed ${written}`
  const broken = async (): Promise<never> => {
    throw new PipelineError(`The checks failed: ${why}.\n${why}`, { why, next: `look at ${written}` })
  }
  await expect(tell(all, broken)).rejects.toThrow("The checks failed")
  await tell(all, ({ tracer }) =>
    all.it.deploy("b", { tracer, gates: () => Promise.reject(new PipelineError(why, { why, next: why })) }),
  )
  const sent = [
    ...all.channel.messages().map((message) => JSON.stringify(message)),
    ...all.history.issues().map((issue) => JSON.stringify(issue)),
    ...all.statuses(),
  ]
  expect(sent.length).toBeGreaterThanOrEqual(6)
  const quoted = JSON.stringify(written).slice(1, -1)
  for (const text of sent) expect(text).not.toContain(quoted)
  expect(sent.filter((text) => /the test printed \w{0,3}\*\*\*/.test(text)).length).toBeGreaterThanOrEqual(4)
})

describe("a call without credentials", () => {
  it("reports an empty secret once, and notifies the other channels", async () => {
    await using all = await testBed()
    const { undelivered } = await tell(all, deployB(all), { credentials: { slackWebhook: "" } })
    expect(undelivered).toEqual(["Slack was not notified: --slack-webhook is empty"])
    expect(all.statuses()).toHaveLength(2)
  })

  it("reports an invalid webhook address without showing it", async () => {
    await using all = await testBed()
    const { undelivered } = await tell(all, deployB(all), { credentials: { slackWebhook: "hooks/T0/secret" } })
    expect(undelivered).toEqual(["Slack was not notified: --slack-webhook is not an https address"])
  })

  it("says nothing about secrets that it was not given", async () => {
    await using all = await testBed()
    const { undelivered } = await tell(all, deployB(all), {
      credentials: { slackWebhook: undefined, gitHubToken: undefined },
    })
    expect(undelivered).toEqual([])
    expect([all.channel.log, all.history.log]).toEqual([[], []])
  })
})

describe("checks", () => {
  const on = operation({ kind: OperationKind.Checks, components: [], environment: "" })

  it("set a status on their commit, notify Slack only of a failure, and mention nobody", async () => {
    await using all = await testBed()
    const broken = async (): Promise<never> => {
      throw new PipelineError("The checks failed.\nFAILED  frontend tests", { why: "see above", next: "fix them" })
    }
    await expect(tell(all, broken, { on })).rejects.toThrow("The checks failed.")
    expect(all.channel.messages().map(({ text }) => text)).toEqual(["🔴 checks: the checks of bbbbbbb ended failed"])
    expect(all.statuses()).toEqual(["ci pending the checks are running", "ci failure The checks failed."])
    expect(all.history.issues()).toEqual([])
  })

  it("report that a status needs a commit", async () => {
    await using all = await testBed()
    expect(
      channelsOf(all.settings(), { ...on, commit: "" }, { slackWebhook: undefined, gitHubToken: "x" }, fastClock())
        .undelivered,
    ).toEqual(["Commit statuses were not notified: --commit is not given"])
    expect(
      channelsOf(all.settings(), on, { slackWebhook: undefined, gitHubToken: "" }, fastClock()).undelivered,
    ).toEqual(["Commit statuses were not notified: --github-token is empty"])
  })
})
