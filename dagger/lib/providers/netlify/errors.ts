import { Verdict } from "../../../src/exposed-types.js"
import { again } from "../../deployment/host-errors.js"
import { DeploymentError } from "../../errors.js"

export const deployOdd = (site: string, id: string) =>
  new DeploymentError(`Netlify gave deploy ${id} of ${site} no address of its own.`, {
    why: "a draft is looked at beside what is live, and this one has nowhere to be looked at",
    next: "open the deploy at Netlify; what is live did not change",
  })

export const deployBroken = (site: string, id: string, why: string) =>
  new DeploymentError(`Netlify could not process deploy ${id} of ${site}.`, {
    why: why || "it gives no reason",
    next: "open the deploy at Netlify for its log, then deploy again",
  })

export const unusableFileName = (path: string) =>
  new DeploymentError(`The file ${JSON.stringify(path)} cannot be deployed to Netlify.`, {
    why: "Netlify allows no # and no ? in file names",
    next: "rename the file",
  })

/** @param bytes its size. */
export const fileTooLarge = (path: string, bytes: number) =>
  new DeploymentError(`The file ${JSON.stringify(path)} cannot be deployed to Netlify.`, {
    why: `it has ${bytes} bytes, and more than 2 GiB are not sent in one piece`,
    next: "serve it from elsewhere, or divide it",
  })

export const noFiles = (folder: string) =>
  new DeploymentError("There is nothing to deploy.", {
    why: `${folder} holds no files`,
    next: "build the frontend first and give its output folder",
  })

/** @param why which file can't be had as it was uploaded. */
export const siteNotFetchable = (site: string, why: string) =>
  new DeploymentError(
    `The files of ${site} can't be promoted.`,
    {
      why: `no registry keeps them, and what is live there can't be fetched as it was uploaded: ${why}`,
      next: "deploy the commit there again with --registry-token, which keeps the very files in the registry, then promote it",
    },
    Verdict.Refused,
  )

export const notSwitched = (site: string, id: string, serving: string) =>
  new DeploymentError(`${site} did not switch to ${id}.`, {
    why: `Netlify accepted the switch but still publishes ${serving || "nothing"}`,
    next: again,
  })
