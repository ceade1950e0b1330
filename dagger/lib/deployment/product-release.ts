import { Component, Verdict } from "../../src/exposed-types.js"
import { explained } from "../errors.js"
import { isFailure } from "../verdict.js"
import { quietly } from "./attempt.js"
import { deploy } from "./deployment.js"
import { beforeRelease } from "./ledger.js"
import { heldBy, type Lease } from "./lock.js"
import type { Deployment } from "./outcome.js"
import type { ImageArtifact, SiteArtifact } from "./release.js"
import { type RollbackRequest, rollback, seenAt } from "./rollback.js"
import type { AnyTarget, Target } from "./target.js"
import { undoProduct, undoProductRollback } from "./undo.js"

/** One attempt to change both components of an environment together. */
export type ProductDeployment = {
  environment: string
  verdict: Verdict
  commit: string
  /** The deployments of the components, in order; a component is in it twice when it was rolled back. */
  components: Deployment[]
  /** What failed and why; "" after a success. */
  failed: string
  reason: string
  /** What to do after a failure; "" after a success. */
  next: string
  /** Command that reverts this deployment; "" when nothing changed. */
  undo: string
  /** Notifications that were not delivered, and why; a line each. */
  undelivered?: string[]
}

/** The components that are deployed together; at least one of them. */
export interface Product {
  backend?: Target<ImageArtifact> | undefined
  frontend?: Target<SiteArtifact> | undefined
}

export interface ProductArtifacts {
  commit: string
  version: string
  /** Of the components that the product has. */
  image?: ImageArtifact | undefined
  site?: SiteArtifact | undefined
}

/**
 * Deploys both components as one release: the backend first, since it serves old and new pages; then the frontend. When the frontend
 * fails, the backend is rolled back too, unless the schema of the database forbids it; then the report says so.
 */
export async function deployProduct(
  release: ProductArtifacts,
  product: Product,
  schema?: RollbackRequest["schema"],
): Promise<ProductDeployment> {
  const { commit, version } = release
  const undo = () => undoProduct(placeOf(product))
  return together(product, `deploy ${commit.slice(0, 7)}`, commit, undo, async ({ backend, frontend }) => {
    const first = backend && release.image && (await deploy({ commit, version, artifact: release.image }, backend))
    const done = first ? [first] : []
    if (first && (isFailure(first.verdict) || first.verdict === Verdict.Superseded)) return done
    if (!frontend || !release.site) return done
    const second = await deploy({ commit, version, artifact: release.site }, frontend)
    if (!first || !backend || !isFailure(second.verdict) || mayServe(second, commit)) return [...done, second]
    const to = await backendBefore(first, backend)
    if (to === "") return [first, second]
    const reason = `the frontend of ${commit.slice(0, 7)} did not go live: ${second.reason}`
    // The rollback has no steps of its own that were counted.
    const plain = { ...backend, cache: undefined }
    return [first, second, await rollback(plain, { to, reason, ...(schema && { schema }) })]
  })
}

/** Whether visitors may still get the page of `commit`: then the backend stays, since a page never calls an older backend. */
const mayServe = ({ liveCommit, liveId, verdict }: Deployment, commit: string) =>
  liveCommit === commit ||
  (liveId === "unknown" && (verdict === Verdict.Inconclusive || verdict === Verdict.RollbackFailed))

/** The host's ID of what was live before this release of both components began, in this run or in a killed one; "" for nothing. */
async function backendBefore(
  first: Deployment,
  { component, environment, ledger }: Target<ImageArtifact>,
): Promise<string> {
  if (first.verdict === Verdict.Success && first.previousCommit !== first.commit) return first.previousId
  const attempts = await quietly(ledger?.list(component, environment) ?? Promise.resolve([]))
  return beforeRelease(attempts ?? [], first.commit)?.id ?? ""
}

