import { Component } from "../../src/exposed-types.js"
import { Order } from "../deployment/release.js"
import { count } from "../text/wording.js"
import type { Known } from "./known.js"

/** Whether the components of an environment fit together. */
export enum FitState {
  Fits = "fits",
  Unfit = "does not fit",
  Unknown = "not known",
}

export interface Fit {
  state: FitState
  why: string
}

/** How one commit stands to another one, and what changed on the way. */
export interface Distance {
  order: Order
  /** Commits that it has and the other has not, and the other way round. */
  ahead: number
  behind: number
  /** Paths that changed since both were one. */
  files: string[]
  /** Whether there are more than GitHub names. */
  isCut: boolean
}

/** Whether a path belongs to the service. */
export type OfService = (path: string) => boolean

/**
 * Whether a page and its service fit: the service must know all that the page asks for, so it is of the same commit, newer, or
 * unchanged since. A page of an older commit is served by every newer service, which each deployment makes sure of.
 * @param distance of the page's commit to the service's; `undefined` where there is nobody to ask.
 */
export function fitOf(
  components: { component: Component; commit: string }[],
  distance: Known<Distance> | undefined,
  ofService: OfService,
): Fit {
  const [page, service] = [Component.Frontend, Component.Backend].map((wanted) =>
    components.find(({ component }) => component === wanted),
  )
  if (!page || !service) return { state: FitState.Fits, why: "it has one component" }
  const mute = [page, service].filter(({ commit }) => commit === "").map(({ component }) => component)
  if (mute.length > 0)
    return { state: FitState.Unknown, why: `the commit of the ${mute.join(" and the ")} is not known` }
  if (page.commit === service.commit) return { state: FitState.Fits, why: "both are of one commit" }
  if (!distance)
    return {
      state: FitState.Unknown,
      why: "they are of two commits, and which is newer GitHub says with --github-token",
    }
  if (!distance.known) return { state: FitState.Unknown, why: `they are of two commits: ${distance.why}` }
  const { order, ahead, behind, files, isCut } = distance.value
  if (order === Order.Older || order === Order.Same)
    return { state: FitState.Fits, why: `the service is ${commits(behind)} newer than the page` }
  const changed = files.filter(ofService)
  const where =
    order === Order.Newer ? `the page is ${commits(ahead)} newer than the service` : "neither commit contains the other"
  if (changed.length === 0 && !isCut)
    return { state: FitState.Fits, why: `${where}, and nothing of the service changed in them` }
  if (changed.length === 0) return { state: FitState.Unknown, why: `${where}, with more files than GitHub names` }
  return {
    state: FitState.Unfit,
    why: `${where}, and the service changed in them: ${changed.slice(0, 3).join(", ")}${changed.length > 3 ? ", …" : ""}`,
  }
}

export const commits = (number: number) => count(number, "commit")
