import { PipelineError } from "../errors.js"

/** @param key of the settings. */
export const folderMissing = (key: string, folder: string, why: string) =>
  new PipelineError(`delivery.json names a folder that is not there: ${folder}.`, {
    why: `${key} says ${folder}, and ${why}`,
    next: `correct ${key} in delivery.json, or take its part out, then call init again`,
  })

/** @param libraries folders with Python that nothing serves. */
export const nothingToDeliver = (libraries: string[]) =>
  new PipelineError("There is nothing here to deliver.", {
    why: `no package.json has a script "build" that writes pages, and no Python file makes an application of FastAPI, Starlette, Flask, Quart or Django${libraries.length > 0 ? `; ${libraries.map((folder) => (folder === "." ? "the root" : folder)).join(", ")} is Python that no server is known for` : ""}`,
    next: "describe the site (frontend) or the service (backend) in delivery.json yourself, then call init again for the rest; docs/deployment/reference/settings.md describes its keys",
  })
