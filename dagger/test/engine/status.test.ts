import { afterAll, beforeAll, expect, it } from "vitest"
import { wallClock } from "../../lib/clock.js"
import { gitHubRecords } from "../../lib/wiring/targets.js"
import { type Checkout, checkout } from "./checkout.js"
import { providers, registryFlags, tokens } from "./providers.js"

let clone: Checkout
beforeAll(() => {
  clone = checkout()
  clone.plainSite()
})
afterAll(() => clone[Symbol.dispose]())

const gitHubToken = "--github-token=env://GITHUB_TOKEN"
const hostTokens = ["--netlify-token=env://NETLIFY_TOKEN", "--hugging-face-token=env://HF_TOKEN"]
const up = { status: "ok" }

it("tells what is live after a deployment, during a lock, after a failure and without a token, and writes nothing", async () => {
  let broken = ""
  await using it = await providers(
    clone,
    {},
    {},
    {
      answers: (commit) =>
        commit === broken
          ? { status: 500, json: { status: "broken" } }
          : { json: { status: "ok", commit, dependencies: { database: up, qdrant: up, openrouter: up } } },
    },
  )
  const status = async (...flags: string[]) => {
    const before = [it.sites, it.hub, it.history].map((server) => server.writes().length)
    const { code, stdout, error } = await it.call("status", flags)
    expect(code, error).toBe(0)
    expect([it.sites, it.hub, it.history].map((server) => server.writes().length)).toEqual(before)
    return stdout
  }
  const deploy = () =>
    it.call("deploy", [
      ...hostTokens,
      gitHubToken,
      ...registryFlags,
      "--actor=ana",
      "--unscanned=this test is about what is live",
    ])
  const a = clone.head().slice(0, 7)

  expect(await status(gitHubToken)).toMatch(/^next: .* deploy --environment=(?:staging|production) /m)

  expect((await deploy()).code).toBe(0)
  const deployed = await status(gitHubToken, ...hostTokens)
  expect(deployed).toMatch(new RegExp(`^staging +backend +${a} +${a} +\\S+Z +\\d+ m +ana +healthy$`, "m"))
  expect(deployed).toMatch(new RegExp(`^staging +frontend +${a} +${a} +\\S+Z +\\d+ m +ana +healthy$`, "m"))
  expect(deployed).toMatch(/^staging: its components fit: both are of one commit$/m)

  const settings = {
    project: { source: "https://github.com/physical-ai/physical-ai-humanoid-robotics" },
    providers: { gitHub: it.history.url },
  }
  const { lock } = gitHubRecords(settings as never, tokens.GITHUB_TOKEN, wallClock)
  const lease = await lock.take("staging", { owner: "ben", run: "https://runs.example/8", reason: "deploy 1234567" })
  const held = await status(gitHubToken)
  await lease.release()
  expect(held).toMatch(/^ {2}lock {9}held by ben \(deploy 1234567\) until \S+Z, https:\/\/runs\.example\/8$/m)

  broken = clone.commit("a broken one")
  it.history.commit("broken", [clone.git("rev-parse", "HEAD~1")], "staging", broken)
  expect((await deploy()).code).toBe(1)
  const failed = await status(gitHubToken)
  expect(failed).toMatch(new RegExp(`^staging +backend +${a} +${a} +\\S+Z +\\d+ m +ana +healthy$`, "m"))
  expect(failed).toMatch(
    new RegExp(`^ {2}last {9}backend: deploy ${broken.slice(0, 7)} ended rolled-back \\d+ m ago, by ana`, "m"),
  )
  expect(failed).toMatch(new RegExp(`^ {2}quarantined {2}backend ${broken.slice(0, 7)}: it was rolled back on `, "m"))
  expect(failed).toMatch(/^ {2}incident {5}#1 backend, rolled-back\/probe-live, open for \d+ m: https:/m)

  const mute = await status("--github-token=env://NOT_SET")
  expect(mute).toMatch(new RegExp(`^staging +backend +${a} +\\? +\\? +\\? +\\? +healthy$`, "m"))
  expect(mute).toMatch(
    /^not known: versions, who deployed, .*: there is no --github-token to ask GitHub with, or it is empty$/m,
  )
  expect(mute).toMatch(/^ {2}lock {9}not known$/m)

  /** The shortest of three, so that what else this machine does counts least. */
  const shortest = async (act: () => Promise<unknown>) => {
    const times: number[] = []
    for (let run = 0; run < 3; run++) {
      const began = performance.now()
      await act()
      times.push(performance.now() - began)
    }
    return Math.min(...times)
  }
  const least = await shortest(() => it.call("settings", ["contents"]))
  const looked = await shortest(() => status(gitHubToken, ...hostTokens))
  console.log(`the least call takes ${least.toFixed(0)} ms, status ${looked.toFixed(0)} ms`)
  expect(looked - least).toBeLessThan(2000)

  const { code, stdout, error } = await it.call("status-json", [gitHubToken])
  expect(code, error).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    environments: [{ environment: "staging", lock: "free", incidents: [{ number: 1 }] }, { environment: "production" }],
  })
})
