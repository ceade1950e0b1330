import { expect, it } from "vitest"
import { type Event, type Timeline, timelineHtml, timelineJson, timelineText } from "../../lib/rehearsal/timeline.js"

const event = (over: Partial<Event>): Event => ({
  name: "check both components",
  component: "",
  environment: "",
  verdict: "done",
  detail: "",
  steps: [],
  startMilliseconds: 0,
  milliseconds: 1000,
  budgetSeconds: 300,
  ...over,
})

const timeline: Timeline = {
  passed: true,
  events: [
    event({
      name: "deploy fedcba9 (backend, production)",
      component: "backend",
      environment: "production",
      verdict: "rolled-back",
      detail: "dependency database is down",
      steps: [
        { name: "look", milliseconds: 300, detail: "0123456 is live" },
        { name: "restore", milliseconds: 2000, detail: "0123456" },
      ],
      startMilliseconds: 62_300,
      milliseconds: 34_100,
      budgetSeconds: 30,
    }),
    event({ milliseconds: 62_300, detail: "passed  frontend tests\npassed  backend tests\n" }),
  ],
  conclusion: ["production backend serves 0123456", "production frontend serves 0123456"],
  leftOut: ["the promotion: live is the only environment"],
  byHand: ["Make the Netlify site acme."],
}

it("begins with what was proven, left out and is left to do; then lists the scenarios in order, each with its time and budget", () => {
  expect(`\n${timelineText(timeline)}`).toBe(`
The rehearsal passed: 2 scenarios in 1 min 36 s, over budget: deploy fedcba9 (backend, production).

Proven
  production backend serves 0123456
  production frontend serves 0123456

Left out
  the promotion: live is the only environment

Still to do, with real accounts
  Make the Netlify site acme.

 start    took  budget  ended        scenario
 0.0 s  62.3 s   300 s  done         check both components
                                       passed  frontend tests
                                       passed  backend tests
62.3 s  34.1 s    30 s  rolled-back  deploy fedcba9 (backend, production)  OVER BUDGET
                                       look 0.3 s · restore 2.0 s
                                       dependency database is down`)
})

it("begins with what went wrong in a rehearsal that failed", () => {
  const failed = { ...timeline, passed: false, conclusion: ["deploy ended failed, expected success"], leftOut: [] }
  expect(timelineText(failed).split("\n").slice(0, 7)).toEqual([
    "The rehearsal FAILED: 2 scenarios in 1 min 36 s, over budget: deploy fedcba9 (backend, production).",
    "",
    "Wrong",
    "  deploy ended failed, expected success",
    "",
    "Still to do, with real accounts",
    "  Make the Netlify site acme.",
  ])
})

it("has the same for programs in whole milliseconds", () => {
  const json = JSON.parse(timelineJson(timeline))
  expect(json).toMatchObject({
    passed: true,
    milliseconds: 96_400,
    conclusion: timeline.conclusion,
    leftOut: timeline.leftOut,
    byHand: timeline.byHand,
  })
  expect(json.events.map(({ startMilliseconds }: Event) => startMilliseconds)).toEqual([0, 62_300])
})

it("plots each scenario and each step of a deployment as a bar from its start to its end", () => {
  const rows = timelineHtml(timeline)
    .split('<svg class="bar"')
    .slice(1)
    .map((row) =>
      [...row.matchAll(/<rect x="([\d.]+)%" width="([\d.]+)%"/g)].map(([, x, width]) => [Number(x), Number(width)]),
    )
  // The axis ends at 120 s. Steps of 0.3 and 2 s lie on the bar of their deployment.
  expect(rows).toEqual([
    [[0, 51.92]],
    [
      [51.92, 28.42],
      [51.92, 0.25],
      [52.17, 1.67],
    ],
  ])
})

it("shows a bar for what took no time, within the axis", () => {
  const short = event({ startMilliseconds: 119_990, milliseconds: 10 })
  const page = timelineHtml({ ...timeline, events: [short] })
  expect(page).toMatch(/<rect x="99.17%" width="0.83%" height="9" rx="2"><title>check both components: 0.0 s</)
})

it("marks the part of a bar beyond the budget", () => {
  const over = [...timelineHtml(timeline).matchAll(/<rect class="over" x="([\d.]+)%" width="([\d.]+)%"/g)]
  // 30 of 34.1 s were allowed; the axis ends at 120 s.
  expect(over.map(([, x, width]) => [x, width])).toEqual([["76.92", "3.42"]])
})

it("names every scenario in the text of its bar for screen readers", () => {
  const labels = [...timelineHtml(timeline).matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, label]) => label)
  expect(labels).toEqual([
    "check both components: done · 62.3 s of 300 s, from 0.0 s",
    "deploy fedcba9 (backend, production): rolled-back · 34.1 s of 30 s · over budget, from 62.3 s",
  ])
})

it("treats the output of tests and hosts as text, on the page and in the terminal", () => {
  const foreign = event({
    name: "<script>alert(1)</script>\u001b[2J\nforged  line",
    verdict: '"><img src=x onerror=alert(1)>',
    detail: "</pre><script>alert(2)</script>\u202e",
    steps: [{ name: "<b>", milliseconds: 1, detail: "<i>&'" }],
  })
  const page = timelineHtml({ passed: false, events: [foreign], conclusion: ["<u>"], leftOut: [], byHand: [] })
  expect(page).not.toMatch(/<(script|img|b|i|u)[ >]/)
  expect(
    page + timelineText({ passed: false, events: [foreign], conclusion: [], leftOut: [], byHand: [] }),
  ).not.toMatch(/\p{Bidi_Control}|(?!\n)\p{Cc}/u)
  expect(timelineText({ passed: false, events: [foreign], conclusion: [], leftOut: [], byHand: [] })).not.toMatch(
    /^forged/m,
  )
})

it("is self-contained", () => {
  const page = timelineHtml(timeline)
  expect(page).not.toMatch(/<script|<link|src=|url\(|@import|https?:/)
  expect(page).toContain("default-src 'none'")
})

it("shows a rehearsal of no scenario", () => {
  const empty = { passed: false, events: [], conclusion: ["no commit"], leftOut: [], byHand: [] }
  expect(timelineText(empty)).toContain("0 scenarios in 0.0 s")
  expect(timelineHtml(empty)).not.toMatch(/NaN|Infinity|undefined/)
})
