import { getTracer } from "@dagger.io/dagger/telemetry"
import type { Tracer } from "../deployment/tracer.js"

/** Shows `act` as a named step in the trace, failed when it throws. */
export const span = <Result>(name: string, act: () => Promise<Result>): Promise<Result> =>
  getTracer().startActiveSpan(name, act)

/** Opens a span for each step of a deployment. */
export const traced: Tracer = { step: (step, act) => span(step, act) }
