import { isUtf8 } from "node:buffer"
import pLimit from "p-limit"
import { z } from "zod"
import { vanished } from "../../deployment/host-errors.js"
import { quoted } from "../address.js"
import { accepted, insist, NoReply } from "../request.js"
import { filesTooHeavy } from "./errors.js"
import type { SpaceApi } from "./space-api.js"
import { imageIn, type SpaceFiles, type TreeFile } from "./space-files.js"

const Committed = z.object({ commitOid: z.string() })
const Titles = z.array(z.object({ id: z.string(), title: z.string() }))
const Tree = z.array(z.object({ type: z.string(), path: z.string(), oid: z.string() }))
const Preupload = z.object({ files: z.array(z.object({ path: z.string(), uploadMode: z.string() })) })

/** Files that the Hub takes in one question about them. */
const mostAsked = 256
/** Files asked for at once. */
const atOnce = 8

/** The Git repository of a Space: its files at each revision, and its commits. */
export class SpaceRepository {
  constructor(private readonly api: SpaceApi) {}

  /** A file as it is at a revision; `undefined` when it is not there. */
  async file(revision: string, path: string): Promise<Uint8Array | undefined> {
    const call = this.api.call("GET", `/spaces/${this.api.at.space}/raw/${revision}/${quoted(path)}`)
    const reply = await this.api.send(call)
    return reply.status === 404 ? undefined : accepted(reply, "Hugging Face", call).bytes
  }

  /** The same as text; "" when it is not there. */
  async text(revision: string, path: string): Promise<string> {
    return Buffer.from((await this.file(revision, path)) ?? []).toString()
  }

  async tree(revision: string): Promise<TreeFile[]> {
    const files: TreeFile[] = []
    const path = `${this.api.path}/tree/${revision}?recursive=true&expand=false`
    for await (const entries of this.api.pages(path, Tree)) files.push(...entries.filter(({ type }) => type === "file"))
    return files
  }

  async filesAt(revision: string): Promise<SpaceFiles> {
    const limit = pLimit(atOnce)
    const paths = (await this.tree(revision)).map(({ path }) => path).filter((path) => path !== ".gitattributes")
    const read = async (path: string) => {
      const content = await this.file(revision, path)
      // Without it the version would come back incomplete, and say that it is whole.
      if (!content) throw vanished(`the Space ${this.api.at.space}`, `${path} of ${revision}`)
      return [path, content] as const
    }
    return new Map(await Promise.all(paths.map((path) => limit(() => read(path)))))
  }

  /** The newest revision that serves `image`. */
  async revisionOf(image: string): Promise<string | undefined> {
    for await (const commits of this.api.pages(`${this.api.path}/commits/main?limit=100`, Titles))
      for (const { id, title } of commits)
        if (title.endsWith(from(image)) && imageIn(await this.text(id, "Dockerfile")) === image) return id
    return undefined
  }

  async commitInTitle(revision: string): Promise<string> {
    const [commit] = await this.api.read(
      `${this.api.path}/commits/${revision}?limit=1`,
      z.array(z.object({ title: z.string() })),
    )
    return /\b[0-9a-f]{40}\b/.exec(commit?.title ?? "")?.[0] ?? ""
  }

  /** Asks the Hub before anything changes: it takes binary and large files only by a way of their own. */
  async mustTakeAll(files: SpaceFiles): Promise<void> {
    const samples = [...files].map(([path, content]) => ({
      path,
      size: content.length,
      sample: Buffer.from(content.subarray(0, 512)).toString("base64"),
    }))
    const large: { path: string }[] = []
    for (let first = 0; first < samples.length; first += mostAsked) {
      const text = JSON.stringify({ files: samples.slice(first, first + mostAsked) })
      const body = { type: "application/json", text }
      const call = this.api.call("POST", `${this.api.path}/preupload/main`, body)
      const { files: answers } = this.api.parse(Preupload, await this.api.taken(call), call)
      large.push(...answers.filter(({ uploadMode }) => uploadMode !== "regular"))
    }
    const others = [...files].filter(([path, content]) => large.some((it) => it.path === path) || !isUtf8(content))
    if (others.length > 0)
      throw filesTooHeavy(
        this.api.at.space,
        others.map(([path, content]) => `${path} (${content.length} bytes)`),
      )
  }

  /** `undefined` when the answer was lost or somebody else committed meanwhile: then look again. */
  async commit(
    summary: string,
    parentCommit: string,
    files: SpaceFiles,
    { written, deleted }: { written: string[]; deleted: string[] },
  ): Promise<string | undefined> {
    const lines = [
      { key: "header", value: { summary, description: "", parentCommit } },
      ...written.map((path) => ({
        key: "file",
        value: { path, content: Buffer.from(files.get(path) ?? "").toString("base64"), encoding: "base64" },
      })),
      ...deleted.map((path) => ({ key: "deletedFile", value: { path } })),
    ]
    const call = this.api.call("POST", `${this.api.path}/commit/main`, {
      type: "application/x-ndjson",
      text: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    })
    try {
      const reply = await insist(call, { host: "Hugging Face", clock: this.api.clock, repeats: false })
      if (reply.status === 412 || reply.status === 409 || reply.status >= 500) return undefined
      return this.api.parse(Committed, accepted(reply, "Hugging Face", call), call).commitOid
    } catch (failure) {
      if (failure instanceof NoReply) return undefined
      throw failure
    }
  }
}

/** The end of a commit's title by which a build from source is found again. */
export const from = (image: string) => ` from ${image.split("@")[1]}`
