import { createPublicKey } from "node:crypto"
import type { Directory, Secret, Service } from "@dagger.io/dagger"
import type { Clock } from "../clock.js"
import { headOf } from "../database/migration.js"
import type { Answer } from "../deployment/answer.js"
import { readBody } from "../deployment/health-answer.js"
import { backendChecks } from "../deployment/health-checks.js"
import { addressOf } from "../deployment/health-probe.js"
import type { Host } from "../deployment/host.js"
import { askForm } from "../deployment/judgeable.js"
import { together, weaknesses } from "../doctor/branch-protection.js"
import { type Diagnosis, good, wrong } from "../doctor/diagnosis.js"
import type { DoctorCheck } from "../doctor/doctor.js"
import {
  judgeBranch,
  judgeEnvironment,
  judgeHealthForm,
  judgeKey,
  judgePage,
  judgePlan,
  judgeProtection,
  judgeRepository,
  judgeSecrets,
  judgeSite,
  judgeSource,
  judgeWebhook,
  noApp,
  notGiven,
  notShown,
} from "../doctor/doctor-checks.js"
import { signingKey, verifyingKey } from "../image/image-signature.js"
import { get } from "../providers/endpoint.js"
import { BranchProtection } from "../providers/github/protection.js"
import { environmentOnGitHub, hasBranch, repositoryFacts, storedSecrets } from "../providers/github/repository-facts.js"
import { RegistryRefusal } from "../providers/registry/errors.js"
import type { Manifest } from "../providers/registry/image-registry.js"
import { Pullable, pullable } from "../providers/registry/registry.js"
import { SlackWebhook } from "../providers/slack/slack.js"
import { backendOf, environmentOf, imageOf, registryHost } from "../settings/settings.js"
import type { EnvironmentBackend, EnvironmentSettings, Settings } from "../settings/settings-types.js"
import { diagnosedHub } from "../wiring/hub-doctor.js"
import { gitHubOf } from "../wiring/targets.js"
import { plan, revisionsIn } from "./alembic.js"
import { buildImage } from "./builds.js"
import { registryTokenName } from "./project.js"
import { type RegistryAccess, registryOf, tokenFor } from "./registry.js"
import { databaseOf } from "./schema.js"
import { isEmpty, plaintext } from "./secrets.js"

/** The arguments of a deployment. */
export interface Given {
  settings: Settings
  environment: string
  /** The service's sources; `undefined` where the project has none. */
  source: Directory | undefined
  /** What its image is built from. */
  context: Directory | undefined
  commit: string
  clock: Clock
  netlifyToken: Secret | undefined
  huggingFaceToken: Secret | undefined
  githubToken: Secret | undefined
  access: RegistryAccess
  slackWebhook: Secret | undefined
  signingKey: Secret | undefined
  databaseUrl: Secret | undefined
  databaseService: Service | undefined
  /** The site of the environment, with this token. */
  site: (token: string) => Host<never>
}

/** The checks of all that a deployment of one environment needs; one without its secret says which flag gives it. */
export function doctorChecks(given: Given): DoctorCheck[] {
  const { settings, environment, clock } = given
  const place = environmentOf(settings, environment)
  const { secrets } = place
  const { frontend, backend } = place
  const publicKey = settings.image?.publicKey ?? settings.frontend?.publicKey ?? ""
  return [
    { about: "delivery.json", look: async () => judgeSource(settings.project.source) },
    ...(frontend
      ? [
          withSecret("Netlify token", "netlify-token", secrets.netlify, given.netlifyToken, async (token) =>
            judgeSite(frontend, await given.site(token).live()),
          ),
        ]
      : []),
    ...(backend
      ? [
          withSecret("Hugging Face token", "hugging-face-token", secrets.huggingFace, given.huggingFaceToken, (token) =>
            diagnosedHub(token, place, settings, clock),
          ),
        ]
      : []),
    withSecret("GitHub token", "github-token", "GITHUB_TOKEN", given.githubToken, (token) =>
      onGitHub(token, place, given),
    ),
    withSecret("Slack webhook", "slack-webhook", secrets.slack, given.slackWebhook, async (address) => [
      judgeWebhook(await new SlackWebhook(address, clock).look()),
    ]),
    { about: "people to call", look: async () => judgePage(place.name, place.production, place.page) },
    ...(backend ? ofService(given, secrets.database, backend) : []),
    ...(publicKey || given.signingKey
      ? [
          withSecret("signing key", "signing-key", "SIGNING_KEY", given.signingKey, async (pem) => [
            judgeKey(createPublicKey(signingKey(pem)), publicKey ? verifyingKey(publicKey) : undefined),
          ]),
        ]
      : []),
  ]
}

