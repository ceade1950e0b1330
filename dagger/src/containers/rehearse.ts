import type { Directory } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { rehearsalFailed } from "../errors.js"
import { rehearse as rehearseAll } from "../rehearsal/rehearsal.js"
import { timelineHtml, timelineJson, timelineText } from "../rehearsal/timeline.js"
import { backendOf, frontendOf } from "../settings/settings.js"
import { buildImage, buildSite, exported } from "./builds.js"
import * as checks from "./checks.js"
import { folderOf } from "./metrics.js"
import { type Project, settingsOf } from "./project.js"
import { commitOf, contextWith, noSources, workingCopy } from "./sources.js"
import { span, traced } from "./span.js"
import { TestBed } from "./test-bed.js"

/** The whole pipeline on stand-ins. @throws PipelineError with the timeline when a scenario ended otherwise than it must. */
export async function rehearse(project: Project): Promise<Directory> {
  const settings = await settingsOf(project)
  const [{ port }] = [backendOf(settings), frontendOf(settings)]
  const [commit, sources] = await Promise.all([commitOf(project.workspace), workingCopy(project.workspace, settings)])
  const { workflows: _, ...components } = sources
  const testBed = await span("start the registry and the databases", () => TestBed.build(["staging", "production"]))
  try {
    const archive = await testBed.archive(settings.project.source)
    const timeline = await rehearseAll({
      commit,
      settings,
      checks: async () => checks.passedOrThrow(await checks.all(components, settings)),
      archive,
      site: async (commit) => {
        const startedAt = wallClock.now()
        const built = await exported((await buildSite(sources, commit, settings)).site, commit)
        return (await archive.publish({ commit, created: "" }, built, { builder: "", run: "", startedAt })).site
      },
      image: (commit, version) =>
        testBed.image(sources.backend ?? noSources(), commit, version, (source) =>
          buildImage({ context: contextWith(sources, source, backendOf(settings)) }, commit, settings),
        ),
      run: testBed.run(port),
      database: testBed.database,
      clock: wallClock,
      tracer: traced,
    })
    if (!timeline.passed) throw rehearsalFailed(timelineText(timeline))
    return folderOf({
      "timeline.txt": timelineText(timeline),
      "timeline.json": timelineJson(timeline),
      "timeline.html": timelineHtml(timeline),
      "status.txt": `${timeline.status}\n`,
    }).withDirectory("metrics", folderOf(timeline.metrics))
  } finally {
    await testBed.close()
  }
}
