import type { Secret } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import type { Status } from "../status/status.js"
import { statusMarkdown, statusText } from "../status/status-report.js"
import { survey } from "../status/survey.js"
import { keepSecret } from "../text/secret-values.js"
import { printed } from "../text/wording.js"
import { watchedOf } from "../wiring/watched.js"
import { type Project, registryUserOf, settingsOf } from "./project.js"

/** Tokens that may see the sites and the Spaces of all environments; what none was given for is left out. */
export interface StatusCall {
  netlifyToken: Secret | undefined
  huggingFaceToken: Secret | undefined
}

/** What is live everywhere, and what is known of it. A secret that is empty or not set is none: who looks at night gets what there is. */
export async function statusOf(project: Project, call: StatusCall): Promise<Status> {
  const given = async (secret: Secret | undefined) =>
    keepSecret((await secret?.plaintext().catch(() => "")) ?? "").trim()
  const [settings, netlify, hub, gitHub] = await Promise.all([
    settingsOf(project),
    given(call.netlifyToken),
    given(call.huggingFaceToken),
    given(project.githubToken),
  ])
  const registry = registryUserOf(project, settings)
  return survey({ ...watchedOf(settings, { netlify, hub, gitHub }, wallClock), registry })
}

/** The same for people: for a terminal, or as Markdown. */
export async function statusReport(project: Project, call: StatusCall): Promise<string> {
  const status = await statusOf(project, call)
  return printed(project.markdown ? statusMarkdown(status) : statusText(status))
}
