import { createHash } from "node:crypto"
import { contextWithoutDockerfile } from "../../deployment/errors.js"

/** Files by path, as they lie in a Space's repository. */
export type SpaceFiles = ReadonlyMap<string, Uint8Array>

/** What a Space serves. */
export interface SpaceContent {
  /** `repository@sha256:…` of the image that was tested. */
  image: string
  commit: string
  /** Title and port of the Space. */
  title: string
  port: number
}

const mark = "# Tested as "
const pinnedName = /\S+@sha256:[0-9a-f]{64}/.source

/** A Dockerfile that builds nothing: the image that was tested is the one that runs. */
export const dockerfile = (image: string) => `FROM ${image}\nENV IMAGE_DIGEST=${image.split("@")[1]}\n`

/** A Space that pulls the image. */
export const imageFiles = ({ image, title, port }: SpaceContent): SpaceFiles =>
  new Map([
    ["Dockerfile", Buffer.from(dockerfile(image))],
    ["README.md", Buffer.from(readme(title, port, served))],
  ])

/**
 * A Space that builds the image itself, from the very files that the tested one was built from. The Dockerfile gets the commit and the
 * tested image's name at its end; the README the head that Hugging Face reads. The files of such a Space may be given as well.
 */
export function sourceFiles(context: SpaceFiles, { image, commit, title, port }: SpaceContent): SpaceFiles {
  const text = (path: string) => Buffer.from(context.get(path) ?? "").toString()
  const own = text("Dockerfile").split(`\n${mark}`, 1)[0]?.trimEnd() ?? ""
  if (own === "") throw contextWithoutDockerfile()
  const baked = [`${mark}${image}`, `ENV COMMIT=${commit}`, `ENV IMAGE_DIGEST=${image.split("@")[1]}`]
  return new Map(context)
    .set("Dockerfile", Buffer.from(`${own}\n\n${baked.join("\n")}\n`))
    .set(
      "README.md",
      Buffer.from(readme(title, port, text("README.md").replace(/^---\n[\s\S]*?\n---\n+/, "") || built)),
    )
}

/** `repository@sha256:…` that a Space's Dockerfile serves, pulled or built; `undefined` when this pipeline did not write it. */
export const imageIn = (text: string): string | undefined =>
  new RegExp(`^${mark}(${pinnedName})$`, "m").exec(text)?.[1] ??
  new RegExp(`^FROM (${pinnedName})\\s*$`, "m").exec(text)?.[1]

/** A file of a Space's repository, by the name that Git gives its content. */
export interface TreeFile {
  path: string
  oid: string
}

/** What has to be written and deleted to make `there` into `wanted`. */
export function changes(wanted: SpaceFiles, there: TreeFile[]): { written: string[]; deleted: string[] } {
  const oids = new Map(there.map(({ path, oid }) => [path, oid]))
  return {
    written: [...wanted].filter(([path, content]) => oids.get(path) !== gitOid(content)).map(([path]) => path),
    // The Hub keeps this one for itself.
    deleted: [...oids.keys()].filter((path) => !wanted.has(path) && path !== ".gitattributes"),
  }
}

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export const gitOid = (content: Uint8Array) =>
  createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex")

const served = "Serves an image that was built and tested elsewhere; the deployment pipeline writes these files.\n"
const built = "Builds what was tested elsewhere; the deployment pipeline writes these files.\n"
const readme = (title: string, port: number, text: string) =>
  `---\ntitle: ${JSON.stringify(title)}\nsdk: docker\napp_port: ${port}\n---\n\n${text}`
