import { z } from "zod"
import type { LeaseRecord, LeaseStore } from "../../deployment/lock.js"
import { leaseFrom } from "../../deployment/stored-lease.js"
import { NoReply } from "../request.js"
import type { GitHub } from "./github.js"

const Ref = z.object({ object: z.object({ sha: z.string() }) })
const Created = z.object({ sha: z.string() })
const Commit = z.object({ message: z.string() })

/**
 * Locks as git refs `refs/pipeline-locks/…` of a repository. Each version is a commit on top of the one before, so git itself
 * refuses a second writer: its commit is no fast-forward.
 */
export class GitHubLocks implements LeaseStore {
  constructor(private readonly github: GitHub) {}

  by = (until: number) => new GitHubLocks(this.github.by(until))

  async read(lock: string): Promise<{ record: LeaseRecord; version: string } | undefined> {
    const version = await this.head(lock)
    if (version === undefined) return undefined
    const { message } = await this.github.read(`/git/commits/${version}`, Commit)
    return { record: leaseFrom(message), version }
  }

  async write(lock: string, record: LeaseRecord, over: string | undefined): Promise<boolean> {
    const tree = await this.create("/git/trees", {
      tree: [{ path: "README", mode: "100644", type: "blob", content: "Who deploys now: see the commit messages.\n" }],
    })
    const sha = await this.create("/git/commits", {
      message: JSON.stringify(record),
      tree,
      parents: over === undefined ? [] : [over],
    })
    const [method, path, body] =
      over === undefined
        ? (["POST", "/git/refs", { ref: `refs/pipeline-locks/${lock}`, sha }] as const)
        : (["PATCH", `/git/refs/pipeline-locks/${lock}`, { sha, force: false }] as const)
    try {
      const reply = await this.github.ask(method, path, body, { repeats: false })
      if (reply.status === 200 || reply.status === 201) return true
      if (reply.status === 422 || reply.status === 409) return (await this.head(lock)) === sha
      throw this.github.refusal(method, path, reply)
    } catch (failure) {
      if (!(failure instanceof NoReply)) throw failure
      return (await this.head(lock)) === sha
    }
  }

  private async head(lock: string): Promise<string | undefined> {
    const path = `/git/ref/pipeline-locks/${lock}`
    const reply = await this.github.ask("GET", path)
    if (reply.status === 404) return undefined
    if (reply.status !== 200) throw this.github.refusal("GET", path, reply)
    return this.github.parse("GET", path, reply, Ref).object.sha
  }

  /** Trees and commits are named by their content; making one twice makes no second one. */
  private async create(path: string, body: object): Promise<string> {
    const reply = await this.github.ask("POST", path, body)
    if (reply.status !== 201) throw this.github.refusal("POST", path, reply)
    return this.github.parse("POST", path, reply, Created).sha
  }
}