/** Rolls both components back to the same earlier release: the frontend first, so that no page calls an older backend. */
export async function rollbackProduct(product: Product, request: RollbackRequest): Promise<ProductDeployment> {
  const undo = ([first]: Deployment[]) => undoProductRollback(placeOf(product), first?.previousCommit ?? "")
  const seen = async (one: AnyTarget | undefined) => (one && request.to === "" ? seenAt(one) : "")
  const [service, page] = await Promise.all([seen(product.backend), seen(product.frontend)])
  return together(product, `roll back: ${request.reason}`, request.to, undo, async ({ backend, frontend }) => {
    const { schema: _, ...plain } = request
    // Refused by what is wrong with the backend, before the frontend is changed.
    if (backend && service && (await seen(backend)) !== service && (await seen(frontend)) === page)
      return [await rollback(backend, { ...request, seen: service })]
    const first = frontend && (await rollback(frontend, { ...plain, seen: page }))
    const done = first ? [first] : []
    if (!backend || (first && isFailure(first.verdict))) return done
    const to = request.to || first?.commit || ""
    return [...done, await rollback(backend, { ...request, to, seen: first ? "" : service })]
  })
}

/** The component that speaks for the whole: both have the same environment, lock and run. */
function leadOf({ backend, frontend }: Product): Target<ImageArtifact> | Target<SiteArtifact> {
  const lead = backend ?? frontend
  if (!lead) throw new Error("a product has at least one component")
  return lead
}

/** What the command that reverts it names. */
const placeOf = (product: Product) => ({
  ...leadOf(product),
  components: [product.backend, product.frontend].flatMap((one) => (one ? [one.component] : [])),
})

/** Holds the environment's lock around all components, so that no other deployment runs in between. */
async function together(
  product: Product,
  reason: string,
  commit: string,
  undo: (components: Deployment[]) => string,
  act: (product: Product) => Promise<Deployment[]>,
): Promise<ProductDeployment> {
  const { lock, environment, actor = "", run = "" } = leadOf(product)
  let lease: Lease | undefined
  try {
    lease = await lock?.take(environment, { owner: actor || "somebody", run, reason })
  } catch (failure) {
    const { what, why, next, verdict } = explained(failure)
    return { environment, verdict, commit, components: [], failed: what, reason: why, next, undo: "" }
  }
  try {
    const bothComponents = product.backend !== undefined && product.frontend !== undefined
    const held = { bothComponents, ...(lease && { lock: heldBy(lease) }) }
    const components = await act({
      backend: product.backend && { ...product.backend, ...held },
      frontend: product.frontend && { ...product.frontend, ...held },
    })
    return summary(environment, commit, components, undo)
  } finally {
    await lease?.release().catch(() => {})
  }
}

/** The verdict of the release, from those of its components in order. */
export function summary(
  environment: string,
  commit: string,
  components: Deployment[],
  undo: (components: Deployment[]) => string,
): ProductDeployment {
  const failure = components.find(({ verdict }) => isFailure(verdict))
  const wayBack = failure && components.slice(components.indexOf(failure) + 1)
  const changed = components.filter(({ undo }) => undo !== "")
  const verdict = failure
    ? wholeVerdict(failure, components)
    : (components.find((component) => component.verdict === Verdict.Superseded)?.verdict ??
      (changed.length > 0 ? Verdict.Success : (components.at(-1)?.verdict ?? Verdict.Failed)))
  const stuck = wayBack?.find((component) => isFailure(component.verdict))
  // One that is live and still needs something done, such as a merge.
  const unfinished = failure ? undefined : components.find(({ reason }) => reason !== "")
  return {
    environment,
    verdict,
    commit: components[0]?.commit ?? commit,
    components,
    failed: [failure?.failed, stuck?.failed].filter(Boolean).join(" "),
    reason: [failure?.reason, stuck?.reason, unfinished?.reason].filter(Boolean).join("; then: "),
    next: (stuck ?? failure ?? unfinished)?.next ?? "",
    undo: failure ? "" : undoOf(changed, components, undo),
  }
}

/** Of what changed alone: a component that was there already is no part of what is to be reverted. */
const undoOf = (
  changed: Deployment[],
  components: Deployment[],
  undo: (components: Deployment[]) => string,
): string => {
  const [only, ...more] = changed
  if (!only) return ""
  return more.length === 0 && components.length > 1 ? only.undo : undo(changed)
}

function wholeVerdict(failure: Deployment, components: Deployment[]): Verdict {
  const [first] = components
  if (failure === first) return failure.verdict
  const wentBack = components.find(
    (component, index) => index > components.indexOf(failure) && component.component === Component.Backend,
  )
  if (wentBack) return isFailure(wentBack.verdict) ? Verdict.RollbackFailed : Verdict.RolledBack
  return failure.verdict
}
