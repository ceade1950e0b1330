import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { environmentOf, migrationSettings, readSettings } from "../../lib/settings/settings.js"

const minimal = {
  project: { title: "Acme Docs", source: "https://github.com/acme/docs" },
  image: { repository: "ghcr.io/acme/backend" },
  environments: {
    staging: { branch: "staging", frontend: { site: "docs-staging" }, backend: { space: "acme/backend-staging" } },
    production: { branch: "main", frontend: { site: "docs" }, backend: { space: "acme/backend" } },
  },
}

/** The minimal file with one value set, added or removed. */
function file(path = "", value?: unknown): string {
  const copy = structuredClone(minimal) as Record<string, unknown>
  const keys = path.split(".")
  const last = keys.pop() ?? ""
  const parent = keys.reduce((here, key) => {
    here[key] ??= {}
    return here[key] as Record<string, unknown>
  }, copy)
  if (path) parent[last] = value
  return JSON.stringify(copy)
}

function refusal(text: string): string {
  try {
    readSettings(text)
  } catch (error) {
    return (error as Error).message
  }
  return "accepted"
}

/** The only mistake that is reported. */
const mistake = (path: string, value: unknown) => /why: (.*)/.exec(refusal(file(path, value)))?.[1] ?? "accepted"

it("describes this repository's two environments", () => {
  const settings = readSettings(readFileSync("delivery.json", "utf8"))
  expect(Object.keys(settings.environments)).toEqual(["staging", "production"])
  expect(environmentOf(settings, "staging")).toMatchInlineSnapshot(`
    {
      "apiUrl": "https://physical-ai-backend-staging.hf.space",
      "backend": {
        "buildSeconds": 600,
        "candidateSpace": "",
        "needs": [
          "database",
          "qdrant",
          "openrouter",
        ],
        "space": "physical-ai/backend-staging",
        "url": "https://physical-ai-backend-staging.hf.space",
        "variables": {},
      },
      "branch": "staging",
      "frontend": {
        "links": true,
        "site": "physical-ai-humanoid-robotics-staging.netlify.app",
        "switchBy": "restore",
        "title": "Physical AI & Humanoid Robotics",
        "url": "https://physical-ai-humanoid-robotics-staging.netlify.app",
      },
      "name": "staging",
      "notify": {
        "incidents": [
          "rollback",
          "failed",
          "rolled-back",
          "rollback-failed",
          "inconclusive",
        ],
        "slack": [
          "started",
          "success",
          "rolled-back",
          "failed",
          "rollback-failed",
          "inconclusive",
          "locked",
          "refused",
        ],
        "statuses": true,
      },
      "page": [],
      "probe": {
        "firstPause": 500,
        "seconds": 120,
        "slowestPause": 8000,
        "times": 3,
        "wakeUpSeconds": 60,
      },
      "production": false,
      "protection": {
        "admins": false,
        "checks": [
          "ci",
        ],
        "dismissStale": true,
        "reviews": 0,
      },
      "secrets": {
        "database": "DATABASE_URL_STAGING",
        "huggingFace": "HF_TOKEN_STAGING",
        "netlify": "NETLIFY_TOKEN_STAGING",
        "slack": "SLACK_WEBHOOK_URL_STAGING",
        "space": "SPACE_SECRETS_STAGING",
      },
    }
  `)
})

