import { expect, it } from "vitest"
import { Half } from "../src/deployment.js"
import { brokenOff, type ErrandEnding, ErrandKind } from "../src/errand.js"
import { checksFailed } from "../src/errors.js"
import { Step, silentJournal } from "../src/journal.js"
import { Logbook } from "../src/logbook.js"
import { noticeOf } from "../src/notice.js"
import { slackMessage } from "../src/slack-message.js"
import { Verdict } from "../src/verdict.js"
import { slack } from "../stand-ins/slack.js"
import { commit } from "./support/app.js"
import { deployment, ending, errand } from "./support/errands.js"
import { fastClock } from "./support/fast-clock.js"

const both = [Half.Backend, Half.Frontend]
const promotion = errand({ kind: ErrandKind.Promotion, halves: both, commit: "" })
const rollback = errand({ kind: ErrandKind.Rollback, commit: "", reason: "prices are <wrong> & `odd`" })
const promoted = ending(deployment(), deployment({ half: Half.Frontend }))
const ended = (verdict: Verdict) => ending(deployment({ verdict }))
const secrets = { netlify: "NETLIFY_TOKEN", huggingFace: "HF_TOKEN", database: "DATABASE_URL" }
const broken = brokenOff(
  checksFailed("FAILED  backend tests\n  ✗ test_health\n    assert 500 == 200"),
  errand(),
  new Logbook(fastClock(), silentJournal),
)

it.each<[string, ReturnType<typeof errand>, ErrandEnding | undefined]>([
  ["started", errand(), undefined],
  ["started-promotion", promotion, undefined],
  ["success", errand(), ended(Verdict.Success)],
  ["promotion", promotion, promoted],
  ["rollback-by-hand", rollback, ending(deployment({ commit: commit("a"), version: "v-a", liveCommit: commit("a") }))],
  ["rolled-back", errand(), ended(Verdict.RolledBack)],
  ["rollback-failed", errand({ secrets }), ended(Verdict.RollbackFailed)],
  ["failed", errand(), ended(Verdict.Failed)],
  ["broken-off", errand(), { ...broken, step: Step.Check }],
  ["refused", errand(), ended(Verdict.Refused)],
  ["no-change", errand(), ended(Verdict.NoChange)],
])("tells %s in one message that Slack takes", async (name, on, how) => {
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
