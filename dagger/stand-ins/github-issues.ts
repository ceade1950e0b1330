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

/** A comment in an issue or a pull request, and who wrote it. */
export interface CommentSeen {
  id: number
  body: string
  by: { login: string; type: "User" | "Bot"; association: string }
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
  /** Issues and pull requests share their numbers. */
  nextNumber(): number
  refused(status: number, message: string, errors?: object[]): Told
  body(asked: Asked): Record<string, unknown>
  /** One page of a list. */
  listed(path: string, query: URLSearchParams, all: object[]): Told
}

const text = (value: unknown) => (typeof value === "string" ? value : "")

/** Issues, their comments and labels; where they are disabled each request for one is answered 410, as GitHub does. */
export function issueRoutes(
  { base, url, page, owner, stamp, nextId, nextNumber, refused, body, listed }: Repository,
  enabled: () => boolean,
  { mayWrite, isPull }: { mayWrite: () => boolean; isPull: (number: number) => boolean },
) {
  const onPulls = new Map<number, CommentSeen[]>()
  const onIssues = new Map<number, CommentSeen[]>()
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
  const us: CommentSeen["by"] = { login: "github-actions[bot]", type: "Bot", association: "NONE" }
  const commentJson = (number: number, { id, body: given, by }: CommentSeen) => ({
    id,
    node_id: "IC_1",
    url: url(`/issues/comments/${id}`),
    html_url: page(`/issues/${number}#issuecomment-${id}`),
    issue_url: url(`/issues/${number}`),
    user: { ...owner(), login: by.login, type: by.type },
    body: given,
    author_association: by.association,
    created_at: stamp(),
    updated_at: stamp(),
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
        ...{ id: nextId(), number: nextNumber(), title: text(given.title), body: text(given.body) },
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
    [`POST ${base}/issues/:number/comments`]: (asked, [number]) => {
      const given = text(body(asked).body)
      const add = (comments: Map<number, CommentSeen[]>) => {
        if (!mayWrite()) return refused(403, "Resource not accessible by integration")
        if (given === "" || given.length > 65_536) return invalid("IssueComment", "body", "invalid")
        const comment = { id: nextId(), body: given, by: us }
        comments.set(Number(number), [...(comments.get(Number(number)) ?? []), comment])
        return { status: 201, json: commentJson(Number(number), comment) }
      }
      if (isPull(Number(number))) return add(onPulls)
      return on(number, (it) => {
        const told = add(onIssues)
        if (told.status === 201) it.comments.push(given)
        return told
      })
    },
    [`GET ${base}/issues/:number/comments`]: ({ path, query }, [number]) => {
      const list = (comments: Map<number, CommentSeen[]>) =>
        listed(
          path,
          query,
          (comments.get(Number(number)) ?? []).map((comment) => commentJson(Number(number), comment)),
        )
      return isPull(Number(number)) ? list(onPulls) : on(number, () => list(onIssues))
    },
    [`PATCH ${base}/issues/comments/:id`]: (asked, [id]) => {
      if (!mayWrite()) return refused(403, "Resource not accessible by integration")
      const given = text(body(asked).body)
      if (given === "" || given.length > 65_536) return invalid("IssueComment", "body", "invalid")
      for (const [number, comments] of [...onPulls, ...onIssues])
        for (const comment of comments.filter((one) => String(one.id) === id)) {
          comment.body = given
          return { json: commentJson(number, comment) }
        }
      return refused(404, "Not Found")
    },
  }
  const seen = (): IssueSeen[] =>
    issues.map(({ number, title, body, state, stateReason, labels, comments }) => ({
      ...{ number, title, body, state, stateReason, labels, comments },
    }))
  return {
    routes,
    seen,
    /** Of a pull request, oldest first. */
    comments: (pull: number) => onPulls.get(pull) ?? [],
    /** Adds one of somebody else's, or removes one. */
    addComment: (pull: number, given: string, by: CommentSeen["by"]) =>
      void onPulls.set(pull, [...(onPulls.get(pull) ?? []), { id: nextId(), body: given, by }]),
    removeComment: (id: number) => {
      for (const [pull, comments] of onPulls)
        onPulls.set(
          pull,
          comments.filter((one) => one.id !== id),
        )
    },
  }
}