it("fills in every default of a minimal file", () => {
  const { environments, ...rest } = readSettings(file())
  expect(rest).toMatchInlineSnapshot(`
    {
      "backend": {
        "commitFrom": "answer",
        "context": "backend",
        "coverage": "coverage.xml",
        "databaseVariable": "DATABASE_URL",
        "delivery": "image",
        "dockerfile": "Dockerfile",
        "env": {},
        "health": {
          "commit": {
            "field": "commit",
            "header": "",
            "path": "",
          },
          "dependencies": "",
          "field": "",
          "path": "/health",
          "unjudged": "refuse",
          "values": [],
        },
        "imageBudgetMegabytes": 200,
        "install": [],
        "junit": "junit.xml",
        "minLineCoverage": 70,
        "platforms": [
          "linux/amd64",
        ],
        "port": 7860,
        "python": "",
        "source": "backend",
        "systemPackages": [],
        "testDatabase": false,
        "untested": "",
      },
      "budgets": {
        "backend": 600,
        "frontend": 300,
        "image": 480,
        "rollback": 180,
        "tests": 300,
      },
      "call": "dagger call",
      "frontend": {
        "artifact": "ghcr.io/acme/backend-site",
        "buildScript": "build",
        "configFile": "",
        "coverage": "coverage/lcov.info",
        "env": {},
        "installScripts": [],
        "junit": "coverage/junit.xml",
        "minLineCoverage": 70,
        "netlifyWithout": [],
        "node": "",
        "output": "build",
        "publicKey": "",
        "source": "frontend",
        "systemPackages": [],
        "testScript": "",
        "untested": "",
      },
      "image": {
        "publicKey": "",
        "repository": "ghcr.io/acme/backend",
      },
      "links": {
        "troubleshooting": "https://github.com/acme/docs/blob/HEAD/docs/deployment/troubleshooting.md",
      },
      "lint": "bugs",
      "probe": {
        "firstPause": 500,
        "seconds": 120,
        "slowestPause": 8000,
        "times": 3,
        "wakeUpSeconds": 60,
      },
      "project": {
        "source": "https://github.com/acme/docs",
        "title": "Acme Docs",
      },
      "providers": {
        "gitHub": "https://api.github.com",
        "huggingFace": "https://huggingface.co",
        "netlify": "https://api.netlify.com/api/v1",
      },
      "scan": {
        "database": "ghcr.io/aquasecurity/trivy-db:2",
        "ignores": [],
        "onlyNew": false,
        "severities": [
          "HIGH",
          "CRITICAL",
        ],
        "trivyVersion": "0.74.0",
      },
      "targets": {
        "changeFailurePercent": 15,
        "leadTimeHours": 24,
        "restoreMinutes": 60,
        "successPercent": 95,
      },
    }
  `)
  expect(environments.production).toMatchInlineSnapshot(`
    {
      "apiUrl": "https://acme-backend.hf.space",
      "backend": {
        "buildSeconds": 600,
        "candidateSpace": "",
        "needs": [],
        "space": "acme/backend",
        "url": "https://acme-backend.hf.space",
        "variables": {},
      },
      "branch": "main",
      "frontend": {
        "links": true,
        "site": "docs.netlify.app",
        "switchBy": "restore",
        "title": "Acme Docs",
        "url": "https://docs.netlify.app",
      },
      "name": "production",
      "notify": {
        "incidents": [
          "rollback",
          "failed",
          "rolled-back",
          "rollback-failed",
          "inconclusive",
        ],
        "slack": [
          "started",
          "success",
          "rolled-back",
          "failed",
          "rollback-failed",
          "inconclusive",
          "locked",
          "refused",
        ],
        "statuses": true,
      },
      "page": [],
      "probe": {
        "firstPause": 500,
        "seconds": 120,
        "slowestPause": 8000,
        "times": 3,
        "wakeUpSeconds": 60,
      },
      "production": true,
      "protection": {
        "admins": false,
        "checks": [
          "ci",
        ],
        "dismissStale": true,
        "reviews": 1,
      },
      "secrets": {
        "database": "DATABASE_URL",
        "huggingFace": "HF_TOKEN",
        "netlify": "NETLIFY_TOKEN",
        "slack": "SLACK_WEBHOOK_URL",
        "space": "SPACE_SECRETS",
      },
    }
  `)
})

it("lets an environment change single values of the probe", () => {
  const settings = readSettings(file("environments.staging.probe", { seconds: 30 }))
  expect(environmentOf(settings, "staging").probe).toEqual({
    times: 3,
    seconds: 30,
    wakeUpSeconds: 60,
    firstPause: 500,
    slowestPause: 8000,
  })
  expect(environmentOf(settings, "production").probe.seconds).toBe(120)
})

