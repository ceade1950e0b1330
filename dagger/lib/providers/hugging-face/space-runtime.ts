import { z } from "zod"
import { tooSlow } from "../../deployment/host-errors.js"
import { buildFailed, spacePaused } from "./errors.js"
import type { SpaceApi } from "./space-api.js"

const Runtime = z.object({ stage: z.string(), sha: z.string().nullish(), errorMessage: z.string().nullish() })
type Runtime = z.infer<typeof Runtime>

const errorStages = new Set(["NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR"])
const stoppedStages = new Set(["PAUSED", "STOPPED", "DELETING"])

/** Whether nothing of the Space answers, and nothing will by itself. */
export const isDown = ({ stage }: Pick<Runtime, "stage">) => errorStages.has(stage) || stoppedStages.has(stage)

/** How long a Space may take; whole seconds. */
export interface SpacePatience {
  /** Build and start together. */
  seconds: number
  /** In which an error stage may still be the one from before our commit. */
  graceSeconds: number
  /** After which a Space that makes no progress is restarted from scratch, once. */
  stuckSeconds: number
}

/** What a Space runs, and the wait until it runs something else. */
export class SpaceRuntime {
  constructor(
    private readonly api: SpaceApi,
    private readonly patience: SpacePatience,
  ) {}

  now(): Promise<Runtime> {
    return this.api.read(`${this.api.path}/runtime`, Runtime)
  }

  /**
   * Waits until the Space runs `revision`. Just after a commit the Hub may still report the old stage, also an old error, so an
   * error counts once it belongs to this revision, or a build was seen, or the grace time is over.
   * A Space that gets nowhere, or that failed with this very revision in an earlier run, is restarted from scratch once.
   */
  async untilRunning(revision: string, committed: boolean): Promise<void> {
    const { space } = this.api.at
    const { seconds, graceSeconds, stuckSeconds } = this.patience
    const began = this.api.clock.now().getTime()
    let buildSeen = false
    let restarted = false
    for (let pause = 250; ; pause = Math.min(15_000, pause * 1.5)) {
      const { stage, sha, errorMessage } = await this.now()
      if (sha === revision && (stage === "RUNNING" || stage === "SLEEPING")) return
      const waited = (this.api.clock.now().getTime() - began) / 1000
      const isError = errorStages.has(stage)
      const isOldFailure = isError && !committed && !buildSeen
      const isStuck = !isError && !stoppedStages.has(stage) && waited > stuckSeconds
      const fresh = sha === revision || buildSeen || !committed || waited > graceSeconds
      if (waited > seconds) throw tooSlow(`The Space ${space}`, stage, seconds)
      if (!restarted && (isOldFailure || isStuck)) {
        restarted = true
        await this.factoryRestart()
      } else if (isError && fresh) throw buildFailed(space, stage, errorMessage ?? "", await this.logTail(stage))
      if (stoppedStages.has(stage) && fresh) throw spacePaused(space, stage)
      buildSeen ||= stage.endsWith("BUILDING") || stage.endsWith("STARTING")
      await this.api.clock.sleep(pause)
    }
  }

  private async factoryRestart(): Promise<void> {
    const call = this.api.call("POST", `${this.api.path}/restart?factory=true`)
    await this.api.taken(call)
  }

  /** The last lines of the build log or of the app's own, without the token; the stream stays open, so it is cut after 3 s. */
  private async logTail(stage: string): Promise<string[]> {
    const kind = stage === "RUNTIME_ERROR" ? "run" : "build"
    const call = this.api.call("GET", `${this.api.path}/logs/${kind}`)
    const { request } = await import("undici")
    let text = ""
    try {
      const { body, statusCode } = await request(call.url, { headers: call.headers, signal: AbortSignal.timeout(3000) })
      for await (const part of body) if (statusCode === 200) text = (text + String(part)).slice(-100_000)
    } catch {
      // Cut off by time, as intended; what came is kept.
    }
    return text
      .split("\n")
      .flatMap(logLine)
      .map((line) => line.replaceAll(this.api.at.token, "***"))
      .slice(-10)
  }
}

function logLine(line: string): string[] {
  if (!line.startsWith("data:")) return []
  try {
    const { data } = JSON.parse(line.slice(5)) as { data?: unknown }
    return typeof data === "string" && data.trim() ? [data.trim().slice(0, 300)] : []
  } catch {
    return []
  }
}
