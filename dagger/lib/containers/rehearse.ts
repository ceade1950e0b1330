import type { Directory } from "@dagger.io/dagger"
import { Component } from "../../src/exposed-types.js"
import { wallClock } from "../clock.js"
import { ScanVerdict, scanText } from "../image/vulnerability-gate.js"
import { rehearsalFailed } from "../rehearsal/errors.js"
import { rehearse as rehearseAll } from "../rehearsal/rehearsal.js"
import { scopeOf } from "../rehearsal/scope.js"
import { timelineHtml, timelineJson, timelineText } from "../rehearsal/timeline.js"
import { backendOf, migrationSettings } from "../settings/settings.js"
import { buildImage, buildSite, exported } from "./builds.js"
import * as checks from "./checks.js"
import { folderOf } from "./metrics.js"
import { type Project, scanDatabaseOf, settingsOf } from "./project.js"
import { spacePlatform } from "./registry.js"
import { commitOf, contextWith, noSources, workingCopy } from "./sources.js"
import { span, traced } from "./span.js"
import { type DatabaseNeed, databaseNeedOf, TestBed } from "./test-bed.js"
import { scan } from "./trivy.js"

/** The whole pipeline on stand-ins. @throws PipelineError with the timeline when a scenario ended otherwise than it must. */
export async function rehearse(project: Project): Promise<Directory> {
  const settings = await settingsOf(project)
  const [commit, sources] = await Promise.all([commitOf(project.workspace), workingCopy(project.workspace, settings)])
  const { workflows: _, ...components } = sources
  const { first, second, components: rehearsed } = scopeOf(settings)
  const hasBackend = rehearsed.includes(Component.Backend)
  const need = hasBackend
    ? await span("look for a database in the service's sources", () =>
        databaseNeedOf(sources.backend ?? noSources(), backendOf(settings)),
      )
    : { scheme: "", revisions: undefined }
  const testBed = await span("start the registry and the databases", () =>
    TestBed.build([...new Set([first, second])], need),
  )
  try {
    const archive = await testBed.archive(settings.project.source)
    const timeline = await rehearseAll({
      commit,
      settings,
      checks: async () => checks.passedOrThrow(await checks.all(components, settings), settings.call).trimEnd(),
      archive,
      site: async (commit) => {
        const startedAt = wallClock.now()
        const built = await exported((await buildSite(sources, commit, settings)).site, commit)
        return (await archive.publish({ commit, created: "" }, built, { builder: "", run: "", startedAt })).site
      },
      image: (commit, version) =>
        testBed.image(sources.backend ?? noSources(), commit, version, backendOf(settings), (source) =>
          buildImage({ context: contextWith(sources, source, backendOf(settings)) }, commit, settings),
        ),
      scan: async (image) => {
        const { scan: found } = await scan(
          testBed.filesOf(image),
          settings.scan,
          scanDatabaseOf(project),
          wallClock,
          spacePlatform,
          async () => undefined,
        )
        if (found.verdict === ScanVerdict.ScannerUnavailable) return { clean: undefined, text: found.reason }
        return { clean: found.verdict !== ScanVerdict.Vulnerable, text: scanText(found) }
      },
      run: testBed.run(settings.backend?.port ?? 0),
      database: need.scheme ? testBed.database((environment) => migrationSettings(settings, environment)) : undefined,
      hasSchema: need.revisions !== undefined,
      leftOut: hasBackend ? leftOutBy(need) : [],
      clock: wallClock,
      tracer: traced,
    })
    if (!timeline.passed) throw rehearsalFailed(timelineText(timeline), settings.call)
    return folderOf({
      "timeline.txt": timelineText(timeline),
      "timeline.json": timelineJson(timeline),
      "timeline.html": timelineHtml(timeline),
      "status.txt": `${timeline.status}\n`,
      "messages.json": `${JSON.stringify(timeline.messages, null, 2)}\n`,
    })
      .withDirectory("metrics", folderOf(timeline.metrics))
      .withDirectory("deployments", folderOf(timeline.deployments))
  } finally {
    await testBed.close()
  }
}

/** What can't be rehearsed for want of a schema. */
const leftOutBy = ({ scheme, revisions }: DatabaseNeed): string[] =>
  revisions
    ? []
    : [
        `the migration, a contract step and the rollback over it: the service has no Alembic revisions${scheme ? "" : ", and reads no database's address"}`,
      ]