/** What only a service has: an image, a schema, a database. */
const ofService = (given: Given, variable: string, backend: EnvironmentBackend): DoctorCheck[] => [
  { about: "health answer", look: () => ofHealth(given.settings, backend) },
  { about: "registry", look: () => inRegistry(given) },
  { about: "schema", look: () => ofSchema(given.source) },
  {
    about: "database",
    look: async () =>
      (await revisionsOf(given.source)).length === 0
        ? []
        : withSecret("database", "database-url", variable, given.databaseUrl, () => inDatabase(given)).look(),
  },
]

const revisionsOf = async (source: Directory | undefined) => (source ? revisionsIn(source) : [])

function withSecret(
  about: string,
  flag: string,
  variable: string,
  secret: Secret | undefined,
  look: (value: string) => Promise<Diagnosis[]>,
): DoctorCheck {
  return {
    about,
    look: async () => {
      if (!secret) return [notGiven(about, flag, variable)]
      if (await isEmpty(secret))
        return [wrong(about, `the secret that --${flag} names is empty`, `store it as ${variable}`)]
      return look(await plaintext(secret, flag, variable))
    },
  }
}

async function onGitHub(token: string, place: EnvironmentSettings, given: Given): Promise<Diagnosis[]> {
  const { settings, clock, source } = given
  const github = gitHubOf(settings, token, clock)
  const protection = new BranchProtection(github, place.branch)
  const now = clock.now()
  const facts = judgeRepository(await repositoryFacts(github), now)
  const isThere = await hasBranch(github, place.branch)
  const [own, rulesets, environment, stored, revisions] = await Promise.all([
    isThere ? protection.own() : undefined,
    protection.byRulesets(),
    environmentOnGitHub(github, place.name),
    storedSecrets(github, place.name),
    revisionsOf(source),
  ])
  const lacking = weaknesses(place.protection, own ? together(own, rulesets) : rulesets)
  const { netlify, huggingFace, database, slack } = place.secrets
  return [
    ...facts,
    ...judgeBranch(place.branch, isThere),
    ...(isThere
      ? [judgeProtection(place.branch, own || lacking.length === 0 ? lacking : undefined, settings.call)]
      : []),
    judgeEnvironment(place.name, place.production, environment),
    ...judgeSecrets(
      stored,
      {
        needed: [...(place.frontend ? [netlify] : []), ...(revisions.length > 0 ? [database] : [])],
        replaceable: place.backend ? [huggingFace] : [],
        optional: [slack],
      },
      now,
    ),
  ]
}

/** Asks as a deployment does before it changes anything. */
async function ofHealth(settings: Settings, backend: EnvironmentBackend): Promise<Diagnosis[]> {
  const { url } = backend
  const service = backendOf(settings)
  const answer = await get(addressOf(url, service.health.path))
  const silence =
    answer.kind === "silent"
      ? answer.why
      : answer.status >= 500
        ? `answered ${answer.status}; it is down or asleep`
        : ""
  if (isNoApp(answer) && isNoApp(await get(url))) return [noApp(url, service.health.path)]
  const found = silence ? undefined : await askForm(url, backendChecks(service, backend, "any"), get)
  return [judgeHealthForm(url, found, silence)]
}

const isNoApp = (answer: Answer) =>
  answer.kind === "answered" && answer.status === 404 && readBody(answer.body) === undefined

async function inRegistry({ settings, access, clock }: Given): Promise<Diagnosis[]> {
  const { repository } = imageOf(settings)
  const about = "registry"
  const host = registryHost(repository)
  let latest: Manifest | undefined
  try {
    latest = await (await registryOf(repository, access, clock)).manifest("latest")
  } catch (failure) {
    const isClosed = failure instanceof RegistryRefusal && [401, 403].includes(Number(failure.status))
    if (!isClosed || tokenFor(access, host)) throw failure
    return [notShown(repository, registryTokenName(repository))]
  }
  const as = access.user ? `as ${access.user}` : "without a user"
  if (!latest) return [good(about, `it answers ${as}, and has no ${repository}:latest yet`)]
  const found = [good(about, `it answers ${as}, and has ${repository}:latest`)]
  // No Space can reach a local registry.
  if (backendOf(settings).delivery === "source" || access.service) return found
  const anybody = await pullable(`${repository}@${latest.digest}`, clock)
  return anybody === Pullable.Yes
    ? [...found, good("image", "a Space can pull it")]
    : [
        ...found,
        wrong(
          "image",
          `a Space can't pull ${repository}: it has no password`,
          'make the package public, or set backend.delivery to "source"',
        ),
      ]
}

async function ofSchema(source: Directory | undefined): Promise<Diagnosis[]> {
  const revisions = await revisionsOf(source)
  if (revisions.length === 0) return []
  return [good("schema", `one newest revision of ${revisions.length}: ${headOf(revisions)}`)]
}

async function inDatabase({
  context,
  commit,
  settings,
  environment,
  databaseUrl,
  databaseService,
}: Given): Promise<Diagnosis[]> {
  if (!context) return []
  const database = await databaseOf({ databaseService }, settings, { environment, databaseUrl })
  if (!database) return []
  return [judgePlan(await plan(await buildImage({ context }, commit, settings), database), settings.call)]
}
