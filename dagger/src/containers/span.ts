import { getTracer } from "@dagger.io/dagger/telemetry"

/** Shows `act` as a named step in the trace, failed when it throws. */
export const span = <Result>(name: string, act: () => Promise<Result>): Promise<Result> =>
  getTracer().startActiveSpan(name, act)
