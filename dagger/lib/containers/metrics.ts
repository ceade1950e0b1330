import { type Directory, dag, type File } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { readDeployments } from "../metrics/deployment-record.js"
import { noLedger } from "../metrics/errors.js"
import {
  type Measurement,
  type MeasureRequest,
  mayBeMeasured,
  measurement,
  readRecord,
} from "../metrics/measurement.js"
import { metricsNotice } from "../metrics/metrics-notice.js"
import { printed } from "../text/wording.js"
import { sentIfPossible } from "./notifications.js"
import { type Project, recordsOf, settingsOf } from "./project.js"

/** A folder of text files. */
export const folderOf = (files: Record<string, string>): Directory =>
  Object.entries(files).reduce((all, [name, text]) => all.withNewFile(name, text), dag.directory())

async function measured(project: Project, request: MeasureRequest, ledger: File | undefined): Promise<Measurement> {
  const settings = await settingsOf(project)
  mayBeMeasured(settings, request)
  if (ledger) return measurement(readDeployments(await ledger.contents()), settings, request)
  const records = await recordsOf(project, settings)
  if (!records) throw noLedger()
  return measurement(await readRecord(records.past, settings, request, wallClock.now()), settings, request)
}

/** The numbers as files; Slack gets a summary where the call has its webhook. */
export async function metrics(project: Project, request: MeasureRequest, ledger: File | undefined): Promise<Directory> {
  const found = await measured(project, request, ledger)
  const { slackWebhook, run } = project
  if (!slackWebhook) return folderOf(found.files)
  const settings = await settingsOf(project)
  const sent = await sentIfPossible(settings, metricsNotice(found, settings.project.title, run), slackWebhook)
  return folderOf({ ...found.files, "notification.txt": `${sent}\n` })
}

/** The numbers as text. */
export const metricsSummary = async (
  project: Project,
  request: MeasureRequest,
  ledger: File | undefined,
): Promise<string> => printed((await measured(project, request, ledger)).text)
