import type { Asked, Told } from "./server.js"

export interface IssueSeen {
  number: number
  title: string
  body: string
  state: "open" | "closed"
  stateReason: string | null
  labels: string[]
  comments: string[]
}

interface Label {
  id: number
  name: string
  color: string
  description: string | null
}

/** What issues need of the repository that they belong to. */
interface Repository {
  base: string
  /** Address at the interface, and on the pages, of a path below the repository. */
  url(path: string): string
  page(path: string): string
  owner(): object
  stamp(): string
  nextId(): number
  refused(status: number, message: string, errors?: object[]): Told
  body(asked: Asked): Record<string, unknown>
  /** One page of a list. */
  listed(path: string, query: URLSearchParams, all: object[]): Told
}

const text = (value: unknown) => (typeof value === "string" ? value : "")

/** Issues, their comments and labels; where they are disabled each request for one is answered 410, as GitHub does. */
export function issueRoutes(
  { base, url, page, owner, stamp, nextId, refused, body, listed }: Repository,
  enabled: () => boolean,
) {
  const labels = new Map<string, Label>()
  const issues: (IssueSeen & { id: number; createdAt: string; closedAt: string | null })[] = []

  const labelJson = ({ id, name, color, description }: Label) => ({
    ...{ id, name, color, description, default: false },
    node_id: "LA_1",
    url: url(`/labels/${name}`),
  })
  const issueJson = (it: (typeof issues)[number]) => ({
    id: it.id,
    node_id: "I_1",
    url: url(`/issues/${it.number}`),
    repository_url: url(""),
    labels_url: `${url(`/issues/${it.number}`)}/labels{/name}`,
    comments_url: url(`/issues/${it.number}/comments`),
    events_url: url(`/issues/${it.number}/events`),
    html_url: page(`/issues/${it.number}`),
    number: it.number,
    title: it.title,
    body: it.body,
    state: it.state,
    state_reason: it.stateReason,
    user: owner(),
    labels: it.labels.flatMap((name) => labels.get(name) ?? []).map(labelJson),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: it.comments.length,
    author_association: "OWNER",
    created_at: it.createdAt,
    updated_at: stamp(),
    closed_at: it.closedAt,
  })
  const invalid = (resource: string, field: string, code: string) =>
    refused(422, "Validation Failed", [{ resource, field, code }])
  const on = (number: string | undefined, act: (it: (typeof issues)[number]) => Told): Told => {
    if (!enabled()) return refused(410, "Issues has been disabled in this repository.")
    const found = issues.find((it) => String(it.number) === number)
    return found ? act(found) : refused(404, "Not Found")
  }

  const routes: Record<string, (asked: Asked, names: string[]) => Told> = {
    [`POST ${base}/labels`]: (asked) => {
      const { name, color, description = null } = body(asked)
      if (!/^[0-9a-f]{6}$/i.test(text(color))) return invalid("Label", "color", "invalid")
      if (labels.has(text(name))) return invalid("Label", "name", "already_exists")
      const label = { id: nextId(), name: text(name), color: text(color), description: description as string | null }
      labels.set(label.name, label)
      return { status: 201, json: labelJson(label) }
    },
    [`GET ${base}/issues`]: ({ query, path }) => {
      if (!enabled()) return refused(410, "Issues has been disabled in this repository.")
      const state = query.get("state") ?? "open"
      const wanted = (query.get("labels") ?? "").split(",").filter(Boolean)
      const found = issues
        .filter((it) => (state === "all" || it.state === state) && wanted.every((name) => it.labels.includes(name)))
        .toReversed()
      return listed(path, query, found.map(issueJson))
    },
    [`POST ${base}/issues`]: (asked) => {
      if (!enabled()) return refused(410, "Issues has been disabled in this repository.")
      const given = body(asked)
      if (text(given.title) === "") return invalid("Issue", "title", "missing_field")
      if (text(given.body).length > 65_536) return invalid("Issue", "body", "invalid")
      const issue = {
        ...{ id: nextId(), number: issues.length + 1, title: text(given.title), body: text(given.body) },
        ...{ state: "open" as const, stateReason: null, comments: [], createdAt: stamp(), closedAt: null },
        // A label that is not there is left out: the caller makes it first.
        labels: ((given.labels ?? []) as string[]).filter((name) => labels.has(name)),
      }
      issues.push(issue)
      return { status: 201, json: issueJson(issue) }
    },
    [`PATCH ${base}/issues/:number`]: (asked, [number]) =>
      on(number, (it) => {
        const { state = it.state, state_reason = null } = body(asked)
        if (!["open", "closed"].includes(text(state))) return invalid("Issue", "state", "invalid")
        if (
          state_reason !== null &&
          !["completed", "not_planned", "duplicate", "reopened"].includes(text(state_reason))
        )
          return invalid("Issue", "state_reason", "invalid")
        it.state = state as IssueSeen["state"]
        it.stateReason = state_reason as string | null
        it.closedAt = it.state === "closed" ? stamp() : null
        return { json: issueJson(it) }
      }),
    [`POST ${base}/issues/:number/comments`]: (asked, [number]) =>
      on(number, (it) => {
        const given = text(body(asked).body)
        if (given === "" || given.length > 65_536) return invalid("IssueComment", "body", "invalid")
        it.comments.push(given)
        const id = nextId()
        return {
          status: 201,
          json: {
            id,
            node_id: "IC_1",
            url: url(`/issues/comments/${id}`),
            html_url: page(`/issues/${it.number}#issuecomment-${id}`),
            issue_url: url(`/issues/${it.number}`),
            user: owner(),
            body: given,
            author_association: "OWNER",
            created_at: stamp(),
            updated_at: stamp(),
          },
        }
      }),
  }
  const seen = (): IssueSeen[] =>
    issues.map(({ number, title, body, state, stateReason, labels, comments }) => ({
      ...{ number, title, body, state, stateReason, labels, comments },
    }))
  return { routes, seen }
}
