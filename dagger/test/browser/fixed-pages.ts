import { readFileSync } from "node:fs"
import { slackPage } from "../../../.ci/browser/slack-page.js"
import { deployed, planned } from "../../lib/deployment/deployed.js"
import type { Deployment } from "../../lib/deployment/outcome.js"
import { deploymentHtml } from "../../lib/deployment/report-page.js"
import { Step } from "../../lib/deployment/tracer.js"
import { measurement } from "../../lib/metrics/measurement.js"
import { slackMessage } from "../../lib/notifications/slack-message.js"
import { type Event, timelineHtml } from "../../lib/rehearsal/timeline.js"
import { readSettings } from "../../lib/settings/settings.js"
import { Component, NoticeKind, Verdict } from "../../src/exposed-types.js"
import { commit } from "../support/app.js"
import { historyOf, past, pastRollback } from "../support/past.js"

const settings = readSettings(readFileSync("delivery.json", "utf8"))
const steps = (...names: Step[]) =>
  names.map((name, at) => ({ name: name as string, milliseconds: 400 + 1300 * at, detail: `${commit("a")} as id-a` }))

const event = (name: string, verdict: string, startMilliseconds: number, over: Partial<Event> = {}): Event => ({
  ...{ name, component: "", environment: "", verdict, detail: "", steps: [], startMilliseconds },
  ...{ milliseconds: 9000, budgetSeconds: 600 },
  ...over,
})

/** Names as long as those of a rehearsal, one over its budget, short ones at the end of the axis, each tone. */
const events: Event[] = [
  event("check the project", "done", 0, {
    milliseconds: 101_000,
    detail: "passed  frontend tests\npassed  backend tests: 113 passed, lines 96.4 % of at least 70 %\n",
  }),
  event("deploy both components (staging)", "success", 101_000, {
    steps: steps(Step.Look, Step.Place, Step.ProbeCandidate, Step.Switch, Step.ProbeLive, Step.Record),
    environment: "staging",
  }),
  event("deploy again (backend, production)", "no-change", 121_000, { milliseconds: 500 }),
  event("deploy a broken candidate (backend, production)", "rolled-back", 122_000, {
    milliseconds: 17_100,
    budgetSeconds: 12,
    component: "backend",
    environment: "production",
    detail: "http://127.0.0.1:44083/health answered 503, expected 200",
    steps: steps(Step.LookAgain, Step.Choose, Step.Restore),
  }),
  event("deploy a stale build (frontend, production)", "failed", 140_000),
  event(
    "roll back over a contract step that the earlier version does not know (backend, production)",
    "refused",
    171_000,
    {
      milliseconds: 100,
    },
  ),
]

const failure: Deployment = {
  component: Component.Backend,
  environment: "production",
  verdict: Verdict.RolledBack,
  commit: commit("b"),
  version: "v2",
  url: "https://physical-ai-humanoid-robotics.hf.space",
  id: `ghcr.io/physical-ai/backend@sha256:${"4f".repeat(32)}`,
  previousCommit: commit("a"),
  previousId: `ghcr.io/physical-ai/backend@sha256:${"3e".repeat(32)}`,
  liveCommit: commit("a"),
  liveId: `ghcr.io/physical-ai/backend@sha256:${"3e".repeat(32)}`,
  steps: [
    ...steps(Step.Check, Step.Build, Step.Publish, Step.Look, Step.Ask, Step.Migrate, Step.Switch),
    {
      name: Step.ProbeLive,
      milliseconds: 92_000,
      detail: `unhealthy after 9 rounds: https://physical-ai-humanoid-robotics.hf.space/health answered 503, expected 200: ${'{"status":"down"}'.repeat(8)}`,
    },
    ...steps(Step.Restore, Step.ProbeRestored),
  ],
  startedAt: "2026-11-24T12:00:00.000Z",
  milliseconds: 143_000,
  failed: "The new version is unhealthy.",
  reason: "https://physical-ai-humanoid-robotics.hf.space/health answered 503, expected 200",
  next: "fix the version and deploy again",
  undo: "",
  warnings: ["the candidate Space was asleep"],
}
const success: Deployment = {
  ...failure,
  ...{ verdict: Verdict.Success, liveCommit: failure.commit, liveId: failure.id, failed: "", reason: "", next: "" },
  undo: `dagger call --github-token=env://GITHUB_TOKEN backend rollback --environment=production --to=${failure.previousId} --reason="…" --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL report`,
}

