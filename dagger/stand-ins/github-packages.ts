import { paged, routes, type StandIn, standIn } from "./server.js"

export interface PackagesStandIn extends StandIn {
  /** Tags of the versions that are there, newest first. */
  tags(): string[][]
}

/** A version of a package: an image by its digest. */
interface Version {
  digest: string
  tags: string[]
  createdAt: string
}

/** Behaves like GitHub's interface to one container package. The path of an organization is 404 for a person's, and the other way round. */
export async function githubPackages({
  owner = "acme",
  name = "project/cache",
  isOrganization = true,
  token = "right",
  mayDelete = true,
  versions = [] as Version[],
} = {}): Promise<PackagesStandIn> {
  const left = versions
    .map((it, at) => ({ ...it, id: 100 + at }))
    .toSorted((one, other) => (one.createdAt < other.createdAt ? 1 : -1))
  const path = `/${isOrganization ? "orgs" : "users"}/${owner}/packages/container/:name/versions`
  const refused = (status: number, message: string) => ({
    status,
    json: { message, documentation_url: "https://docs.github.com/rest/packages/packages", status: String(status) },
  })
  const missing = () => refused(404, "Package not found.")
  const answer = routes({
    [`GET ${path}`]: ({ query, path: asked }, [named]) => {
      if (named !== name || left.length === 0) return missing()
      const { items, headers } = paged(server.url + asked, query, left)
      return {
        headers,
        json: items.map(({ id, digest, tags, createdAt }) => ({
          id,
          name: digest,
          url: `${server.url}${asked}/${id}`,
          package_html_url: `https://github.com/${owner}/packages/container/package/${encodeURIComponent(name)}`,
          created_at: createdAt,
          updated_at: createdAt,
          metadata: { package_type: "container", container: { tags } },
        })),
      }
    },
    [`DELETE ${path}/:id`]: (_, [named, id]) => {
      if (!mayDelete) return refused(403, "Resource not accessible by integration")
      const at = left.findIndex((it) => String(it.id) === id)
      if (named !== name || at < 0) return missing()
      left.splice(at, 1)
      return { status: 204 }
    },
  })
  const server = await standIn((asked) =>
    asked.headers.authorization === `Bearer ${token}` ? answer(asked) : refused(401, "Bad credentials"),
  )
  return Object.assign(server, { tags: () => left.map(({ tags }) => tags) })
}
