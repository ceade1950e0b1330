import { describe, expect, it } from "vitest"
import { coverageGate, type SourceFiles } from "../../lib/checks/coverage-gate.js"

const lcov = (covered: number, total: number) =>
  [
    "SF:src/a.ts",
    ...Array.from({ length: total }, (_, at) => `DA:${at + 1},${at < covered ? 1 : 0}`),
    "end_of_record",
  ].join("\n")

const cobertura = (covered: number, total: number) =>
  `<?xml version="1.0" ?>\n<coverage version="7"><packages><package><classes><class filename="app/main.py"><lines>${Array.from(
    { length: total },
    (_, at) => `<line number="${at + 1}" hits="${at < covered ? 1 : 0}"/>`,
  ).join("")}</lines></class></classes></package></packages></coverage>`

it.each([
  ["LCOV", lcov],
  ["Cobertura", cobertura],
])("%s: 69.9 % fails a limit of 70 and 70 % passes", async (_, report) => {
  expect(await coverageGate(report(699, 1000), 70, "r")).toMatchObject({ passed: false, percent: 69.9 })
  expect(await coverageGate(report(700, 1000), 70, "r")).toMatchObject({ passed: true, percent: 70 })
})

it.each([
  [701, 70.1, true],
  [700, 70.1, false],
  [64, 6.4, true],
])("%d of 1000 lines against a limit of %d %%: %s", async (covered, limit, passed) => {
  expect(await coverageGate(lcov(covered, 1000), limit, "r")).toMatchObject({ passed })
})

it("lets nothing below 100 % pass a limit of 100", async () => {
  expect(await coverageGate(lcov(9999, 10_000), 100, "r")).toMatchObject({ passed: false, percent: 99.9 })
  expect(await coverageGate(lcov(1, 1), 100, "r")).toMatchObject({ passed: true, percent: 100 })
})

it("shows a share just below the limit as below it", async () => {
  expect(await coverageGate(lcov(6999, 10_000), 70, "r")).toMatchObject({ passed: false, percent: 69.9 })
})

it.each(["tests/test_a.py", "app/conftest.py", "src/a.test.tsx", "src\\__tests__\\a.js"])(
  "leaves %s out: a test covers itself",
  async (test) => {
    const report = `${lcov(1, 4)}\n${lcov(9, 9).replace("src/a.ts", test)}`
    expect(await coverageGate(report, 70, "r")).toMatchObject({ covered: 1, total: 4, passed: false })
  },
)

it("names the files with the most uncovered lines first", async () => {
  const report = `${lcov(1, 3)}\n${lcov(0, 9).replace("a.ts", "b.ts")}\n`
  expect((await coverageGate(report, 70, "r")).worst).toEqual([
    { file: "src/b.ts", uncovered: 9 },
    { file: "src/a.ts", uncovered: 2 },
  ])
})

it("reads Windows line ends and paths", async () => {
  const report = lcov(2, 4).replace("src/a.ts", "src\\a.ts").replaceAll("\n", "\r\n")
  expect(await coverageGate(report, 50, "r")).toMatchObject({
    passed: true,
    worst: [{ file: "src/a.ts", uncovered: 2 }],
  })
})

it("reads Cobertura with Windows line ends and paths", async () => {
  const report = cobertura(2, 4).replace("app/main.py", "app\\main.py").replaceAll("><", ">\r\n<")
  expect(await coverageGate(report, 50, "r")).toMatchObject({
    passed: true,
    worst: [{ file: "app/main.py", uncovered: 2 }],
  })
})

it("counts a line once when two tests report the same file", async () => {
  expect(await coverageGate(`${lcov(1, 2)}\n${lcov(2, 2)}`, 70, "r")).toMatchObject({ covered: 2, total: 2 })
})

it("counts a line once that Cobertura lists under its method and under its class", async () => {
  const line = '<line number="1" hits="0"/><line number="2" hits="3"/>'
  const report = `<coverage><class filename="a.py"><methods><method><lines>${line}</lines></method></methods><lines>${line}</lines></class></coverage>`
  expect(await coverageGate(report, 50, "r")).toMatchObject({ covered: 1, total: 2 })
})

