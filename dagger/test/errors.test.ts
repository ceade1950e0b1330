import { describe, expect, it } from "vitest"
import * as errors from "../lib/errors.js"

const message = (error: Error) => error.message

it("says what, why and next in each message that may leave the module", () => {
  const all = [
    errors.unknownEnvironment("prod", ["staging", "production"]),
    errors.malformedSettings(["image.title: missing"]),
    errors.missingSecret("netlify-token"),
    errors.noTestScript(),
    errors.noTests("backend"),
    errors.noPythonProject(["Pipfile"]),
    errors.manifestMissing("package.json"),
    errors.licencesUnknown("yarn.lock"),
    errors.imageVulnerable("HIGH CVE-2024-47874 starlette"),
    errors.scannerUnavailable("its database could not be fetched"),
    errors.sbomFailed("FATAL"),
    errors.notADigest("ghcr.io/acme/backend:latest"),
    errors.comparisonOff(),
    errors.overBudget("201.0 MB compressed in 5 layers"),
    errors.pyprojectUnreadable("tomllib.TOMLDecodeError: Expected '='"),
    errors.lockFileMissing("package-lock.json"),
    errors.lockFileOutOfStep("package-lock.json", "npm error Missing: a@1 from lock file"),
    errors.npmFailed("npm ci", "npm error 404"),
    errors.pipFailed("pip install -r requirements.txt", "ERROR: No matching distribution"),
    errors.linterMissing("actionlint", "go: no such module"),
    errors.imageBuildFailed("exit code 1"),
    errors.registryRefused("ghcr.io", 401, "unauthorized"),
    errors.platformNotRun("linux/arm64", "exec /bin/sh: exec format error"),
    errors.unknownPlatform("linux/arm", ["linux/amd64"]),
    errors.otherPlatforms("ghcr.io/acme/backend@sha256:1", ["linux/amd64"], ["linux/arm64"]),
    errors.tagTaken("a".repeat(40), ""),
    errors.notVerified("ghcr.io/acme/backend:a", ["it has no provenance", "its label says another commit"]),
    errors.registryAnswerOdd("ghcr.io", "it answered no JSON"),
    errors.diskFull("No space left on device"),
    errors.reportUnreadable("coverage.xml", "it is empty"),
    errors.coverageContradictory("coverage.xml", { total: 1, covered: 1 }, { total: 2, covered: 1 }, "a.py"),
    errors.checkBroke("backend tests", new TypeError("x is not a function")),
    errors.checksFailed("✗ backend tests", "dagger call"),
    errors.notACommit("main"),
    errors.noCheckout("nothing", ""),
    errors.noCheckout("worktree", ""),
    errors.noCheckout("unborn", ""),
    errors.noCheckout("repository", "fatal: bad object HEAD"),
    errors.noSettings("lstat delivery.json: no such file or directory"),
    errors.sourceMissing("web"),
    errors.sourceUnseen("web", "input: sha256:abc: not found"),
    errors.sourceNoFolder("web", "web"),
    errors.trackedButIgnored(["web/a.log"]),
    errors.notDescribed("backend"),
    errors.notDescribed("frontend", "staging"),
    errors.probeEnded("backend is unhealthy"),
    errors.rehearsalFailed("timeline", "dagger call"),
  ]
  for (const error of all) {
    expect(error).toBeInstanceOf(errors.PipelineError)
    expect(error.message).toMatch(/^\S[\s\S]*\n {2}why: \S[\s\S]*\n {2}next: \S.*$/)
  }
})

it("names the known environments for an unknown one", () => {
  expect(message(errors.unknownEnvironment("prod", ["staging", "production"]))).toMatchInlineSnapshot(`
    "The settings have no environment "prod".
      why: they describe staging, production
      next: give one of these names, or add an environment to the settings"
  `)
})

it("lists every mistake of the settings, each on a line", () => {
  expect(
    message(errors.malformedSettings(["image.titel: unknown", "budgets.tests: give whole seconds"])),
  ).toMatchInlineSnapshot(`
    "The settings have 2 mistakes.
      why: these do not fit:
        image.titel: unknown
        budgets.tests: give whole seconds
      next: correct them in delivery.json; docs/deployment/reference/settings.md describes every key"
  `)
})

it("names the flag of an empty secret and how to give it", () => {
  expect(message(errors.missingSecret("hugging-face-token", "HF_TOKEN"))).toMatchInlineSnapshot(`
    "The secret --hugging-face-token is empty.
      why: the variable, file or command that it names is not set, or holds nothing
      next: set it where the call runs, and name it: --hugging-face-token=env://HF_TOKEN"
  `)
})

it("advises npm install when the lock file is out of step", () => {
  expect(
    message(
      errors.lockFileOutOfStep(
        "package-lock.json",
        "npm error code EUSAGE\nnpm error\nnpm error Missing: a@1.0.0 from lock file\n",
      ),
    ),
  ).toMatchInlineSnapshot(`
    "package-lock.json does not fit package.json.
      why: npm ci rejected it:
        npm error Missing: a@1.0.0 from lock file
      next: run \`npm install\` in the frontend's folder and commit both files"
  `)
})

