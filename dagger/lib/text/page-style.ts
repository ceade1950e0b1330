/** The colours of every page and plot, on light and on dark; paper is light. */
export const pageColours = `
:root { color-scheme: light dark; --page: #fbfbfa; --card: #fff; --ink: #1c1f23; --quiet: #5b636d; --line: #dcdfe3;
  --good: #1a7f4b; --calm: #4a6fa5; --warn: #985a00; --bad: #c0322b; --between: #fff8 }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #14171a; --card: #1c2024; --ink: #e8eaed; --quiet: #a0a8b2; --line: #343a41;
    --good: #4cc38a; --calm: #8ab0e8; --warn: #f0b04a; --bad: #ff7b72; --between: #0006 } }
`

/** The styles that all pages share: colours, headings, tables and bars. */
export const pageStyle = `${pageColours}* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 1rem clamp(.75rem, 3vw, 2rem) 3rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2 }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
h3 { font-size: 1rem; margin: 0 }
code { font: .9em ui-monospace, monospace }
code[title] { white-space: nowrap }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin-top: .5rem; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .2rem .75rem .2rem 0; border-top: 1px solid var(--line) }
thead th { border: 0; color: var(--quiet); font-weight: 400; white-space: nowrap; vertical-align: bottom }
tbody th { font-weight: 600; white-space: nowrap }
/* So wide that an ordinary word stays whole; only what is longer is broken. */
tbody td:not(.number) { min-width: 7rem }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.good { --tone: var(--good) } .calm { --tone: var(--calm) } .warn { --tone: var(--warn) } .bad { --tone: var(--bad) }
.head { border-left: .4rem solid var(--tone); padding-left: 1rem; margin: 1rem 0 }
.head h1 { color: var(--tone) }
.head p { margin: .3rem 0 0; color: var(--quiet) }
.bar { display: block }
.bar rect { fill: var(--tone) }
.over strong { color: var(--bad) }
.bar .over { fill: var(--bad) }
.steps .result { min-width: 14rem }
@media screen and (max-width: 45rem) {
  .steps table, .steps tbody { display: block }
  /* Not shown, and still read aloud. */
  .steps thead { position: absolute; clip-path: inset(50%) }
  .steps tr { display: grid; grid-template-columns: 1fr auto; border-top: 1px solid var(--line); padding: .2rem 0 }
  .steps th, .steps td { border: 0; padding: 0; white-space: normal; min-width: 0 }
  .steps .wholeline, .steps .result { grid-column: 1 / -1 } }
@media print {
  body { max-width: none; padding: 0 } .wide { overflow-x: visible } tr, figure { break-inside: avoid }
  table { font-size: 8pt } thead th { white-space: normal } th, td { padding-right: .4rem } tbody td:not(.number) { min-width: 4.5rem } }
`

/** The colour that a verdict has on a page, as a class. */
export function tone(verdict: string): "good" | "calm" | "warn" | "bad" {
  if (verdict === "success" || verdict === "done") return "good"
  if (verdict === "no-change" || verdict === "superseded") return "calm"
  return verdict === "rolled-back" || verdict === "locked" || verdict === "refused" ? "warn" : "bad"
}
