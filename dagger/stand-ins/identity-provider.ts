import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto"

/** Who signs the ID tokens of a CI's jobs. */
export interface IdentityProvider {
  issuer: string
  publicKey: KeyObject
  /** The ID token of a job, with these claims beside the usual ones; it ends after five minutes. @param now milliseconds since 1970. */
  idToken(claims?: Record<string, unknown>, now?: number): string
}

/** Issues ID tokens as GitHub does for the jobs of one repository. https://docs.github.com/en/actions/reference/security/oidc */
export function identityProvider({
  issuer = "https://token.actions.githubusercontent.com",
  repository = "owner/book",
  branch = "main",
  workflow = "deploy",
} = {}): IdentityProvider {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
  return {
    issuer,
    publicKey,
    idToken(claims = {}, now = Date.now()) {
      const seconds = Math.floor(now / 1000)
      const ref = `refs/heads/${branch}`
      const signed = `${part({ typ: "JWT", alg: "RS256", kid: "one" })}.${part({
        jti: randomUUID(),
        sub: `repo:${repository}:ref:${ref}`,
        aud: "https://huggingface.co",
        iss: issuer,
        ref,
        ref_type: "branch",
        repository,
        repository_owner: repository.split("/")[0],
        workflow,
        workflow_ref: `${repository}/.github/workflows/${workflow}.yml@${ref}`,
        event_name: "push",
        runner_environment: "github-hosted",
        nbf: seconds,
        iat: seconds,
        exp: seconds + 300,
        ...claims,
      })}`
      return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`
    },
  }
}
