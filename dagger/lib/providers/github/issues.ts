import { z } from "zod"
import { issuesDisabled } from "../../notifications/errors.js"
import {
  fitting,
  type Incident,
  type IncidentSubject,
  incidentsOf,
  type Recovery,
  recoveriesOf,
  type Tracker,
} from "../../notifications/incident.js"
import type { Channel } from "../../notifications/notifier.js"
import type { Operation, OperationResult } from "../../notifications/operation.js"
import type { OpenIncident } from "../../status/status.js"
import { NoReply, type Reply } from "../request.js"
import type { GitHub } from "./github.js"

const label = { name: "incident", color: "b60205", description: "Opened and closed by the deployment pipeline" }
const Issue = z.object({
  number: z.int(),
  body: z.string().nullish(),
  html_url: z.string().default(""),
  created_at: z.string().default(""),
  pull_request: z.unknown().optional(),
})
type Issue = z.infer<typeof Issue>

const placeMark = ({ environment, component }: IncidentSubject) => `<!-- pipeline incident ${environment}/${component}/`
const mark = (incident: Incident) => `${placeMark(incident)}${incident.cause} -->`

/**
 * Incidents as issues: a mark in the body says which, and a label, which no stranger can set, that it is one of ours. Two runs that
 * open one for the same cause at once leave one: each looks again, and the younger is closed as a duplicate.
 */
export class GitHubIssues implements Tracker {
  constructor(private readonly github: GitHub) {}

  async open(incident: Incident): Promise<string> {
    const [oldest, ...younger] = await this.about(mark(incident))
    if (oldest) {
      await this.comment(oldest.number, incident.body)
      await this.closeDuplicates(oldest, younger)
      return `added to #${oldest.number}`
    }
    const made = await this.create(incident)
    const all = await this.about(mark(incident))
    const [first = made, ...rest] = all.some(({ number }) => number === made.number) ? all : inOrder([...all, made])
    if (first.number === made.number) return `opened #${made.number}`
    await this.comment(first.number, incident.body)
    await this.closeDuplicates(
      first,
      rest.filter(({ number }) => number === made.number),
    )
    return `added to #${first.number}`
  }

  async close({ ends, comment, ...subject }: Recovery): Promise<string> {
    const beginning = placeMark(subject)
    const over = (await this.all()).filter(
      ({ body }) => body?.startsWith(beginning) && ends(body.slice(beginning.length).split(" -->")[0] ?? ""),
    )
    for (const { number } of over) {
      await this.comment(number, comment)
      await this.change(number, { state: "closed", state_reason: "completed" })
    }
    return over.length > 0 ? `closed ${over.map(({ number }) => `#${number}`).join(", ")}` : "none was open"
  }

  /** All that are open, oldest first. */
  async opened(): Promise<OpenIncident[]> {
    return (await this.all()).flatMap(({ number, body, html_url: address, created_at: since }) => {
      const [, environment = "", component = "", cause = ""] =
        /^<!-- pipeline incident ([^/\s]+)\/([^/\s]+)\/(.*?) -->/.exec(body ?? "") ?? []
      return environment ? [{ number, environment, component, cause, address, since }] : []
    })
  }

  /** Those that are open with a mark, oldest first. */
  private about = async (wanted: string) => (await this.all()).filter(({ body }) => body?.startsWith(wanted))

  private async all(): Promise<Issue[]> {
    const found = new Map<number, Issue>()
    const query = new URLSearchParams({ state: "open", labels: label.name, per_page: "100" })
    for await (const reply of this.github.replies("/issues", query))
      for (const issue of this.github.parse(
        "GET",
        "/issues",
        this.expected("GET", "/issues", 200, reply),
        z.array(Issue),
      ))
        if (issue.pull_request === undefined) found.set(issue.number, issue)
    return inOrder([...found.values()])
  }

  /** Creating is not idempotent: when the answer is lost, the mark shows whether it happened. */
  private async create(incident: Incident): Promise<Issue> {
    const labelled = await this.github.ask("POST", "/labels", label)
    // 422: it is there already. An issue without its label would never be found again, and be opened anew each time.
    if (labelled.status !== 201 && labelled.status !== 422) throw this.github.refusal("POST", "/labels", labelled)
    const { title } = incident
    const body = { title, body: fitting(`${mark(incident)}\n${incident.body}`), labels: [label.name] }
    for (let attempt = 1; ; attempt++) {
      try {
        const reply = await this.asked("POST", "/issues", 201, body, false)
        return this.github.parse("POST", "/issues", reply, Issue)
      } catch (failure) {
        if (!(failure instanceof NoReply) || attempt === 3) throw failure
        const [mine] = await this.about(mark(incident))
        if (mine) return mine
      }
    }
  }

  private async closeDuplicates(of: Issue, younger: Issue[]): Promise<void> {
    for (const { number } of younger) {
      await this.comment(number, `The same as #${of.number}.`)
      await this.change(number, { state: "closed", state_reason: "duplicate" })
    }
  }

  private comment = (number: number, body: string) =>
    this.asked("POST", `/issues/${number}/comments`, 201, { body: fitting(body) })
  private change = (number: number, change: object) => this.asked("PATCH", `/issues/${number}`, 200, change)

  private async asked(
    method: "POST" | "PATCH",
    path: string,
    status: number,
    body?: object,
    repeats = true,
  ): Promise<Reply> {
    return this.expected(method, path, status, await this.github.ask(method, path, body, { repeats }))
  }

  private expected(method: string, path: string, status: number, reply: Reply): Reply {
    if (reply.status === status) return reply
    if (reply.status === 410) throw issuesDisabled(this.github.repository)
    throw this.github.refusal(method, path, reply)
  }
}

const inOrder = (issues: Issue[]) => issues.toSorted((one, other) => one.number - other.number)

/** The repository's issues as one that hears of operations. */
export class IncidentChannel implements Channel {
  readonly name = "Incidents"

  constructor(
    private readonly github: GitHub,
    /** `rollback`, and the verdicts that open one. */
    private readonly wanted: string[],
    private readonly troubleshooting: string,
  ) {}

  async ended(operation: Operation, ending: OperationResult, until: number): Promise<void> {
    const tracker = new GitHubIssues(this.github.by(until))
    const acts = [
      ...recoveriesOf(operation, ending, this.troubleshooting).map((recovery) => () => tracker.close(recovery)),
      ...incidentsOf(operation, ending, this.wanted, this.troubleshooting).map(
        (incident) => () => tracker.open(incident),
      ),
    ]
    const ends: PromiseSettledResult<string>[] = []
    // One that can't be closed, such as a locked one, keeps no other from being opened.
    for (const act of acts) ends.push(...(await Promise.allSettled([act()])))
    const failed = ends.find((end) => end.status === "rejected")
    if (failed) throw failed.reason
  }
}
