import { createPublicKey, type KeyObject } from "node:crypto"
// Loaded by whatever runs a command already.
import pLimit from "p-limit"
import { createdOf, mistrust, type Signature } from "../../cache/entry.js"
import { crowded, type Remover } from "../../cache/pruning.js"
import { keyOf, kindOf, type Recipe, tagOf } from "../../cache/recipe.js"
import { causeOf } from "../../cache/told.js"
import type { Clock } from "../../clock.js"
import { isSignedBy, signed, verifyingKey } from "../../image/image-signature.js"
import { RegistryAnswerOdd, RegistryRefusal } from "./errors.js"
import type { Manifest, Registry } from "./image-registry.js"
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

/** How many requests run at once while old entries are looked for: a repository may have hundreds of tags. */
const limit = pLimit(10)

/** Why an entry can't be read, whose fault is not the registry's. @throws the failure where the registry did not answer. */
function whyBroken(failure: unknown): string {
  if (failure instanceof RegistryAnswerOdd) return causeOf(failure)
  if (failure instanceof RegistryRefusal && failure.status === 404) return "a part of it is missing"
  throw failure
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
    const tag = tagOf(recipe, keyOf(recipe))
    const manifest = await this.there.manifest(tag)
    if (!manifest) return { digest: "", why: "" }
    const { digest } = manifest
    const why = await this.mistrusted(manifest, tag, recipe).catch(whyBroken)
    return why ? { digest: "", why } : { digest, why: "" }
  }

  /** The same after a push. Another run that pushed in between signs its entry a moment later, and that is as good; it has ten seconds. */
  async findPushed(recipe: Recipe, clock: Clock): Promise<Finding> {
    for (let left = 5; ; left--) {
      const found = await this.find(recipe)
      if (found.digest || left === 0) return found
      await clock.sleep(2000)
    }
  }

  private async mistrusted(manifest: Manifest, tag: string, recipe: Recipe): Promise<string> {
    const { digest } = manifest
    const image = await this.there.labelled(manifest, tag)
    return mistrust({ ...image, digest }, recipe, await this.signatureOf(digest))
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

  /** When an entry was made; "" where it does not say, or is broken. */
  private created = (manifest: Manifest, tag: string): Promise<string> =>
    this.there.labelled(manifest, tag).then(createdOf, (failure: unknown) => whyBroken(failure) && "")

  /** Deletes entries by the registry's own interface. */
  remover(): Remover {
    const digests = new Map<string, string>()
    return {
      name: this.there.name,
      list: async () => {
        const tags = await this.there.tags()
        const kinds = crowded(tags)
        // Else nothing is to go, and nothing is asked.
        if (kinds.length === 0) return []
        const found = await Promise.all(
          tags.map((tag) => limit(async () => ({ tag, manifest: await this.there.manifest(tag) }))),
        )
        const named = Map.groupBy(found, ({ manifest }) => manifest?.digest)
        const asked = found.filter(({ tag }) => kinds.includes(kindOf(tag) ?? ""))
        return Promise.all(
          asked.flatMap(({ tag, manifest }) => {
            if (!manifest) return []
            digests.set(tag, manifest.digest)
            const same = named.get(manifest.digest) ?? []
            const others = same.map((it) => it.tag).filter((other) => other !== tag)
            return limit(async () => ({ tag, created: await this.created(manifest, tag), others }))
          }),
        )
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
