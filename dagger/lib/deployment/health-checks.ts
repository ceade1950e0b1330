import type { BackendSettings, CommitPlace, EnvironmentBackend } from "../settings/settings-types.js"
import type { Check, Expectation } from "./health-probe.js"

const inField = { field: "commit", header: "" }
const nothing: Expectation = {
  status: 200,
  commit: "",
  commitAt: inField,
  health: undefined,
  title: "",
  dependencies: [],
}

/** The probe of the site: the commit it was built from, its title, and, with `links`, every page that its first page links to. */
export const frontendChecks = ({ title, links }: { title: string; links: boolean }, commit: string): Check[] => [
  { path: "/version.json", expect: { ...nothing, commit }, links: false },
  { path: "/", expect: { ...nothing, title }, links },
]

/**
 * The probe of the service: that it is well and all that it needs is up, its commit where it tells one, and that the site's page may ask
 * it where the settings name one.
 * @param commit "" for any.
 */
export function backendChecks(
  { health, commitFrom }: Pick<BackendSettings, "health" | "commitFrom">,
  { needs, fromSite }: Pick<EnvironmentBackend, "needs" | "fromSite">,
  commit: string,
): Check[] {
  const asked = commitFrom === "answer" ? commit : ""
  const { path, field, values, dependencies, commit: place } = health
  const isElsewhere = place.path !== "" && place.path !== path
  const expect = { ...nothing, health: { field, values, dependencies }, dependencies: needs }
  return [
    {
      path,
      expect: isElsewhere ? expect : { ...expect, commit: asked, commitAt: place },
      links: false,
      ...(fromSite && { from: fromSite }),
    },
    ...(isElsewhere && asked
      ? [{ path: place.path, expect: { ...nothing, commit: asked, commitAt: place }, links: false }]
      : []),
  ]
}

/** Where the service tells its commit, with the path; `undefined` where it does not. */
export const commitPlaceOf = ({
  health: { path, commit },
  commitFrom,
}: Pick<BackendSettings, "health" | "commitFrom">): CommitPlace | undefined =>
  commitFrom === "answer" ? { ...commit, path: commit.path || path } : undefined
