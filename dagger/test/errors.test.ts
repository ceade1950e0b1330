import { describe, expect, it } from "vitest"
import * as checks from "../lib/checks/errors.js"
import * as installs from "../lib/checks/install-errors.js"
import * as sources from "../lib/containers/errors.js"
import * as deployments from "../lib/deployment/errors.js"
import * as ground from "../lib/errors.js"
import * as images from "../lib/image/errors.js"
import * as registry from "../lib/providers/registry/errors.js"
import * as rehearsal from "../lib/rehearsal/errors.js"
import * as settings from "../lib/settings/errors.js"

const message = (error: Error) => error.message

it("says what, why and next in each message that may leave the module", () => {
  const all = [
    settings.unknownEnvironment("prod", ["staging", "production"]),
    settings.malformedSettings(["image.title: missing"]),
    sources.missingSecret("netlify-token"),
    checks.noTestScript(),
    checks.noTests("backend"),
    installs.noPythonProject(["Pipfile"]),
    installs.manifestMissing("package.json"),
    installs.licencesUnknown("yarn.lock"),
    images.imageVulnerable("HIGH CVE-2024-47874 starlette"),
    images.scannerUnavailable("its database could not be fetched"),
    images.sbomFailed("FATAL"),
    images.notADigest("ghcr.io/acme/backend:latest"),
    images.comparisonOff(),
    images.overBudget("201.0 MB compressed in 5 layers"),
    installs.pyprojectUnreadable("tomllib.TOMLDecodeError: Expected '='"),
    installs.lockFileMissing("package-lock.json"),
    installs.lockFileOutOfStep("package-lock.json", "npm error Missing: a@1 from lock file"),
    installs.npmFailed("npm ci", "npm error 404"),
    installs.pipFailed("pip install -r requirements.txt", "ERROR: No matching distribution"),
    installs.linterMissing("actionlint", "go: no such module"),
    images.imageBuildFailed("exit code 1"),
    registry.registryRefused("ghcr.io", 401, "unauthorized"),
    images.platformNotRun("linux/arm64", "exec /bin/sh: exec format error"),
    images.unknownPlatform("linux/arm", ["linux/amd64"]),
    images.otherPlatforms("ghcr.io/acme/backend@sha256:1", ["linux/amd64"], ["linux/arm64"]),
    registry.tagTaken("a".repeat(40), ""),
    registry.notVerified("ghcr.io/acme/backend:a", ["it has no provenance", "its label says another commit"]),
    registry.registryAnswerOdd("ghcr.io", "it answered no JSON"),
    checks.reportUnreadable("coverage.xml", "it is empty"),
    checks.coverageContradictory("coverage.xml", { total: 1, covered: 1 }, { total: 2, covered: 1 }, "a.py"),
    checks.checkBroke("backend tests", new TypeError("x is not a function")),
    checks.checksFailed("✗ backend tests", "dagger call"),
    sources.notACommit("main"),
    sources.noCheckout("nothing", ""),
    sources.noCheckout("worktree", ""),
    sources.noCheckout("unborn", ""),
    sources.noCheckout("repository", "fatal: bad object HEAD"),
    settings.noSettings("lstat delivery.json: no such file or directory"),
    sources.sourceMissing("web"),
    sources.sourceUnseen("web", "input: sha256:abc: not found"),
    sources.sourceNoFolder("web", "web"),
    sources.trackedButIgnored(["web/a.log"]),
    settings.notDescribed("backend"),
    settings.notDescribed("frontend", "staging"),
    deployments.probeEnded("backend is unhealthy"),
    rehearsal.rehearsalFailed("timeline", "dagger call"),
  ]
  for (const error of all) {
    expect(error).toBeInstanceOf(ground.PipelineError)
    expect(error.message).toMatch(/^\S[\s\S]*\n {2}why: \S[\s\S]*\n {2}next: \S.*$/)
  }
})

describe("the output of a command", () => {
  it("keeps its last 15 lines that are not empty", () => {
    const said = Array.from({ length: 40 }, (_, line) => `line ${line}\n  \n`).join("\n")
    const lines = message(installs.npmFailed("npm ci", said)).split("\n")
    expect(lines.slice(1, 4)).toEqual(["  why: npm ci printed:", "    … 25 lines before", "    line 25"])
    expect(lines.slice(-2)).toEqual(["    line 39", "  next: fix what it names, then run the same command again"])
  })

  it("cuts a line that never ends", () => {
    expect(message(installs.npmFailed("npm ci", "x".repeat(2_000_000))).length).toBeLessThan(600)
  })

  it("is sanitized and redacted", () => {
    const said = "\u001b[31mred\u001b[0m \u0007bell \u202Eturned\r100 %\nlogged in with ghp_abcdefghijklmnopqrstuvwxyz"
    expect(message(images.imageBuildFailed(said))).toMatchInlineSnapshot(`
      "The backend's image could not be built.
        why: the build printed:
          red bell turned
          100 %
          logged in with ***
        next: fix the step of the Dockerfile that it names, then run the same command again"
    `)
  })

  it("is named when it is empty", () => {
    expect(message(installs.pipFailed("pip install .", " \n"))).toMatchInlineSnapshot(`
      "\`pip install .\` failed.
        why: pip install . printed nothing
        next: correct the package or version that it names, then run the same command again"
    `)
  })

  it("leads to more space when the disk is full, whichever tool reports it", () => {
    for (const said of [
      "npm error code ENOSPC",
      "OSError: [Errno 28] No space left on device",
      "write /x: disk quota exceeded",
    ]) {
      expect(ground.isDiskFull(said)).toBe(true)
      expect(message(installs.npmFailed("npm ci", said))).toContain(
        "next: free space with `dagger core engine local-cache prune`",
      )
    }
    expect(ground.isDiskFull("no test left")).toBe(false)
  })

  it("leads to a retry when the network failed", () => {
    expect(message(installs.npmFailed("npm ci", "npm error code ECONNRESET"))).toMatch(
      /next: the network did not answer: run the same command again$/,
    )
    expect(ground.isNetworkSilent("getaddrinfo ENOTFOUND registry.example")).toBe(true)
  })

  it.each(["FileNotFoundError: [Errno 2] No such file: 'gcc'", "ModuleNotFoundError: No module named 'x'"])(
    "is not taken for a silent network: %s",
    (said) => expect(ground.isNetworkSilent(said)).toBe(false),
  )
})

it("passes the report of a deployment on unchanged", () => {
  expect(message(deployments.deploymentEnded("live: old\nverdict: failed"))).toBe("live: old\nverdict: failed")
})

it("keeps all lines of the why for a report, and the first of what happened", () => {
  const { what, why, next } = ground.explained(registry.registryRefused("ghcr.io", 403, "denied: no scope"))
  expect([what, why]).toEqual(["ghcr.io rejected the image.", "it answered 403:\n    denied: no scope"])
  expect(next).toBe("the token is valid but may not push here: give it the right to write packages of this owner")

  expect(ground.explained(checks.checksFailed("✗ backend tests", "dagger call")).what).toBe("The checks failed.")
  expect(ground.explained(deployments.deploymentEnded("live: old\nverdict: failed"))).toMatchObject({
    what: "live: old",
    why: "live: old",
  })
})
