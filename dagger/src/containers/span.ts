import { getTracer } from "@dagger.io/dagger/telemetry"
import type { Tracer } from "../deployment/tracer.js"

/** Shows `act` as a named step in the trace, failed when it throws. */
export const span = <Result>(name: string, act: () => Promise<Result>): Promise<Result> =>
  getTracer().startActiveSpan(name, act)

/** Each step of a deployment is a step of the trace. */
export const traced: Tracer = { step: (step, act) => span(step, act) }
