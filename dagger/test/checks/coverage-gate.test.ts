import { expect, it } from "vitest"
import { coverageGate } from "../../src/checks/coverage-gate.js"

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
    worst: [{ file: "src\\a.ts", uncovered: 2 }],
  })
})

it("reads Cobertura with Windows line ends and paths", async () => {
  const report = cobertura(2, 4).replace("app/main.py", "app\\main.py").replaceAll("><", ">\r\n<")
  expect(await coverageGate(report, 50, "r")).toMatchObject({
    passed: true,
    worst: [{ file: "app\\main.py", uncovered: 2 }],
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
