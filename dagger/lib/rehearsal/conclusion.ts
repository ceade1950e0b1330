import { Component } from "../../src/exposed-types.js"
import { environmentOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import type { Scope } from "./scope.js"

/** What a rehearsal did, for its conclusion. */
export interface Proof {
  commit: string
  scope: Scope
  /** Whether the image was scanned, and nothing stopped it. */
  scanned: boolean
  /** Why the broken candidate of each component did not stay. */
  broken: string[]
  /** What visitors got after them. */
  survived: string[]
  /** What they got after the rollback by hand. */
  after: string
  hasSchema: boolean
  deliveries: string
}

/** What was proven, in five lines. */
export function proven({ commit, scope, scanned, broken, survived, after, hasSchema, deliveries }: Proof): string[] {
  const { first, second, components } = scope
  const built = components.map((it) => (it === Component.Backend ? "the image" : "the site")).toSorted()
  const promoted = first === second ? "" : ` A promotion took the same bytes to ${second}.`
  const previewed = components.includes(Component.Frontend)
    ? " A pull request had its preview, and lost it when it closed."
    : ""
  return [
    `The checks of ${commit.slice(0, 7)} pass, and ${built.join(" and ")} ${built.length > 1 ? "are" : "is"} built from it${scanned ? "; no finding of the scan stops it" : ""}.`,
    `A deployment to ${first} went live and answered as this commit.${promoted}${previewed}`,
    `Broken candidates did not stay: ${broken.join("; ")}. Then ${survived.join(", ")}, the old commit.`,
    `Rolled back by hand: ${after}; the version that was left can't be deployed again${hasSchema ? ", and a rollback to one that does not know the schema is refused" : ""}.`,
    `\`status\` named what each environment serves and what is quarantined (status.txt). ${deliveries}`,
  ]
}

/** What a person must still do, and what only real accounts show. */
export function byHand(settings: Settings, { first, second, components }: Scope): string[] {
  const places = [...new Set([first, second])].map((name) => environmentOf(settings, name))
  const has = (component: Component) => components.includes(component)
  const secrets = places.flatMap(({ secrets: { netlify, huggingFace } }) => [
    ...(has(Component.Frontend) ? [netlify] : []),
    ...(has(Component.Backend) ? [huggingFace] : []),
  ])
  return [
    ...(has(Component.Frontend)
      ? [`Make the Netlify sites ${places.map(({ frontend }) => frontend?.site).join(" and ")}.`]
      : []),
    ...(has(Component.Backend)
      ? [
          `Make the Spaces ${places.map(({ backend }) => backend?.space).join(" and ")}, and let them pull ${settings.image?.repository} without a password.`,
        ]
      : []),
    `Store ${secrets.join(", ")} in GitHub's environments, and make the branches ${places.map(({ branch }) => branch).join(" and ")}.`,
    `Ask what is missing: ${places.map(({ name }) => `\`${settings.call} doctor --environment=${name}\``).join(", ")}, with the tokens.`,
  ]
}
