import type { KeyObject } from "node:crypto"
import { describedPlan, type MigrationPlan } from "../database/migration.js"
import { MigrationClass } from "../database/schema.js"
import type { Live } from "../deployment/host.js"
import type { Unjudgeable } from "../deployment/judgeable.js"
import { hasPlaceholder } from "../settings/placeholders.js"
import type { EnvironmentFrontend } from "../settings/settings-types.js"
import { count } from "../text/wording.js"
import { type Diagnosis, doubtful, good, unknown, wrong } from "./diagnosis.js"
import { judgeUnstored } from "./hub-access.js"
import type { DeploymentEnvironment, RepositoryFacts, StoredSecret } from "./repository-facts.js"
import type { HubTokenFacts, ServiceNames, SpaceFacts } from "./space-facts.js"

/** Days before a token expires to replace it, and the age in days after which a secret should have been replaced. */
const soon = 14
const old = 90
const day = 86_400_000

/** @param expires ISO 8601. @param made ISO 8601; "" when it is not known. */
export function judgeEnd(about: string, expires: string, made: string, now: Date): Diagnosis[] {
  const ends = expires === "" ? Number.NaN : Date.parse(expires)
  const left = Math.max(0, Math.floor((ends - now.getTime()) / day))
  if (left < soon)
    return [
      doubtful(
        about,
        `it expires in ${count(left, "day")}, on ${expires.slice(0, 10)}`,
        "make a new one, store it under the same name, then revoke this one",
      ),
    ]
  const age = Math.floor((now.getTime() - Date.parse(made)) / day)
  if (Number.isNaN(ends) && age > old)
    return [
      doubtful(
        about,
        `it is ${age} days old and does not expire`,
        "make a new one that expires, store it under the same name, then revoke this one",
      ),
    ]
  return Number.isNaN(ends) ? [] : [good(about, `valid until ${expires.slice(0, 10)}`)]
}

export function judgeSite(frontend: EnvironmentFrontend, live: Live | undefined): Diagnosis[] {
  const about = "Netlify site"
  const rests = frontend.switchBy === "lock"
  if (live?.locked && !rests)
    return [
      wrong(about, `${frontend.site} is locked: nothing new can go live`, "unlock it at Netlify when its owner agrees"),
    ]
  if (live && !live.locked && rests)
    return [
      doubtful(
        about,
        `${frontend.site} is not locked, and \`switchBy\` is "lock": an upload by hand would go live at once`,
        "deploy once, which locks it, or lock it at Netlify",
      ),
    ]
  return [good(about, live ? `${frontend.site} serves ${live.id}` : `${frontend.site} exists and serves nothing yet`)]
}

/** Whether a token may write to a Space. https://huggingface.co/docs/hub/security-tokens */
export function judgeHubToken(facts: HubTokenFacts, space: string, now: Date): Diagnosis[] {
  const about = "Hugging Face token"
  const named = facts.name ? `"${facts.name}" ` : ""
  const end = judgeEnd(about, facts.expiresAt, facts.createdAt, now)
  const next = "make a fine-grained one that may write to this one Space"
  if (facts.role === "read") return [wrong(about, `${named}may only read`, next)]
  if (facts.role !== "fineGrained")
    return [
      ...(facts.role === ""
        ? [unknown(about, "Hugging Face does not say what it may do", next)]
        : [good(about, `${named}may write to everything of its user`)]),
      ...end,
    ]
  const [owner] = space.split("/")
  const grants = facts.grants.filter(({ name }) => [space, owner].includes(name))
  if (grants.some(({ permissions }) => permissions.includes("repo.write")))
    return [good(about, `${named}may write to ${space}`), ...end]
  return [
    wrong(
      about,
      `${named}may not write to ${space}: ${grants.flatMap(({ permissions }) => permissions).join(", ") || "it has no right there"}`,
      next,
    ),
  ]
}

export function judgeSpace(space: string, { sdk, isPrivate, isDisabled, stage }: SpaceFacts): Diagnosis[] {
  const about = `Space ${space}`
  if (isDisabled) return [wrong(about, "Hugging Face disabled it", "read the notice on its page")]
  if (sdk !== "" && sdk !== "docker")
    return [wrong(about, `it is a ${sdk} Space`, "make a Docker Space, or set `sdk: docker` in its README.md")]
  if (["PAUSED", "STOPPED", "DELETING"].includes(stage))
    return [wrong(about, `it is ${stage.toLowerCase()}`, "start it on its page; a deployment never does")]
  if (isPrivate)
    return [wrong(about, "it is private: neither visitors nor the probe reach it", "make it public in its settings")]
  if (/ERROR$/.test(stage)) return [doubtful(about, `it is in ${stage}`, "deploy a version that starts")]
  return [good(about, `a public Docker Space, ${stage}`)]
}

