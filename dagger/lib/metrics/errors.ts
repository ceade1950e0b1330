import { PipelineError } from "../errors.js"

export const weeksOutOfRange = (weeks: number, most: number) =>
  new PipelineError(`${weeks} weeks can't be measured.`, {
    why: `the window is 1 to ${most} weeks, with the current week`,
    next: "give --weeks=12, or leave it out",
  })

export const noLedger = () =>
  new PipelineError("There is nothing to measure.", {
    why: "neither a GitHub token nor a file of the ledger was given",
    next: "add --github-token=env://GITHUB_TOKEN, read-only is enough, or --ledger=deployments.json from an earlier call",
  })

export const deploymentsUnreadable = (why: string) =>
  new PipelineError("The file of deployments can't be read.", {
    why,
    next: "give the deployments.json that `dagger call metrics` wrote; docs/deployment/metrics.md describes it",
  })
