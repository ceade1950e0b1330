import { expect, it } from "vitest"
import { Registry } from "../../lib/providers/registry/image-registry.js"
import { registry } from "../../stand-ins/registry.js"
import type { Fault } from "../../stand-ins/server.js"
import { fastClock } from "../support/fast-clock.js"

const token = "a-token-for-tests"

/** What a caller is told when the registry answers every request for a manifest so. */
async function told(method: "GET" | "PUT", fault: Pick<Fault, "kind" | "status" | "body">): Promise<string> {
  await using server = await registry()
  server.push("new", {})
  const there = new Registry(
    { host: "ghcr.io", url: server.url, repository: "acme/backend", user: "me", token },
    fastClock(),
  )
  const manifest = await there.manifest("new")
  if (!manifest) throw new Error("the stand-in has no image")
  server.fail({ ...fault, on: new RegExp(`^${method} .*/manifests/`), times: 1000 })

  const act = method === "GET" ? there.manifest("latest") : there.tag(manifest, "latest")

  return await act.then(
    () => "no error",
    (failure: Error) => failure.message,
  )
}

it.each([
  [401, "the token is missing, wrong or expired: make a new one and give it with --registry-user and --registry-token"],
  [403, "the token is valid but may not push here: give it the right to write packages of this owner"],
  [404, "check image.repository in the settings; a private one also answers 404 to a token that may not see it"],
  [429, "the rate limit is used up: wait some minutes, then run the same command again"],
  [500, "run the same command again; layers that the registry has are not sent again"],
])("tells a push that the registry answers with %d in one error, with the way out", async (status, next) => {
  expect(await told("PUT", { kind: "status", status, body: '{"errors":[{"message":"no"}]}' })).toBe(
    `ghcr.io rejected the image.\n  why: it answered ${status}:\n    no\n  next: ${next}`,
  )
})

it.each(["GET", "PUT"] as const)(
  "tells a connection that breaks at each %s in one error, without the token",
  async (method) => {
    const message = await told(method, { kind: "reset" })

    expect(message).toMatch(/^.*ghcr\.io.*\n {2}why: .*got no answer[\s\S]*\n {2}next: .*/)
    expect(message).not.toContain(token)
  },
)

it.each([401, 403, 429, 500])("does not take %d for an image that is missing", async (status) => {
  expect(await told("GET", { kind: "status", status, body: "<html>" })).toContain(
    `it answered ${status}:\n    an HTML page`,
  )
})
