import { check, type File, func, object, type Workspace } from "@dagger.io/dagger"
import * as ci from "./containers/ci.js"

/** Each check of `ci` on its own. One of a component that the settings leave out passes, and says so. */
@object()
export class Checks {
  readonly workspace!: Workspace
  readonly settingsFile?: File

  /** The site's tests, with their line coverage. */
  @func({ cache: "never" })
  @check()
  async frontendTest(): Promise<string> {
    return ci.frontendTest(this)
  }

  /** The site's `lint` and `typecheck` scripts. */
  @func({ cache: "never" })
  @check()
  async frontendLint(): Promise<string> {
    return ci.frontendLint(this)
  }

  /** The service's tests, with their line coverage. */
  @func({ cache: "never" })
  @check()
  async backendTest(): Promise<string> {
    return ci.backendTest(this)
  }

  /** The service's linters. */
  @func({ cache: "never" })
  @check()
  async backendLint(): Promise<string> {
    return ci.backendLint(this)
  }

  /** actionlint and zizmor over the workflows, and hadolint over the service's Dockerfile. */
  @func({ cache: "never" })
  @check()
  async workflowLint(): Promise<string> {
    return ci.workflowLint(this)
  }
}
