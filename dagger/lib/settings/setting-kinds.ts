import { z } from "zod"

export const text = (hint: string) => z.string(hint).trim().min(1, hint).max(200, "keep it under 200 characters")
export const whole = (hint: string, least: number, most: number) => z.int(hint).min(least, hint).max(most, hint)
export const seconds = (most: number) => whole(`give whole seconds, 1 to ${most}`, 1, most)
export const percent = z
  .number("give a percentage, 0 to 100")
  .min(0, "a percentage is 0 to 100")
  .max(100, "a percentage is 0 to 100")
export const choice = (hint: string) => z.boolean(`${hint}: true or false, without quotes`)

export const pathHint = (example: string) => `give a path inside the project, such as ${example}, with / and without ..`
export const path = (example: string) =>
  z
    .string(pathHint(example))
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\:*?"<>|\p{Cc}]+$/u, pathHint(example))
    .regex(/^[^[\]{}]*$/, "the engine reads [ ] { } as a pattern: rename the folder")
    // web/ and ./web are web: paths are compared by their beginnings.
    .transform((given) => given.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "") || ".")

/** Where a build writes: also beside the source, but never all of what lies there. */
const outputHint = "give a path such as build or ../dist, with /"
export const output = z
  .string(outputHint)
  .regex(/^(?!\/)(?:\.\.\/)*(?!\.\.)(?!.*\/\.\.(?:\/|$))[^\\:*?"<>|\p{Cc}]+$/u, outputHint)

export const untested = z.union([z.literal(""), text("say why it has no tests")], "say why it has no tests").default("")

const variableHint = "give the name of a variable, such as API_URL: letters, 0 to 9 and _"
export const variable = z.string(variableHint).regex(/^[A-Za-z_]\w{0,99}$/, variableHint)
/** Of tests, builds and linters; whoever reads the settings reads them. */
export const plainValues = z
  .record(variable, z.string("give each variable a text in quotes").max(4000, "keep it under 4000 characters"), {
    error: 'give variables and their values, such as { "API_URL": "https://example.org" }',
  })
  .refine((all) => !("PATH" in all), { message: "PATH is the container's own", path: ["PATH"] })
  .default({})
const debianHint = "give names of Debian packages, such as libpq-dev"
export const systemPackages = z
  .array(z.string(debianHint).regex(/^[a-z0-9][a-z0-9+.-]+$/, debianHint), debianHint)
  .default([])
/** A release, or a line of them; the image of this tag is taken as it is. */
export const release = (hint: string) =>
  z.union([z.literal(""), z.string(hint).regex(/^\d+(?:\.\d+){0,2}$/, hint)], hint).default("")

export const urlPath = (example: string) =>
  z.string(`give a path such as ${example}`).regex(/^\/[\w./-]*$/, `give a path such as ${example}`)

const addressHint = "give an address such as https://example.org, without user, query or fragment"
export const address = z
  .string(addressHint)
  .meta({ format: "uri" })
  .superRefine((given, context) => {
    const url = URL.parse(given)
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
      context.addIssue({ code: "custom", message: addressHint })
    } else if (url.protocol === "http:" && !isPrivate(url.hostname)) {
      context.addIssue({ code: "custom", message: "use https; http only reaches this machine and private networks" })
    }
  })
  .transform((given) => given.replace(/\/+$/, ""))

/** Names and addresses of private networks: a token sent there unencrypted does not leave them. */
export function isPrivate(host: string): boolean {
  if (host.startsWith("[")) return /^\[(?:::1|f[cd][0-9a-f]{2}:.*)\]$/.test(host)
  if (/^[\d.]+$/.test(host)) return /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host)
  return !host.includes(".") || /\.(?:localhost|local|internal|test)$/.test(host)
}

export const repositoryHint = "give registry/owner/name in lower case and without a tag, such as ghcr.io/acme/backend"
export const repository = z
  .string(repositoryHint)
  .max(255, "keep it under 255 characters")
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  .regex(
    // A first part without a dot or a port is none of a registry to those who pull: acme/backend is docker.io's.
    /^(?=localhost[:/]|[a-z0-9-]+[.:])[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+$/,
    repositoryHint,
  )
const publicKeyHint =
  "give the public key of the signing key, as `openssl pkey -in KEY -pubout` writes it, lines joined by \\n"
export const publicKey = z
  .string(publicKeyHint)
  .max(1000, publicKeyHint)
  .regex(/^(?:-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?)?$/, publicKeyHint)
export const spaceHint = "give the Space as owner/name, such as acme/backend"
export const space = z.string(spaceHint).regex(/^[\w.-]{1,96}\/[\w.-]{1,96}$/, spaceHint)
const secretHint = "give the name of a secret, such as NETLIFY_TOKEN: A to Z, 0 to 9 and _"
export const secretName = z
  .string(secretHint)
  .regex(/^[A-Z_][A-Z0-9_]{0,99}$/, secretHint)
  .refine((name) => !name.startsWith("GITHUB_"), "GitHub reserves names that begin with GITHUB_")

const slackIdHint =
  "give the Slack ID of a person (U… or W…) or a group (S…), such as U024BE7LH: at Slack, View full profile, Copy member ID"
export const slackId = z.string(slackIdHint).regex(/^[UWS][A-Z0-9]{7,20}$/, slackIdHint)
