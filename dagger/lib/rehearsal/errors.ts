import { PipelineError } from "../errors.js"

/** @param timeline as text. @param call what people type before a function. */
export const rehearsalFailed = (timeline: string, call: string) =>
  new PipelineError(`The rehearsal failed.\n${timeline}`, {
    why: "a scenario did not end as expected; the last lines above say which",
    next: `fix it before the next real deployment, then run \`${call} rehearse\` again`,
  })
