import { describe, expect, it } from "vitest"
import { StepLog } from "../../lib/deployment/step-log.js"
import { noTracer, Step } from "../../lib/deployment/tracer.js"
import { PipelineError } from "../../lib/errors.js"
import { type Incident, incidentsOf, recoveriesOf, settled } from "../../lib/notifications/incident.js"
import { brokenOff, OperationKind, type OperationResult } from "../../lib/notifications/operation.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubIssues, IncidentChannel } from "../../lib/providers/github/issues.js"
import { Component, IncidentAction, Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { commit } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { deployment, operation, result } from "../support/operations.js"

const all = ["rollback", "failed", "rolled-back", "rollback-failed", "inconclusive"]
const page = "https://github.com/acme/book/blob/HEAD/docs/deployment/troubleshooting.md"
const opened = (...args: [Parameters<typeof incidentsOf>[0], OperationResult, string[]?]) =>
  incidentsOf(args[0], args[1], args[2] ?? all, page).map(({ component, cause }) => `${component} ${cause}`)
const ended = (causes: string[], ...args: [Parameters<typeof recoveriesOf>[0], OperationResult]) =>
  recoveriesOf(...args, page).flatMap(({ component, ends }) =>
    causes.filter(ends).map((cause) => `${component} ${cause}`),
  )

describe("an incident", () => {
  it.each([
    [Verdict.Failed, ["backend failed/probe-live"]],
    [Verdict.RolledBack, ["backend rolled-back/probe-live"]],
    [Verdict.RollbackFailed, ["backend rollback-failed/probe-live"]],
    [Verdict.Inconclusive, ["backend inconclusive/probe-live"]],
    [Verdict.Success, []],
    [Verdict.NoChange, []],
    [Verdict.Superseded, []],
    [Verdict.Locked, []],
    [Verdict.Refused, []],
  ])("of a deployment that ended %s is %j", (verdict, expected) => {
    expect(opened(operation(), result(deployment({ verdict })))).toEqual(expected)
  })

  it("is opened when the schema is in the way of a rollback, though nothing changed", () => {
    const refused = deployment({ verdict: Verdict.Refused, schemaConflict: true })
    const rollback = operation({ kind: OperationKind.Rollback, reason: "prices are wrong" })
    expect(opened(rollback, result(refused))).toEqual(["backend schema-conflict"])
    expect(opened(rollback, result(refused), ["rollback-failed"])).toEqual(["backend schema-conflict"])
    expect(opened(rollback, result(refused), ["failed"])).toEqual([])
  })

  it("has the same cause for any message of the failure, and another one at another step", () => {
    const rolledBack = (reason: string, ...names: Step[]) =>
      opened(
        operation(),
        result(
          deployment({
            verdict: Verdict.RolledBack,
            reason,
            steps: names.map((name) => ({ name, milliseconds: 1, detail: "" })),
          }),
        ),
      )
    const wayBack = [Step.Restore, Step.ProbeRestored, Step.Record, Step.Unlock]
    expect(rolledBack("answered 500", Step.Switch, Step.ProbeLive, ...wayBack)).toEqual(
      rolledBack("answered 502 at 12:03", Step.Switch, Step.ProbeLive, ...wayBack),
    )
    expect(rolledBack("x", Step.Switch, ...wayBack)).toEqual(["backend rolled-back/switch"])
  })

  it("is opened only for the verdicts in the settings", () => {
    expect(opened(operation(), result(deployment({ verdict: Verdict.Failed })), ["rollback-failed"])).toEqual([])
  })

  it("is opened by a manual rollback, not by the rollback of a failed release of both components", () => {
    const chosen = [{ name: Step.Choose, milliseconds: 1, detail: "" }]
    const byHand = operation({ kind: OperationKind.Rollback, commit: "", reason: "prices are wrong" })
    expect(opened(byHand, result(deployment({ steps: chosen })))).toEqual(["backend rollback"])
    const both = operation({ components: [Component.Backend, Component.Frontend] })
    const failed = deployment({ component: Component.Frontend, verdict: Verdict.Failed })
    expect(opened(both, result(deployment(), failed, deployment({ steps: chosen })))).toEqual([
      "frontend failed/probe-live",
    ])
  })

  it("shows untrusted text as code, which mentions nobody and runs nothing", () => {
    const words = "<!channel> @everyone `x` <img src=x> -->\u202e\u0000"
    const [incident] = incidentsOf(
      operation({ kind: OperationKind.Rollback, reason: words, run: "javascript:alert(1)" }),
      result(deployment({ steps: [{ name: Step.Choose, milliseconds: 1, detail: words }] })),
      all,
      page,
    )
    expect(incident?.title).toBe("production: the backend was rolled back by hand")
    expect(incident?.body.split("\n")[0]).toBe("Why: ``<!channel> @everyone `x` <img src=x> -->``")
    expect(incident?.body).not.toContain("javascript")
    expect(incident?.body.replace(/``.*?``/g, "")).not.toMatch(/@everyone|<img/)
  })

  it("of an aborted run has one cause, whichever of its parallel steps ended last", async () => {
    const broken = async (last: Step) => {
      const log = new StepLog(fastClock(), noTracer)
      const steps = {
        [Step.Check]: () => Promise.reject(new PipelineError("The checks failed.", { why: "see above", next: "fix" })),
        [Step.Build]: async () => "the site",
      }
      const order = [Step.Check, Step.Build].toSorted((one) => (one === last ? 1 : -1)) as (Step.Check | Step.Build)[]
      for (const step of order) await log.step(step, steps[step], String).catch(() => {})
      return opened(operation(), brokenOff(new Error("The checks failed."), operation(), log))
    }
    expect(await broken(Step.Check)).toEqual(["backend failed/run-the-checks"])
    expect(await broken(Step.Build)).toEqual(["backend failed/run-the-checks"])
  })

  it("shows the log of an aborted run in a block that it can't close, so that it mentions nobody", () => {
    const said = "The checks failed.\n@acme/everyone look\n```` @ana ````\n  why: x\n  next: y"
    const broken = brokenOff(new Error(said), operation(), new StepLog(fastClock(), noTracer))
    const [incident] = incidentsOf(operation({ run: "" }), broken, all, page)
    expect(incident?.body).toBe(
      [
        "- **failed**: `The checks failed.`",
        "- **why**: `x`",
        "- **next**: `y`",
        "",
        "`````",
        "@acme/everyone look",
        "```` @ana ````",
        "`````",
        "",
        `[Troubleshooting](<${page}>)`,
      ].join("\n"),
    )
  })

  it("is closed by the next success of its component; an unchanged version closes only what it proves", () => {
    const causes = ["failed/probe-live", "rollback-failed/switch", "inconclusive/switch", "rollback"]
    expect(ended(causes, operation(), result(deployment()))).toEqual(causes.map((cause) => `backend ${cause}`))
    expect(ended(causes, operation(), result(deployment({ verdict: Verdict.NoChange })))).toEqual([
      "backend rollback-failed/switch",
      "backend inconclusive/switch",
    ])
    expect(ended(causes, operation(), result(deployment({ verdict: Verdict.Failed })))).toEqual([])
    expect(ended(causes, operation({ kind: OperationKind.Rollback }), result(deployment()))).toEqual([])
  })
})

async function repository() {
  const server = await gitHub({ token: "ghp_right" })
  const github = new GitHub({ repository: "owner/book", token: "ghp_right", api: server.url }, fastClock())
  return { server, github, issues: () => new GitHubIssues(github), [Symbol.asyncDispose]: () => server.close() }
}
const incident = (over: Partial<Incident> = {}): Incident => ({
  environment: "production",
  component: Component.Backend,
  cause: "rolled-back/probe-live",
  title: "production: the backend ended rolled-back",
  body: "what happened",
  ...over,
})
const over = { environment: "production", component: Component.Backend, comment: "Over.", ends: () => true }

describe("incidents as issues", () => {
  it("are opened with a label and a mark, and a repetition is a comment", async () => {
    await using it = await repository()
    expect(await it.issues().open(incident())).toBe("opened #1")
    expect(await it.issues().open(incident({ body: "again" }))).toBe("added to #1")
    expect(it.server.issues()).toEqual([
      {
        number: 1,
        title: "production: the backend ended rolled-back",
        body: "<!-- pipeline incident production/backend/rolled-back/probe-live -->\nwhat happened",
        state: "open",
        stateReason: null,
        labels: ["incident"],
        comments: ["again"],
      },
    ])
  })

  it("are one for each environment, component and cause", async () => {
    await using it = await repository()
    await it.issues().open(incident())
    await it.issues().open(incident({ environment: "staging" }))
    await it.issues().open(incident({ component: Component.Frontend }))
    await it.issues().open(incident({ cause: "rolled-back/switch" }))
    expect(it.server.issues()).toHaveLength(4)
  })

  it("are closed with a comment by a recovery of their component only, and opened again after it", async () => {
    await using it = await repository()
    await it.issues().open(incident())
    await it.issues().open(incident({ cause: "rollback" }))
    await it.issues().open(incident({ environment: "staging" }))
    expect(await it.issues().close(over)).toBe("closed #1, #2")
    expect(await it.issues().close(over)).toBe("none was open")
    expect(it.server.issues().map(({ state, stateReason, comments }) => [state, stateReason, ...comments])).toEqual([
      ["closed", "completed", "Over."],
      ["closed", "completed", "Over."],
      ["open", null],
    ])
    expect(await it.issues().open(incident())).toBe("opened #4")
  })

  it("of one cause that two runs open at the same time become one: the newer is closed as a duplicate", async () => {
    await using it = await repository()
    let others = 0
    it.server.onRequest = async (when, request) => {
      if (when !== "before" || request !== "POST /repos/owner/book/issues" || others++ > 0) return
      await it.issues().open(incident({ body: "the other run" }))
    }
    expect(await it.issues().open(incident())).toBe("added to #1")
    expect(it.server.issues().map(({ state, stateReason, comments }) => [state, stateReason, ...comments])).toEqual([
      ["open", null, "what happened"],
      ["closed", "duplicate", "The same as #1."],
    ])
  })

  it("that two runs left open become one after the next run", async () => {
    await using it = await repository()
    await it.issues().open(incident())
    it.server.fail({ on: /GET .*\/issues$/, kind: "status", status: 200, body: "[]", times: 2 })
    await it.issues().open(incident())
    expect(it.server.issues().filter(({ state }) => state === "open")).toHaveLength(2)
    expect(await it.issues().open(incident())).toBe("added to #1")
    expect(it.server.issues().filter(({ state }) => state === "open")).toHaveLength(1)
  })

  it.each(["lost reply", "status"] as const)("are opened once although a creation ends in %s", async (kind) => {
    await using it = await repository()
    it.server.fail({ on: /POST .*\/issues$/, kind, status: 502 })
    expect(await it.issues().open(incident())).toBe("opened #1")
    expect(it.server.issues()).toHaveLength(1)
  })

  it("are found beyond the first hundred, and pull requests are ignored", async () => {
    await using it = await repository()
    for (let n = 0; n < 105; n++) await it.issues().open(incident({ cause: `cause-${n}` }))
    expect(await it.issues().open(incident({ cause: "cause-0" }))).toBe("added to #1")
    const pull = [{ number: 7, body: "<!-- pipeline incident production/backend/x -->", pull_request: {} }]
    it.server.fail({ on: /GET .*\/issues$/, kind: "status", status: 200, body: JSON.stringify(pull) })
    expect(await it.issues().close(over)).toBe("none was open")
  })

  it("are not opened without the label, since they could not be found again", async () => {
    await using it = await repository()
    it.server.fail({ on: /POST .*\/labels$/, kind: "status", status: 403, times: 2 })
    for (const _ of [1, 2])
      await expect(it.issues().open(incident())).rejects.toThrow("POST /labels was answered 403: scripted fault")
    expect(it.server.issues()).toEqual([])
  })

  it("are opened for one component even when that of the other can't be closed", async () => {
    await using it = await repository()
    await it.issues().open(incident())
    it.server.fail({ on: /POST .*\/issues\/1\/comments$/, kind: "status", status: 403, body: '{"message":"locked"}' })
    const both = operation({ components: [Component.Backend, Component.Frontend] })
    const failed = deployment({ component: Component.Frontend, verdict: Verdict.Failed })
    const reported = new IncidentChannel(it.github, all, page).ended(
      both,
      result(deployment(), failed),
      Number.MAX_SAFE_INTEGER,
    )
    await expect(reported).rejects.toThrow("was answered 403: locked")
    expect(it.server.issues().map(({ title }) => title)).toEqual([
      "production: the backend ended rolled-back",
      "production: the frontend ended failed (probe live)",
    ])
  })

  it("are shortened to GitHub's limit", async () => {
    await using it = await repository()
    expect(await it.issues().open(incident({ body: "😀".repeat(70_000) }))).toBe("opened #1")
    expect(it.server.issues()[0]?.body.isWellFormed()).toBe(true)
  })

  it("report disabled issues, and a token that may not write them", async () => {
    await using it = await repository()
    it.server.fail({
      on: /POST .*\/issues$/,
      kind: "status",
      status: 403,
      body: '{"message":"Resource not accessible by integration"}',
    })
    await expect(it.issues().open(incident())).rejects.toThrow("answered 403: Resource not accessible by integration")
    it.server.disableIssues()
    await expect(it.issues().open(incident())).rejects.toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: Incidents can't be opened in owner/book.
        why: its issues are disabled
        next: enable them in the repository's settings, or let notify.incidents of the environment be an empty list]
    `)
  })
})

describe("a custom incident", () => {
  it("is opened under a stable cause, and closed by it or with all others of the component", async () => {
    await using it = await repository()
    const own = { environment: "production", component: Component.Backend, run: "", troubleshooting: page }
    const open = (cause: string) => settled(it.issues(), IncidentAction.Open, { ...own, cause, reason: "`slow` @all" })
    expect(await open("Slow answers!")).toBe("opened #1")
    expect(await open("slow  answers")).toBe("added to #1")
    expect(await open("")).toBe("opened #2")
    expect(it.server.issues()[0]).toMatchObject({
      title: "production: the backend, slow answers",
      body: `<!-- pipeline incident production/backend/slow-answers -->\nWhy: \`\` \`slow\` @all \`\`\n\n[Troubleshooting](<${page}>)`,
    })
    const close = (cause: string) => settled(it.issues(), IncidentAction.Close, { ...own, cause, reason: "" })
    expect(await close("slow answers")).toBe("closed #1")
    expect(await close("")).toBe("closed #2")

    expect(await open("")).toBe("opened #3")
    await it.issues().open(incident({ cause: "rolled-back/probe-live" }))
    expect(await close("遅い")).toBe("closed #3")
    expect(await close("rolled-back/probe-live")).toBe("closed #4")
  })
})

it("names an aborted run by the step that aborted it", () => {
  const broken: OperationResult = {
    ...result(deployment({ verdict: Verdict.Failed })),
    deployments: [],
    commit: commit("b"),
    step: Step.Check,
    log: ["FAILED  backend tests", "    ``` <b>"],
  }
  const [made] = incidentsOf(operation(), broken, all, page)
  expect(made?.cause).toBe("failed/run-the-checks")
  expect(made?.body).toMatchInlineSnapshot(`
    "- **failed**: \`It is unhealthy.\`
    - **why**: \`it answered 500\`
    - **next**: \`fix it\`

    \`\`\`\`
    FAILED  backend tests
        \`\`\` <b>
    \`\`\`\`

    [Run](<https://runs.example/7>) · [Troubleshooting](<https://github.com/acme/book/blob/HEAD/docs/deployment/troubleshooting.md>)"
  `)
})
