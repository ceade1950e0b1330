import { readFileSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, expect, it } from "vitest"
import { standIn } from "../../stand-ins/server.js"
import { type Checkout, checkout } from "./checkout.js"
import { hostAddress } from "./dagger.js"
import { providers, registryFlags } from "./providers.js"

let clone: Checkout
beforeAll(() => {
  clone = checkout()
})
afterAll(() => clone[Symbol.dispose]())

it("protects the deployed branches once, and names a missing one", async () => {
  await using it = await providers(clone, {}, {}, { branches: [] })
  const protect = (...flags: string[]) => it.call("protect", ["--github-token=env://GITHUB_TOKEN", ...flags])
  const without = await protect("--plan")
  expect(without.error).toContain('The repository has no branch "staging".')
  expect(without.error).toContain("main: would be protected; now:")
  expect(without.code).toBe(1)
  it.history.commit("staging", [clone.head()], "staging")

  const plan = await protect("--plan")
  expect(plan.stdout).toMatch(/^staging: would be protected; now:\n {2}ci need not succeed\n[\s\S]*^main: would be/m)
  expect(it.history.writes()).toEqual([])
  const done = await protect()
  expect(done.code, done.error).toBe(0)
  const again = await protect()

  expect(again.stdout).toBe("staging: protected as the settings say\nmain: protected as the settings say\n")
  expect(it.history.writes()).toEqual([
    expect.stringMatching(/^PUT .*\/branches\/staging\/protection$/),
    expect.stringMatching(/^PUT .*\/branches\/main\/protection$/),
  ])
})

it("finds what would stop a deployment, and changes nothing", async () => {
  await using it = await providers(clone)
  it.history.commit("staging", [clone.head()], "staging")
  it.history.environment("staging", [])
  for (const name of ["NETLIFY_TOKEN_STAGING", "HF_TOKEN_STAGING"])
    it.history.secret("staging", name, "2026-11-01T00:00:00Z")
  const doctor = (env: Record<string, string> = {}) =>
    it.call(
      "doctor",
      [
        ...["--netlify-token=env://NETLIFY_TOKEN", "--hugging-face-token=env://HF_TOKEN"],
        ...["--github-token=env://GITHUB_TOKEN", ...registryFlags],
      ],
      env,
    )

  const unhealthy = await doctor({ HF_TOKEN: "hf_somebody-elses-token" })

  expect(unhealthy.code).toBe(1)
  expect(unhealthy.error).toMatch(
    /^ {2}wrong +Hugging Face token +Hugging Face refused a request\. .* was answered 401/m,
  )
  expect(unhealthy.error).toMatch(
    /^ {2}wrong +branch staging +it is less protected than the settings say: ci need not succeed/m,
  )
  expect(unhealthy.error).toMatch(/^ {2}wrong +secret DATABASE_URL_STAGING +no workflow of this environment can read/m)
  expect(unhealthy.error).toMatch(/^ {2}unknown +database +not checked: its secret was not given/m)
  expect(unhealthy.error).toContain("3 wrong, ")
  expect(unhealthy.error).not.toContain("somebody-elses-token")

  it.history.secret("staging", "DATABASE_URL_STAGING", "2026-11-01T00:00:00Z")
  it.history.rule("staging", [
    { type: "required_status_checks", parameters: { required_status_checks: [{ context: "ci" }] } },
    { type: "pull_request", parameters: { required_approving_review_count: 1, dismiss_stale_reviews_on_push: true } },
    { type: "non_fast_forward" },
    { type: "deletion" },
  ])
  const well = await doctor()

  expect(well.code, well.error).toBe(0)
  expect(well.stdout).toMatch(/^ {2}good +schema +one newest revision of 3: 0003$/m)
  expect(well.stdout).toMatch(/^ {2}good +branch staging +protected as the settings say$/m)
  expect(well.stdout).toMatch(/; nothing was changed\n$/)
  for (const server of [it.sites, it.hub, it.history]) expect(server.writes()).toEqual([])

  await using service = await standIn(() => ({ json: { state: "healthy" } }), { address: hostAddress() })
  const settings = JSON.parse(readFileSync(it.settings.path, "utf8"))
  settings.environments.staging.backend.url = service.url
  writeFileSync(it.settings.path, JSON.stringify(settings))
  const unjudgeable = await doctor()

  expect(unjudgeable.code).toBe(1)
  expect(unjudgeable.error).toMatch(
    /^ {2}wrong +health answer +http:\S+: \/health does not name the dependency database\n +next: write backend\.needs of the environment, without "database"$/m,
  )
})
