import { describe, expect, it } from "vitest"
import { provenance } from "../../lib/image/provenance.js"
import { Found, found, latestStays } from "../../lib/image/publication.js"

const commit = "a".repeat(40)
const candidate = { commit, created: "2026-11-24T10:00:00Z" }
const image = (revision: string, created: string, digest = "sha256:1") => ({ digest, revision, created })

describe("the tag of the commit", () => {
  const source = "https://github.com/acme/product"
  const digest = `sha256:${"1".repeat(64)}`
  const build = {
    kind: "image" as const,
    repository: "ghcr.io/acme/backend",
    digest,
    commit,
    source,
    builder: "laptop",
    run: "",
    parameters: {},
  }
  const at = new Date(candidate.created)
  const statement = provenance({ ...build, startedAt: at, finishedAt: at })
  const ours = image(commit, "", digest)

  it("is pushed once, whoever built it", () => {
    expect(found(undefined, undefined, candidate, source)).toBe(Found.Nothing)
    expect(found(ours, statement, candidate, source)).toBe(Found.Same)
  })

  it("is pushed again after a run that was killed before it attached the provenance", () => {
    expect(found(ours, undefined, candidate, source)).toBe(Found.Unproven)
  })

  it("is never pushed over an image of another origin", () => {
    expect(found(image("b".repeat(40), ""), undefined, candidate, source)).toBe(Found.Foreign)
    expect(found(image("", ""), undefined, candidate, source)).toBe(Found.Foreign)
    expect(found(image(commit, "", `sha256:${"2".repeat(64)}`), statement, candidate, source)).toBe(Found.Foreign)
  })
})

describe("`latest`", () => {
  it("moves forward, and to a first image", () => {
    expect(latestStays(undefined, "sha256:2", candidate)).toBe("")
    expect(latestStays(image("b", "2026-11-23T10:00:00Z"), "sha256:2", candidate)).toBe("")
    expect(latestStays(image("b", ""), "sha256:2", candidate)).toBe("")
  })

  it("compares times, not their notation", () => {
    expect(latestStays(image("b", "2026-11-24T11:30:00+02:00"), "sha256:2", candidate)).toBe("")
  })

  it("stays at a newer commit, and names it", () => {
    expect(latestStays(image("b".repeat(40), "2026-11-25T10:00:00Z"), "sha256:2", candidate)).toBe(
      "it names a newer commit, bbbbbbb of 2026-11-25T10:00:00Z",
    )
    expect(latestStays(image(commit, candidate.created), "sha256:1", candidate)).toMatch(/already/)
  })
})
