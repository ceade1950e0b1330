import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { readXml } from "../../lib/checks/xml.js"
import type { Attempt, History } from "../../lib/deployment/ledger.js"
import { measurement } from "../../lib/metrics/measurement.js"
import { readSettings } from "../../lib/settings/settings.js"
import { Verdict } from "../../src/exposed-types.js"
import { historyOf, past, pastRollback } from "../support/past.js"

const settings = readSettings(readFileSync("delivery.json", "utf8"))
const at = Date.parse("2026-11-24T12:00:00Z")
const committedAt = new Map(["a", "b", "c"].map((letter) => [letter.repeat(40), "2026-11-16T08:00:00Z"]))

const of = (oldestFirst: Attempt[], { weeks = 2, ...extra }: Partial<History> & { weeks?: number } = {}) =>
  measurement({ history: historyOf(oldestFirst, extra), committedAt, at }, settings, {
    weeks,
    environment: "production",
  })

/** A week with a failure and a rollback, and the days after it. */
const fortnight = [
  past("a", "2026-11-16T10:00:00.000Z", 300),
  past("b", "2026-11-17T10:00:00.000Z", 300, Verdict.RolledBack),
  past("b", "2026-11-17T10:10:00.000Z", 1, Verdict.Refused),
  past("c", "2026-11-17T10:35:00.000Z", 300),
  past("a", "2026-11-18T10:00:00.000Z", 200, Verdict.Success, { component: "frontend", entry: "site" }),
  pastRollback("c", "a", "2026-11-17T10:50:00.000Z", 100),
  past("d", "2026-11-24T10:00:00.000Z", 720),
  past("e", "2026-11-24T11:30:00.000Z", 0, undefined, { verdict: undefined, endedAt: "" }),
]

