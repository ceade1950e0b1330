import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import type { Attempt } from "../../lib/deployment/ledger.js"
import { measurement } from "../../lib/metrics/measurement.js"
import { metricsNotice } from "../../lib/metrics/metrics-notice.js"
import { slackMessage } from "../../lib/notifications/slack-message.js"
import { readSettings } from "../../lib/settings/settings.js"
import { Verdict } from "../../src/exposed-types.js"
import { historyOf, past } from "../support/past.js"

const settings = readSettings(readFileSync("delivery.json", "utf8"))
const context = {
  source: settings.project.source,
  troubleshooting: "https://docs.example/troubleshooting",
  page: ["U1"],
}

function messageOf(oldestFirst: Attempt[]) {
  const record = { history: historyOf(oldestFirst), committedAt: new Map(), at: Date.parse("2026-11-24T12:00:00Z") }
  const found = measurement(record, settings, { weeks: 2, environment: "production" })
  return slackMessage(metricsNotice(found, "Book", "https://runs.example/7"), context)
}
const lastWeek = (verdict: Verdict) => past("b", "2026-11-17T10:00:00.000Z", 60, verdict, { reason: "<!channel>" })

it("notifies Slack of the last complete week and of each missed target, and mentions nobody", () => {
  const message = messageOf([past("a", "2026-11-16T10:00:00.000Z", 60), lastWeek(Verdict.Failed)])
  expect(message).toMatchInlineSnapshot(`
    {
      "attachments": [
        {
          "blocks": [
            {
              "text": {
                "text": "*Why*
    \`\`\`
    backend of production: 50 % of the deployments succeeded (1 of 2), the target is at least 95 %.
    backend of production: nothing succeeded since a failure 7 d 2 h ago, the target is at most 1 h.
    \`\`\`",
                "type": "mrkdwn",
                "verbatim": true,
              },
              "type": "section",
            },
            {
              "text": {
                "text": "*Next*
    see in metrics.md which runs missed them",
                "type": "mrkdwn",
                "verbatim": true,
              },
              "type": "section",
            },
            {
              "text": {
                "text": "<https://runs.example/7|Run> · <https://docs.example/troubleshooting|Troubleshooting>",
                "type": "mrkdwn",
                "verbatim": true,
              },
              "type": "section",
            },
          ],
          "color": "#ecb22e",
        },
      ],
      "blocks": [
        {
          "text": {
            "emoji": true,
            "text": "🟡 Book: 2026-W47: 1 of 2 deployments went live (50 %).",
            "type": "plain_text",
          },
          "type": "header",
        },
      ],
      "text": "🟡 Book: 2026-W47: 1 of 2 deployments went live (50 %).",
      "unfurl_links": false,
    }
  `)
  expect(JSON.stringify(message)).not.toMatch(/<!|<@/)
})

it("notifies Slack of a week in which every target was met", () => {
  expect(messageOf([lastWeek(Verdict.Success)])).toMatchInlineSnapshot(`
    {
      "attachments": [
        {
          "blocks": [
            {
              "text": {
                "text": "<https://runs.example/7|Run>",
                "type": "mrkdwn",
                "verbatim": true,
              },
              "type": "section",
            },
          ],
          "color": "#2eb67d",
        },
      ],
      "blocks": [
        {
          "text": {
            "emoji": true,
            "text": "🟢 Book: 2026-W47: 1 of 1 deployment went live (100 %).",
            "type": "plain_text",
          },
          "type": "header",
        },
      ],
      "text": "🟢 Book: 2026-W47: 1 of 1 deployment went live (100 %).",
      "unfurl_links": false,
    }
  `)
})
