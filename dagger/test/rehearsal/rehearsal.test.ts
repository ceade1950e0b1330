import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { MigrationClass } from "../../src/database/schema.js"
import { noTracer } from "../../src/deployment/tracer.js"
import type { SiteArchive } from "../../src/providers/registry/site-archive.js"
import { type Dependencies, rehearse, Version } from "../../src/rehearsal/rehearsal.js"
import { readSettings } from "../../src/settings/settings.js"
import type { RunImage } from "../../stand-ins/hugging-face.js"
import { registry } from "../../stand-ins/registry.js"
import { standIn } from "../../stand-ins/server.js"
import { commit, digest, site } from "../support/app.js"
import { archive, keep } from "../support/archive.js"
import { fastClock } from "../support/fast-clock.js"

const settings = readSettings(readFileSync(join(import.meta.dirname, "../../../delivery.json"), "utf8"))

/** Versions as small servers in place of images, and a schema in which the contract step takes something away. */
function dependencies(there: SiteArchive): Dependencies {
  const versions = new Map<string, { commit: string; version: Version }>()
  const revisions = new Map<string, string>()
  const revisionsOf = (image: { digest: string }) => {
    const { version = Version.Own } = versions.get(image.digest) ?? {}
    return version === Version.Contract || version === Version.Later ? ["0001", "9999"] : ["0001"]
  }
  const run: RunImage = async (wanted) => {
    const found = versions.get(wanted.digest)
    if (!found) throw new Error(`no image ${wanted.digest}`)
    const up = { status: "ok" }
    const app = await standIn(() =>
      found.version === Version.Broken
        ? { status: 503, json: { status: "degraded", commit: found.commit } }
        : { json: { status: "ok", commit: found.commit, dependencies: { database: up, qdrant: up } } },
    )
    return { url: app.url, stop: () => app.close() }
  }
  return {
    commit: commit("a"),
    settings,
    checks: async () => "all passed",
    archive: there,
    site: async (one) =>
      (await keep(there, { commit: one, artifact: site(one.slice(0, 1), { title: settings.project.title }) })).site,
    image: async (one, version) => {
      versions.set(digest(version), { commit: one, version })
      return { repository: "registry.example/rehearsal", digest: digest(version) }
    },
    run,
    database: (environment) => ({
      url: `postgresql://${environment}`,
      upgrade: async (image) => {
        revisions.set(environment, revisionsOf(image).at(-1) ?? "")
        return "upgraded"
      },
      head: async (image) => revisionsOf(image).at(-1) ?? "",
      state: async (image) => {
        const [at, known] = [revisions.get(environment) ?? "", revisionsOf(image)]
        const between = known.includes(at) ? [] : [{ revision: at, class: MigrationClass.Contract }]
        return { database: at, known, between }
      },
    }),
    clock: fastClock(new Date().toISOString()),
    tracer: noTracer,
  }
}

it("previews a pull request and looks at everything on its way, and says what that proved", async () => {
  await using server = await registry({ repository: "acme/book-site" })

  const { passed, conclusion, events, status } = await rehearse(dependencies(archive(server)))

  expect({ passed, conclusion: conclusion.filter((line) => !passed || /^(?:Preview|Status)/.test(line)) }).toEqual({
    passed: true,
    conclusion: [
      expect.stringMatching(
        /^Preview: a draft answered with its commit, its one comment was edited; #\d+: removed 1 draft; its comment was edited\.$/,
      ),
      "Status: it named what each environment serves, and both quarantined versions; see status.txt.",
    ],
  })
  expect(events.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["preview a pull request", "look at everything"]),
  )
  expect(events).toHaveLength(19)
  expect(status).toMatch(/^next: /m)
})