it("adds an environment by a block, with its own secrets' names", () => {
  const preview = { branch: "next", frontend: { site: "docs-next" }, backend: { space: "acme/backend-next" } }
  const settings = readSettings(file("environments.pre-view", preview))
  expect(environmentOf(settings, "pre-view")).toMatchObject({
    production: false,
    apiUrl: "https://acme-backend-next.hf.space",
    secrets: { netlify: "NETLIFY_TOKEN_PRE_VIEW", database: "DATABASE_URL_PRE_VIEW" },
  })
})

it("names the known environments for an unknown one", () => {
  const settings = readSettings(file())
  expect(() => environmentOf(settings, "prod")).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The settings have no environment "prod".
      why: they describe staging, production
      next: give one of these names, or add an environment to the settings]
  `)
  expect(() => environmentOf(settings, "constructor")).toThrow('no environment "constructor"')
})

it("reports every mistake at once, each with its path", () => {
  const text = JSON.stringify({
    imgae: {},
    project: { title: "", source: "github.com/acme/docs" },
    image: { repository: "ghcr.io/Acme/backend:latest" },
    frontend: { minLineCoverage: 170, output: "build/../.." },
    backend: { port: "7860", imageBudgetMegabytes: 0.5 },
    budgets: { tests: "5 min" },
    scan: { severities: ["high"], ignores: [{ id: "CVE-2026-1234", reason: "not reachable", expires: "soon" }] },
    environments: {
      Staging: { branch: "staging", frontend: { site: "docs-staging" }, backend: { space: "acme/backend-staging" } },
      production: { brunch: "main", frontend: [], backend: { space: "backend" } },
    },
  })
  expect(refusal(text)).toMatchInlineSnapshot(`
    "The settings have 17 mistakes.
      why: these do not fit:
        frontend.output: give a path such as build or ../dist, with /
        frontend.minLineCoverage: a percentage is 0 to 100
        backend.port: give a port, 1 to 65535
        backend.imageBudgetMegabytes: give whole megabytes, 1 to 2000
        project.title: give the product's name
        project.source: give an address such as https://example.org, without user, query or fragment
        image.repository: give registry/owner/name in lower case and without a tag, such as ghcr.io/acme/backend
        scan.severities[0]: give UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL
        scan.ignores[0].owner: missing; name who is responsible for ignoring it
        scan.ignores[0].expires: give its last day, such as 2027-01-31
        budgets.tests: give whole seconds, 1 to 3600
        environments.Staging: name an environment in lower case: a letter first, then letters, digits and -
        environments.production.branch: missing; give the Git branch that is deployed here, such as main
        environments.production.frontend: describe the Netlify site
        environments.production.backend.space: give the Space as owner/name, such as acme/backend
        environments.production.brunch: no such key; did you mean branch?
        imgae: no such key; did you mean image?
      next: correct them in delivery.json; docs/deployment/reference/settings.md describes every key"
  `)
})

describe("an unknown key", () => {
  it("is a typo, and the nearest known key is suggested", () => {
    expect(mistake("backend.helth", {})).toBe("backend.helth: no such key; did you mean health?")
    expect(mistake("environments.staging.frontend.stie", "x")).toBe(
      "environments.staging.frontend.stie: no such key; did you mean site?",
    )
    expect(
      mistake("scan.ignores", [{ id: "CVE-1-1", ownr: "ada", owner: "ada", reason: "x", expires: "2027-01-01" }]),
    ).toBe("scan.ignores[0].ownr: no such key; did you mean owner?")
  })

  it("that resembles none lists the known keys", () => {
    expect(mistake("providers.heroku", "https://heroku.example")).toBe(
      "providers.heroku: no such key; here the keys are netlify, huggingFace, gitHub",
    )
  })

  it("in an environment named like a method of JavaScript is reported too", () => {
    expect(refusal(file("environments.constructor", {}))).toContain("environments.constructor.branch: missing")
  })
})

it("does not accept the live Space as the candidate Space", () => {
  expect(mistake("environments.staging.backend.candidateSpace", "Acme/backend-staging")).toBe(
    "environments.staging.backend.candidateSpace: the candidate needs a separate Space, not the live one",
  )
})

describe("notifications in the settings", () => {
  it("are for people and groups by their Slack IDs", () => {
    expect(mistake("environments.staging.page", ["U024BE7LH", "W012A3CDE", "S0604QSJC"])).toBe("accepted")
    for (const name of ["@ada", "C024BE7LH", "u024be7lh", "<!channel>", ""])
      expect(mistake("environments.staging.page", [name])).toBe(
        "environments.staging.page[0]: give the Slack ID of a person (U… or W…) or a group (S…), such as U024BE7LH: at Slack, View full profile, Copy member ID",
      )
  })

  it("have one list for Slack and one for incidents, of known values", () => {
    const settings = readSettings(
      file("environments.staging.notify", { slack: ["no-change"], incidents: [], statuses: false }),
    )
    expect(environmentOf(settings, "staging").notify).toEqual({ slack: ["no-change"], incidents: [], statuses: false })
    expect(mistake("environments.staging.notify", { slack: ["succes"] })).toBe(
      "environments.staging.notify.slack[0]: give a list of started, success, no-change, superseded, rolled-back, failed, rollback-failed, inconclusive, locked, refused",
    )
    expect(mistake("environments.staging.notify", { incidents: ["success"] })).toBe(
      "environments.staging.notify.incidents[0]: give a list of rollback, failed, rolled-back, rollback-failed, inconclusive",
    )
    expect(mistake("environments.staging.notify", { status: true })).toBe(
      "environments.staging.notify.status: no such key; did you mean statuses?",
    )
  })

  it("link to the troubleshooting page, which may be elsewhere", () => {
    expect(readSettings(file("links", { troubleshooting: "https://wiki.acme.example/troubles" })).links).toEqual({
      troubleshooting: "https://wiki.acme.example/troubles",
    })
    expect(mistake("links.troubleshooting", "wiki")).toContain("give an address such as https://example.org")
  })
})

it("never loses a block to a name that JavaScript treats as its own", () => {
  const text = file("environments.dev", {}).replace('"dev":', '"__proto__":')
  expect(refusal(text)).toContain("a key that can't be used")
})

describe("two environments", () => {
  it.each([
    ["branch", "main", "branch"],
    ["frontend.site", "Docs.netlify.app", "Netlify site"],
    ["frontend.url", "https://docs.netlify.app/", "address"],
    ["backend.space", "Acme/Backend", "Space"],
    ["backend.candidateSpace", "acme/backend", "Space"],
    ["backend.url", "https://acme-backend.hf.space", "address"],
    ["apiUrl", "https://acme-backend.hf.space/", "address"],
    ["secrets.database", "DATABASE_URL", "database"],
    ["secrets.netlify", "NETLIFY_TOKEN", "secret"],
    ["secrets.huggingFace", "HF_TOKEN", "secret"],
    ["secrets.space", "SPACE_SECRETS", "secret"],
    ["secrets.slack", "SLACK_WEBHOOK_URL", "secret"],
  ])("never share %s", (key, value, kind) => {
    const message = refusal(file(`environments.staging.${key}`, value))
    expect(message).toContain(`the same ${kind} as environments.staging.${key}`)
    expect(message).toContain("environments.production.")
    expect(message).toContain("two environments must not share one")
  })

  it("that share a site are both named", () => {
    expect(
      refusal(file("environments.staging.frontend", { site: "docs", url: "https://staging.acme.example" })),
    ).toMatchInlineSnapshot(`
      "The settings have a mistake.
        why: environments.production.frontend.site: the same Netlify site as environments.staging.frontend.site, docs.netlify.app: two environments must not share one
        next: correct it in delivery.json; docs/deployment/reference/settings.md describes every key"
    `)
  })

  it("that share a Space are reported once, not again for each derived address", () => {
    expect(mistake("environments.staging.backend", { space: "acme/backend" })).toBe(
      "environments.production.backend.space: the same Space as environments.staging.backend.space, acme/backend: two environments must not share one",
    )
  })

  it("are compared even when the file has other mistakes", () => {
    const message = refusal(JSON.stringify({ environments: { a: { branch: "main" }, b: { branch: "main" } } }))
    expect(message).toContain("environments.b.branch: the same branch as environments.a.branch, main")
  })
})

describe("a secret in the file", () => {
  it.each([
    ["hf_abcdefghijklmnop", "a Hugging Face token"],
    ["ghp_abcdefghijklmnop", "a GitHub token"],
    ["github_pat_abcdefghijklmnop", "a GitHub token"],
    ["nfp_abcdefghijklmnop", "a Netlify token"],
    ["https://hooks.slack.com/services/T0/B0/abcdef", "a Slack webhook"],
    ["postgresql://me:abcdef@db.example/book", "an address with a password in it"],
  ])("is refused without being printed: %s", (value, kind) => {
    const message = refusal(file("environments.staging.secrets.database", value))
    expect(message).toContain(
      `environments.staging.secrets.database: looks like ${kind}: revoke it, and give the name of a secret that holds the new one`,
    )
    expect(message).not.toContain("abcdef")
  })

  it("is not printed when it is in place of a key, is shared, or breaks the JSON", () => {
    const token = "hf_abcdefghijklmnop"
    expect(refusal(file(token, ""))).not.toContain("abcdef")
    expect(refusal(file("environments.staging.branch", token).replace('"main"', `"${token}"`))).not.toContain("abcdef")
    expect(refusal(`{ "environments": ${token} }`)).not.toContain("abcdef")
  })
})

describe("a file that is not JSON", () => {
  it.each([
    ['{\n  "image": {},\n}', "line 3, column 1: expected a key in double quotes"],
    ["", "line 1, column 1: it ends too early"],
    ['{"a": 1', "line 1, column 8: it ends too early"],
    ["{\n  image: 1 }", "line 2, column 3: a word that is not in double quotes"],
    ["{\r\n\t'a': 1}", "line 2, column 2: a word that is not in double quotes"],
    ['{"a" 1}', "line 1, column 6: expected a colon after the key"],
    ['{"a": 01}', "line 1, column 8: expected a comma"],
    ['{"a": "x\n"}', "line 1, column 7: a text without its closing quote"],
    ['{"a": [1 2]}', "line 1, column 10: expected a comma"],
    ['{"a": "\\x"}', "line 1, column 7: a backslash before something that it can't escape"],
    ["{} {}", "line 1, column 4: more text after the end"],
    ["[".repeat(100_000), "line 1, column 101: nested more than 100 deep"],
    ['{"a": 1, "b": 2, "a": 3}', "line 1, column 18: a key that this object has already"],
  ])("says line and column: %j", (text, expected) => {
    expect(/why: (.*)/.exec(refusal(text))?.[1]).toBe(expected)
  })

  it("is reported fast when it has ten megabytes of one text", () => {
    const began = performance.now()
    const text = "x".repeat(10_000_000)
    expect(refusal(`{"a": "${text}`)).toContain("line 1, column 7: a text without its closing quote")
    expect(refusal(`{"a": "${text}"}`)).toContain("a: no such key")
    expect(refusal(`{"${text}": 1}`).length).toBeLessThan(1000)
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it("may hold comments, as other settings for people do", () => {
    expect(readSettings(`// the site\n${file().replace("{", "{ /* and the service */")}`).project.title).toBe(
      "Acme Docs",
    )
    expect(refusal("{ /* no end")).toContain("a comment without its end")
  })

  it("may begin with a byte order mark", () => {
    expect(readSettings(`\uFEFF${file()}`).project.title).toBe("Acme Docs")
  })

  it("is distinguished from JSON of the wrong kind", () => {
    expect(/why: (.*)/.exec(refusal("[]"))?.[1]).toBe("the file: expected a group of keys in { }")
  })
})

