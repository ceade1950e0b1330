import { z } from "zod"
import { Verdict } from "../../src/exposed-types.js"
import {
  address,
  choice,
  plainValues,
  seconds,
  secretName,
  slackId,
  space,
  spaceHint,
  text,
  urlPath,
  whole,
} from "./setting-kinds.js"

/** Verdicts that need a person. */
const troubles = [Verdict.Failed, Verdict.RolledBack, Verdict.RollbackFailed, Verdict.Inconclusive] as const
const verdicts = Object.values(Verdict)
const usuallyNotified = [
  "started" as const,
  ...verdicts.filter((it) => it !== Verdict.NoChange && it !== Verdict.Superseded),
]
const notifyHint = `give a list of started, ${verdicts.join(", ")}`
const incidentHint = `give a list of rollback, ${troubles.join(", ")}`

/** How long and how often an address is asked, and what the settings say of it for all environments. */
export const probeKeys = {
  times: whole("give how many answers in a row must be healthy, 1 to 20", 1, 20),
  seconds: seconds(900),
  wakeUpSeconds: whole("give whole seconds, 0 to 900", 0, 900),
  firstPauseMilliseconds: whole("give milliseconds, 10 to 60000", 10, 60_000),
  slowestPauseMilliseconds: whole("give milliseconds, 10 to 60000", 10, 60_000),
}
export const probeTexts: Record<keyof typeof probeKeys, string> = {
  times: "Healthy answers in a row that make an address healthy.",
  seconds: "How long to keep probing, in whole seconds.",
  wakeUpSeconds: "How long a sleeping target may take to wake first, in whole seconds.",
  firstPauseMilliseconds: "Pause after the first request; it doubles from one to the next.",
  slowestPauseMilliseconds: "Longest pause between two requests.",
}
/** What is asked of a deployed branch, and what the settings say of it for all environments. */
export const protectionKeys = {
  checks: z.array(text("give the name of a commit status or check, such as ci"), "give a list of names"),
  reviews: whole("give how many must approve, 0 to 6", 0, 6),
  dismissStale: choice("say whether a new commit dismisses approvals"),
  admins: choice("say whether it applies to administrators too"),
}
export const protectionTexts: Record<keyof typeof protectionKeys, string> = {
  checks: "Commit statuses or checks that a change of a deployed branch must pass.",
  reviews: "How many must approve it.",
  dismissStale: "Whether a new commit dismisses approvals.",
  admins:
    "Whether it applies to administrators too. A promotion then merges only with a token that may bypass the rule.",
}
const protectionOfAll = <Key extends keyof typeof protectionKeys>(key: Key) =>
  protectionKeys[key]
    .optional()
    .meta({ description: protectionTexts[key], unset: `\`protection.${key}\` of all environments` })

const ofAll = (key: keyof typeof probeKeys) =>
  probeKeys[key].optional().meta({ description: probeTexts[key], unset: `\`probe.${key}\` of all environments` })

const secret = (opens: string, usual: string) =>
  secretName.optional().meta({
    description: `Name of the secret ${opens}.`,
    unset: `\`${usual}\`; outside of production \`${usual}_\` and the environment's name in capitals`,
  })

const siteHint = "give the Netlify site's name, domain or ID, such as docs-staging"
const Site = z
  .strictObject(
    {
      site: z
        .string(siteHint)
        .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, siteHint)
        .describe("Name, domain or ID of the Netlify site."),
      url: address.optional().meta({ description: "Address of the site.", unset: "`https://SITE.netlify.app`" }),
      title: z
        .union([z.literal(""), text("give a part of the first page's title")], "give a part of the first page's title")
        .optional()
        .meta({ description: 'A part of the first page\'s title; `""` asks for none.', unset: "`project.title`" }),
      links: choice("say whether the pages that the first page names must answer")
        .default(true)
        .describe("Whether every page and file that the first page links to must answer."),
      switchBy: z
        .enum(["restore", "lock"], 'give "restore", or "lock" for an account that cannot restore drafts')
        .default("restore")
        .describe(
          "How a healthy draft is published. `restore`: by restoring it. `lock`, for a Netlify account that cannot restore drafts: the site stays locked and is unlocked for a moment.",
        ),
    },
    "describe the Netlify site",
  )
  .describe("The site at Netlify. Leave it out for an environment without a site.")