/** Twelve weeks with something of each kind. */
const quarter = Array.from({ length: 24 }, (_, at) => {
  const day = new Date(Date.UTC(2026, 8, 8) + at * 3.4 * 86_400_000).toISOString()
  const verdict = at % 7 === 3 ? Verdict.RolledBack : at % 11 === 5 ? Verdict.Failed : Verdict.Success
  return past(String.fromCharCode(97 + (at % 6)), day, 200 + 37 * (at % 9), verdict, {
    ...(at % 2 === 0 && { component: "frontend" }),
    ...(verdict !== Verdict.Success && {
      reason: `https://physical-ai-humanoid-robotics.hf.space/health answered 503, expected 200 ${"x".repeat(120)}`,
    }),
  })
})
const dashboard = (attempts: Parameters<typeof historyOf>[0], weeks: number) =>
  measurement(
    {
      history: historyOf(attempts),
      committedAt: new Map(["a", "b", "c", "d"].map((letter) => [commit(letter), "2026-09-07T08:00:00Z"])),
      at: Date.parse("2026-11-28T12:00:00Z"),
    },
    settings,
    { weeks, environment: "production" },
  ).files["index.html"] ?? ""

const plan = planned(
  {
    ...{ component: Component.Backend, environment: "production", now: `${commit("b")} as ${failure.id}` },
    ...{ liveCommit: commit("b"), url: failure.url, commit: commit("a"), id: failure.previousId },
    ...{ at: "2026-11-24T12:00:00.000Z", isLive: false },
    checked: "the registry still has it; it is not quarantined; the database fits",
  },
  { markdown: false },
).html

const message = slackMessage(
  {
    kind: NoticeKind.RolledBack,
    ...{ subject: "backend of production", event: "bbbbbbb failed and was rolled back", component: "backend" },
    ...{
      environment: "production",
      version: "v2",
      commit: commit("b"),
      author: "ana",
      actor: "ben",
      milliseconds: 143_000,
    },
    ...{ live: "backend: aaaaaaa", migration: "no step was needed", message: "feat(chat): answer *faster* <!channel>" },
    ...{ failed: failure.failed, reason: failure.reason, log: ["GET /health 503"], next: failure.next },
    ...{
      command: "dagger call probe --environment=production",
      run: "https://github.com/acme/shop/actions/runs/1",
      url: failure.url,
    },
  },
  { source: "https://github.com/acme/shop", troubleshooting: "https://github.com/acme/shop/help", page: ["U012AB3CD"] },
)

/** Each kind of page that the pipeline writes, made by its own generator; and a message as the pictures of the docs show it. */
export const pages: Record<string, string> = {
  "a message in Slack": slackPage(message),
  "the timeline of a rehearsal": timelineHtml({
    passed: true,
    events,
    conclusion: [
      "The checks of e9404ee pass, and the image and the site are built from it; no finding of the scan stops it.",
      "Broken candidates did not stay: the backend was rolled-back (http://127.0.0.1:39839/health answered 503, expected 200).",
    ],
    leftOut: ["the dependency openrouter, which is off without its account"],
    byHand: [
      "Store NETLIFY_TOKEN_STAGING, HF_TOKEN_STAGING in GitHub's environments, and make the branches staging and main.",
    ],
  }),
  "the timeline of a rehearsal that failed": timelineHtml({
    ...{ passed: false, events: events.slice(0, 2), leftOut: [], byHand: [] },
    conclusion: [`production backend should serve ${commit("a")}: answered ${commit("b")}`],
  }),
  "the page of a deployment": deployed(success, settings, { markdown: false }).html,
  "the page of a deployment that was rolled back": deploymentHtml(failure, { [Step.ProbeLive]: 60, "": 600 }),
  "the page of a plan": plan,
  "the dashboard": dashboard(
    [...quarter, pastRollback("c", "a", "2026-11-20T10:50:00.000Z", 100)].toSorted((one, other) =>
      one.startedAt.localeCompare(other.startedAt),
    ),
    12,
  ),
  "the dashboard of one week": dashboard([past("a", "2026-11-25T10:00:00.000Z", 300)], 1),
  "the dashboard without a deployment": dashboard([], 4),
}