describe("the output of a command", () => {
  it("keeps its last 15 lines that are not empty", () => {
    const said = Array.from({ length: 40 }, (_, line) => `line ${line}\n  \n`).join("\n")
    const lines = message(errors.npmFailed("npm ci", said)).split("\n")
    expect(lines.slice(1, 4)).toEqual(["  why: npm ci printed:", "    … 25 lines before", "    line 25"])
    expect(lines.slice(-2)).toEqual(["    line 39", "  next: fix what it names, then run the same command again"])
  })

  it("cuts a line that never ends", () => {
    expect(message(errors.npmFailed("npm ci", "x".repeat(2_000_000))).length).toBeLessThan(600)
  })

  it("is sanitized and redacted", () => {
    const said = "\u001b[31mred\u001b[0m \u0007bell \u202Eturned\r100 %\nlogged in with ghp_abcdefghijklmnopqrstuvwxyz"
    expect(message(errors.imageBuildFailed(said))).toMatchInlineSnapshot(`
      "The backend's image could not be built.
        why: the build printed:
          red bell turned
          100 %
          logged in with ***
        next: fix the step of the Dockerfile that it names, then run the same command again"
    `)
  })

  it("of an image's build names what the Dockerfile copies and nobody committed, and never the engine's own ids", () => {
    const engine =
      "failed to load container from converted ID: load Container@CoUrChV4eGgz… 3:2d035c5243959f00: inputs: load xxh3:6c9e3bbd1ed5a14e: inputs: "
    expect(
      message(
        errors.imageBuildFailed(
          `${engine}failed to content hash dockerfile copy: failed to copy source directory: lstat /shared/greetings.json: no such file or directory`,
        ),
      ),
    ).toMatchInlineSnapshot(`
      "The Dockerfile copies "shared/greetings.json", which the build does not find.
        why: the build sees the folder backend.context of the settings, without what .gitignore and .dockerignore name
        next: commit what is missing, correct the COPY, or give a larger folder, such as "backend": { "context": "." }"
    `)
    expect(message(errors.imageBuildFailed(`${engine}exit code: 1`)).split("\n")[2]).toBe("    exit code: 1")
  })

  it("is named when it is empty", () => {
    expect(message(errors.pipFailed("pip install .", " \n"))).toMatchInlineSnapshot(`
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
      expect(errors.isDiskFull(said)).toBe(true)
      expect(message(errors.npmFailed("npm ci", said))).toContain(
        "next: free space with `dagger core engine local-cache prune`",
      )
    }
    expect(errors.isDiskFull("no test left")).toBe(false)
  })

  it("leads to a retry when the network failed", () => {
    expect(message(errors.npmFailed("npm ci", "npm error code ECONNRESET"))).toMatch(
      /next: the network did not answer: run the same command again$/,
    )
    expect(errors.isNetworkSilent("getaddrinfo ENOTFOUND registry.example")).toBe(true)
  })

  it.each(["FileNotFoundError: [Errno 2] No such file: 'gcc'", "ModuleNotFoundError: No module named 'x'"])(
    "is not taken for a silent network: %s",
    (said) => expect(errors.isNetworkSilent(said)).toBe(false),
  )
})

it("gives each answer of a registry its own advice", () => {
  const advice = (status: number | string) =>
    message(errors.registryRefused("ghcr.io", status, "denied")).split("next: ")[1]
  expect(
    [401, 403, 404, 429, 507, 503, "reset", ""].map((status) => `${status}: ${advice(status)}`),
  ).toMatchInlineSnapshot(`
    [
      "401: the token is missing, wrong or expired: make a new one and give it with --registry-user and --registry-token",
      "403: the token is valid but may not push here: give it the right to write packages of this owner",
      "404: check image.repository in the settings; a private one also answers 404 to a token that may not see it",
      "429: the rate limit is used up: wait some minutes, then run the same command again",
      "507: the registry has no room for this image: delete old versions there, or make the image smaller",
      "503: run the same command again; layers that the registry has are not sent again",
      "reset: run the same command again; layers that the registry has are not sent again",
      ": run the same command again; layers that the registry has are not sent again",
    ]
  `)
})

it("distinguishes a registry that refuses, one that closes the connection, and one with an invalid answer", () => {
  const why = (status: number | string) => message(errors.registryRefused("ghcr.io", status, "said")).split("\n")[1]
  expect([500, "reset", ""].map(why)).toEqual([
    "  why: it answered 500:",
    "  why: the connection broke:",
    "  why: it gave no usable answer:",
  ])
})

it("passes the report of a deployment on unchanged", () => {
  expect(message(errors.deploymentEnded("live: old\nverdict: failed"))).toBe("live: old\nverdict: failed")
})
