import type { Half } from "./deployment.js"

const tokens: Record<`${Half}`, string> = {
  frontend: "--netlify-token=env://NETLIFY_TOKEN --github-token=env://GITHUB_TOKEN",
  backend: "--hugging-face-token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN",
}
const both = "--netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN"

/** The command that takes a deployment back. @param hasSchema whether the version's database has one. */
export function undoDeployment(half: Half, environment: string, previousId: string, hasSchema: boolean): string {
  const database = hasSchema ? " --database-url=env://DATABASE_URL" : ""
  return `dagger call rollback-${half} --environment=${environment} --to=${previousId} --reason="…" ${tokens[half]}${database}`
}

/** The command that takes a rollback back: what it left is quarantined, so it is deployed again with a reason. */
export const undoRollback = (half: Half, environment: string, leftCommit: string) =>
  `git switch --detach ${leftCommit} && dagger call deploy-${half} --environment=${environment} --over-quarantine="…" ${tokens[half]}`

/** The command that takes both halves back. */
export const undoProduct = (environment: string) =>
  `dagger call rollback --environment=${environment} --reason="…" ${both}`
