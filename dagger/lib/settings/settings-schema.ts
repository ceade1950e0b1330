import { z } from "zod"
import { Backend, ofSpaces } from "./backend-schema.js"
import { Environment, probeKeys, probeTexts, protectionKeys, protectionTexts } from "./environment-schema.js"
import { Frontend } from "./frontend-schema.js"
import { address, choice, percent, publicKey, repository, seconds, text, whole } from "./setting-kinds.js"

/** Trivy releases that attackers published. https://github.com/advisories/GHSA-69fq-xp46-6x23 */
const knownBadTrivy = ["0.69.4", "0.69.5", "0.69.6"]
const databaseHint = "give registry/name:version, such as ghcr.io/aquasecurity/trivy-db:2"

const Ignore = z.strictObject({
  id: z
    .string("give the advisory's ID, such as CVE-2026-1234")
    .regex(/^[A-Z][A-Za-z]*(?:-[A-Za-z0-9]+)+$/, "give the advisory's ID, such as CVE-2026-1234")
    .describe("The advisory's ID, such as `CVE-2026-1234`."),
  owner: text("name who is responsible for ignoring it").describe("Who is responsible for ignoring it."),
  reason: text("say why it is harmless here").describe("Why it is harmless here."),
  expires: z.iso
    .date("give its last day, such as 2027-01-31")
    .describe("Its last day, such as `2027-01-31`; from the next one on the advisory stops the image again."),
})

const Scan = z
  .strictObject({
    severities: z
      .array(
        z.enum(["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"], "give UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL"),
        "give a list of severities",
      )
      .min(1, "name at least one severity, or the scan stops nothing")
      .default(["HIGH", "CRITICAL"])
      .describe("Severities that stop an image, as Trivy names them."),
    ignores: z.array(Ignore, "give a list of ignores").default([]).describe("Advisories that are let through."),
    onlyNew: choice("say whether only findings that the live image does not have stop an image")
      .default(false)
      .describe("Whether a finding that the live image has too is only reported."),
    trivyVersion: z
      .string("give a release of Trivy, such as 0.74.0")
      .regex(/^\d+\.\d+\.\d+$/, "give a release of Trivy without the v, such as 0.74.0")
      .default("0.74.0")
      .describe("Release of Trivy, without the v."),
    database: z
      .string(databaseHint)
      .regex(/^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)+:\d+$/, databaseHint)
      .default("ghcr.io/aquasecurity/trivy-db:2")
      .describe("Where Trivy's database is, as registry/name:version."),
    knownBad: z
      .array(z.string("give a release of Trivy"), "give a list of releases")
      .default([])
      .describe("Releases of Trivy that are refused, besides those that are known."),
  })
  .superRefine(({ trivyVersion, knownBad }, context) => {
    if ([...knownBadTrivy, ...knownBad].includes(trivyVersion)) {
      context.addIssue({
        code: "custom",
        path: ["trivyVersion"],
        message: "this release is known to be bad; use another",
      })
    }
  })
  .prefault({})
  .describe("The scan of the image.")

const probed = (key: keyof typeof probeKeys, usual: number) => probeKeys[key].default(usual).describe(probeTexts[key])
const budget = (what: string, usual: number) =>
  seconds(3600).default(usual).describe(`Whole seconds that ${what} may take.`)

