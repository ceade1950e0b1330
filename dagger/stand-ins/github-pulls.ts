import { type Asked, paged, type Told } from "./server.js"

/** A pull request as a test sees it. */
export interface PullRequestSeen {
  number: number
  title: string
  body: string
  head: string
  base: string
  /** Commit that its branch names. */
  sha: string
  state: "open" | "closed"
}

/** What pull requests need of the repository that they belong to. */
interface Repository {
  base: string
  owner: string
  url(path: string): string
  page(path: string): string
  user(): object
  nextNumber(): number
  refused(status: number, message: string, errors?: object[]): Told
  body(asked: Asked): Record<string, unknown>
  /** Commit of a branch. */
  commit(branch: string): string | undefined
  contains(branch: string, sha: string): boolean
  pageSize: number
}

const text = (value: unknown) => (typeof value === "string" ? value : "")

/** Pull requests: opened and listed. Where `permitted` says no they are refused, as to a workflow's own token by default. */
export function pullRoutes(it: Repository, permitted: () => boolean) {
  const { base, owner, url, page, refused } = it
  const pulls: PullRequestSeen[] = []
  const json = ({ number, title, body, head, base: into, sha, state }: PullRequestSeen) => ({
    id: number,
    node_id: "PR_1",
    number,
    title,
    body,
    state,
    url: url(`/pulls/${number}`),
    html_url: page(`/pull/${number}`),
    user: it.user(),
    head: { label: `${owner}:${head}`, ref: head, sha },
    base: { label: `${owner}:${into}`, ref: into, sha: it.commit(into) },
    draft: false,
  })
  const invalid = (message: string) =>
    refused(422, "Validation Failed", [{ resource: "PullRequest", code: "custom", message }])
  const routes: Record<string, (asked: Asked, names: string[]) => Told> = {
    [`POST ${base}/pulls`]: (asked) => {
      const { title, head, base: into, body } = it.body(asked)
      if (!permitted()) return refused(403, "GitHub Actions is not permitted to create or approve pull requests.")
      const [from, to] = [text(head), text(into)]
      const sha = it.commit(from)
      if (!sha || !it.commit(to))
        return refused(422, "Validation Failed", [
          { resource: "PullRequest", field: sha ? "base" : "head", code: "invalid" },
        ])
      if (pulls.some((one) => one.state === "open" && one.head === from && one.base === to))
        return invalid(`A pull request already exists for ${owner}:${from}.`)
      if (it.contains(to, sha)) return invalid(`No commits between ${to} and ${from}`)
      const pull = {
        number: it.nextNumber(),
        title: text(title),
        body: text(body),
        head: from,
        base: to,
        sha,
        state: "open" as const,
      }
      pulls.unshift(pull)
      return { status: 201, json: json(pull) }
    },
    [`GET ${base}/pulls`]: ({ path, query }) => {
      const [head, into] = [query.get("head"), query.get("base")]
      const found = pulls.filter(
        (one) =>
          [one.state, "all"].includes(query.get("state") ?? "open") &&
          [null, `${owner}:${one.head}`].includes(head) &&
          [null, one.base].includes(into),
      )
      const { items, headers } = paged(url(path.slice(base.length)), query, found.map(json), { most: it.pageSize })
      return { json: items, headers }
    },
  }
  routes[`GET ${base}/pulls/:number`] = (_, [number]) => {
    const found = pulls.find((one) => String(one.number) === number)
    return found ? { json: json(found) } : refused(404, "Not Found")
  }
  return {
    routes,
    /** Opens one without a request. */
    open: (head: string, into: string) => {
      const number = it.nextNumber()
      pulls.unshift({ number, title: head, body: "", head, base: into, sha: it.commit(head) ?? "", state: "open" })
      return number
    },
    close: (number: number) => {
      for (const one of pulls) if (one.number === number) one.state = "closed"
    },
    seen: () => pulls.toReversed(),
  }
}
