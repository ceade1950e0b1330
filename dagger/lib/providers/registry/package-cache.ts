import { createPublicKey, type KeyObject } from "node:crypto"
import { createdOf, mistrust, type Signature } from "../../cache/entry.js"
import { crowded, type Remover } from "../../cache/pruning.js"
import { keyOf, kindOf, type Recipe, tagOf } from "../../cache/recipe.js"
import { isSignedBy, signed, verifyingKey } from "../../image/image-signature.js"
import type { Registry } from "./image-registry.js"
import { addSignature, signaturesOf, signatureTag } from "./image-signatures.js"

/** What a cache has for a recipe: the digest to pull, or why what is there is not taken; both are "" where nothing is there. */
export interface Finding {
  digest: string
  why: string
}

/** Where the entries are. */
export interface CachePlace {
  /** registry/owner/name */
  repository: string
  /** PEM of the key that must have signed an entry; "" where nothing is signed. */
  publicKey: string
}

/** Containers with installed packages in a repository of a registry, each under a tag made of its kind and key. */
export class PackageCache {
  constructor(
    private readonly there: Registry,
    private readonly at: CachePlace,
  ) {}

  /** The same cache, for questions that must be answered by then, in milliseconds since 1970. */
  by = (until: number) => new PackageCache(this.there.by(until), this.at)

  /** Name of a recipe's entry, such as ghcr.io/acme/cache:frontend-1f0c…. */
  nameOf = (recipe: Recipe) => `${this.at.repository}:${tagOf(recipe, keyOf(recipe))}`

  /** What there is for a recipe. Nothing but manifests, configurations and signatures is read, each checked against its digest. */
  async find(recipe: Recipe): Promise<Finding> {
    const image = await this.there.labelled(tagOf(recipe, keyOf(recipe)))
    if (!image) return { digest: "", why: "" }
    const { digest } = image.manifest
    const why = mistrust({ ...image, digest }, recipe, await this.signatureOf(digest))
    return why ? { digest: "", why } : { digest, why: "" }
  }

  private async signatureOf(digest: string): Promise<Signature> {
    if (!this.at.publicKey) return "not asked for"
    const key = verifyingKey(this.at.publicKey)
    const all = await signaturesOf(this.there, digest)
    if (all.some((it) => isSignedBy(it, { repository: this.at.repository, digest }, key))) return "ours"
    return all.length > 0 ? "foreign" : "missing"
  }

  /** Signs a digest unless this key has signed it. */
  async sign(digest: string, key: KeyObject): Promise<void> {
    const { repository } = this.at
    const known = await signaturesOf(this.there, digest)
    if (known.some((it) => isSignedBy(it, { repository, digest }, createPublicKey(key)))) return
    await addSignature(this.there, digest, signed(repository, digest, key))
  }

  /** Deletes entries by the registry's own interface. */
  remover(): Remover {
    const digests = new Map<string, string>()
    return {
      name: this.there.name,
      list: async () => {
        const tags = await this.there.tags()
        const kinds = crowded(tags)
        // Only for kinds of which something is to go: each takes two requests.
        const asked = tags.filter((tag) => kinds.includes(kindOf(tag) ?? ""))
        const entries = await Promise.all(
          asked.map(async (tag) => {
            const image = await this.there.labelled(tag)
            if (image) digests.set(tag, image.manifest.digest)
            return image && { tag, created: createdOf(image) }
          }),
        )
        return entries.filter((it) => it !== undefined)
      },
      remove: async ({ tag }) => {
        const digest = digests.get(tag)
        if (!digest) return ""
        const signature = await this.there.manifest(signatureTag(digest))
        const why = await this.there.remove(digest)
        return why || (signature ? this.there.remove(signature.digest) : "")
      },
    }
  }
}
