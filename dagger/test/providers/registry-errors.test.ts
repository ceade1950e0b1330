import { expect, it } from "vitest"
import { registryRefused } from "../../lib/providers/registry/errors.js"

const message = (error: Error) => error.message

it("gives each answer of a registry its own advice", () => {
  const advice = (status: number | string) => message(registryRefused("ghcr.io", status, "denied")).split("next: ")[1]
  expect(
    [401, 403, 404, 429, 507, 503, "reset", ""].map((status) => `${status}: ${advice(status)}`),
  ).toMatchInlineSnapshot(`
    [
      "401: the token is missing, wrong or expired: make a new one and give it with --registry-user and --registry-token",
      "403: the token is valid but may not push here: give it the right to write packages of this owner",
      "404: check image.repository in the settings; a private one also answers 404 to a token that may not see it",
      "429: the rate limit is used up: wait some minutes, then run the same command again",
      "507: the registry has no room for this image: delete old versions there, or make the image smaller",
      "503: run the same command again; layers that the registry has are not sent again",
      "reset: run the same command again; layers that the registry has are not sent again",
      ": run the same command again; layers that the registry has are not sent again",
    ]
  `)
})

it("distinguishes a registry that refuses, one that closes the connection, and one with an invalid answer", () => {
  const why = (status: number | string) => message(registryRefused("ghcr.io", status, "said")).split("\n")[1]
  const silent = (status: number | string) => message(registryRefused("ghcr.io", status, "")).split("\n")[1]
  expect([500, "reset", ""].map(silent)).toEqual([
    "  why: it answered 500, and gave no reason",
    "  why: the connection broke",
    "  why: it gave no usable answer",
  ])
  expect([500, "reset", ""].map(why)).toEqual([
    "  why: it answered 500:",
    "  why: the connection broke:",
    "  why: it gave no usable answer:",
  ])
})
