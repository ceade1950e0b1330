import type { Directory } from "@dagger.io/dagger"
import type { SourceFiles } from "../checks/coverage-gate.js"
import { type CoverageScope, filesOf, measuredByJavaScript, measuredByPython } from "../checks/coverage-scope.js"

/** The files of a frontend, for its coverage. @param root where its tests ran. @param folder its own in the repository. @param other folder of the service, "" for none. */
export const frontendSources = (source: Directory, root: string, folder: string, other: string): Promise<SourceFiles> =>
  sources(source, root, {
    configured: /^(?:package\.json|(?:(?:vite|vitest|jest|craco)\.config|vitest\.workspace)\.(?:[cm]?[jt]s|json))$/,
    scope: measuredByJavaScript,
    own: (files) => filesOf("javascript", files, folder, other),
  })

/** The files of a backend, for its coverage. @param root where its tests ran. @param folder its own in the repository. @param other folder of the site, "" for none. */
export const backendSources = (source: Directory, root: string, folder: string, other: string): Promise<SourceFiles> =>
  sources(source, root, {
    configured: /^(?:pyproject\.toml|\.coveragerc|pytest\.ini|tox\.ini|setup\.cfg)$/,
    scope: measuredByPython,
    own: (files) => filesOf("python", files, folder, other),
  })

interface Component {
  /** Files in which a project may choose what is measured. */
  configured: RegExp
  scope(configuration: string): CoverageScope
  own(files: string[]): string[]
}

async function sources(source: Directory, root: string, { configured, scope, own }: Component): Promise<SourceFiles> {
  const read = (file: string) => source.file(file).contents()
  const files = (await source.glob("**/*.*")).filter((file) => !file.endsWith("/"))
  const texts = await Promise.all(files.filter((file) => configured.test(file)).map(read))
  return { root, files: own(files), measured: scope(texts.join("\n")), read }
}