describe("a report's own totals", () => {
  const contradiction = (report: string) =>
    coverageGate(report, 0, "coverage.xml").catch((error: Error) => error.message)
  const service = `<class filename="service.py"><lines><line number="1" hits="1"/><line number="2" hits="1"/></lines></class>`

  it("refuse a report of coverage.py in which one of two equal names was lost", async () => {
    expect(
      await contradiction(
        `<coverage lines-valid="4" lines-covered="2"><sources><source>/service/api</source><source>/service/worker</source></sources>${service}</coverage>`,
      ),
    ).toMatchInlineSnapshot(`
      "coverage.xml contradicts itself.
        why: it lists 2 lines, 2 of them covered, and its own totals are 4 and 2
        next: let the tool name each file from the component's root, such as \`pytest --cov=.\`: two files of one name become one in some reports"
    `)
  })

  it("refuse LCOV whose records count otherwise than they list", async () => {
    expect(await contradiction("SF:a.js\nDA:1,1\nLF:2\nLH:1\nend_of_record\n")).toMatchInlineSnapshot(`
      "coverage.xml contradicts itself.
        why: it lists 1 lines of "a.js", 1 of them covered, and its own totals are 2 and 1
        next: let the tool name each file from the component's root, such as \`pytest --cov=.\`: two files of one name become one in some reports"
    `)
    expect(await contradiction("SF:a.js\nDA:1,0\nLF:1\nLH:1\nend_of_record\n")).toMatchInlineSnapshot(`
      "coverage.xml contradicts itself.
        why: it lists 1 lines of "a.js", 0 of them covered, and its own totals are 1 and 1
        next: let the tool name each file from the component's root, such as \`pytest --cov=.\`: two files of one name become one in some reports"
    `)
  })

  it("fit a report that lists what they count", async () => {
    const lines = `${lcov(1, 2).replace("end_of_record", "LF:2\nLH:1\nend_of_record")}`
    expect(await coverageGate(lines, 50, "r")).toMatchObject({ covered: 1, total: 2 })
    const xml = cobertura(1, 2).replace('version="7"', 'lines-valid="2" lines-covered="1"')
    expect(await coverageGate(xml, 50, "r")).toMatchObject({ covered: 1, total: 2 })
  })

  it("tell whether a name listed twice is one file or two", async () => {
    const uncovered = service.replaceAll('hits="1"', 'hits="0"')
    const report = (valid: number, covered: number) =>
      `<coverage lines-valid="${valid}" lines-covered="${covered}">${service}${uncovered}</coverage>`
    expect(await coverageGate(report(2, 2), 50, "r")).toMatchObject({ covered: 2, total: 2 })
    expect(await coverageGate(report(4, 2), 50, "r")).toMatchObject({ covered: 2, total: 4 })
  })

  it("that are no numbers make the report unreadable", async () => {
    await expect(coverageGate('<coverage lines-valid="many"/>', 0, "r")).rejects.toThrow('"many" is no number of lines')
  })
})

