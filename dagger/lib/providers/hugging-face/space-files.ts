import { createHash } from "node:crypto"
import { contextWithoutDockerfile } from "./errors.js"

import { spaceReadme, withHeadOf, writtenHere } from "./space-readme.js"

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

const headOf = (readme: string) => /^\uFEFF?---[ \t]*\r?\n[\s\S]*?\n---[ \t]*(?=\r?\n|$)/.exec(readme)?.[0] ?? ""
const mark = "# Tested as "
const pinnedName = /\S+@sha256:[0-9a-f]{64}/.source

/** A Dockerfile that builds nothing: the image that was tested is the one that runs. */
export const dockerfile = (image: string) => `FROM ${image}\nENV IMAGE_DIGEST=${image.split("@")[1]}\n`

/** A Space that pulls the image. @param project the project's README. @param there the Space's; "" for none. */
export const imageFiles = (content: SpaceContent, project = "", there = ""): SpaceFiles =>
  new Map([
    ["Dockerfile", Buffer.from(dockerfile(content.image))],
    [
      "README.md",
      // Of the project only the head: its text tells of the code, and the Space has none.
      Buffer.from(spaceReadme(content, { project: headOf(project), there, wins: "project", body: writtenHere.served })),
    ],
  ])

/**
 * A Space that builds the image itself, from the very files that the tested one was built from. The Dockerfile gets the commit and the
 * tested image's name at its end; the README what its head lacks of what Hugging Face reads. The files of such a Space may be given as
 * well: then what another Space's owner wrote gives way to what this one's did.
 * @param there the Space's README; "" for none.
 */
export function sourceFiles(context: SpaceFiles, content: SpaceContent, there = ""): SpaceFiles {
  const { image, commit } = content
  const text = (path: string) => Buffer.from(context.get(path) ?? "").toString()
  const wins = imageIn(text("Dockerfile")) ? "there" : "project"
  const own = text("Dockerfile").split(`\n${mark}`, 1)[0]?.trimEnd() ?? ""
  if (own === "") throw contextWithoutDockerfile()
  const baked = [`${mark}${image}`, `ENV COMMIT=${commit}`, `ENV IMAGE_DIGEST=${image.split("@")[1]}`]
  return new Map(context)
    .set("Dockerfile", Buffer.from(`${own}\n\n${baked.join("\n")}\n`))
    .set(
      "README.md",
      Buffer.from(spaceReadme(content, { project: text("README.md"), there, wins, body: writtenHere.built })),
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

/** The files of an earlier revision, with the head that the Space's README has by now. */
export function withReadmeOf(files: SpaceFiles, there: string): SpaceFiles {
  const earlier = Buffer.from(files.get("README.md") ?? "").toString()
  return there === "" ? files : new Map(files).set("README.md", Buffer.from(withHeadOf(earlier, there)))
}
