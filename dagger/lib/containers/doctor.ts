import type { Secret } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { diagnosesText, isWrong } from "../doctor/diagnosis.js"
import { diagnosed } from "../doctor/doctor.js"
import { doctorFound } from "../doctor/errors.js"
import { protectAll } from "../doctor/protect.js"
import { BranchProtection } from "../providers/github/protection.js"
import { printed } from "../text/wording.js"
import { frontendTarget, gitHubOf } from "../wiring/targets.js"
import { doctorChecks } from "./doctor-checks.js"
import { contextOf, type Project, registryAccess, settingsOf } from "./project.js"
import { plaintext } from "./secrets.js"
import { committed } from "./sources.js"

/** Secrets of an environment that a deployment to it would be given; without one its part is not asked. */
export interface DoctorCall {
  environment: string
  netlifyToken: Secret | undefined
  huggingFaceToken: Secret | undefined
  databaseUrl: Secret | undefined
}

/** Everything that a deployment to an environment needs, as it is now. @throws ReportedError when something is wrong. */
export async function doctor(project: Project, call: DoctorCall): Promise<string> {
  const { environment } = call
  const settings = await settingsOf(project)
  const { commit, sources } = await committed(project.workspace, settings)
  const { githubToken, slackWebhook, signingKey, databaseService } = project
  const diagnoses = await diagnosed(
    doctorChecks({
      ...call,
      settings,
      source: sources.backend,
      context: sources.context,
      commit,
      clock: wallClock,
      githubToken,
      slackWebhook,
      access: registryAccess(project, settings),
      signingKey,
      databaseService,
      site: (token) => frontendTarget({ ...contextOf(project, settings, environment), token }).host,
    }),
  )
  const report = diagnosesText(environment, diagnoses)
  if (isWrong(diagnoses)) throw doctorFound(report)
  return printed(report)
}

/** Protects the branches that are deployed at least as the settings say. */
export async function protect(project: Project, plan: boolean): Promise<string> {
  const settings = await settingsOf(project)
  const github = gitHubOf(settings, await plaintext(project.githubToken, "github-token"), wallClock)
  const done = await protectAll(
    Object.values(settings.environments).map(({ branch, protection }) => ({
      branch: new BranchProtection(github, branch),
      wanted: protection,
    })),
    plan,
  )
  return printed(done)
}
