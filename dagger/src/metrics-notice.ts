import type { Measurement } from "./measurement.js"
import { alertInWords } from "./metrics-report.js"
import { type Notice, NoticeKind, ownNotice } from "./notice.js"

/** The last whole week and every target that is missed, for a chat. It calls nobody: a week that is over can wait till morning. */
export function metricsNotice({ summary, alerts }: Measurement, title: string, run: string): Notice {
  const isMissed = alerts.length > 0
  return ownNotice(isMissed ? NoticeKind.Stopped : NoticeKind.Success, summary, "", "", title, {
    ...{ version: "", commit: "", author: "", actor: "", url: "", milliseconds: 0 },
    run,
    reason: alerts.map(alertInWords).join("\n"),
    next: isMissed ? "see in metrics.md which runs missed them" : "",
  })
}
