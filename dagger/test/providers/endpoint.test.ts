import { expect, it } from "vitest"
import { get } from "../../lib/providers/endpoint.js"
import { standIn } from "../../stand-ins/server.js"

it("hands a redirect back instead of following it", async () => {
  await using server = await standIn(() => ({ status: 302, headers: { location: "/login" } }))
  expect(await get(`${server.url}/`)).toMatchObject({ kind: "answered", status: 302, location: "/login" })
  expect(server.log).toHaveLength(1)
})

it("reads at most 1 MiB", async () => {
  await using server = await standIn(() => ({ body: "x".repeat(3_000_000) }))
  const answer = await get(server.url)
  expect(answer.kind === "answered" && answer.body.length).toBe(1_048_576)
})

it("says why there was no answer", async () => {
  const server = await standIn(() => ({}))
  server.fail({ on: /slow/, kind: "delay", milliseconds: 300 })
  server.fail({ on: /dropped/, kind: "reset" })
  expect(await get(`${server.url}/slow`, undefined, 50)).toEqual({
    kind: "silent",
    why: "did not answer within 0.05 s",
  })
  expect(await get(`${server.url}/dropped`)).toEqual({ kind: "silent", why: "dropped the connection" })
  await server.close()
  expect(await get(server.url)).toEqual({ kind: "silent", why: "refused the connection" })
})
