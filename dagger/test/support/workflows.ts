import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"

export const repositoryRoot = join(import.meta.dirname, "../../..")
const folder = join(repositoryRoot, ".github/workflows")

/** An input of a form: what a person fills in by hand. */
export interface FormInput {
  type?: string
  required?: boolean
  options?: string[]
  default?: unknown
}
export interface Job {
  uses?: string
  needs?: string | string[]
  if?: string
  with?: Record<string, string | boolean | number>
  secrets?: unknown
  permissions?: Record<string, string>
  concurrency?: { group?: string; queue?: string; "cancel-in-progress"?: unknown }
  environment?: unknown
  env?: Record<string, string>
  steps?: {
    name?: string
    uses?: string
    if?: string
    run?: string
    env?: Record<string, string>
    with?: Record<string, unknown>
  }[]
}
export interface Workflow {
  file: string
  on: Record<string, { inputs?: Record<string, FormInput>; secrets?: Record<string, unknown>; paths?: string[] } | null>
  jobs: Record<string, Job>
  concurrency?: Job["concurrency"]
  text: string
}

/** Every workflow of this repository. */
export const workflows = (): Workflow[] =>
  readdirSync(folder).map((file) => workflowOf(file, readFileSync(join(folder, file), "utf8")))

export const workflowOf = (file: string, text: string): Workflow => ({
  file,
  text,
  ...(parse(text) as Omit<Workflow, "file" | "text">),
})

/** The workflow that the others call. */
export const called = "./.github/workflows/delivery.yml"

/** The one with that file name. */
export const workflow = (file: string): Workflow => {
  const found = workflows().find((one) => one.file === file)
  if (!found) throw new Error(`there is no workflow ${file}`)
  return found
}

/** A job that calls the module, with the form that a person fills in for it. */
export interface Call {
  file: string
  job: Job
  given: Record<string, string>
  form: Record<string, FormInput>
}

/** Every job that calls the module, by its workflow. */
export const calls = (all = workflows()): Call[] =>
  all.flatMap(({ file, on, jobs }) =>
    Object.values(jobs)
      .filter(({ uses }) => uses === called)
      .map((job) => ({
        file,
        job,
        given: (job.with ?? {}) as Record<string, string>,
        form: job.with?.form ? (on.workflow_dispatch?.inputs ?? {}) : {},
      })),
  )
