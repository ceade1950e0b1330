import { expect, test } from "vitest"
import { within } from "../../lib/containers/package-cache.js"

test("what a cache gives in time is taken, and its failure is told", async () => {
  expect(await within(60_000, async () => "an entry")).toBe("an entry")
  await expect(within(60_000, () => Promise.reject(new Error("denied")))).rejects.toThrow("denied")
})

test("a cache that is silent is given up, and what it says later disturbs nobody", async () => {
  const late = Promise.withResolvers<string>()

  await expect(within(10, () => late.promise)).rejects.toThrow(
    /^The cache was given up\.\n {2}why: it took longer than/,
  )
  late.reject(new Error("unexpected EOF"))
  await expect(late.promise).rejects.toThrow("unexpected EOF")
})