describe("an address", () => {
  it.each([
    "http://localhost:8080",
    "http://127.0.0.1:9",
    "http://[::1]:9",
    "http://hugging-face:8080",
    "http://10.1.2.3",
    "http://api.internal",
  ])("may be http inside: %s", (value) => {
    expect(mistake("providers.huggingFace", value)).toBe("accepted")
  })

  it.each([
    "http://huggingface.co",
    "http://8.8.8.8",
    "http://127.evil.example",
    "http://11.0.0.1",
    "http://[2001:db8::1]",
  ])("must be https outside: %s", (value) => {
    expect(mistake("providers.huggingFace", value)).toBe(
      "providers.huggingFace: use https; http only reaches this machine and private networks",
    )
  })

  it.each([
    "huggingface.co",
    "ftp://huggingface.co",
    "https://huggingface.co/?x=1",
    "https://user@huggingface.co",
    "",
    7,
  ])("is refused in any other form: %s", (value) => {
    expect(mistake("providers.huggingFace", value)).toBe(
      "providers.huggingFace: give an address such as https://example.org, without user, query or fragment",
    )
  })

  it("loses the slash at its end, so that paths can be added", () => {
    const { apiUrl, backend } = environmentOf(
      readSettings(file("environments.staging.backend.url", "https://api.acme.example/")),
      "staging",
    )
    expect([apiUrl, backend?.url]).toEqual(["https://api.acme.example", "https://api.acme.example"])
    expect(readSettings(file("providers.gitHub", "https://git.acme.example/api/v3/")).providers.gitHub).toBe(
      "https://git.acme.example/api/v3",
    )
  })
})

