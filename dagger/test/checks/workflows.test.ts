import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { readSettings } from "../../lib/settings/settings.js"
import { calls, repositoryRoot, workflow, workflowOf, workflows } from "../support/workflows.js"

const settings = readSettings(readFileSync(join(repositoryRoot, "delivery.json"), "utf8"))
const names = Object.keys(settings.environments)
const callStep = () => {
  const step = workflow("delivery.yml").jobs.call?.steps?.find(({ name }) => name === "Call")
  if (!step?.run) throw new Error("delivery.yml has no step Call")
  return { run: step.run, env: step.env ?? {} }
}

/** What the shell of the called workflow does with its inputs: each call of dagger, with its words. */
function ran(inputs: Record<string, string>, exitCode = 0) {
  const folder = mkdtempSync(join(tmpdir(), "workflow-"))
  try {
    const program = join(folder, "dagger")
    writeFileSync(
      program,
      `#!/usr/bin/env bash\n{ printf '%s\\n' "$@"; echo; } >>"${folder}/words"\n{ env | grep ^HF_ | sort | paste -sd " "; } >>"${folder}/tokens"\necho the report; echo the log >&2\n[[ $* == *scan-reports* ]] || exit ${exitCode}\n`,
    )
    // GitHub's endpoint for ID tokens: another one each time, to whom has the job's right to ask; with no right it refuses.
    const endpoint = join(folder, "curl")
    writeFileSync(
      endpoint,
      `#!/usr/bin/env bash\necho "\${@: -1}" >>"${folder}/asked"\n[[ $* != *request-token* && $(cat "$(sed 's/.*@//;s/ .*//' <<<"$*")") == "Authorization: bearer request-token" ]] || exit 22\necho "{\\"value\\":\\"eyJ-identity-$(wc -l <"${folder}/asked")\\"}"\n`,
    )
    for (const file of [program, endpoint]) chmodSync(file, 0o755)
    writeFileSync(join(folder, "step.sh"), callStep().run)
    const blank = { CALL: "", FIELD: "", FORM: "{}", ENVIRONMENT: "", COMMIT: "", REPORTS: "", REPORTS_OF_FAILURE: "" }
    const env = {
      ...blank,
      RUN_URL: "https://run",
      GITHUB_ACTOR: "ana",
      ...inputs,
      PATH: `${folder}:${process.env.PATH}`,
    }
    // As GitHub runs a step.
    const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "step.sh"], {
      cwd: folder,
      env,
      encoding: "utf8",
    })
    const read = (name: string) => execFileSync("cat", [name], { cwd: folder, encoding: "utf8" })
    const words = read("words")
      .trim()
      .split("\n\n")
      .map((call) => call.split("\n"))
    const lines = (name: string) =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trimEnd().split("\n") : []
    const more = { tokens: lines("tokens"), asked: lines("asked"), stdout }
    return { status, stderr, words, report: read("reports/report.txt"), log: read("reports/log.txt"), ...more }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the step writes into the job's summary, of these files below reports/. */
