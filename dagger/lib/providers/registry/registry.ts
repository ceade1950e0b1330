import type { Clock } from "../../clock.js"
import { hostRefused } from "../../deployment/host-errors.js"
import { type Call, insist, type Reply } from "../request.js"
import { bearerIn } from "./challenge.js"

/** What anybody, without credentials, finds of an image. */
export enum Pullable {
  Yes = "yes",
  /** The registry wants credentials; a private and a missing repository look alike here. */
  NotByAnybody = "not by anybody",
  Gone = "gone",
}

const kinds = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ")

/**
 * Whether a machine without credentials, such as the builder of a Space, can pull `registry/name@sha256:…` now.
 * Only the manifest's head is asked for; nothing is pulled. Throws when the registry cannot be asked.
 */
export async function pullable(image: string, clock: Clock): Promise<Pullable> {
  const { origin, name, digest } = parts(image)
  const manifest: Call = { method: "HEAD", url: `${origin}/v2/${name}/manifests/${digest}`, headers: { accept: kinds } }
  const ask = (headers = {}) =>
    insist({ ...manifest, headers: { ...manifest.headers, ...headers } }, { host: origin, clock })
  let reply = await ask()
  if (reply.status === 401) {
    const token = await anonymousToken(reply, origin, clock)
    if (token) reply = await ask({ authorization: `Bearer ${token}` })
  }
  if (reply.status === 200) return Pullable.Yes
  if (reply.status === 404) return Pullable.Gone
  if (reply.status === 401 || reply.status === 403) return Pullable.NotByAnybody
  throw hostRefused(origin, `HEAD ${new URL(manifest.url).pathname}`, reply.status, "")
}

/** The token that a registry gives to anybody, from where its refusal says; "" when it gives none. */
async function anonymousToken(refusal: Reply, origin: string, clock: Clock): Promise<string> {
  const challenge = bearerIn(refusal.headers["www-authenticate"] ?? "")
  const realm = challenge && URL.parse(challenge.realm)
  if (!realm || (realm.protocol !== "https:" && realm.host !== new URL(origin).host)) return ""
  realm.searchParams.set("service", challenge.service)
  realm.searchParams.set("scope", challenge.scope)
  const reply = await insist({ method: "GET", url: realm.href, headers: {} }, { host: realm.host, clock })
  if (reply.status !== 200) return ""
  const { token, access_token } = JSON.parse(reply.text) as { token?: unknown; access_token?: unknown }
  return typeof token === "string" ? token : typeof access_token === "string" ? access_token : ""
}

/** `docker.io` answers elsewhere; a registry on this machine has no certificate. */
function parts(image: string): { origin: string; name: string; digest: string } {
  const [path = "", digest = ""] = image.split("@")
  const [first = "", ...rest] = path.split("/")
  const isLocal = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(first)
  const named = rest.length > 0 && (isLocal || first.includes(".") || first.includes(":"))
  if (named && first !== "docker.io")
    return { origin: `${isLocal ? "http" : "https"}://${first}`, name: rest.join("/"), digest }
  const inHub = named ? rest : [first, ...rest]
  const name = inHub.length === 1 ? `library/${inHub[0]}` : inHub.join("/")
  return { origin: "https://registry-1.docker.io", name, digest }
}
