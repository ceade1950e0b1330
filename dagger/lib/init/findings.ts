import type { Settings } from "../settings/settings-types.js"
import { type Branches, placesOf, type Remote } from "./remote.js"
import { inFolder, type Repository } from "./repository.js"
import type { Service } from "./service.js"
import type { Site } from "./site.js"

const alsoHere = (others: string[]) =>
  others.length > 0 ? `; left out, for a project delivers one: ${others.join(", ")}` : ""

/** A line for each part of the product. */
export const foundLines = (site: Site | undefined, service: Service | undefined): string[] => [
  site
    ? `site: ${site.source}, ${site.generator}, ${site.lockFile || "no lock file"}, written to ${site.output}${alsoHere(site.others)}`
    : "site: none",
  service
    ? `service: ${service.source}, ${service.framework}${service.application && ` ${service.application}`}, ${service.install || "no list of packages"}, health at ${service.health?.path ?? "no path that was found"}${service.hasAlembic ? ", Alembic" : ""}${alsoHere(service.others)}`
    : "service: none",
]

/** What stops its delivery and can't be written by a program. */
export const missingLines = (site: Site | undefined, service: Service | undefined): string[] => [
  ...(site && !site.lockFile
    ? [
        `the site's lock file: run \`${site.lockCommand}\` in ${site.source === "." ? "the root" : site.source} and commit it`,
      ]
    : []),
  ...(site?.notStatic ? [`the site: ${site.notStatic}`] : []),
  ...(service && !service.install
    ? [`${inFolder(service.source, "requirements.txt")}: list the service's packages`]
    : []),
  ...(service && !service.health
    ? ['the service: no path says how it is; add one such as /health that answers {"status": "ok"}']
    : []),
]

/** What only a person can do, in its order. */
export function byHandLines(
  { branches: existing, gitConfig }: Repository,
  {
    remote,
    call,
    settings,
    branches,
    site,
    service,
  }: {
    remote: Remote
    /** What people type before a function from now on. */
    call: string
    settings: Settings | undefined
    branches: Branches
    site: Site | undefined
    service: Service | undefined
  },
): string[] {
  const places = placesOf(settings, branches)
  const names = [...new Set([places.staging.name, places.production.name])]
  return [
    ...(gitConfig === "" && existing.length === 0
      ? [
          "call init in a clone, to have its remote and branches read: no folder .git is here, as in a worktree or before `git init`",
        ]
      : []),
    ...(remote.isKnown || settings
      ? []
      : [
          `make the repository at GitHub, and write its owner and name into delivery.json, which has ${remote.owner} and ${remote.name} in their place`,
        ]),
    ...(existing.includes(places.staging.branch)
      ? []
      : [`make the branch ${places.staging.branch}: \`git push origin HEAD:${places.staging.branch}\``]),
    ...(site ? ["make the Netlify sites that delivery.json names"] : []),
    ...(service ? ["make the Docker Spaces that delivery.json names, at Hugging Face"] : []),
    `store the secrets of each environment in the GitHub environments ${names.flatMap((name) => [name, `${name}-unattended`]).join(", ")}${site ? `, and the token of ${places.staging.name}'s site in pull-requests` : ""}`,
    ...(service && service.variables.length > 0
      ? [
          `give the service what it reads: ${service.variables.join(", ")}; public values as variables in delivery.json, secrets with --space-secrets`,
        ]
      : []),
    `then ask \`${call} doctor\`, with its tokens, what is still missing`,
  ]
}