function summaryOf({ report, log, ...pages }: Record<string, string>, outcome: string): string {
  const step = Object.values(workflow("delivery.yml").jobs).flatMap((job) => job.steps ?? [])
  const { run = "" } = step.find(({ name }) => name === "Summary") ?? {}
  const folder = mkdtempSync(join(tmpdir(), "summary-"))
  try {
    for (const [name, text] of Object.entries({ "report.txt": report ?? "", "log.txt": log ?? "", ...pages })) {
      mkdirSync(dirname(join(folder, "reports", name)), { recursive: true })
      writeFileSync(join(folder, "reports", name), text)
    }
    const env = {
      PATH: process.env.PATH ?? "",
      CALL: "deploy",
      OUTCOME: outcome,
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
    }
    // As GitHub runs a step.
    const { status, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run], {
      cwd: folder,
      env,
    })
    expect(status, String(stderr)).toBe(0)
    return readFileSync(join(folder, "summary"), "utf8")
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("the workflow that the others call", () => {
  it("gives the environment's own secrets, and each input of the form as one word, whatever it holds", () => {
    const reason = `it's "bad" $(touch /tmp/x) --plan=true ; \${HOME}\nand more`
    const form = { reason, to: "", plan: false, environment: "staging" }

    const { status, words } = ran({
      CALL: "frontend rollback --environment=$ENVIRONMENT --netlify-token=env://NETLIFY_TOKEN$SUFFIX",
      FIELD: "report",
      ENVIRONMENT: "staging",
      FORM: JSON.stringify(form),
    })

    expect(status).toBe(0)
    expect(words).toHaveLength(1)
    expect(words[0]?.slice(words[0].indexOf("frontend"))).toEqual([
      "frontend",
      "rollback",
      "--environment=staging",
      "--netlify-token=env://NETLIFY_TOKEN_STAGING",
      `--reason=it's "bad" $(touch /tmp/x) --plan=true ; \${HOME} and more`,
      "report",
    ])
    expect(words[0]).toContain("--slack-webhook=env://SLACK_WEBHOOK_URL_STAGING")
    // The job's summary shows it.
    expect(words[0]).toContain("--markdown")
  })

  it("gives a third environment a secret of its own name, never production's", () => {
    const { words } = ran({
      CALL: "backend deploy --hugging-face-token=env://HF_TOKEN$SUFFIX",
      ENVIRONMENT: "pre-view",
    })

    expect(words[0]).toContain("--hugging-face-token=env://HF_TOKEN_PRE_VIEW")
    expect(words[0]?.filter((word) => /env:\/\/(?:HF_TOKEN|SLACK_WEBHOOK_URL)$/.test(word))).toEqual([])
  })

  it("fails as the call did, and keeps its report, its log and the reports of a failure", () => {
    const failed = ran({ CALL: "backend deploy", REPORTS_OF_FAILURE: "backend scan-reports --output=reports/scan" }, 3)
    const passed = ran({ CALL: "backend deploy", REPORTS_OF_FAILURE: "backend scan-reports --output=reports/scan" })

    expect(failed).toMatchObject({ status: 3, report: "the report\n", log: "the log\n" })
    expect(failed.words.map((words) => words.includes("scan-reports"))).toEqual([false, true])
    expect(passed.words.map((words) => words.includes("scan-reports"))).toEqual([false])
  })

  it("gives the pull request's number and the commit that was pushed to a preview", () => {
    const given = calls().find(({ file }) => file === "preview.yml")?.given

    const { words } = ran({ CALL: given?.call ?? "", ENVIRONMENT: "staging", PULL_REQUEST: "12", COMMIT: "c0ffee" })

    expect(words[0]?.slice(words[0].indexOf("frontend"))).toEqual([
      ...["frontend", "preview", "--environment=staging", "--pull-request=12", "--commit=c0ffee"],
      "--netlify-token=env://NETLIFY_TOKEN_STAGING",
    ])
  })

  it("takes no flag of a call that no person started", () => {
    expect(ran({ CALL: "ci --commit=$COMMIT", COMMIT: "c0ffee", FORM: "null" }).words[0]?.slice(-2)).toEqual([
      "ci",
      "--commit=c0ffee",
    ])
  })

  it("reads each secret under its own name alone, and has those that the settings name", () => {
    const { env } = callStep()
    const secrets = Object.entries(env).filter(([, value]) => value.includes("secrets."))
    const wanted = Object.values(settings.environments).flatMap((it) => [
      it.secrets.netlify,
      it.secrets.huggingFace,
      it.secrets.space,
      it.secrets.database,
      it.secrets.slack,
    ])

    expect(secrets.filter(([name, value]) => value !== `\${{ secrets.${name} }}`)).toEqual([])
    expect(secrets.map(([name]) => name).sort()).toEqual(wanted.sort())
    expect(Object.keys(workflow("delivery.yml").on.workflow_call?.secrets ?? {}).sort()).toEqual(wanted.sort())
  })

  it("takes the suffix of a secret's name from the environment as the settings do", () => {
    const suffixes = names.map((ENVIRONMENT) => ran({ CALL: "x env://HF_TOKEN$SUFFIX", ENVIRONMENT }).words[0]?.at(-1))

    expect(suffixes).toEqual(names.map((name) => `env://${settings.environments[name]?.secrets.huggingFace}`))
  })
})

describe("the identity of a job, for Hugging Face", () => {
  const right = {
    ACTIONS_ID_TOKEN_REQUEST_URL: "https://pipelines.example/idtoken?api-version=2.0",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
  }
  const promotion = {
    CALL: "promote --hugging-face-token=env://HF_TOKEN --from-hugging-face-token=env://HF_TOKEN_STAGING",
  }

  it("is asked for where no token is stored, for the audience that Hugging Face takes, and masked in the log", () => {
    const { status, tokens, asked, stdout } = ran({ ...promotion, ...right, HF_TOKEN: "" })

    expect(status).toBe(0)
    expect(tokens).toEqual(["HF_TOKEN=eyJ-identity-1 HF_TOKEN_STAGING=eyJ-identity-2"])
    expect(asked).toEqual(Array(2).fill(`${right.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=https://huggingface.co`))
    expect(stdout).toBe("::add-mask::eyJ-identity-1\n::add-mask::eyJ-identity-2\nthe report\n")
  })

  it("does not replace a token that is stored", () => {
    const { tokens, asked } = ran({ ...promotion, ...right, HF_TOKEN: "hf_a", HF_TOKEN_STAGING: "hf_b" })

    expect(tokens).toEqual(["HF_TOKEN=hf_a HF_TOKEN_STAGING=hf_b"])
    expect(asked).toEqual([])
  })

  it("is a new one for the reports, which come minutes later", () => {
    const call = "backend scan --hugging-face-token=env://HF_TOKEN"

    const { tokens } = ran({ ...right, CALL: call, REPORTS: call.replace("scan", "scan-reports") })

    expect(tokens).toEqual(["HF_TOKEN=eyJ-identity-1", "HF_TOKEN=eyJ-identity-2"])
  })

  it.each([
    ["a job without the right to ask", promotion],
    [
      "a call that gives Hugging Face nothing",
      { ...right, CALL: "frontend deploy --netlify-token=env://NETLIFY_TOKEN" },
    ],
  ])("is not asked for by %s", (_, inputs) => {
    expect(ran(inputs)).toMatchObject({ status: 0, asked: [] })
  })

  it("leaves the call to say what it lacks, when GitHub gives none", () => {
    const { stdout, words } = ran({ ...promotion, ...right, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "old" })

    expect(stdout).toContain("::warning::GitHub gave no identity for HF_TOKEN\n")
    expect(words).toHaveLength(1)
  })

  it("may be asked for by the jobs whose call needs it, and by no other", () => {
    const jobs = workflows().flatMap(({ file, jobs: all }) =>
      Object.entries(all)
        // Another identity, for Pages.
        .filter(([, { permissions = {} }]) => permissions.pages !== "write")
        .map(([name, job]) => ({
          job: `${file}: ${name}`,
          needs: String(job.with?.call ?? "").includes("--hugging-face-token="),
          may: job.permissions?.["id-token"] === "write",
        })),
    )

    expect(jobs.filter(({ needs, may }) => needs !== may)).toEqual([])
    expect(jobs.filter(({ may }) => may)).toHaveLength(8)
  })
})

describe("the job summary", () => {
  const trace = "9   : deploy ERROR\n"

  it.each([
    [
      "the report of a deployment",
      "### 🟢 frontend of staging\n\n| step |\n",
      "",
      "success",
      "### 🟢 frontend of staging\n\n| step |\n",
    ],
    [
      "what else a call prints, as it is",
      "<b>3</b> *passed*\n### 4\n",
      "",
      "success",
      "    <b>3</b> *passed*\n    ### 4\n",
    ],
    [
      "the report of a failed deployment",
      "",
      `${trace}! Error: ### not this\nError: an earlier one\n${trace}Error: ### 🔴 backend of staging\n\n- **why**: \`x\` [traceparent:0a-1b]\n`,
      "failure",
      "\n### 🔴 backend of staging\n\n- **why**: `x`\n",
    ],
    [
      "the end of the log of any other failure",
      "",
      `${trace}Error: no <b>\n  why: x\n`,
      "failure",
      `\n    ${trace}    Error: no <b>\n      why: x\n`,
    ],
  ])("shows %s", (_, report, log, outcome, shown) => {
    expect(summaryOf({ report, log }, outcome)).toBe(`### \`deploy\`: ${outcome}\n\n${shown}\n`)
  })

  it("ends with the pages that the reports hold", () => {
    expect(summaryOf({ report: "passed\n", log: "", "ci/summary.md": "## CI\n" }, "success")).toBe(
      "### `deploy`: success\n\n    passed\n\n## CI\n",
    )
  })
})

it("the job summary says which platforms' findings GitHub was not given", () => {
  const scans = { "scan/trivy.sarif": "{}", "scan/linux-arm64/trivy.sarif": "{}" }

  expect(summaryOf({ report: "clean\n", log: "", ...scans }, "success")).toBe(
    "### `deploy`: success\n\n    clean\n\nThe scan of linux-arm64 is in the artifact `reports` alone, not in GitHub's code scanning.\n",
  )
})

describe("the workflows", () => {
  it("offer exactly the environments of the settings", () => {
    const inputs = workflows().flatMap(({ file, on }) => {
      const input = on.workflow_dispatch?.inputs?.environment
      return input ? [{ file, type: input.type, options: [...(input.options ?? [])].sort() }] : []
    })

    expect(inputs).toEqual(inputs.map(({ file }) => ({ file, type: "choice", options: [...names].sort() })))
    expect(inputs.length).toBeGreaterThanOrEqual(5)
  })

  it("mean staging where nobody names an environment, as the functions do", () => {
    const chosen = workflows().flatMap(({ file, on }) => {
      const input = on.workflow_dispatch?.inputs?.environment
      return input ? [[file, input.default]] : []
    })
    const functions = ["index.ts", "frontend.ts", "backend.ts"].flatMap((file) =>
      [...readFileSync(join(repositoryRoot, "dagger/src", file), "utf8").matchAll(/^ {4}environment = "(.+)",$/gm)].map(
        ([, name]) => [file, name],
      ),
    )

    expect([...chosen, ...functions].filter(([, name]) => name !== "staging")).toEqual([])
    expect([chosen.length, functions.length]).toEqual([5, 12])
  })

  it("name environments of the settings, and GitHub environments with the secrets of the same one", () => {
    const wrong = calls().filter(({ given, form }) => {
      const { environment = "", "secrets-of": place = "" } = given
      const known =
        environment === "" ||
        names.includes(environment) ||
        (environment === `\${{ inputs.environment }}` && form.environment)
      return (
        !known ||
        (place !== "" &&
          !(environment === "" ? ["checks"] : [`${environment}-unattended`, "pull-requests"]).includes(place))
      )
    })

    expect(wrong.map(({ file }) => file)).toEqual([])
  })

  it("run in the GitHub environment of what they change, and rollbacks in one without reviewers", () => {
    const places = calls().map(({ file, given }) => [
      file,
      given.environment ?? "",
      given["secrets-of"] ?? given.environment,
    ])
    const chosen = `\${{ inputs.environment }}`

    expect(workflow("delivery.yml").jobs.call?.environment).toEqual({
      name: `\${{ inputs.secrets-of || inputs.environment }}`,
      // Else GitHub writes a deployment beside the module's own, and the newest says nothing of what is live.
      deployment: false,
    })
    expect(places).toEqual([
      ["ci.yml", "", "checks"],
      ...["deploy-backend.yml", "deploy-frontend.yml"].map((file) => [file, chosen, chosen]),
      ["deploy-staging.yml", "staging", "staging"],
      ...[1, 2, 3].map(() => ["deploy.yml", "production", "production"]),
      ["metrics.yml", "production", "production-unattended"],
      ...[1, 2].map(() => ["preview.yml", "staging", "pull-requests"]),
      ["promote-to-prod.yml", "production", "production"],
      ...["rollback-backend.yml", "rollback-frontend.yml", "rollback.yml"].map((file) => [
        ...[file, chosen, `${chosen}-unattended`],
      ]),
      ["scan.yml", "", "checks"],
      ["scan.yml", "production", "production-unattended"],
      ["status.yml", "", "checks"],
    ])
  })

  it("give a call its environment's secrets and no other's, and none to checks", () => {
    expect(
      calls().filter(({ job, given }) => (job.secrets === "inherit") === (given["secrets-of"] === "checks")),
    ).toEqual([])
    const named = calls().flatMap(({ file, given }) =>
      [given.call, given.reports, given["reports-of-failure"]].flatMap((line = "") =>
        [...line.matchAll(/env:\/\/\S+/g)].map(([secret]) => `${file} ${secret}`),
      ),
    )
    // A promotion also looks at staging.
    const other = named.filter((it) => !it.endsWith("$SUFFIX") && !it.startsWith("promote-to-prod.yml "))
    expect(other).toEqual([])
    expect(named.length).toBeGreaterThanOrEqual(30)
  })

  it("grant each change the lock, the ledger, incidents and statuses, and the registry as far as it needs it", () => {
    const changing = calls().filter(({ given }) => /^(?:\w+ )?(?:deploy|promote|rollback)\b/.test(given.call ?? ""))

    expect(changing.map(({ file, job }) => ({ file, ...job.permissions }))).toEqual(
      changing.map(({ file, given }) => ({
        ...(given.call?.includes("--hugging-face-token") && { "id-token": "write" }),
        ...{ file, contents: "write", deployments: "write", issues: "write", statuses: "write" },
        ...(file.startsWith("deploy")
          ? { packages: "write", "security-events": "write" }
          : { packages: "read", ...(file.startsWith("promote") && { "pull-requests": "write" }) }),
      })),
    )
  })

  it("publish the dashboard where a repository has switched that on, with the right to nothing else", () => {
    const { publish, ...others } = workflow("metrics.yml").jobs

    expect(Object.keys(others)).toEqual(["metrics"])
    expect(publish).toMatchObject({
      needs: "metrics",
      if: "vars.METRICS_PAGES == 'true'",
      permissions: { pages: "write", "id-token": "write" },
    })
    expect(Object.keys(publish?.permissions ?? {})).toHaveLength(2)
    expect(publish?.secrets).toBe(undefined)
    // The folder that the call of the other job writes into the artifact `reports`.
    expect(publish?.steps?.map(({ with: given }) => given?.path)).toEqual(["reports", "reports/metrics", undefined])
    expect(others.metrics?.with?.call).toBe("metrics --output=reports/metrics")
  })

  it("read secrets in one place", () => {
    expect(
      workflows()
        .filter(({ text }) => /\bsecrets\s*[.[]/.test(text))
        .map(({ file }) => file),
    ).toEqual(["delivery.yml"])
    const withSecrets = calls().filter(({ job }) => job.secrets !== undefined)
    expect(withSecrets.every(({ job }) => job.secrets === "inherit")).toBe(true)
    // Programs of a pull request get none.
    expect(withSecrets.map(({ file }) => file)).not.toContain("ci.yml")
  })

  it("give no secret and no right to write to the code of a fork", () => {
    const ofPullRequests = workflows().filter(({ on }) => "pull_request" in on)
    const ownAlone =
      /^github\.event\.action [!=]= 'closed' && github\.event\.pull_request\.head\.repo\.full_name == github\.repository(?: && [^|]*)?$/
    const noPullRequest = /^github\.event_name != 'pull_request'$/
    const open = ofPullRequests.flatMap(({ file, jobs }) =>
      Object.entries(jobs)
        .filter(([, { secrets, permissions = {} }]) => secrets || permissions["pull-requests"] === "write")
        .filter(([, { if: when = "" }]) => !ownAlone.test(when) && !noPullRequest.test(when))
        .map(([name]) => `${file}: ${name}`),
    )

    expect(open).toEqual([])
    // It would run with this repository's secrets, whoever opened the pull request.
    expect(workflows().filter(({ on }) => "pull_request_target" in on || "workflow_run" in on)).toEqual([])
    expect(ofPullRequests.map(({ file }) => file)).toContain("preview.yml")
  })

  it("let checks read the cache of packages; only the job that a page shows writes it, for the default branch", () => {
    const page = readFileSync(join(repositoryRoot, "docs/deployment/scaling.md"), "utf8")
    const [, shown = ""] = /^```yaml\n( {2}cache:\n[\s\S]*?)^```$/m.exec(page) ?? []
    const { cache } = workflowOf("scaling.md", `jobs:\n${shown}`).jobs
    const { ci } = workflow("ci.yml").jobs

    expect(ci?.permissions).toEqual({ contents: "read", packages: "read", statuses: "write" })
    expect(cache?.permissions).toEqual({ contents: "read", packages: "write" })
    expect(cache?.if).toBe("github.event_name == 'push' && github.ref_name == github.event.repository.default_branch")
    expect([cache?.with?.call, cache?.secrets]).toEqual(["warm-cache", undefined])
    const ofPullRequests = workflows().filter(({ on }) => "pull_request" in on)
    const writing = ofPullRequests.flatMap(({ jobs }) =>
      Object.values(jobs).filter(({ permissions }) => permissions?.packages === "write"),
    )
    expect(writing).toEqual([])
    // Two jobs of a run can't have an artifact of one name.
    const upload = workflow("delivery.yml").jobs.call?.steps?.find(({ uses }) => uses?.includes("/upload-artifact@"))
    expect(upload?.with?.name).toBe(`\${{ inputs.artifact }}`)
    expect([ci?.with?.artifact, cache?.with?.artifact]).toEqual([undefined, "reports-cache"])
  })

  it("tell a pull request without a preview that it has none, and why", () => {
    const { without, preview, close } = workflow("preview.yml").jobs

    expect([preview?.secrets, close?.secrets, without?.secrets]).toEqual(["inherit", "inherit", undefined])
    expect(without?.permissions).toEqual({})
    expect(without?.steps?.map(({ uses }) => uses)).toEqual([undefined])
    expect(without?.steps?.[0]?.run).toContain("GitHub gives no secret to its run")
  })

  it("drop no waiting deployment, and let no rollback wait for one", () => {
    const group = workflow("delivery.yml").jobs.call?.concurrency
    const changing = calls().filter(({ given }) => /^(?:\w+ )?(?:deploy|promote|rollback)\b/.test(given.call ?? ""))

    expect(group).toEqual({
      group: `\${{ inputs.queued && format('deploy-{0}', inputs.environment) || format('{0} {1}', github.run_id, inputs.call) }}`,
      queue: "max",
    })
    expect(changing.map(({ file, given }) => [file, given.queued === (true as never)])).toEqual(
      changing.map(({ file }) => [file, !file.startsWith("rollback")]),
    )
    expect(changing).toHaveLength(10)
  })

  it("cancel a running one only for a pull request", () => {
    const cancelled = workflows().flatMap(({ concurrency }) => concurrency?.["cancel-in-progress"] ?? [])

    expect([...new Set(cancelled)]).toEqual([`\${{ github.event_name == 'pull_request' }}`])
  })

  it("deploy a push only once the module's own tests have passed", () => {
    const pushed = workflows().filter(
      ({ on, jobs }) => on.push && Object.values(jobs).some(({ with: given }) => given?.queued),
    )

    expect(pushed.map(({ file }) => file)).toEqual(["deploy-staging.yml", "deploy.yml"])
    for (const { jobs } of pushed)
      for (const job of Object.values(jobs).filter(({ with: given }) => given?.queued))
        expect([job.needs].flat()).toContain("module")
  })

  it("scan each pull request that changes the service, and what is live every night", () => {
    const { on, jobs } = workflow("scan.yml")

    expect(on.pull_request).toEqual({ paths: expect.arrayContaining(["backend/**", "delivery.json"]) })
    // Minute and hour, on all days.
    expect(on.schedule).toEqual([{ cron: expect.stringMatching(/^[0-9]{1,2} [0-9]{1,2} \* \* \*$/) }])
    expect(jobs.checkout).toMatchObject({ if: "github.event_name == 'pull_request'", with: { call: "backend scan" } })
    expect(jobs.live).toMatchObject({
      if: "github.event_name != 'pull_request'",
      with: { environment: "production", call: expect.stringMatching(/^backend scan --environment=\$ENVIRONMENT /) },
    })
  })

  it("keep the report of every scan, and of an image that was stopped", () => {
    const steps = workflow("delivery.yml").jobs.call?.steps ?? []
    const [sarif, files] = ["github/codeql-action/upload-sarif@", "actions/upload-artifact@"].map((action) =>
      steps.find(({ uses = "" }) => uses.startsWith(action)),
    )
    const scanned = calls().filter(({ given }) => /^(?:backend )?(?:scan|deploy)\b/.test(given.call ?? ""))
    const report = /^backend scan-reports (?:.* )?--output=reports\/scan$/

    expect(scanned.map(({ file }) => file)).toEqual([
      ...["deploy-backend.yml", "deploy-staging.yml", "deploy.yml", "deploy.yml", "scan.yml", "scan.yml"],
    ])
    for (const { job, given } of scanned) {
      expect(given[(given.call ?? "").includes("deploy") ? "reports-of-failure" : "reports"]).toMatch(report)
      expect(job.permissions?.["security-events"]).toBe("write")
    }
    expect(files).toMatchObject({ if: "always()", with: { path: "reports" } })
    expect(sarif?.with?.sarif_file).toBe("reports/scan/trivy.sarif")
    // Also after a call that failed; a step without a word of the kind runs after a success alone.
    expect(sarif?.if).toContain("!cancelled() && hashFiles('reports/scan/trivy.sarif') != ''")
  })

  it("promote the deployment of staging that a person names", () => {
    const [{ given, form } = { given: {} as Record<string, string>, form: {} }] = calls().filter(
      ({ file }) => file === "promote-to-prod.yml",
    )
    const FORM = JSON.stringify({ deployment: "4242", "allow-contract": "", "allow-diverged": "", plan: false })

    const { words } = ran({ CALL: given.call ?? "", ENVIRONMENT: given.environment ?? "", FORM })

    expect(form).toHaveProperty("deployment")
    expect(given.form).toBe(`\${{ toJSON(inputs) }}`)
    expect(words[0]?.slice(words[0].indexOf("promote"))).toEqual([
      ...["promote", "--netlify-token=env://NETLIFY_TOKEN", "--hugging-face-token=env://HF_TOKEN"],
      ...["--from-netlify-token=env://NETLIFY_TOKEN_STAGING", "--from-hugging-face-token=env://HF_TOKEN_STAGING"],
      ...["--database-url=env://DATABASE_URL", "--space-secrets=env://SPACE_SECRETS", "--deployment=4242"],
    ])
  })

  it("ask for what a call takes: the reason for each exception, and a plan before it", () => {
    const exceptions = ["over-quarantine", "allow-diverged", "from-any-branch"]
    const asked = workflows().flatMap(({ file, on }) => {
      const inputs = Object.keys(on.workflow_dispatch?.inputs ?? {})
      return inputs.length > 0 ? [[file, inputs.sort()]] : []
    })

    expect(asked).toEqual([
      ["deploy-backend.yml", ["environment", "plan", "allow-contract", ...exceptions].sort()],
      ["deploy-frontend.yml", ["environment", "plan", ...exceptions].sort()],
      ["deploy-staging.yml", ["plan", "allow-contract", ...exceptions].sort()],
      ["promote-to-prod.yml", ["allow-contract", "allow-diverged", "deployment", "plan"]],
      ...["rollback-backend.yml", "rollback-frontend.yml", "rollback.yml"].map((file) => [
        file,
        ["environment", "plan", "reason", "to"],
      ]),
    ])
  })

  it("give what a person fills in to each call that a form starts", () => {
    const filled = calls().filter(
      ({ file }) => Object.keys(workflow(file).on.workflow_dispatch?.inputs ?? {}).length > 0,
    )

    expect(filled.map(({ file, given }) => [file, given.form])).toEqual(
      filled.map(({ file }) => [file, `\${{ toJSON(inputs) }}`]),
    )
    expect(filled).toHaveLength(7)
  })

  it("put no expression of others' text into a shell line", () => {
    const lines = workflows().flatMap(({ jobs }) =>
      Object.values(jobs).flatMap(({ steps = [] }) => steps.map(({ run }) => run ?? "")),
    )

    expect(lines.filter((line) => line.includes("${{"))).toEqual([])
  })
})

/** A repository whose pushes change these files each, and the step of a workflow that runs on the last of them. */
function afterPushes(pushes: string[][], { script = "", gh = "" }) {
  const folder = mkdtempSync(join(tmpdir(), "push-"))
  const repository = join(folder, "repository")
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...words], {
      cwd: repository,
      encoding: "utf8",
    }).trim()
  try {
    mkdirSync(repository)
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "start")
    const commits = [git("rev-parse", "HEAD")]
    for (const [at, files] of pushes.entries()) {
      for (const file of files) {
        mkdirSync(dirname(join(repository, file)), { recursive: true })
        writeFileSync(join(repository, file), `push ${at}`)
      }
      git("add", "-A")
      git("commit", "-q", "--allow-empty", "-m", `push ${at}`)
      commits.push(git("rev-parse", "HEAD"))
    }
    // Prints which push is said to have passed, by its number from the start.
    const said = gh.replace(/\$(\d)/g, (_, n) => commits[Number(n)] ?? "")
    writeFileSync(join(folder, "gh"), `#!/usr/bin/env bash\necho "$@" >"${folder}/asked"\n${said}\n`)
    chmodSync(join(folder, "gh"), 0o755)
    const output = join(folder, "output")
    const env = {
      ...{ PATH: `${folder}:${process.env.PATH}`, WORKFLOW: "deploy", BRANCH: "main" },
      ...{ GITHUB_SHA: git("rev-parse", "HEAD"), GITHUB_OUTPUT: output },
    }
    // As GitHub runs a step.
    const { stderr, status } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
      cwd: repository,
      env,
      encoding: "utf8",
    })
    expect(status, stderr).toBe(0)
    const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8").trim() : "")
    return { output: read(output), asked: read(join(folder, "asked")) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const lastThatPassed =
  "run list --workflow=deploy --branch=main --event=push --status=success --limit=1 --json=headSha --jq=.[].headSha"
const stepOf = (file: string, job: string, step: string) =>
  workflow(file).jobs[job]?.steps?.find(({ name }) => name === step)?.run ?? ""

/** What a push to main deploys, by the files that have changed since the last one that went live. */
describe("a push to main", () => {
  const script = stepOf("deploy.yml", "changed", "Compare")

  it.each([
    ["components=frontend", ["frontend/page.md"]],
    ["components=backend", ["backend/main.py", "README.md"]],
    ["components=both", ["frontend/page.md", "backend/main.py"]],
    ["components=both", ["frontend/page.md", "dagger/src/index.ts"]],
    ["components=both", ["delivery.json"]],
  ])("is one release: %s of %j", (expected, files) => {
    expect(afterPushes([files], { script, gh: "echo $0" })).toMatchObject({ output: expected, asked: lastThatPassed })
  })

  it("deploys with a page the service of an earlier push whose deployment failed: no page calls an older service", () => {
    const pushes = [["frontend/page.md", "backend/main.py"], ["frontend/page.md"]]

    expect(afterPushes(pushes, { script, gh: "echo $0" }).output).toBe("components=both")
    expect(afterPushes(pushes, { script, gh: "echo $1" }).output).toBe("components=frontend")
  })

  it.each([
    ["nothing went live before", ""],
    ["what went live is no commit here", `echo ${"f".repeat(40)}`],
    ["GitHub does not say", "exit 1"],
  ])("deploys both where %s", (_, gh) => {
    expect(afterPushes([["frontend/page.md"]], { script, gh }).output).toBe("components=both")
  })
})

describe("the module's own tests", () => {
  const steps = workflow("module.yml").jobs.tests?.steps ?? []
  const [compare, test] = ["Compare", "Test"].map((step) => steps.find(({ name }) => name === step))
  const pushes = [["dagger/src/index.ts"], ["frontend/page.md"]]
  const compared = (gh: string) => afterPushes(pushes, { script: compare?.run ?? "", gh })

  it("run for every pull request that changes the module, whatever its earlier pushes were", () => {
    expect(workflow("module.yml").on.pull_request?.paths).toEqual(
      expect.arrayContaining(["dagger/**", "dagger.json", ".ci/**", ".github/**"]),
    )
    expect(compare?.if).toBe("github.event_name == 'push'")
    expect(test).toEqual({ name: "Test", if: "steps.changed.outputs.tested == ''", run: ".ci/run" })
  })

  it("run again before a push that changes nothing of the module, until a run of it has passed", () => {
    expect(compared("echo $0")).toMatchObject({ output: "", asked: lastThatPassed })
    expect(compared("echo $1").output).toMatch(/^tested=[0-9a-f]{40}$/)
  })

  it.each([
    ["GitHub does not say which run passed", "exit 1"],
    ["none has passed", ""],
    ["the one that passed is no commit here", `echo ${"f".repeat(40)}`],
  ])("run where %s", (_, gh) => {
    expect(compared(gh).output).toBe("")
  })

  it("may see the runs wherever they are called", () => {
    const callers = workflows().flatMap(({ jobs }) =>
      Object.values(jobs).filter(({ uses }) => uses === "./.github/workflows/module.yml"),
    )

    const reading = { contents: "read", actions: "read" }
    expect([workflow("module.yml").jobs.tests, ...callers].map((job) => job?.permissions)).toEqual(
      Array(3).fill(reading),
    )
    expect(workflow("deploy.yml").jobs.changed?.permissions).toEqual(reading)
  })
})
