import { expect, it } from "vitest"
import { Pullable, pullable } from "../../lib/providers/registry/registry.js"
import { routes, standIn } from "../../stand-ins/server.js"
import { digest } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"

/** A registry with one public image and one private one; it gives tokens as ghcr.io does. */
async function registry() {
  const manifests = routes({
    "GET /token": ({ query }) => ({
      json: query.get("scope") === "repository:owner/secret:pull" ? {} : { token: `for ${query.get("scope")}` },
    }),
    "HEAD /v2/owner/*": ({ headers, path }) => {
      const name = path.split("/").slice(2, 4).join("/")
      const scope = `repository:${name}:pull`
      const challenge = `Bearer realm="${server.url}/token",service="here",scope="${scope}"`
      if (headers.authorization !== `Bearer for ${scope}`)
        return { status: 401, headers: { "www-authenticate": challenge } }
      return { status: path.endsWith(digest("a")) ? 200 : 404 }
    },
  })
  const server = await standIn(manifests)
  return server
}
const at = (server: { url: string }, name: string, letter: string) =>
  `${new URL(server.url).host}/owner/${name}@${digest(letter)}`

it("tells whether anybody can pull an image, and pulls nothing", async () => {
  await using server = await registry()
  expect(await pullable(at(server, "book", "a"), fastClock())).toBe(Pullable.Yes)
  expect(await pullable(at(server, "book", "b"), fastClock())).toBe(Pullable.Gone)
  expect(await pullable(at(server, "secret", "a"), fastClock())).toBe(Pullable.NotByAnybody)
  expect(server.log.filter(({ path }) => path.includes("/blobs/"))).toEqual([])
})

it("asks again after 502, and does not take an outage for a missing image", async () => {
  await using server = await registry()
  server.fail({ on: /HEAD/, kind: "status", status: 502, body: "" })
  expect(await pullable(at(server, "book", "a"), fastClock())).toBe(Pullable.Yes)
  server.fail({ on: /HEAD/, kind: "status", status: 502, body: "", times: 100 })
  await expect(pullable(at(server, "book", "a"), fastClock())).rejects.toThrow(
    /refused a request[\s\S]*was answered 502/,
  )
})

it("asks no other machine for a token over an open connection", async () => {
  await using server = await standIn(() => ({
    status: 401,
    headers: { "www-authenticate": 'Bearer realm="http://elsewhere.example/token",service="x",scope="y"' },
  }))
  expect(await pullable(at(server, "book", "a"), fastClock())).toBe(Pullable.NotByAnybody)
})
