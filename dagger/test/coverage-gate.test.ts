import { expect, it } from "vitest"
import { coverageGate } from "../src/coverage-gate.js"

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

it("shows a share just below the limit as below it", async () => {
  expect(await coverageGate(lcov(6999, 10_000), 70, "r")).toMatchObject({ passed: false, percent: 69.9 })
})

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

it("counts a line once when two tests report the same file", async () => {
  expect(await coverageGate(`${lcov(1, 2)}\n${lcov(2, 2)}`, 70, "r")).toMatchObject({ covered: 2, total: 2 })
})

it.each([
  ["an empty report", "", "it is empty"],
  ["a report of no line", "SF:a.ts\nend_of_record\n", "it counts no line of code"],
  ["a report cut off", lcov(1, 2).slice(0, -5), "it ends in the middle of a record"],
  ["a line that is no record", "SF:a.ts\nDA:x,1\nend_of_record", '"DA:x,1" is no LCOV record'],
  ["another format", '{"total": 3}', "it is neither LCOV nor Cobertura XML"],
  ["another XML", "<html></html>", "it is XML of <html>, not of <coverage>"],
  ["XML of no line", cobertura(0, 0), "it counts no line of code"],
  ["XML cut off", cobertura(1, 2).slice(0, -20), "it is not well-formed XML"],
])("throws for %s, which is neither 0 % nor a pass", async (_, report, why) => {
  await expect(coverageGate(report, 0, "coverage/report")).rejects.toThrow(why)
})

it("reads 50 MB", async () => {
  const file = lcov(500, 1000)
  const report = Array.from({ length: Math.ceil(50_000_000 / file.length) }, (_, at) =>
    file.replace("a.ts", `${at}.ts`),
  ).join("\n")
  expect(await coverageGate(report, 50, "r")).toMatchObject({ passed: true, percent: 50 })
})
