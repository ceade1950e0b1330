import { expect, it } from "vitest"
import { cacheSilent } from "../../lib/cache/errors.js"
import { packagesLine, unpullable, unreadable } from "../../lib/cache/told.js"
import { registryRefused } from "../../lib/providers/registry/errors.js"

it("of a cache that can't be read the summary has the reason in one line", () => {
  expect(packagesLine("linters", unreadable(registryRefused("ghcr.io", 403, "denied\nread more", "cache")))).toBe(
    "packages of the backend's linters: installed; the cache can't be read: it answered 403: denied; read more",
  )
  expect(unreadable(cacheSilent(20_000))).toBe("installed; the cache can't be read: it took longer than 20 s")
})

it("of an entry that can't be pulled it has the end of what the engine says, where the cause is, and no token", () => {
  const said = `${"pull image: ".repeat(60)}with ghp_${"a".repeat(36)}\n  unexpected EOF [traceparent:00-ab]`

  const line = unpullable("ghcr.io/acme/cache:frontend-1", new Error(said))

  expect(line).toMatch(/^installed; ghcr\.io\/acme\/cache:frontend-1 can't be pulled: …[^\n]+with \*\*\*$/)
})