/** What init could not know, and nobody has written yet. @param source of the settings. */
export const judgeSource = (source: string): Diagnosis[] =>
  hasPlaceholder(source)
    ? [
        wrong(
          "delivery.json",
          `project.source is ${source}, which init writes where Git has no remote at GitHub`,
          "write the repository's address there, and its owner and name in the other places with a GUESS",
        ),
      ]
    : []

/** What a registry shows to nobody without a token, as it does before the first push. */
export const notShown = (repository: string, variable: string): Diagnosis =>
  unknown(
    "registry",
    `it shows ${repository} to nobody without a token: nothing was pushed yet, or it is private`,
    `give --registry-user=NAME --registry-token=env://${variable}`,
  )

/** An address at which no app answers. @param path of the settings. */
export const noApp = (url: string, path: string): Diagnosis =>
  unknown(
    "health answer",
    `${url} answers 404 with a page of the host at every path, as it does where no Space is or nothing was deployed`,
    `deploy first; if the service runs, it says how it is at another path than ${path}: write backend.health`,
  )

/** Whether a deployment's probe could judge what a service answers now. @param silence why it did not answer; "" when it did. */
export function judgeHealthForm(url: string, found: Unjudgeable | undefined, silence: string): Diagnosis {
  const about = "health answer"
  if (silence) return unknown(about, `${url} ${silence}`, "ask again once it answers")
  if (!found) return good(about, `${url} answers in a form that can be judged`)
  return wrong(about, `${url}: ${found.why}`, `write ${found.setting}`)
}

/** Whether a service has the same variables and secrets in all environments, by their names: a missing one shows only when it is used. */
export function judgeNames(own: ServiceNames, others: ServiceNames[]): Diagnosis[] {
  const about = "service's variables and secrets"
  const { environment, names } = own
  const next = "set it in both, as backend.variables of the settings or in the file of --space-secrets; or in neither"
  return others.flatMap((other) => {
    if (!names || !other.names)
      return [
        unknown(
          about,
          `the token may not see those of ${names ? other.environment : environment}`,
          "give a token that may read both Spaces, or compare them by hand",
        ),
      ]
    const lacking = other.names.filter((name) => !names.includes(name))
    const more = names.filter((name) => !other.names?.includes(name))
    if (lacking.length + more.length === 0)
      return [good(about, `${other.environment} has the same: ${names.join(", ") || "none"}`)]
    return [
      ...(lacking.length > 0
        ? [doubtful(about, `${other.environment} has ${lacking.join(", ")}, ${environment} does not`, next)]
        : []),
      ...(more.length > 0
        ? [doubtful(about, `${environment} has ${more.join(", ")}, ${other.environment} does not`, next)]
        : []),
    ]
  })
}

export function judgeRepository({ mayWrite, isArchived, tokenExpires }: RepositoryFacts, now: Date): Diagnosis[] {
  const about = "GitHub token"
  if (isArchived) return [wrong("GitHub repository", "it is archived: nothing can be written", "unarchive it")]
  if (mayWrite === false)
    return [
      wrong(
        about,
        "it may not write, which the lock and the ledger need",
        "give one with contents and deployments: read and write",
      ),
    ]
  return [
    ...(mayWrite
      ? [good(about, "it may write to the repository")]
      : [unknown(about, "GitHub does not say whether it may write", "a deployment to staging shows it")]),
    ...judgeEnd(about, tokenExpires, "", now),
  ]
}

export const judgeBranch = (branch: string, isThere: boolean): Diagnosis[] =>
  isThere
    ? []
    : [
        wrong(
          `branch ${branch}`,
          "the repository has none of that name",
          "push it, or correct `branch` in the settings",
        ),
      ]

/**
 * @param lacking what the settings require and the branch does not have; `undefined` when the token may not read it.
 * @param call what people type before a function.
 */
export function judgeProtection(branch: string, lacking: string[] | undefined, call: string): Diagnosis {
  const about = `branch ${branch}`
  if (!lacking)
    return unknown(
      about,
      "only an administrator may read its protection",
      "give --github-token an administrator's token",
    )
  return lacking.length === 0
    ? good(about, "protected as the settings say")
    : wrong(
        about,
        `it is less protected than the settings say: ${lacking.join(", ")}`,
        `${call} --github-token=env://GITHUB_TOKEN protect --plan`,
      )
}

export function judgeEnvironment(
  name: string,
  production: boolean,
  found: DeploymentEnvironment | "hidden" | undefined,
): Diagnosis {
  const about = `GitHub environment ${name}`
  if (found === "hidden")
    return unknown(about, "this token may not see it", "give --github-token one that may also read actions")
  if (!found)
    return doubtful(
      about,
      "it does not exist: the first workflow run creates one without rules",
      "make it under Settings, Environments, and store its secrets there",
    )
  const guarded = found.rules.some((rule) => rule === "required_reviewers" || rule === "branch_policy")
  if (production && !guarded)
    return doubtful(
      about,
      "a workflow of any branch may use it, without approval",
      "give it required reviewers, or let only its branch deploy",
    )
  return good(about, guarded ? `protected by ${found.rules.join(", ")}` : "it exists")
}

