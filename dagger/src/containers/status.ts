import type { Secret } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import type { Status } from "../status/status.js"
import { survey } from "../status/survey.js"
import { watchedOf } from "../wiring/watched.js"
import { type Project, settingsOf } from "./project.js"
import { isEmpty, plaintext } from "./secrets.js"

/** Tokens that may see the sites and the Spaces of all environments; what none was given for is left out. */
export interface StatusCall {
  netlifyToken: Secret | undefined
  huggingFaceToken: Secret | undefined
}

/** What is live everywhere, and what is known of it. An empty secret, as of a workflow that has none stored, is none. */
export async function statusOf(project: Project, call: StatusCall): Promise<Status> {
  const given = (secret: Secret | undefined, flag: string) =>
    !secret ? "" : isEmpty(secret).then((empty) => (empty ? "" : plaintext(secret, flag)))
  const [settings, netlify, hub, gitHub] = await Promise.all([
    settingsOf(project),
    given(call.netlifyToken, "netlify-token"),
    given(call.huggingFaceToken, "hugging-face-token"),
    given(project.githubToken, "github-token"),
  ])
  return survey(watchedOf(settings, { netlify, hub, gitHub }, wallClock))
}
