import { describe, expect, it } from "vitest"
import { redirected } from "../../lib/providers/redirect.js"

const call = (method: "GET" | "HEAD" | "POST", url = "https://api.example/a?b=1") => ({
  method,
  url,
  headers: { authorization: "Bearer s3cret", accept: "x" },
  ...(method === "POST" && { body: "{}" }),
})
const to = (location: string, status = 307) => ({ status, headers: { location } })

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("with %i is followed where content is asked for", (status) => {
    expect(redirected(call("GET"), to("/c", status))).toEqual({ ...call("GET"), url: "https://api.example/c" })
    expect(redirected(call("HEAD"), to("/c", status))).toEqual({ ...call("HEAD"), url: "https://api.example/c" })
  })

  it.each([301, 302, 307, 308])(
    "with %i repeats a request that writes word for word, on the same origin alone",
    (status) => {
      expect(redirected(call("POST"), to("/c", status))).toEqual({ ...call("POST"), url: "https://api.example/c" })
      expect(redirected(call("POST"), to("https://other.example/c", status))).toBeUndefined()
    },
  )

  it("takes to another origin what may be written anywhere, without authorization", () => {
    const there = redirected(call("POST"), to("https://other.example/c"), { leaves: true })
    expect(there).toEqual({ ...call("POST"), url: "https://other.example/c", headers: { accept: "x" } })
    expect(redirected(call("POST"), to("http://other.example/c"), { leaves: true })).toBeUndefined()
    expect(redirected(call("POST"), to("https://other.example/c", 303), { leaves: true })).toBeUndefined()
  })

  it.each(["https://other.example/c", "https://api.example:8443/c", "//other.example/c"])(
    "to another origin, %s, carries no authorization",
    (location) => {
      expect(redirected(call("GET"), to(location))?.headers).toEqual({ accept: "x" })
    },
  )

  it.each([
    ["from an encrypted connection to an open one", call("GET"), to("http://api.example/c")],
    ["to what is no web address", call("GET"), to("file:///etc/passwd")],
    ["without an address", call("GET"), { status: 302, headers: {} }],
    ["that tells to look elsewhere for what was written", call("POST"), to("/c", 303)],
    ["that is none", call("GET"), to("/c", 304)],
  ])("%s is not followed", (_, asked, reply) => {
    expect(redirected(asked, reply)).toBeUndefined()
  })
})
