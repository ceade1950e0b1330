import type { Directory } from "@dagger.io/dagger"
import type { SourceFiles } from "../checks/coverage-gate.js"
import { measuredByJavaScript, measuredByPython } from "../checks/coverage-scope.js"

/** The files of a frontend, for its coverage. */
export const frontendSources = (source: Directory): Promise<SourceFiles> =>
  sources(source, "/site", /^(?:package\.json|(?:vite|vitest|jest|craco)\.config\.[cm]?[jt]s)$/, measuredByJavaScript)

/** The files of a backend, for its coverage. */
export const backendSources = (source: Directory): Promise<SourceFiles> =>
  sources(source, "/service", /^(?:pyproject\.toml|\.coveragerc|pytest\.ini|tox\.ini|setup\.cfg)$/, measuredByPython)

/** @param configured files in which a project may choose what is measured. */
async function sources(
  source: Directory,
  root: string,
  configured: RegExp,
  measured: (configuration: string) => string[],
): Promise<SourceFiles> {
  const read = (file: string) => source.file(file).contents()
  const files = (await source.glob("**/*.*")).filter((file) => !file.endsWith("/"))
  const texts = await Promise.all(files.filter((file) => configured.test(file)).map(read))
  return { root, files, measured: measured(texts.join("\n")), read }
}
