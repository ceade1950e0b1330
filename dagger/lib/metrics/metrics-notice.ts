import { NoticeKind } from "../../src/exposed-types.js"
import { type Notice, ownNotice } from "../notifications/notice.js"
import type { Measurement } from "./measurement.js"
import { describedAlert } from "./metrics-report.js"

/** The last complete week and every missed target, for a chat. Mentions nobody: a past week is not urgent. */
export function metricsNotice({ summary, alerts }: Measurement, title: string, run: string): Notice {
  const isMissed = alerts.length > 0
  return ownNotice(isMissed ? NoticeKind.Stopped : NoticeKind.Success, summary, "", "", title, {
    ...{ version: "", commit: "", author: "", actor: "", url: "", milliseconds: 0 },
    run,
    reason: alerts.map(describedAlert).join("\n"),
    next: isMissed ? "see in metrics.md which runs missed them" : "",
  })
}
