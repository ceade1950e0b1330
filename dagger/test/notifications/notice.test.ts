import { expect, it } from "vitest"
import { checksFailed } from "../../lib/checks/errors.js"
import { StepLog } from "../../lib/deployment/step-log.js"
import { noTracer, Step } from "../../lib/deployment/tracer.js"
import { noticeOf } from "../../lib/notifications/notice.js"
import { brokenOff, OperationKind, type OperationResult } from "../../lib/notifications/operation.js"
import { slackMessage } from "../../lib/notifications/slack-message.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { slack } from "../../stand-ins/slack.js"
import { commit } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { deployment, operation, result } from "../support/operations.js"

const both = [Component.Backend, Component.Frontend]
const promotion = operation({ kind: OperationKind.Promotion, components: both, commit: "" })
const rollback = operation({ kind: OperationKind.Rollback, commit: "", reason: "prices are <wrong> & `odd`" })
const promoted = result(deployment(), deployment({ component: Component.Frontend }))
const ended = (verdict: Verdict) => result(deployment({ verdict }))
const secrets = { netlify: "NETLIFY_TOKEN", huggingFace: "HF_TOKEN", database: "DATABASE_URL" }
const broken = brokenOff(
  checksFailed("FAILED  backend tests\n  ✗ test_health\n    assert 500 == 200", "dagger call"),
  operation(),
  new StepLog(fastClock(), noTracer),
)

it.each<[string, ReturnType<typeof operation>, OperationResult | undefined]>([
  ["started", operation(), undefined],
  ["started-promotion", promotion, undefined],
  ["success", operation(), ended(Verdict.Success)],
  ["promotion", promotion, promoted],
  ["rollback-by-hand", rollback, result(deployment({ commit: commit("a"), version: "v-a", liveCommit: commit("a") }))],
  ["rolled-back", operation(), ended(Verdict.RolledBack)],
  ["rollback-failed", operation({ secrets }), ended(Verdict.RollbackFailed)],
  ["failed", operation(), ended(Verdict.Failed)],
  ["broken-off", operation(), { ...broken, step: Step.Check }],
  ["refused", operation(), ended(Verdict.Refused)],
  ["no-change", operation(), ended(Verdict.NoChange)],
])("describes %s in one message that Slack accepts", async (name, on, how) => {
  await using channel = await slack()
  const notice = noticeOf(on, how, { author: "Ada Lovelace", message: "Answer faster" })
  const message = slackMessage(notice, {
    source: "https://github.com/acme/book",
    troubleshooting: "https://github.com/acme/book/blob/HEAD/docs/deployment/troubleshooting.md",
    page: ["U024BE7LH", "S0604QSJC"],
  })

  const answer = await fetch(channel.webhook, { method: "POST", body: JSON.stringify(message) })

  expect(await answer.text()).toBe("ok")
  await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(`slack-messages/${name}.json`)
})

it("tells what the migration did, or why it failed, of the component that has a database", () => {
  const step = (detail: string) => [{ name: Step.Migrate, milliseconds: 1, detail }]
  const backend = deployment({ steps: step("applied 0004 add_prices") })
  const frontend = deployment({ component: Component.Frontend, steps: step("the frontend has no database") })
  const context = { source: "https://github.com/acme/book", troubleshooting: "https://docs.example", page: [] }

  const notice = noticeOf(promotion, result(backend, frontend), { author: "", message: "" })

  expect(notice.migration).toBe("applied 0004 add_prices")
  expect(JSON.stringify(slackMessage(notice, context))).toContain("*Migration*\\napplied 0004 add_prices")
})

it("calls people when the schema is in the way of a rollback, though it ended refused", () => {
  const refused = result(deployment({ verdict: Verdict.Refused, schemaConflict: true }))
  const context = {
    source: "https://github.com/acme/book",
    troubleshooting: "https://docs.example",
    page: ["U024BE7LH"],
  }

  const { text } = slackMessage(noticeOf(rollback, refused, { author: "", message: "" }), context)

  expect(text).toMatch(/^<!channel> <@U024BE7LH> 🔴 backend of production: the rollback of bbbbbbb ended refused$/)
})