describe("the numbers", () => {
  it("show on a terminal each figure, each missed target, and what they leave out", () => {
    expect(of(fortnight, { foreign: 1 }).text).toMatchInlineSnapshot(`
      "Delivery, 2026-11-16 to 2026-11-24, 2 weeks, UTC

      component  environment  deployments  went live  a week  success  change failure  rework  rollbacks
      frontend   production             1          1     0.8    100 %             0 %     0 %          0
      backend    production             4          3     2.5     75 %            50 %    50 %          1
      all        all                    5          4     3.3     80 %            40 %    40 %          1

      component  environment  time             count      average       median        95 %
      frontend   production   lead time            1      2 d 2 h      2 d 2 h     2 d 2 h
      frontend   production   deployment           1   3 min 20 s   3 min 20 s  3 min 20 s
      backend    production   lead time            2  14 h 23 min  14 h 23 min     1 d 3 h
      backend    production   time to restore      2  23 min 20 s  23 min 20 s      35 min
      backend    production   deployment           3   7 min 20 s        5 min      12 min
      backend    production   rollback             1   1 min 40 s   1 min 40 s  1 min 40 s
      all        all          lead time            3      1 d 2 h      1 d 3 h     2 d 2 h
      all        all          time to restore      2  23 min 20 s  23 min 20 s      35 min
      all        all          deployment           4   6 min 20 s        5 min      12 min
      all        all          rollback             1   1 min 40 s   1 min 40 s  1 min 40 s

      week      begins                went live  did not  success  lead time      restore  deployment    rollback
      2026-W47  2026-11-16                    3        1     75 %    1 d 3 h  23 min 20 s       5 min  1 min 40 s
      2026-W48  2026-11-23 (partial)          1        0    100 %          –            –      12 min           –

      4 targets are missed:
        frontend of production: the lead time's median is 2 d 2 h, the target is at most 1 d.
          aaaaaaa 2 d 2 h https://runs.example/a
        backend of production: 75 % of the deployments succeeded (3 of 4), the target is at least 95 %.
          bbbbbbb rolled-back https://runs.example/b
        backend of production: 50 % of the releases that reached visitors were reverted (2 of 4), the target is at most 15 %.
          bbbbbbb rolled-back https://runs.example/b
          ccccccc rolled back by hand https://runs.example/c
        backend of production: 95 % of the deployments took up to 12 min, the target is at most 10 min.
          ddddddd 12 min https://runs.example/d

      Refused, and in no rate: 1 refused.
      1 attempt is running.
      1 success has no lead time: the date of its commit is unknown.
      5 deployments do not say what came from a cache, and are not in that share.
      1 deployment was recorded by another program, and is skipped.
      2026-W47: 3 of 4 deployments went live (75 %), 1 rollback by hand, lead time 1 d 3 h."
    `)
  })

  it("show the same in Markdown, and what failed", () => {
    expect(of(fortnight, { foreign: 1 }).files["metrics.md"]).toMatchInlineSnapshot(`
      "## Delivery, 2026-11-16 to 2026-11-24, 2 weeks, UTC

      4 targets are missed:

      - **frontend of production: the lead time's median is 2 d 2 h, the target is at most 1 d.**
        - \`aaaaaaa 2 d 2 h https://runs.example/a\`
      - **backend of production: 75 % of the deployments succeeded (3 of 4), the target is at least 95 %.**
        - \`bbbbbbb rolled-back https://runs.example/b\`
      - **backend of production: 50 % of the releases that reached visitors were reverted (2 of 4), the target is at most 15 %.**
        - \`bbbbbbb rolled-back https://runs.example/b\`
        - \`ccccccc rolled back by hand https://runs.example/c\`
      - **backend of production: 95 % of the deployments took up to 12 min, the target is at most 10 min.**
        - \`ddddddd 12 min https://runs.example/d\`

      ### How often, and how well

      | component | environment | deployments | went live | a week | success | change failure | rework | rollbacks |
      | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | frontend | production | 1 | 1 | 0.8 | 100 % | 0 % | 0 % | 0 |
      | backend | production | 4 | 3 | 2.5 | 75 % | 50 % | 50 % | 1 |
      | all | all | 5 | 4 | 3.3 | 80 % | 40 % | 40 % | 1 |

      ### How long

      | component | environment | time | count | average | median | 95 % |
      | --- | --- | --- | ---: | ---: | ---: | ---: |
      | frontend | production | lead time | 1 | 2 d 2 h | 2 d 2 h | 2 d 2 h |
      | frontend | production | deployment | 1 | 3 min 20 s | 3 min 20 s | 3 min 20 s |
      | backend | production | lead time | 2 | 14 h 23 min | 14 h 23 min | 1 d 3 h |
      | backend | production | time to restore | 2 | 23 min 20 s | 23 min 20 s | 35 min |
      | backend | production | deployment | 3 | 7 min 20 s | 5 min | 12 min |
      | backend | production | rollback | 1 | 1 min 40 s | 1 min 40 s | 1 min 40 s |
      | all | all | lead time | 3 | 1 d 2 h | 1 d 3 h | 2 d 2 h |
      | all | all | time to restore | 2 | 23 min 20 s | 23 min 20 s | 35 min |
      | all | all | deployment | 4 | 6 min 20 s | 5 min | 12 min |
      | all | all | rollback | 1 | 1 min 40 s | 1 min 40 s | 1 min 40 s |

      ### By week

      | week | begins | went live | did not | success | lead time | restore | deployment | rollback |
      | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | 2026-W47 | 2026-11-16 | 3 | 1 | 75 % | 1 d 3 h | 23 min 20 s | 5 min | 1 min 40 s |
      | 2026-W48 | 2026-11-23 (partial) | 1 | 0 | 100 % | – | – | 12 min | – |

      ### Failures

      | ended | component | environment | commit | how | why | by | run |
      | --- | --- | --- | --- | --- | --- | --- | --- |
      | 2026-11-17 10:40 | backend | production | ccccccc | rolled back by hand | prices are wrong | ana | \`https://runs.example/c\` |
      | 2026-11-17 10:05 | backend | production | bbbbbbb | rolled-back | answered 500 | ana | \`https://runs.example/b\` |

      ### What these numbers leave out

      - Refused, and in no rate: 1 refused.
      - 1 attempt is running.
      - 1 success has no lead time: the date of its commit is unknown.
      - 5 deployments do not say what came from a cache, and are not in that share.
      - 1 deployment was recorded by another program, and is skipped.
      "
    `)
  })

  it("show how much came from a cache, where entries count it, on a terminal, in Markdown, on the page and as data", () => {
    const all = [
      past("a", "2026-11-16T10:00:00.000Z", 300),
      past("b", "2026-11-17T10:00:00.000Z", 300, Verdict.Success, { cache: { steps: 7, cached: 4, unknown: 1 } }),
      past("c", "2026-11-18T10:00:00.000Z", 300, Verdict.Success, { cache: { steps: 7, cached: 7, unknown: 0 } }),
    ]

    const { text, files } = of(all)

    const lines = text.split("\n")
    const at = lines.findIndex((line) => line.includes("slow steps"))
    expect(lines.slice(at, at + 2)).toEqual([
      "component  environment  runs  slow steps  from a cache  not known   share",
      "backend    production      2          14            11          1  84.6 %",
    ])
    const left = "1 deployment does not say what came from a cache, and is not in that share."
    expect(text).toContain(`\n${left}\n`)
    expect(files["metrics.md"]).toContain(
      "### From a cache\n\n| component | environment | runs | slow steps | from a cache | not known | share |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n| backend | production | 2 | 14 | 11 | 1 | 84.6 % |\n",
    )
    expect(files["metrics.md"]).toContain(`- ${left}\n`)
    expect(files["index.html"]).toMatch(/<caption>From a cache<\/caption>[\s\S]*?<td[^>]*>84\.6 %<\/td>/)
    expect(JSON.parse(files["metrics.json"] ?? "").whole.cache).toEqual({
      ...{ runs: 2, without: 1, steps: 14, cached: 11, unknown: 1 },
      percent: 84.6,
    })
  })

  it("have no table of it while no entry counts it, and say so", () => {
    const { text } = of([past("a", "2026-11-16T10:00:00.000Z", 300)])
    expect(text).not.toContain("slow steps")
    expect(text).toContain("\n1 deployment does not say what came from a cache, and is not in that share.\n")
  })

  it("say that nothing was deployed, and neither 0 % nor NaN", () => {
    const { text, files, alerts, summary } = of([])
    expect(text).toBe("Delivery, 2026-11-16 to 2026-11-24, 2 weeks, UTC\n\nNo deployments in this window.")
    expect(files["metrics.md"]).toBe(
      "## Delivery, 2026-11-16 to 2026-11-24, 2 weeks, UTC\n\nNo deployments in this window.\n",
    )
    expect([alerts, summary]).toEqual([[], "2026-W47: no deployments."])
    expect(JSON.parse(files["metrics.json"] ?? "").whole).toMatchObject({ deployments: 0, successPercent: null })
    const shown = Object.entries(files).filter(([name]) => !name.endsWith(".json"))
    for (const [name, text] of shown) expect(text, name).not.toMatch(/NaN|undefined|Infinity|\b0 %/)
  })

  it("list refused attempts without a rate", () => {
    const { text } = of([past("a", "2026-11-23T10:00:00.000Z", 1, Verdict.Locked)])
    expect(text).toMatchInlineSnapshot(`
      "Delivery, 2026-11-16 to 2026-11-24, 2 weeks, UTC

      component  environment  deployments  went live  a week  success  change failure  rework  rollbacks
      frontend   production             0          0       0        –               –       –          0
      backend    production             0          0       0        –               –       –          0
      all        all                    0          0       0        –               –       –          0

      week      begins                went live  did not  success  lead time  restore  deployment  rollback
      2026-W47  2026-11-16                    0        0        –          –        –           –         –
      2026-W48  2026-11-23 (partial)          0        0        –          –        –           –         –

      No deployment or rollback to compare with the targets.

      Refused, and in no rate: 1 locked.
      2026-W47: no deployments."
    `)
  })

  it("list each thing that they leave out once, with its count", () => {
    const open = { verdict: undefined, endedAt: "" }
    const all = [
      past("a", "2026-11-23T10:00:00.000Z", 1, Verdict.Superseded),
      past("a", "2026-11-23T10:00:00.000Z", 1, Verdict.Refused),
      past("a", "2026-11-23T10:00:00.000Z", 1, Verdict.Refused),
      past("a", "2026-11-23T10:00:00.000Z", 1, Verdict.Inconclusive),
      past("a", "2026-11-23T10:00:00.000Z", 1, undefined, open),
      past("a", "2026-11-23T10:00:00.000Z", 1, undefined, open),
      past("a", "2026-11-23T11:00:00.000Z", 1, Verdict.Success, { startedAt: "soon" }),
      past("a", "2026-11-23T11:00:00.000Z", -60),
      past("b", "2026-11-23T12:00:00.000Z", 1, Verdict.Success, {
        reason: "its run ended without a word; closed by the next one",
      }),
    ]
    const { files } = of(all, { foreign: 3, cut: true, since: "2026-11-20T10:00:00Z", unreadable: 1 })
    expect(files["metrics.md"]?.split("### What these numbers leave out\n\n")[1]).toMatchInlineSnapshot(`
      "- Older attempts were not read: these numbers begin at 2026-11-20T10:00Z.
      - Refused, and in no rate: 2 refused, 1 superseded.
      - 1 attempt ended inconclusive, and is in no rate.
      - 2 attempts never ended: their runs were killed, and no run followed.
      - 1 success has no times: its run was killed, and a later run found it live.
      - 1 attempt has a negative time, which is left out: its clocks differ.
      - 2 deployments do not say what came from a cache, and are not in that share.
      - 3 deployments were recorded by other programs, and are skipped.
      - 2 entries of the ledger can't be read, and are skipped.
      "
    `)
  })

  it("have whole seconds for programs, and each missed target with its runs", () => {
    const json = JSON.parse(of(fortnight).files["metrics.json"] ?? "")
    expect(json).toMatchObject({
      schema: 2,
      from: "2026-11-16T00:00:00.000Z",
      to: "2026-11-24T12:00:00.000Z",
      whole: { deployments: 5, leadTime: { count: 3, average: 94_567, median: 96_000, p95: 180_200 } },
      summary: "2026-W47: 3 of 4 deployments went live (75 %), 1 rollback by hand, lead time 1 d 3 h.",
    })
    expect(json.weeks).toHaveLength(2)
    expect(
      json.places.map(({ component, outage }: { component: string; outage: unknown }) => [component, outage]),
    ).toEqual([
      ["frontend", null],
      ["backend", null],
    ])
    expect(json.places[1]).not.toHaveProperty("assessments")
    expect(json.alerts.at(-1)).toMatchObject({ key: "budgets.backend", measured: 720, target: 600 })
  })
})

