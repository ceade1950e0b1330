import { describe, expect, it } from "vitest"
import { pruned } from "../../lib/cache/pruning.js"
import { GitHubPackages } from "../../lib/providers/github/packages.js"
import { githubPackages } from "../../stand-ins/github-packages.js"
import { fastClock } from "../support/fast-clock.js"

const digest = (at: number) => `sha256:${at.toString(16).padStart(64, "0")}`
const tag = (at: number) => `frontend-${at.toString(16).padStart(32, "0")}`
const createdAt = (at: number) => new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString()
const packages = (url: string, token = "right") =>
  new GitHubPackages({ api: url, token, repository: "acme/project/cache" }, fastClock())

/** Entries, oldest first, of which the oldest is signed; and as many versions without a tag, as a tag that moved leaves them. */
const filled = (count: number) => [
  ...Array.from({ length: count }, (_, at) => ({ digest: digest(at), tags: [tag(at)], createdAt: createdAt(at) })),
  ...Array.from({ length: count }, (_, at) => ({ digest: digest(1000 + at), tags: [], createdAt: createdAt(at) })),
  { digest: digest(5000), tags: [`${digest(0).replace(":", "-")}.sig`], createdAt: createdAt(0) },
]

describe("old entries in GitHub's registry", () => {
  it.each([
    ["an organization", true],
    ["a person", false],
  ])("are deleted with their signatures for %s, and nothing else is", async (_, isOrganization) => {
    await using server = await githubPackages({ isOrganization, versions: filled(12) })

    expect(await pruned(packages(server.url))).toEqual([`deleted ${tag(1)}, ${tag(0)}`])
    expect(server.tags().flat()).toEqual(Array.from({ length: 10 }, (_, at) => tag(11 - at)))
    expect(server.tags()).toHaveLength(22)
  })

  it("are found behind the first page", async () => {
    await using server = await githubPackages({ versions: filled(60) })

    await pruned(packages(server.url))

    expect(server.tags().flat()).toHaveLength(10)
  })

  it("stay with a name that is none of the cache's, or that a newer entry has: a deletion takes all names", async () => {
    const [oldest, second, ...newer] = filled(12)
    await using server = await githubPackages({
      versions: [
        { digest: digest(0), createdAt: createdAt(0), ...oldest, tags: [tag(0), "kept-by-somebody"] },
        { digest: digest(1), createdAt: createdAt(1), ...second, tags: [tag(1)] },
        ...newer,
      ],
    })

    expect(await pruned(packages(server.url))).toEqual([`deleted ${tag(1)}`])
    expect(server.tags().flat()).toContain("kept-by-somebody")
  })

  it("are left, and told, where the token may not delete", async () => {
    await using server = await githubPackages({ mayDelete: false, versions: filled(11) })

    expect(await pruned(packages(server.url))).toEqual([
      "1 old entry is left: GitHub answered 403: Resource not accessible by integration",
    ])
  })

  it("can't be listed with a wrong token, which is an error without it", async () => {
    await using server = await githubPackages({ versions: filled(11) })

    await expect(pruned(packages(server.url, "wrong-one"))).rejects.toThrow(/answered 401: Bad credentials/)
    await expect(pruned(packages(server.url, "wrong-one"))).rejects.not.toThrow(/wrong-one/)
  })
})
