import { PipelineError, shown } from "../errors.js"
import { tail } from "../text/untrusted.js"

export const unknownEnvironment = (name: string, known: string[]) =>
  new PipelineError(`The settings have no environment ${shown(name)}.`, {
    why: known.length > 0 ? `they describe ${known.join(", ")}` : "they describe none",
    next:
      known.length > 0
        ? "give one of these names, or add an environment to the settings"
        : "add an environment to the settings",
  })

/** @param environment the one that lacks it; the whole project when left out. */
export const notDescribed = (component: "frontend" | "backend", environment = "") =>
  new PipelineError(
    environment ? `The environment ${environment} has no ${component}.` : `This project has no ${component}.`,
    {
      why: `the settings describe none${environment && " there"}`,
      next: `call a function of the other component, or add ${environment ? `environments.${environment}.${component}` : component} to delivery.json; docs/deployment/reference/settings.md describes its keys`,
    },
  )

/** @param mistakes one line each, beginning with the path of the key. */
export const malformedSettings = (mistakes: string[]) =>
  new PipelineError(`The settings have ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}.`, {
    why:
      mistakes.length === 1 ? (mistakes[0] ?? "") : `these do not fit:${mistakes.map((it) => `\n    ${it}`).join("")}`,
    next: `correct ${mistakes.length === 1 ? "it" : "them"} in delivery.json; docs/deployment/reference/settings.md describes every key`,
  })

/** @param output of the engine. */
export const noSettings = (output: string) =>
  new PipelineError("The settings can't be read.", {
    why: /no such file|not found|does not exist/i.test(output)
      ? "there is no delivery.json in the root of the repository"
      : tail(output, 2).join("; "),
    next: "write one there; docs/deployment/environments.md has the shortest example; or give another file with --settings",
  })