describe("badges", () => {
  it("are red where a target is missed, green where it is met, grey where nothing was measured", () => {
    const title = (svg = "") => [/<title>(.*)<\/title>/.exec(svg)?.[1], /rx="3" fill="(#\w+)"/.exec(svg)?.[1]]
    const { files } = of(fortnight)
    expect(title(files["badge-success.svg"])).toEqual(["deployments: 80 %, 2026-11-16 to 2026-11-24", "#c0322b"])
    expect(title(files["badge-frequency.svg"])).toEqual(["deploys: 3.3 a week, 2026-11-16 to 2026-11-24", "#1a7f4b"])
    expect(title(files["badge-lead-time.svg"])).toEqual(["lead time: 1 d 3 h, 2026-11-16 to 2026-11-24", "#c0322b"])
    expect(title(files["badge-restore.svg"])).toEqual([
      "time to restore: 23 min 20 s, 2026-11-16 to 2026-11-24",
      "#1a7f4b",
    ])
    for (const name of ["success", "frequency", "lead-time", "restore"])
      expect(title(of([]).files[`badge-${name}.svg`])).toEqual([expect.stringContaining("no data"), "#5b636d"])
  })
})

describe("the page", () => {
  const pictures = (files: Record<string, string>) =>
    Object.entries(files).filter(([name]) => /\.(svg|html)$/.test(name))

  it.each([
    ["a fortnight", fortnight],
    ["nothing", []],
    ["one deployment", fortnight.slice(0, 1)],
  ])("is well-formed with all its pictures, of %s", async (_, attempts) => {
    const names = pictures(of(attempts).files)
    expect(names).toHaveLength(9)
    for (const [name, text] of names) await readXml(text, name, { open: () => {} })
  })

  it("is self-contained", () => {
    for (const [name, text] of pictures(of(fortnight).files)) {
      expect(
        text.replaceAll(
          /xmlns="[^"]*"|<a href="https:\/\/runs\.example\/\w" rel="noreferrer">|https:\/\/runs\.example/g,
          "",
        ),
        name,
      ).not.toMatch(/<script|<link|<img|src=|url\(|@import|https?:/)
    }
    expect(of(fortnight).files["index.html"]).toContain("default-src 'none'; style-src 'unsafe-inline'")
  })

  it("has a text and a table for each plot, under unique IDs", async () => {
    const [ids, described, tables] = [[] as string[], [] as string[], [] as string[]]
    let inCaption = false
    await readXml(of(fortnight).files["index.html"] ?? "", "page", {
      open: (name, { id, role, "aria-labelledby": labels }) => {
        inCaption = name === "caption"
        if (id) ids.push(id)
        if (name === "svg" && role === "img") described.push(...(labels ?? "").split(" "))
      },
      text: (text) => inCaption && tables.push(text.trim()),
    })
    expect(described).toHaveLength(8)
    expect(ids.toSorted()).toEqual(described.toSorted())
    expect(tables.filter(Boolean)).toEqual([
      "How often, and how well",
      "How long",
      "Deployments by week, deployments",
      "Deployments that went live, percent",
      "Lead time, median, hours",
      "Duration of deployments, 95th percentile, minutes",
      "By week",
      "Failures",
    ])
  })

  it("draws the deployments of each week as stacked bars", () => {
    const bars = [
      ...(of(fortnight).files["frequency.svg"] ?? "").matchAll(
        /<rect class="bar (\w+)" x="([\d.]+)" y="(\d+)" width="40" height="(\d+)"><title>([^<]*)/g,
      ),
    ]
    // Four deployments fill the axis of 184 points.
    expect(bars.map(([, ...parts]) => parts)).toEqual([
      ["first", "198", "102", "138", "2026-W47: went live 3 deployments"],
      ["bad", "198", "56", "46", "2026-W47: did not 1 deployments"],
      ["first", "522", "194", "46", "2026-W48: went live 1 deployments"],
    ])
  })

  it("draws a target as a line, and leaves a gap in a week without a value", () => {
    const gap = [
      past("a", "2026-11-02T10:00:00.000Z", 300),
      past("b", "2026-11-16T10:00:00.000Z", 300),
      past("c", "2026-11-23T10:00:00.000Z", 300),
    ]
    const svg = of(gap, { weeks: 4 }).files["durations.svg"] ?? ""
    expect(/<path class="line second" d="([^"]*)"/.exec(svg)?.[1]).toBe("M137 163.33M461 163.33L623 163.33")
    expect(
      [...svg.matchAll(/<line class="target (\w+)" [^>]*y1="([\d.]+)"[^>]*><title>([^<]*)/g)].map(
        ([, ...parts]) => parts,
      ),
    ).toEqual([
      ["first", "163.33", "frontend at most 5: 5 minutes"],
      ["second", "86.67", "backend at most 10: 10 minutes"],
    ])
  })
})

