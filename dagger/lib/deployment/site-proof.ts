import type { Archive } from "./archive.js"
import type { Attempt } from "./ledger.js"
import type { Proven } from "./promotion.js"
import { siteDiffers, siteNotKept } from "./promotion-errors.js"
import type { SiteArtifact } from "./release.js"

/** What is asked of the host of a site that is promoted. */
export interface SiteSource {
  /** Whether a deploy was made of these files; `undefined` when that is not known. */
  isMadeOf(id: string, site: SiteArtifact): Promise<boolean | undefined>
  /** The files that it publishes, each fetched and compared. Throws when one is not to be had as it was uploaded. */
  published(): Promise<SiteArtifact>
}

/**
 * The files of a proven deployment: those that the archive keeps of its commit, once the deployment is known to be made of them. Where
 * none are kept, what the site serves, if each file can be had unchanged and none has to be signed.
 */
export async function provenSite(
  { commit, id }: Attempt,
  host: SiteSource,
  archive: Archive<SiteArtifact> | undefined,
  mustBeSigned: boolean,
): Promise<Proven<SiteArtifact>> {
  if (archive && (await archive.has(commit))) {
    const artifact = await archive.take(commit)
    const isIt = await host.isMadeOf(id, artifact)
    if (isIt === false) throw siteDiffers(archive.name, commit, id)
    return {
      artifact,
      from: `from ${archive.name}, ${isIt ? "the very files" : `verified; what ${id} was made of is unknown`}`,
    }
  }
  if (mustBeSigned) throw siteNotKept(archive?.name ?? "the settings' frontend.artifact", commit)
  const why = archive
    ? `${archive.name} shows none of this commit`
    : "the settings keep sites nowhere (frontend.artifact)"
  return { artifact: await host.published(), from: `fetched file by file from what is live, for ${why}` }
}