describe("with the component's files known", () => {
  const scope = (everything: boolean, counted: RegExp) => ({ everything, counts: (file: string) => counted.test(file) })
  const everything = scope(true, /./)
  const component = (files: Record<string, string>, measured = everything): SourceFiles => ({
    root: "/service",
    files: Object.keys(files),
    measured,
    read: async (file) => files[file] ?? "",
  })
  const two = "def run():\n    return 1\n"

  it("each file that no test loads counts as uncovered, wherever it lies", async () => {
    const sources = component({
      "app/main.py": two,
      "app/unloaded/without_init.py": two,
      "root.py": two,
      "tests/test_main.py": two,
      "tests/helpers.py": two,
      "migrations/env.py": two,
      "setup.py": two,
      "docs/conf.py": two,
      "app/empty.py": '"""Only words."""\n',
    })
    expect(await coverageGate(cobertura(2, 2), 50, "r", sources)).toEqual({
      covered: 2,
      total: 6,
      percent: 33.3,
      limit: 50,
      passed: false,
      worst: [
        { file: "app/unloaded/without_init.py", uncovered: 2 },
        { file: "root.py", uncovered: 2 },
      ],
      unloaded: 2,
    })
  })

  it("only those in the folders that the project chose to measure", async () => {
    const files = { "app/main.py": two, "app/other.py": two, "tools/x.py": two }
    expect(await coverageGate(cobertura(2, 2), 50, "r", component(files, scope(false, /^app\//)))).toMatchObject({
      total: 4,
    })
    expect(await coverageGate(cobertura(2, 2), 50, "r", component(files, scope(false, /(?!)/)))).toMatchObject({
      total: 2,
      unloaded: 0,
    })
  })

  it("what belongs to the work on a product says nothing of it, unless the project chose to measure it", async () => {
    const files = {
      "app/main.py": two,
      "migrations/env.py": two,
      "docs/conf.py": two,
      "scripts/seed.py": two,
      "setup.py": two,
    }
    const record = (file: string, hits: number) => `SF:${file}\nDA:1,${hits}\nDA:2,${hits}\nend_of_record`
    const report = Object.keys(files)
      .map((file, at) => record(file, at === 0 ? 1 : 0))
      .join("\n")

    expect(await coverageGate(report, 70, "r", component(files))).toMatchObject({ covered: 2, total: 2 })
    expect(await coverageGate(report, 70, "r", component(files, scope(false, /(?!)/)))).toMatchObject({
      covered: 2,
      total: 10,
    })
  })

  it("a component of scripts alone is measured by them", async () => {
    const report = "SF:scripts/seed.py\nDA:1,1\nDA:2,0\nend_of_record"

    expect(await coverageGate(report, 50, "r", component({ "scripts/seed.py": two }))).toMatchObject({ percent: 50 })
  })

  it("names count from its root, whatever the report counts from", async () => {
    const sources = component({ "api/service.py": two, "worker/service.py": two, "src/a.ts": "a()\nb()\n" })
    const report = cobertura(1, 2)
      .replace("app/main.py", "service.py")
      .replace("<packages>", "<sources><source>/service/worker/</source></sources><packages>")
    expect((await coverageGate(report, 0, "r", sources)).worst).toEqual([
      { file: "api/service.py", uncovered: 2 },
      { file: "src/a.ts", uncovered: 2 },
      { file: "worker/service.py", uncovered: 1 },
    ])
    for (const name of ["/service/src/a.ts", "./src/a.ts", "lib/../src/a.ts", "a.ts"])
      expect((await coverageGate(lcov(1, 2).replace("src/a.ts", name), 0, "r", sources)).worst).toContainEqual({
        file: "src/a.ts",
        uncovered: 1,
      })
  })

  it("a test's helper is known for one by its place, also where the report cuts that off", async () => {
    const sources = component({ "tests/helpers.py": two, "app/main.py": two })
    const report = `<coverage><sources><source>/service/tests</source><source>/service</source></sources>
      <class filename="helpers.py"><lines><line number="1" hits="1"/></lines></class>
      <class filename="app/main.py"><lines><line number="1" hits="0"/></lines></class></coverage>`
    expect(await coverageGate(report, 0, "r", sources)).toMatchObject({ covered: 0, total: 1 })
  })

  it("two files of one name are two", async () => {
    const sources = component({ "packages/a/src/index.ts": "a()", "packages/b/src/index.ts": "b()" })
    const report = `${lcov(2, 2)}\n${lcov(0, 2)}`.replaceAll("src/a.ts", "src/index.ts")
    expect(await coverageGate(report, 0, "r", sources)).toMatchObject({ covered: 2, total: 4, unloaded: 0 })
  })
})

it("takes records of one name with other lines for two files", async () => {
  expect(await coverageGate(`${lcov(2, 2)}\n${lcov(0, 3)}`, 0, "r")).toMatchObject({ covered: 2, total: 5 })
})

it("reads a byte order mark and checksums", async () => {
  expect(await coverageGate("\uFEFFSF:a.ts\nDA:1,2,abc==\nDA:2,0,def\nend_of_record\n", 50, "r")).toMatchObject({
    covered: 1,
    total: 2,
  })
})

it.each([
  ["an empty report", "", "it is empty"],
  ["a report of no line", "SF:a.ts\nend_of_record\n", "it counts no line of code"],
  ["a report cut off", lcov(1, 2).slice(0, -5), "it ends in the middle of a record"],
  ["a line that is no record", "SF:a.ts\nDA:x,1\nend_of_record", '"DA:x,1" is no LCOV record'],
  ["a line without hits", "SF:a.ts\nDA:1,\nDA:2,1\nend_of_record", '"DA:1," is no LCOV record'],
  ["a line without a comma", "SF:a.ts\nDA:1\nDA:2,1\nend_of_record", '"DA:1" is no LCOV record'],
  ["hits below zero", "SF:a.ts\nDA:1,-1\nend_of_record", '"DA:1,-1" is no LCOV record'],
  ["a line outside a record", "DA:1,1\n", '"DA:1,1" is no LCOV record'],
  ["an absurd line number", "SF:a.ts\nDA:99999999999,1\nend_of_record", "is no LCOV record"],
  ["an XML line without hits", cobertura(1, 2).replace('hits="1"', ""), 'a <line> has the number "1" and the hits ""'],
  ["XML entities that grow", '<!DOCTYPE c [<!ENTITY a "x">]><coverage>&a;</coverage>', "it is not well-formed XML"],
  ["another format", '{"total": 3}', "it is neither LCOV nor Cobertura XML"],
  ["another XML", "<html></html>", "it is XML of <html>, not of <coverage>"],
  ["XML of no line", cobertura(0, 0), "it counts no line of code"],
  ["XML cut off", cobertura(1, 2).slice(0, -20), "it is not well-formed XML"],
])("throws for %s, which is neither 0 % nor a pass", async (_, report, why) => {
  await expect(coverageGate(report, 0, "coverage/report")).rejects.toThrow(why)
})

it.each([
  ["LCOV", lcov(500, 1000), (at: number) => `src/${at}.ts`, "src/a.ts", (all: string) => all],
  [
    "Cobertura",
    /<class .*<\/class>/.exec(cobertura(500, 1000))?.[0] ?? "",
    (at: number) => `app/${at}.py`,
    "app/main.py",
    (all: string) => `<coverage>${all}</coverage>`,
  ],
])("reads 50 MB of %s in less than 2 s of processor time", async (_, file, name, old, whole) => {
  const copies = Math.ceil(50_000_000 / file.length)
  const report = whole(Array.from({ length: copies }, (_, at) => file.replace(old, name(at))).join("\n"))
  const before = process.cpuUsage()

  expect(await coverageGate(report, 50, "r")).toMatchObject({ passed: true, percent: 50, total: copies * 1000 })

  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2)
})
