import { z } from "zod"
import type { SiteArtifact } from "../../deployment/release.js"
import type { Previewed, PreviewHost } from "../../preview/preview.js"
import { filesOf } from "../files.js"
import { deployOdd } from "./errors.js"
import { isMissing, NetlifyHost } from "./netlify.js"

const Sized = z.object({ path: z.string(), size: z.int().nullish() })

/**
 * The drafts of pull requests at a site: deploys of their own that no visitor of the site gets. A draft is known by its title, and by
 * being a draft; nothing else is ever removed.
 */
export class NetlifyPreviews extends NetlifyHost implements PreviewHost {
  async put(pull: number, commit: string, artifact: SiteArtifact): Promise<Previewed> {
    const { site: name } = this.settings
    const files = await this.withConfig(artifact)
    const title = `${titleOf(pull)}${commit}, files ${files.fingerprint}`
    const site = await this.site()
    const options = { draft: true, branch: `deploy-preview-${pull}` }
    const deploy = (await this.titled(site.id, title)) ?? (await this.create(site.id, title, files, options))
    const ready = await this.filled(deploy, files)
    // Its own address is all that keeps it apart from what is live.
    if (!ready.deploy_ssl_url || ready.deploy_ssl_url === site.ssl_url) throw deployOdd(name, ready.id)
    return { id: ready.id, url: ready.deploy_ssl_url }
  }

  async remove(pull: number, except = ""): Promise<string[]> {
    const site = await this.site()
    const found: string[] = []
    for await (const page of this.deploys(site.id))
      for (const { id, title, draft } of page)
        if (title?.startsWith(titleOf(pull)) && draft === true && id !== except && id !== site.published_deploy?.id)
          found.push(id)
    for (const id of found)
      await this.ask("deleteDeploy", { deploy_id: id }, z.unknown()).catch((failure: unknown) => {
        // Somebody, or an earlier try whose answer was lost, has removed it.
        if (!isMissing(failure)) throw failure
      })
    return found
  }

  async publishedSize(): Promise<number | undefined> {
    const site = await this.site()
    if (!site.published_deploy) return undefined
    const files = await this.ask("listSiteFiles", { site_id: site.id }, z.array(Sized))
    return files
      .filter(({ path }) => path !== `/${this.settings.configFile}`)
      .reduce((sum, { size }) => sum + (size ?? 0), 0)
  }

  async sizeOf(artifact: SiteArtifact): Promise<number> {
    return [...(await filesOf(artifact)).values()].reduce((sum, { length }) => sum + length, 0)
  }
}

const titleOf = (pull: number) => `preview of #${pull}: `
