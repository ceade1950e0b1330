import { type Notice, NoticeKind, ownNotice } from "../notifications/notice.js"
import type { Measurement } from "./measurement.js"
import { describedAlert } from "./metrics-report.js"

/** The last whole week and every target that is missed, for a chat. It calls nobody: a week that is over can wait till morning. */
export function metricsNotice({ summary, alerts }: Measurement, title: string, run: string): Notice {
  const isMissed = alerts.length > 0
  return ownNotice(isMissed ? NoticeKind.Stopped : NoticeKind.Success, summary, "", "", title, {
    ...{ version: "", commit: "", author: "", actor: "", url: "", milliseconds: 0 },
    run,
    reason: alerts.map(describedAlert).join("\n"),
    next: isMissed ? "see in metrics.md which runs missed them" : "",
  })
}
