import type { SiteArtifact } from "../../lib/deployment/release.js"
import { Registry } from "../../lib/providers/registry/image-registry.js"
import { SiteArchive } from "../../lib/providers/registry/site-archive.js"
import { fastClock } from "./fast-clock.js"

/** Where sites are kept, at a registry's stand-in that was made for `acme/book-site`. */
export function archive({ url }: { url: string }, { token = "", publicKey = "" } = {}): SiteArchive {
  const [repository, source] = ["ghcr.io/acme/book-site", "https://github.com/acme/book"]
  const at = { host: "ghcr.io", url, repository: "acme/book-site", user: token && "me", token, kind: "site" as const }
  const settings = { repository, source, publicKey, hasToken: token !== "" }
  return new SiteArchive(new Registry(at, fastClock()), settings, fastClock())
}

/** Keeps a built site there, as a deployment does. */
export const keep = (there: SiteArchive, { commit, artifact }: { commit: string; artifact: SiteArtifact }) =>
  there.publish({ commit, created: "2026-11-24T10:00:00Z" }, artifact, {
    builder: "",
    run: "",
    startedAt: new Date("2026-11-24T10:00:00Z"),
  })
