import { expect, it } from "vitest"
import { Origin } from "../../lib/cache/slow-step.js"
import { StepLog } from "../../lib/deployment/step-log.js"
import { noTracer } from "../../lib/deployment/tracer.js"
import { fastClock } from "../support/fast-clock.js"

it("of a release of both components each has its own slow steps", () => {
  const log = new StepLog(fastClock(), noTracer)
  const packages = (component: string, origin: Origin) => ({ component, name: "packages", origin })
  log.slow.push(packages("frontend", Origin.Cache), packages("backend", Origin.Ran))
  log.slow.push({ component: "backend", name: "the scan", origin: Origin.Unknown })

  expect(log.cacheUse("frontend")).toEqual({ steps: 1, cached: 1, unknown: 0 })
  expect(log.cacheUse("backend")).toEqual({ steps: 2, cached: 0, unknown: 1 })
})
