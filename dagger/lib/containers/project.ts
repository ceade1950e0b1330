import type { Directory, File, Secret, Service, Workspace } from "@dagger.io/dagger"
import type { Component } from "../../src/exposed-types.js"
import { wallClock } from "../clock.js"
import type { Tracer } from "../deployment/tracer.js"
import { type Operation, OperationKind } from "../notifications/operation.js"
import { noSettings } from "../settings/errors.js"
import { callAt, callIn } from "../settings/module-call.js"
import { componentsOf, environmentOf, readSettings, registryHosts } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { gitHubRecords, type Records } from "../wiring/targets.js"
import { missingSecret } from "./errors.js"
import { ownAddress, ownName } from "./own-module.js"
import type { RegistryAccess } from "./registry.js"
import { plaintext } from "./secrets.js"
import { traced } from "./span.js"
import type { DatabaseAccess } from "./trivy.js"

/** The caller's project, and what stays the same from call to call. The three classes hold it as fields, for the engine keeps only those. */
export interface Project {
  workspace: Workspace
  settingsFile?: File | undefined
  githubToken?: Secret | undefined
  slackWebhook?: Secret | undefined
  registryUser: string
  registryToken?: Secret | undefined
  registryService?: Service | undefined
  signingKey?: Secret | undefined
  scanDatabase: string
  scanDatabaseService?: Service | undefined
  databaseService?: Service | undefined
  actor: string
  run: string
  /** Whether reports are Markdown. */
  markdown: boolean
}

/** The part of it that checks need. */
export type Caller = Pick<Project, "workspace" | "settingsFile">

/** Where the settings are, unless a file is given. */
const settingsName = "delivery.json"
const manifestName = "dagger.json"

/**
 * The settings file of a call: the one it was given, or the workspace's. Not by the file of a workspace: for that the engine 0.21.8 takes the
 * whole folder along, with .git and node_modules.
 */
export const settingsFileOf = ({ workspace, settingsFile }: Caller): File =>
  settingsFile ?? described(workspace).file(settingsName)

/** What says how the project is delivered, and how this module is called from it. */
const described = (workspace: Workspace): Directory =>
  workspace.directory("/", { include: [settingsName, manifestName] })

/** @throws PipelineError when there is no such file, or with every mistake in it. */
export async function settingsOf(caller: Caller): Promise<Settings> {
  const [text, manifest, own] = await Promise.all([
    settingsFileOf(caller)
      .contents()
      .catch((failure: Error) => {
        throw noSettings(failure.message)
      }),
    described(caller.workspace)
      .file(manifestName)
      .contents()
      .catch(() => ""),
    ownName(),
  ])
  return readSettings(text, callIn(manifest, own) ?? callAt(await ownAddress()))
}

/** The registry's token for the places that the settings name, and no other. */
export const registryAccess = (project: Project, settings: Settings): RegistryAccess => ({
  user: project.registryUser,
  token: project.registryToken,
  hosts: registryHosts(settings),
  service: project.registryService,
})

export const scanDatabaseOf = ({ scanDatabase, scanDatabaseService }: Project): DatabaseAccess => ({
  repository: scanDatabase,
  service: scanDatabaseService,
})

/** Lock, ledger and history of the project's repository; `undefined` without a GitHub token. */
export async function recordsOf({ githubToken }: Project, settings: Settings): Promise<Records | undefined> {
  return githubToken && gitHubRecords(settings, await plaintext(githubToken, "github-token"), wallClock)
}

/** The same for what can't do without them. @throws PipelineError without a GitHub token. */
export async function neededRecordsOf(project: Project, settings: Settings): Promise<Records> {
  const records = await recordsOf(project, settings)
  if (!records) throw missingSecret("github-token")
  return records
}

/** What a deployment, a rollback or a promotion of an environment has alike, whatever its component. */
export const contextOf = (project: Project, settings: Settings, environment: string, tracer: Tracer = traced) => ({
  ...{ settings, environment, clock: wallClock, tracer, actor: project.actor, run: project.run },
  ...{ publicImages: !project.registryService, registry: registryUserOf(project, settings) },
})

/** Who the call is at the registry, for the commands of its report; `undefined` without a token. */
export const registryUserOf = (
  { registryUser, registryToken }: Pick<Project, "registryUser" | "registryToken">,
  { image, frontend }: Settings,
) =>
  registryToken && {
    user: registryUser,
    token: registryTokenName(image?.repository || (frontend?.artifact ?? "")),
  }

/** Variable with the token for a registry: one of GitHub opens GitHub's registry alone. */
export const registryTokenName = (repository: string) =>
  /^ghcr\.io\//.test(repository) ? "GITHUB_TOKEN" : "REGISTRY_TOKEN"

/** An operation as far as it is known at its start. */
export const operationOf = (
  { actor, run }: Project,
  kind: OperationKind,
  components: Component[],
  environment = "",
): Operation => ({ kind, components, environment, actor, run, commit: "", reason: "" })

/** An operation on all components that an environment has. */
export const productOperationOf = (project: Project, kind: OperationKind, settings: Settings, environment: string) =>
  operationOf(project, kind, componentsOf(environmentOf(settings, environment)), environment)

/** The operation of `ci`, which belongs to no environment. */
export const checksOperationOf = (project: Project) => operationOf(project, OperationKind.Checks, [])
