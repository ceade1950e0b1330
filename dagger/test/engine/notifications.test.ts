import { afterAll, beforeAll, expect, it } from "vitest"
import { slack } from "../../stand-ins/slack.js"
import { type Checkout, checkout } from "./checkout.js"
import { hostAddress } from "./dagger.js"
import { providers } from "./providers.js"

let clone: Checkout
beforeAll(() => {
  clone = checkout()
})
afterAll(() => clone[Symbol.dispose]())

it("notifies Slack of a refused rollback; an outage only adds a line to the report", async () => {
  await using it = await providers(clone)
  await using channel = await slack({ address: hostAddress() })
  const rollBack = (webhook: string) =>
    it.call(
      "frontend rollback",
      [
        ...["--netlify-token=env://NETLIFY_TOKEN", "--github-token=env://GITHUB_TOKEN", "--actor=ana"],
        ...["--slack-webhook=env://SLACK_WEBHOOK_URL", "--reason=a $(test) of `it` <!channel>", "report"],
      ],
      { SLACK_WEBHOOK_URL: webhook },
    )

  const refused = await rollBack(channel.webhook)

  expect(refused.code).toBe(1)
  expect(refused.error).toContain("ended refused")
  expect(refused.error).not.toContain("undelivered")
  expect(channel.messages().map(({ text }) => text)).toEqual(["🟡 frontend of staging: the rollback ended refused"])
  expect(channel.shown(0)).toContain("There is nothing to roll back")
  expect(it.history.issues()).toEqual([])

  channel.refuse(404, "no_service")
  const undelivered = await rollBack(channel.webhook)
  expect(undelivered.code).toBe(1)
  expect(undelivered.error).toContain("ended refused")
  expect(undelivered.error).toContain("  undelivered   Slack was not notified: it answered 404: no_service")
  expect(undelivered.error).not.toContain(new URL(channel.webhook).pathname)
})