/** The whole file. */
export const Root = z
  .strictObject({
    $schema: z
      .string("give the address of the schema")
      .optional()
      .describe("For editors: where the JSON schema of this file is. The pipeline does not read it."),
    frontend: Frontend.optional(),
    backend: Backend.optional(),
    project: z
      .strictObject(
        {
          title: text("give the product's name").describe("Name of the product."),
          source: address.describe("Page of the source code at GitHub."),
        },
        "describe the project: title, source",
      )
      .describe("What is delivered."),
    image: z
      .strictObject(
        {
          repository: repository.describe("The image as registry/owner/name, without a tag."),
          publicKey: publicKey.default("").meta({
            description:
              "Public key that verifies the signatures of images and kept sites, PEM with `\\n` between its lines. Where it is given, nothing unsigned is published, promoted or rolled back to, and no unsigned image deployed.",
            unset: "nothing is signed",
          }),
        },
        "describe the image: repository",
      )
      .optional()
      .describe("The service's image. A project without a service has none."),
    cache: z
      .strictObject(
        {
          repository: repository.describe(
            "Where the entries are, as registry/owner/name without a tag, such as `ghcr.io/acme/shop/cache`. Old ones are deleted there.",
          ),
        },
        "describe the cache: repository",
      )
      .optional()
      .describe(
        "Where a new engine finds what the checks install. Without it each new engine installs everything; see [engine and cache](../scaling.md).",
      ),
    lint: z
      .enum(["bugs", "all"], 'give "bugs", or "all" for all that a linter finds by itself')
      .default("bugs")
      .describe(
        "What a linter that the project has no configuration of is asked for. `bugs`: the small set that is always a bug (Ruff `E9` and `F`, hadolint's errors, zizmor's high, actionlint without shellcheck's advice). `all`: everything it finds by itself.",
      ),
    links: z
      .strictObject({
        troubleshooting: address.optional().meta({
          description: "Page that messages of a failure link to.",
          unset: "`docs/deployment/troubleshooting.md` of `project.source`",
        }),
      })
      .prefault({})
      .describe("Pages that messages link to."),
    providers: z
      .strictObject({
        netlify: address.default("https://api.netlify.com/api/v1").describe("API address of Netlify."),
        huggingFace: address.default("https://huggingface.co").describe("API address of Hugging Face."),
        gitHub: address.default("https://api.github.com").describe("API address of GitHub."),
      })
      .prefault({})
      .describe("API addresses of the providers; others for a stand-in, a proxy or GitHub Enterprise."),
    scan: Scan,
    probe: z
      .strictObject({
        times: probed("times", 3),
        seconds: probed("seconds", 120),
        wakeUpSeconds: probed("wakeUpSeconds", 60),
        firstPauseMilliseconds: probed("firstPauseMilliseconds", 500),
        slowestPauseMilliseconds: probed("slowestPauseMilliseconds", 8000),
      })
      .prefault({})
      .describe("How long and how often an address is asked until it is healthy."),
    budgets: z
      .strictObject({
        tests: budget("the tests", 300),
        frontend: budget("a deployment of the frontend", 300),
        image: budget("the image's build", 480),
        backend: budget("a deployment of the backend", 600),
        rollback: budget("a rollback", 180),
      })
      .prefault({})
      .describe("Time budgets. A step over its budget is reported; it stops nothing."),
    protection: z
      .strictObject({
        checks: protectionKeys.checks.default(["ci"]).describe(protectionTexts.checks),
        reviews: protectionKeys.reviews.default(1).describe(protectionTexts.reviews),
        dismissStale: protectionKeys.dismissStale.default(true).describe(protectionTexts.dismissStale),
        admins: protectionKeys.admins.default(false).describe(protectionTexts.admins),
      })
      .prefault({})
      .describe("What `protect` asks of the branches that the environments deploy."),
    targets: z
      .strictObject({
        successPercent: percent.default(95).describe("Percent of the deployments that succeed, at least."),
        changeFailurePercent: percent
          .default(15)
          .describe("Percent of the releases that reached visitors and were reverted, at most."),
        leadTimeHours: whole("give whole hours, 0 to 8760; 0 is no target", 0, 8760)
          .default(24)
          .describe("Hours from the commit to live, at most, by the median; 0 is no target."),
        restoreMinutes: whole("give whole minutes, 0 to 10080; 0 is no target", 0, 10_080)
          .default(60)
          .describe("Minutes from a failure to the next success, at most, by the median; 0 is no target."),
      })
      .prefault({})
      .describe("Targets of the metrics."),
    environments: z
      .record(
        z
          .string()
          .regex(
            /^[a-z][a-z0-9-]{0,30}$/,
            "name an environment in lower case: a letter first, then letters, digits and -",
          ),
        Environment,
        "describe at least one environment",
      )
      .refine((all) => Object.keys(all).length > 0, "describe at least one environment")
      .describe("The environments, by name: lower case, a letter first, with digits and `-`."),
  })
  .superRefine(({ frontend, backend, image, cache, environments }, context) => {
    const all = Object.values(environments)
    const hasService = backend !== undefined || all.some((it) => it.backend)
    if (!hasService && !frontend && !all.some((it) => it.frontend))
      context.addIssue({
        code: "custom",
        path: [],
        message: "describe a site (frontend), a service (backend), or both",
      })
    if (backend?.platforms.length && !backend.platforms.includes(ofSpaces) && all.some((it) => it.backend))
      context.addIssue({
        code: "custom",
        path: ["backend", "platforms"],
        message: `a Space runs ${ofSpaces}: name that too`,
      })
    if (image && frontend?.publicKey)
      context.addIssue({
        code: "custom",
        path: ["frontend", "publicKey"],
        message: "image.publicKey holds for the site as well: leave this out",
      })
    if (image && frontend?.artifact === image.repository)
      context.addIssue({
        code: "custom",
        path: ["frontend", "artifact"],
        message: "keep the site elsewhere than the image: the tags of both are commits",
      })
    // Its old entries are deleted.
    if (
      cache &&
      [image?.repository, image && `${image.repository}-site`, frontend?.artifact].includes(cache.repository)
    )
      context.addIssue({
        code: "custom",
        path: ["cache", "repository"],
        message: "keep the cache elsewhere than the image and the site: its old entries are deleted",
      })
    if (hasService && !image)
      context.addIssue({ code: "custom", path: ["image"], message: "describe the image of the service: repository" })
  })

/** The keys of the schema at a path. */
export function keysAt(path: PropertyKey[]): string[] {
  let here: unknown = Root
  for (const key of [...path, undefined]) {
    while (here instanceof z.ZodDefault || here instanceof z.ZodPrefault || here instanceof z.ZodOptional)
      here = here.unwrap()
    if (key === undefined) break
    if (here instanceof z.ZodObject) here = here.shape[String(key)]
    else if (here instanceof z.ZodRecord) here = here.valueType
    else if (here instanceof z.ZodArray) here = here.element
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : []
}