/** @param needed required names. @param replaceable those that a workflow can do without. @param optional reported only when missing. */
export function judgeSecrets(
  stored: StoredSecret[] | undefined,
  { needed, replaceable = [], optional }: { needed: string[]; replaceable?: string[]; optional: string[] },
  now: Date,
): Diagnosis[] {
  const about = "GitHub secrets"
  if (!stored)
    return [
      unknown(
        about,
        "this token may not list them; the token of a workflow never may",
        "run this locally with a personal token that may read secrets",
      ),
    ]
  const has = (name: string) => stored.some((it) => it.name === name)
  const missing = needed.filter((name) => !has(name))
  const known = [...needed, ...replaceable.filter(has)]
  const absent = optional.filter((name) => !has(name))
  const stale = stored.filter(
    ({ name, updatedAt }) =>
      [...known, ...optional].includes(name) && now.getTime() - Date.parse(updatedAt) > old * day,
  )
  return [
    ...missing.map((name) =>
      wrong(
        `secret ${name}`,
        "no workflow of this environment can read one of this name",
        `store it under Settings, Environments: ${name}`,
      ),
    ),
    ...replaceable.filter((name) => !has(name)).map(judgeUnstored),
    ...absent.map((name) =>
      doubtful(
        `secret ${name}`,
        "it is not stored, so what needs it is skipped",
        `store it under Settings, Environments: ${name}`,
      ),
    ),
    ...stale.map(({ name, updatedAt }) =>
      doubtful(
        `secret ${name}`,
        `it was stored on ${updatedAt.slice(0, 10)}, more than ${old} days ago`,
        "replace it: docs/deployment/secrets.md says how",
      ),
    ),
    ...(missing.length === 0 && known.length > 0
      ? [good(about, `all that a deployment needs are stored: ${known.join(", ")}`)]
      : []),
  ]
}

/** @param call what people type before a function. */
export function judgePlan(planned: MigrationPlan, call: string): Diagnosis {
  const about = "database"
  const grave = planned.steps.filter(
    (it) => it.class === MigrationClass.Contract || it.class === MigrationClass.Irreversible,
  )
  if (grave.length > 0)
    return doubtful(
      about,
      `the next deployment changes it irreversibly: ${describedPlan(planned)}`,
      `${call} backend migration-plan shows the SQL; the runbook says how a contract step is deployed`,
    )
  return good(
    about,
    planned.steps.length === 0
      ? `it answers, at ${planned.from || "no revision"}`
      : `it answers; the next deployment migrates ${describedPlan(planned)}`,
  )
}

/** @param own public key of the given signing key. */
export function judgeKey(own: KeyObject, wanted: KeyObject | undefined): Diagnosis {
  const about = "signing key"
  if (!wanted)
    return doubtful(
      about,
      "it signs, but nothing requires a signature: the settings have no publicKey",
      "put its public key there",
    )
  return own.equals(wanted)
    ? good(about, "it belongs to the settings' publicKey")
    : wrong(
        about,
        "it does not belong to the settings' publicKey",
        "give the key that belongs to it, or put its public key there",
      )
}

/** Whether a failure calls anybody by name; for what visitors use somebody should be. @param page Slack IDs of the settings. */
export function judgePage(name: string, production: boolean, page: string[]): Diagnosis[] {
  const about = "people to call"
  if (page.length > 0) return [good(about, `a failure mentions ${page.join(", ")}`)]
  if (!production) return []
  return [
    doubtful(
      about,
      "a failure mentions the channel alone: nobody is named",
      `put the Slack IDs of those on call into environments.${name}.page of the settings`,
    ),
  ]
}

/** @param code Slack's error code for an empty message, which a valid webhook rejects; "" when it is not Slack that answers. */
export function judgeWebhook({ status, code }: { status: number; code: string }): Diagnosis {
  const about = "Slack webhook"
  if (code === "no_text" || (status === 400 && code !== "")) return good(about, "it accepts messages")
  if (status === 429 || status >= 500)
    return unknown(
      about,
      `Slack answered ${status}${code && `: ${code}`}`,
      "run the same command again in some minutes",
    )
  return wrong(
    about,
    `it accepts no messages: Slack answered ${status}${code && `: ${code}`}`,
    "make a new one at Slack and store it under the same name",
  )
}

/** Something that was not checked, and the flag that it needs. */
export const notGiven = (about: string, flag: string, name: string): Diagnosis =>
  unknown(about, "not checked: its secret was not given", `give --${flag}=env://${name}`)
