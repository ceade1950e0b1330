import { describe, expect, it } from "vitest"
import { ownNotice } from "../../lib/notifications/notice.js"
import { slackMessage } from "../../lib/notifications/slack-message.js"
import { SlackWebhook } from "../../lib/providers/slack/slack.js"
import { NoticeKind } from "../../src/exposed-types.js"
import { type SlackStandIn, slack } from "../../stand-ins/slack.js"
import { fastClock } from "../support/fast-clock.js"

const nothing = {
  version: "",
  commit: "",
  author: "",
  actor: "",
  reason: "",
  next: "",
  run: "",
  url: "",
  milliseconds: 0,
}
const notice = ownNotice(NoticeKind.Success, "it works", "", "", "Book", nothing)
const message = slackMessage(notice, { source: "https://github.com/acme/book", troubleshooting: "", page: [] })

async function send(channel: SlackStandIn, seconds = 30) {
  const clock = fastClock()
  const webhook = new SlackWebhook(channel.webhook, clock)
  const outcome = await webhook.send(message, clock.now().getTime() + seconds * 1000).then(
    () => "sent",
    (failure: Error) => failure.message,
  )
  return { outcome, slept: clock.slept, tries: channel.log.length, got: channel.messages().length }
}

describe("a message to Slack", () => {
  it("arrives once", async () => {
    await using channel = await slack()
    expect(await send(channel)).toEqual({ outcome: "sent", slept: 0, tries: 1, got: 1 })
    expect(channel.messages()[0]).toEqual(message)
  })

  it("waits as long as a 429 asks", async () => {
    await using channel = await slack()
    channel.fail({ on: /POST/, kind: "status", status: 429, headers: { "retry-after": "7" }, body: "rate_limited" })
    expect(await send(channel)).toEqual({ outcome: "sent", slept: 7000, tries: 2, got: 1 })
  })

  it("does not wait longer than it has", async () => {
    await using channel = await slack()
    channel.fail({ on: /POST/, kind: "status", status: 429, headers: { "retry-after": "40" }, body: "rate_limited" })
    const { outcome, slept } = await send(channel)
    expect(slept).toBe(0)
    expect(outcome).toContain("why: it answered 429: rate_limited\n")
  })

  it.each([
    ["500 twice", { kind: "status", status: 500, body: "rollup_error", times: 2 } as const],
    ["a connection that breaks twice", { kind: "reset", times: 2 } as const],
  ])("gets through %s", async (_, fault) => {
    await using channel = await slack()
    channel.fail({ on: /POST/, ...fault })
    expect(await send(channel)).toEqual({ outcome: "sent", slept: 3000, tries: 3, got: 1 })
  })

  it("is given up after four tries, and says so without the address", async () => {
    await using channel = await slack()
    channel.fail({ on: /POST/, kind: "status", status: 500, body: "rollup_error", times: 9 })
    const { outcome, tries } = await send(channel)
    expect(tries).toBe(4)
    expect(outcome).toMatchInlineSnapshot(`
      "Slack did not take the message.
        why: it answered 500: rollup_error four times
        next: the operation itself is not affected; notify people yourself"
    `)
  })

  it("is given up when nobody answers", async () => {
    const channel = await slack()
    await channel.close()
    const { outcome } = await send(channel)
    expect(outcome).toContain("why: it got no answer (ECONNREFUSED) four times\n")
    expect(outcome).not.toContain("services")
  })

  it.each([
    [404, "no_service"],
    [403, "invalid_token"],
    [410, "channel_is_archived"],
    [400, "invalid_payload"],
  ])("is not tried again after %s %s", async (status, code) => {
    await using channel = await slack()
    channel.refuse(status, code)
    const { outcome, tries } = await send(channel)
    expect(tries).toBe(1)
    expect(outcome).toContain(`why: it answered ${status}: ${code}\n`)
  })

  it("shows nothing of an answer that is not Slack's own word", async () => {
    await using channel = await slack()
    channel.refuse(404, `<html>${channel.webhook}</html>`)
    expect((await send(channel)).outcome).toContain("why: it answered 404\n")
  })

  it.each(["", "hooks.slack.com/services/x", "http://chat.example/services/x", "file:///etc/passwd"])(
    "goes to no address but one of the web or of this network: %j",
    (address) => {
      expect(() => new SlackWebhook(address, fastClock())).toThrowErrorMatchingInlineSnapshot(`
        [PipelineError: Slack can't be notified.
          why: --slack-webhook is not an https address
          next: give the address that Slack shows under Incoming Webhooks, as a secret]
      `)
    },
  )
})

describe("the Slack stand-in", () => {
  const post = async (channel: SlackStandIn, body: object | string) => {
    const answer = await fetch(channel.webhook, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    })
    return `${answer.status} ${await answer.text()}`
  }
  const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } })

  it.each([
    ["a text", { text: "hello" }, "200 ok"],
    ["nothing", {}, "400 no_text"],
    ["no JSON", "{", "400 invalid_payload"],
    [
      "a header of 150",
      { text: "x", blocks: [{ type: "header", text: { type: "plain_text", text: "x".repeat(150) } }] },
      "200 ok",
    ],
    [
      "a longer header",
      { text: "x", blocks: [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }] },
      "400 invalid_payload",
    ],
    [
      "a header in mrkdwn",
      { text: "x", blocks: [{ type: "header", text: { type: "mrkdwn", text: "x" } }] },
      "400 invalid_payload",
    ],
    ["a section of 3000", { text: "x", blocks: [section("x".repeat(3000))] }, "200 ok"],
    ["a longer section", { text: "x", blocks: [section("x".repeat(3001))] }, "400 invalid_payload"],
    ["an empty section", { text: "x", blocks: [section("")] }, "400 invalid_payload"],
    [
      "eleven fields",
      {
        text: "x",
        attachments: [{ blocks: [{ type: "section", fields: Array(11).fill({ type: "mrkdwn", text: "x" }) }] }],
      },
      "400 invalid_payload",
    ],
    ["51 blocks", { text: "x", blocks: Array(51).fill(section("x")) }, "400 invalid_payload"],
    ["too much of all", { text: "x", blocks: Array(5).fill(section("x".repeat(2900))) }, "400 invalid_payload"],
    ["101 attachments", { text: "x", attachments: Array(101).fill({}) }, "400 too_many_attachments"],
  ])("takes or refuses %s as Slack does", async (_, body, expected) => {
    await using channel = await slack()
    expect(await post(channel, body)).toBe(expected)
  })

  it("takes one message a second when told so, and knows no other address", async () => {
    await using channel = await slack({ perSecond: 1 })
    expect(await post(channel, { text: "x" })).toBe("200 ok")
    expect(await post(channel, { text: "x" })).toBe("429 rate_limited")
    const other = await fetch(`${channel.url}/services/other`, { method: "POST", body: "{}" })
    expect(`${other.status} ${await other.text()}`).toBe("403 invalid_token")
  })
})