describe("untrusted text in metrics", () => {
  const token = `ghp_${"x".repeat(36)}`
  const nasty = `</script><script>alert(1)</script><!channel> "x" 'y' & \`id\` $(id) @everyone | [a](javascript:x) \u202eevil\u0000\u001b[2J\nforged \ud800 ${token}`
  const foreign = [
    past("b", "2026-11-23T10:00:00.000Z", 60, Verdict.RolledBack, {
      actor: nasty,
      reason: nasty,
      why: nasty,
      run: "javascript:alert(1)//https://x.example",
      commit: nasty,
      version: nasty,
      entry: nasty,
    }),
    past("a", "2026-11-23T11:00:00.000Z", 60, Verdict.Failed, { run: 'https://x.example/"onmouseover="alert(1)' }),
  ]

  it("is escaped in every file, and contains no secret", async () => {
    const { files, text } = of(foreign)
    for (const [name, content] of [...Object.entries(files), ["terminal", text] as const]) {
      expect(content, name).not.toContain(token)
      expect(content, name).not.toMatch(/\p{Bidi_Control}|(?!\n)\p{Cc}|\\u0000|\\u001b/u)
      if (/\.(svg|html)$/.test(name)) await readXml(content, name, { open: () => {} })
    }
    expect(text).not.toMatch(/^forged/m)
    const page = files["index.html"] ?? ""
    expect(page).not.toMatch(/<script|<!channel|href="(?!https:\/\/runs)/)
    expect(page).toContain("&#60;/script&#62;&#60;script&#62;alert(1)")
  })

  it("is code in Markdown, so that it mentions nobody and opens no tag", () => {
    const markdown = of(foreign).files["metrics.md"] ?? ""
    const row = markdown.split("\n").find((line) => line.includes("rolled-back | "))
    expect(row).toMatchInlineSnapshot(
      `"| 2026-11-23 10:01 | backend | production | \`</scrip\` | rolled-back | \`\`</script><script>alert(1)</script><!channel> "x" 'y' & \`id\` $(id) @everyone \\| [a](javascript:x) evil forged � ***\`\` | \`\`</script><script>alert(1)</script><!channel> "x" 'y' & \`id\` $(id) @everyone \\| [a](javascript:x) evil forged � ***\`\` | \`javascript:alert(1)//https://x.example\` |"`,
    )
    const outside = markdown.replaceAll(/``[^\n]*?``(?!`)|`[^`\n]*`/g, "")
    expect(outside).not.toMatch(/<|@|javascript|\$\(/)
  })
})

it("keeps every colour of pages and plots readable, on light and on dark", () => {
  const page = of(fortnight).files["index.html"] ?? ""
  const palettes = [...page.matchAll(/:root \{([^}]*)\}/g)].map(([, colours = ""]) =>
    Object.fromEntries([...colours.matchAll(/--(\w+): (#\w+)/g)].map(([, name, colour]) => [name, colour])),
  )
  expect(palettes).toHaveLength(2)
  for (const { page, card, ink, quiet, good, calm, warn, bad } of palettes)
    for (const ground of [page, card]) {
      for (const words of [ink, quiet, calm, bad])
        expect(contrast(words, ground), `${words} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      for (const shape of [good, calm, warn, bad])
        expect(contrast(shape, ground), `${shape} on ${ground}`).toBeGreaterThanOrEqual(3)
    }
})

function contrast(one = "", other = ""): number {
  const [light = 0, dark = 0] = [one, other].map(luminance).sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const long = colour.length === 4 ? colour.replace(/\w/g, "$&$&") : colour
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(long.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
