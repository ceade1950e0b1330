import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { section } from "../../../.ci/deployment-times.ts"

const step = (name: string, milliseconds: number) => ({ name, milliseconds })
const events = [
  { name: "build", verdict: "done", milliseconds: 65_160, budgetSeconds: 300, steps: [] },
  {
    name: "promote (backend, production)",
    verdict: "success",
    milliseconds: 10_370,
    budgetSeconds: 600,
    steps: [step("look", 5), step("migrate the database", 4434), step("switch", 4782), step("probe live", 434)],
  },
  { name: "deploy again", verdict: "refused", milliseconds: 52, budgetSeconds: 600, steps: [step("look", 8)] },
]

it("shows what changed something, with the three steps that took longest", () => {
  expect(section(events, "2026-11-28", "2 processors").split("\n").slice(-4)).toEqual([
    "| what | ended | took | budget | of it |",
    "| --- | --- | ---: | ---: | --- |",
    "| promote (backend, production) | success | 10.4 s | 600 s | switch 4.8 s, migrate the database 4.4 s, probe live 0.4 s |",
    "",
  ])
})

it("the page holds times of a deployment", () => {
  expect(readFileSync("docs/deployment/performance.md", "utf8")).toMatch(
    /^\| promote \(backend, production\) \| success \|/m,
  )
})
