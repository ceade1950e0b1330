import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { deploymentText } from "../../lib/deployment/report.js"
import { noTracer } from "../../lib/deployment/tracer.js"
import { readSettings } from "../../lib/settings/settings.js"
import { backendTarget, frontendTarget, gitHubRecords } from "../../lib/wiring/targets.js"
import { Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { commit, imageRelease, runner, site } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"

it("a deployment to a repository, a site and a Space that were renamed goes live, and its report says so", async () => {
  const own = readSettings(readFileSync("delivery.json", "utf8").replaceAll(', "qdrant", "openrouter"', ""))
  const { frontend, backend } = own.environments.staging ?? {}
  const repository = new URL(own.project.source).pathname.slice(1)
  await using github = await gitHub({ repository })
  await using hub = await huggingFace({ spaces: [backend?.space ?? ""], run: runner() })
  await using api = await netlify({ sites: [frontend?.site ?? ""] })
  github.commit("a", [], "main", commit("a"))
  github.rename("physical-ai/guide")
  hub.rename(backend?.space ?? "", "physical-ai/renamed")
  api.rename(frontend?.site ?? "", "guide")
  const settings = { ...own, providers: { gitHub: github.url, huggingFace: hub.url, netlify: api.url } }
  const clock = fastClock()
  const records = gitHubRecords(settings, "ghp_x", clock)
  const context = { settings, environment: "staging", clock, tracer: noTracer, records }
  const title = "Physical AI & Humanoid Robotics"

  const [service, page] = [
    await deploy(imageRelease("a"), backendTarget({ ...context, token: "hf_x" })),
    await deploy(
      { commit: commit("a"), version: "a", artifact: site("a", { title }) },
      frontendTarget({ ...context, token: "nfp_x" }),
    ),
  ]

  expect([service.verdict, page.verdict], `${service.reason} ${page.reason}`).toEqual([
    Verdict.Success,
    Verdict.Success,
  ])
  expect(deploymentText(service)).toMatch(/^ {2}warning {2}The Space \S+ is named physical-ai\/renamed now: /m)
  expect(deploymentText(page)).toMatch(/^ {2}warning {2}The site \S+ is named guide.netlify.app now: /m)
  expect(deploymentText(page)).toMatch(/^ {2}warning {2}The repository \S+ is named physical-ai\/guide now: /m)
})
