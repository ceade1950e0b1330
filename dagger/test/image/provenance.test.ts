import { expect, it } from "vitest"
import { type Build, provenance, provenanceMistakes } from "../../lib/image/provenance.js"

const build: Build = {
  kind: "image",
  repository: "ghcr.io/acme/backend",
  digest: `sha256:${"a".repeat(64)}`,
  commit: "b".repeat(40),
  source: "https://github.com/acme/book",
  builder: "https://github.com/acme/book/.github/workflows/deploy-backend.yml@refs/heads/main",
  run: "https://github.com/acme/book/actions/runs/1",
  parameters: { platform: "linux/amd64" },
  startedAt: new Date("2026-11-24T10:00:00.123Z"),
  finishedAt: new Date("2026-11-24T10:01:00Z"),
}

it("states which commit, builder and run an image comes from, in SLSA's form", () => {
  expect(JSON.parse(provenance(build))).toEqual({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "ghcr.io/acme/backend", digest: { sha256: "a".repeat(64) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://github.com/acme/book#backend-image@v1",
        externalParameters: { source: "git+https://github.com/acme/book", platform: "linux/amd64" },
        resolvedDependencies: [{ uri: "git+https://github.com/acme/book", digest: { gitCommit: "b".repeat(40) } }],
      },
      runDetails: {
        builder: { id: build.builder },
        metadata: { invocationId: build.run, startedOn: "2026-11-24T10:00:00Z", finishedOn: "2026-11-24T10:01:00Z" },
      },
    },
  })
})

it("leaves out a run without an address", () => {
  expect(provenance({ ...build, run: "" })).not.toContain("invocationId")
})

it("never holds a secret that was given as a parameter", () => {
  expect(provenance({ ...build, parameters: { index: "https://me:hunter2@pypi.example/simple" } })).not.toContain(
    "hunter2",
  )
})

it("matches the build that it was made from", () => {
  expect(provenanceMistakes(provenance(build), build)).toEqual([])
  expect(provenanceMistakes(provenance({ ...build, source: `${build.source}.git` }), build)).toEqual([])
})

it("lists every difference from the expected build", () => {
  const statement = provenance({ ...build, digest: `sha256:${"c".repeat(64)}`, commit: "d".repeat(40), builder: "x" })
  expect(provenanceMistakes(statement, build)).toEqual([
    `its subject is "sha256:${"c".repeat(64)}", expected "${build.digest}"`,
    `the commit is "${"d".repeat(40)}", expected "${build.commit}"`,
    `the builder is "x", expected "${build.builder}"`,
  ])
})

it("rejects the same commit of another repository", () => {
  const statement = provenance({ ...build, source: "https://github.com/mallory/book" })
  expect(provenanceMistakes(statement, build)).toEqual([
    'the source is "git+https://github.com/mallory/book", expected "git+https://github.com/acme/book"',
    `the commit is missing, expected "${build.commit}"`,
  ])
})

it.each([
  ["cut off", "{", "it is not JSON, or is cut off"],
  ["of another kind", '{"_type":"x"}', "subject is missing or wrong"],
])("throws for a statement that is %s", (_, statement, why) => {
  expect(() => provenanceMistakes(statement, build)).toThrow(why)
})
