import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { budgetsOf } from "../src/budgets.js"
import { type Deployment, Half } from "../src/deployment.js"
import { Step } from "../src/journal.js"
import { readSettings } from "../src/settings.js"

const settings = readSettings(readFileSync(join(import.meta.dirname, "../../pipeline.json"), "utf8"))
const of = (half: Half, ...names: Step[]) =>
  budgetsOf(settings, {
    half,
    environment: "staging",
    steps: names.map((name) => ({ name, milliseconds: 0, detail: "" })),
  } as Deployment)

it("grants a deployment of each half, and a rollback, what the settings say", () => {
  expect(of(Half.Frontend)).toMatchObject({ "": 300, [Step.Build]: 300, [Step.Check]: 300 })
  expect(of(Half.Backend)).toMatchObject({ "": 600, [Step.Build]: 480, [Step.Switch]: 600, [Step.ProbeLive]: 180 })
  expect(of(Half.Backend, Step.Choose, Step.Restore)).toMatchObject({ "": 180, [Step.Restore]: 180 })
})