it.each([
  ["image.repository", "ghcr.io/acme/backend:latest"],
  ["image.repository", "backend"],
  ["image.repository", "ghcr.io/Acme/backend"],
  // To the engine that is docker.io's, to others a machine named acme.
  ["image.repository", "acme/backend"],
])("refuses %s %j, which no registry would take as a repository", (path, value) => {
  expect(mistake(path, value)).toBe(
    "image.repository: give registry/owner/name in lower case and without a tag, such as ghcr.io/acme/backend",
  )
})

it.each(["localhost:5000/backend", "registry:5000/rehearsal/backend", "ghcr.io/a/b__c-d.e"])(
  "takes the repository %s",
  (repository) => {
    expect(mistake("image.repository", repository)).toBe("accepted")
  },
)

it("refuses a branch name that Git does not allow", () => {
  for (const branch of ["", "-f", "a..b", "a b", "a~1", "x.lock", "/a", "a/", "@{1}"]) {
    expect(mistake("environments.staging.branch", branch)).toBe(
      "environments.staging.branch: Git does not allow this branch name",
    )
  }
  for (const branch of ["develop", "release/1.2", "feature/ü"]) {
    expect(mistake("environments.staging.branch", branch)).toBe("accepted")
  }
})

it("refuses a compromised Trivy release, and those in the file", () => {
  const bad = "scan.trivyVersion: this release is known to be bad; use another"
  expect(mistake("scan", { trivyVersion: "0.69.4" })).toBe(bad)
  expect(mistake("scan", { trivyVersion: "0.75.0", knownBad: ["0.75.0"] })).toBe(bad)
  expect(mistake("scan", { trivyVersion: "0.75.0" })).toBe("accepted")
})

