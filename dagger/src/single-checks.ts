import { check, type File, func, object, type Workspace } from "@dagger.io/dagger"

// Loaded by the call that needs it: Dagger reads and runs all that this file imports at every call of any function.
const ci = () => import("#lib/containers/ci.js")

/** Each check of `ci` on its own. One of a component that the settings leave out passes, and says so. */
@object()
export class Checks {
  readonly workspace!: Workspace
  readonly settingsFile?: File

  /** The site's tests, with their line coverage. */
  @func({ cache: "never" })
  @check()
  async frontendTest(): Promise<string> {
    return (await ci()).frontendTest(this)
  }

  /** The site's `lint` and `typecheck` scripts. */
  @func({ cache: "never" })
  @check()
  async frontendLint(): Promise<string> {
    return (await ci()).frontendLint(this)
  }

  /** The service's tests, with their line coverage. */
  @func({ cache: "never" })
  @check()
  async backendTest(): Promise<string> {
    return (await ci()).backendTest(this)
  }

  /** The service's linters. */
  @func({ cache: "never" })
  @check()
  async backendLint(): Promise<string> {
    return (await ci()).backendLint(this)
  }

  /** actionlint and zizmor over the workflows, and hadolint over the service's Dockerfile. */
  @func({ cache: "never" })
  @check()
  async workflowLint(): Promise<string> {
    return (await ci()).workflowLint(this)
  }
}