const SitePage = z
  .strictObject(
    {
      origin: address
        .refine((it) => URL.parse(it)?.origin === it, "give an origin: an address without a path")
        .describe("Origin of the site, such as `https://book.example`."),
      path: urlPath("/chat")
        .optional()
        .meta({ description: "Path of the service that the page asks.", unset: "`backend.health.path`" }),
      method: z
        .enum(["GET", "POST", "PUT", "PATCH", "DELETE"], "give GET, POST, PUT, PATCH or DELETE")
        .default("POST")
        .describe("Method by which the page asks."),
    },
    'describe what the site\'s page asks, such as { "origin": "https://book.example", "path": "/chat" }',
  )
  .describe(
    "What the site's page asks of the service in a visitor's browser. The probe then asks as that page would, with its origin and a preflight.",
  )

const Space = z
  .strictObject(
    {
      space: space.describe("The Space, as `owner/name`."),
      url: address.optional().meta({ description: "Address of the service.", unset: "`https://OWNER-NAME.hf.space`" }),
      candidateSpace: z
        .union([z.literal(""), space], spaceHint)
        .default("")
        .describe('Another Space that runs a candidate first; `""` for none.'),
      needs: z
        .array(text("give the name of a dependency, such as database"), "give a list of names")
        .default([])
        .describe("Dependencies that the health answer must report as up."),
      buildSeconds: seconds(3600).default(600).describe("How long the Space may build and start, in whole seconds."),
      variables: plainValues.describe(
        'Public values that the service gets, such as `{ "CORS_ORIGINS": "https://book.example" }`. Set in the Space before the commit, only where they differ.',
      ),
      fromSite: SitePage.optional(),
    },
    "describe the Space",
  )
  .refine((it) => it.candidateSpace.toLowerCase() !== it.space.toLowerCase(), {
    path: ["candidateSpace"],
    message: "the candidate needs a separate Space, not the live one",
  })
  .describe("The service's Space at Hugging Face. Leave it out for an environment without a service.")

/** A place that is deployed to. */
export const Environment = z.strictObject({
  production: choice("say whether visitors use it").optional().meta({
    description: "Whether visitors use it; the names of its secrets then have no suffix.",
    unset: "`true` for the name `production`, else `false`",
  }),
  branch: z
    .string("give the Git branch that is deployed here, such as main")
    // https://git-scm.com/docs/git-check-ref-format
    .regex(
      /^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\/\.))[^\s~^:?*[\\\p{Cc}]+(?<![/.]|\.lock)$/u,
      "Git does not allow this branch name",
    )
    .describe("Git branch that is deployed here."),
  apiUrl: address.optional().meta({ description: "Address of the backend, for the site.", unset: "`backend.url`" }),
  frontend: Site.optional(),
  backend: Space.optional(),
  secrets: z
    .strictObject({
      netlify: secret("that opens the Netlify site", "NETLIFY_TOKEN"),
      huggingFace: secret("that opens the Space", "HF_TOKEN"),
      space: secret("with the service's own secrets, in dotenv form", "SPACE_SECRETS"),
      database: secret("with the database's URL", "DATABASE_URL"),
      slack: secret("with Slack's webhook", "SLACK_WEBHOOK_URL"),
    })
    .prefault({})
    .describe("Names of the secrets, never their values. Two environments must not share one."),
  probe: z
    .strictObject({
      times: ofAll("times"),
      seconds: ofAll("seconds"),
      wakeUpSeconds: ofAll("wakeUpSeconds"),
      firstPauseMilliseconds: ofAll("firstPauseMilliseconds"),
      slowestPauseMilliseconds: ofAll("slowestPauseMilliseconds"),
    })
    .prefault({})
    .describe("Single values of the probe, for this environment."),
  protection: z
    .strictObject({
      checks: protectionOfAll("checks"),
      reviews: protectionOfAll("reviews"),
      dismissStale: protectionOfAll("dismissStale"),
      admins: protectionOfAll("admins"),
    })
    .prefault({})
    .describe("What `protect` asks of this environment's branch, where it differs from `protection` of all."),
  page: z
    .array(slackId, "give a list of Slack IDs")
    .default([])
    .describe(
      "Slack IDs of the people (`U…`, `W…`) and groups (`S…`) to mention after a failure, besides everybody in the channel.",
    ),
  notify: z
    .strictObject({
      slack: z
        .array(z.enum(["started", ...verdicts], notifyHint), notifyHint)
        .default([...usuallyNotified])
        .describe("What sends a message to Slack: `started`, and verdicts."),
      incidents: z
        .array(z.enum(["rollback", ...troubles], incidentHint), incidentHint)
        .default(["rollback", ...troubles])
        .describe("What opens an incident as a GitHub issue: `rollback` for a manual one, and verdicts."),
      statuses: choice("say whether commits get a status")
        .default(true)
        .describe("Whether commits get the statuses `deploy-frontend` and `deploy-backend`."),
    })
    .prefault({})
    .describe("The notifications of the environment."),
})