it("requires a reason to leave the tests out", () => {
  for (const component of ["frontend", "backend"])
    for (const given of [true, "  "])
      expect(mistake(`${component}.untested`, given)).toBe(`${component}.untested: say why it has no tests`)
})

it("requires an owner, a reason and a day to ignore an advisory", () => {
  expect(refusal(file("scan.ignores", [{ id: "CVE-2026-1234" }]))).toMatchInlineSnapshot(`
    "The settings have 3 mistakes.
      why: these do not fit:
        scan.ignores[0].owner: missing; name who is responsible for ignoring it
        scan.ignores[0].reason: missing; say why it is harmless here
        scan.ignores[0].expires: missing; give its last day, such as 2027-01-31
      next: correct them in delivery.json; docs/deployment/reference/settings.md describes every key"
  `)
})

it("refuses a secret name that GitHub reserves", () => {
  expect(mistake("environments.staging.secrets.database", "GITHUB_DATABASE")).toBe(
    "environments.staging.secrets.database: GitHub reserves names that begin with GITHUB_",
  )
})

describe("what a build writes", () => {
  it("may lie beside the source, but is never all of what lies there", () => {
    expect(readSettings(file("frontend.output", "../../dist/site")).frontend?.output).toBe("../../dist/site")
    for (const output of ["..", "../..", "../", "/dist", "dist/../.."])
      expect(mistake("frontend.output", output)).toBe("frontend.output: give a path such as build or ../dist, with /")
  })
})

describe("what the image is built from", () => {
  it.each([
    [{}, { context: "backend", dockerfile: "Dockerfile" }],
    [
      { source: "services/api", context: "." },
      { context: ".", dockerfile: "services/api/Dockerfile" },
    ],
    [
      { source: "services/api", context: "services" },
      { context: "services", dockerfile: "api/Dockerfile" },
    ],
    [
      { source: "api", context: "docker" },
      { context: "docker", dockerfile: "Dockerfile" },
    ],
    [
      { source: "api", dockerfile: "docker/prod.Dockerfile" },
      { context: "api", dockerfile: "docker/prod.Dockerfile" },
    ],
    [
      { source: ".", context: "." },
      { context: ".", dockerfile: "Dockerfile" },
    ],
  ])("with %j is %j", (backend, built) => {
    expect(readSettings(file("backend", backend)).backend).toMatchObject(built)
  })
})

it.each([
  ["frontend.env", { "API-URL": "x" }, /letters, 0 to 9 and _/],
  ["frontend.env", { PATH: "/bin" }, /PATH is the container's own/],
  ["backend.env", { PORT: 8000 }, /give each variable a text in quotes/],
  ["frontend.node", 22, /give a release of Node\.js in quotes, such as 22 or 22\.20\.0/],
  ["backend.python", "latest", /give a release of Python in quotes, such as 3\.12 or 3\.12\.4/],
  ["frontend.installScripts", ["Sharp; rm"], /give names of npm packages/],
  ["backend.systemPackages", ["libpq-dev && x"], /give names of Debian packages/],
  ["backend.install", "pip install x", /give a list of commands/],
  ["backend.databaseVariable", "DATABASE URL", /give the name of a variable/],
  [
    "backend.platforms",
    ["windows/amd64"],
    /give platforms, such as linux\/arm64; an architecture is one of amd64, arm64/,
  ],
  ["backend.platforms", ["arm64"], /give platforms, such as linux\/arm64/],
  ["backend.platforms", "linux/arm64", /give platforms, such as linux\/arm64/],
  ["backend.platforms", [], /give platforms, such as linux\/arm64/],
  ["backend.platforms", ["linux/amd64", "linux/amd64"], /name each platform once/],
  ["backend.platforms", ["linux/arm64"], /a Space runs linux\/amd64: name that too/],
  ["lint", "strict", /give "bugs", or "all"/],
])("refuses %s of %j", (path, value, why) => {
  expect(mistake(path, value)).toMatch(why)
})

describe("where built sites are kept", () => {
  const key = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
  const siteAlone = (frontend: object) =>
    readSettings(
      JSON.stringify({
        project: minimal.project,
        frontend,
        environments: { production: { branch: "main", frontend: { site: "docs" } } },
      }),
    ).frontend

  it("is beside the image, with its signer's key, unless the settings name another place, or none", () => {
    expect(readSettings(file("image.publicKey", key)).frontend).toMatchObject({
      artifact: "ghcr.io/acme/backend-site",
      publicKey: key,
    })
    expect(readSettings(file("frontend.artifact", "ghcr.io/acme/docs")).frontend?.artifact).toBe("ghcr.io/acme/docs")
    expect(readSettings(file("frontend.artifact", "")).frontend?.artifact).toBe("")
  })

  it("is nowhere for a project without an image that names no place; where it names one, it has a key of its own", () => {
    expect(siteAlone({})).toMatchObject({ artifact: "", publicKey: "" })
    expect(siteAlone({ artifact: "ghcr.io/acme/docs", publicKey: key })).toMatchObject({
      artifact: "ghcr.io/acme/docs",
      publicKey: key,
    })
  })

  it("is never the image's own place, and never signed by a second key", () => {
    expect(mistake("frontend.artifact", "ghcr.io/acme/backend")).toBe(
      "frontend.artifact: keep the site elsewhere than the image: the tags of both are commits",
    )
    expect(mistake("frontend.publicKey", key)).toBe(
      "frontend.publicKey: image.publicKey holds for the site as well: leave this out",
    )
    expect(mistake("frontend.artifact", "ghcr.io/acme/docs:latest")).toBe(
      "frontend.artifact: give registry/owner/name in lower case and without a tag, such as ghcr.io/acme/backend",
    )
  })
})

describe("the cache of installed packages", () => {
  const key = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
  const withImage = (key: string) =>
    JSON.stringify({
      ...minimal,
      cache: { repository: "ghcr.io/acme/docs/cache" },
      image: { repository: "ghcr.io/acme/backend", publicKey: key },
    })

  it("is nowhere unless the settings name its place", () => {
    expect(readSettings(JSON.stringify(minimal)).cache).toBeUndefined()
  })

  it("has the signer of the image, or of the kept site where there is no image", () => {
    expect(readSettings(withImage(key)).cache).toEqual({ repository: "ghcr.io/acme/docs/cache", publicKey: key })
    const alone = {
      project: minimal.project,
      frontend: { publicKey: key },
      cache: { repository: "ghcr.io/acme/docs/cache" },
      environments: { production: { branch: "main", frontend: { site: "docs" } } },
    }
    expect(readSettings(JSON.stringify(alone)).cache?.publicKey).toBe(key)
  })

  it.each(["ghcr.io/acme/backend", "ghcr.io/acme/backend-site"])(
    "is never beside other tags, as in %s",
    (repository) => {
      expect(mistake("cache.repository", repository)).toBe(
        "cache.repository: keep the cache elsewhere than the image and the site: its old entries are deleted",
      )
    },
  )

  it("has no tag", () => {
    expect(mistake("cache.repository", "ghcr.io/acme/cache:latest")).toBe(
      "cache.repository: give registry/owner/name in lower case and without a tag, such as ghcr.io/acme/backend",
    )
  })
})

it("gives migrations the variables of the tests, over which those of their environment win", () => {
  const settings = readSettings(
    JSON.stringify({
      ...minimal,
      backend: { env: { KEY: "of tests", REGION: "eu" }, databaseVariable: "SHOP_DATABASE" },
      environments: {
        staging: { branch: "main", backend: { space: "acme/a", variables: { KEY: "of staging", COLOR: "red" } } },
        production: { branch: "live", backend: { space: "acme/b" } },
      },
    }),
  )
  expect(migrationSettings(settings, "staging")).toEqual({
    databaseVariable: "SHOP_DATABASE",
    env: { KEY: "of staging", REGION: "eu", COLOR: "red" },
  })
  expect(migrationSettings(settings, "production").env).toEqual({ KEY: "of tests", REGION: "eu" })
})

describe("a migration without a deployment gets the variables", () => {
  const backend = (key: string) => ({ branch: key, backend: { space: `acme/${key}`, variables: { KEY: key } } })
  const env = (environments: object, name = "") =>
    migrationSettings(readSettings(JSON.stringify({ ...minimal, environments })), name).env

  it.each([
    [{ production: backend("p"), staging: backend("s") }, "", { KEY: "s" }],
    [{ production: backend("p"), staging: backend("s") }, "production", { KEY: "p" }],
    [{ production: backend("p"), pages: { branch: "main", frontend: { site: "acme" } } }, "", { KEY: "p" }],
    [{ production: backend("p"), test: backend("t") }, "", {}],
  ])("of staging, of the environment that it names, or of the only one with a service: %j %s", (all, name, expected) =>
    expect(env(all, name)).toEqual(expected),
  )

  it("of no environment that there is not", () => {
    expect(() => env({ production: backend("p") }, "staging")).toThrow('The settings have no environment "staging".')
  })
})
