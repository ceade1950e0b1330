import { expect, it } from "vitest"
import { testReport } from "../../lib/checks/test-report.js"

it("counts cases, and tells failing tests by name and message", async () => {
  const report = `<testsuites tests="99"><testsuite name="outer"><testsuite name="test/a.test.ts">
    <testcase classname="test/a.test.ts" name="adds"/>
    <testcase classname="test/a.test.ts" name="a &amp; b &lt;fails&gt;">
      <failure message="expected 1 to be 2" type="AssertionError"><![CDATA[AssertionError: expected 1 to be 2
 ❯ test/a.test.ts:3:5]]></failure>
    </testcase>
    <testcase classname="tests.test_x" name="errs"><error message="fixture broke">Traceback</error></testcase>
    <testcase classname="tests.test_x" name="later"><skipped/></testcase>
  </testsuite></testsuite></testsuites>`

  expect(await testReport(report, "junit.xml")).toEqual({
    passed: 1,
    failed: 2,
    skipped: 1,
    failures: [
      {
        name: "test/a.test.ts › a & b <fails>",
        message: "expected 1 to be 2\nAssertionError: expected 1 to be 2\n ❯ test/a.test.ts:3:5",
      },
      { name: "tests.test_x › errs", message: "fixture broke\nTraceback" },
    ],
  })
})

it("reads Windows line ends and paths", async () => {
  const report =
    '<testsuite>\r\n<testcase classname="test\\a.test.ts" name="adds">\r\n<failure message="1">1\r\nat test\\a.test.ts:3</failure>\r\n</testcase>\r\n</testsuite>\r\n'

  expect((await testReport(report, "junit.xml")).failures).toEqual([
    { name: "test\\a.test.ts › adds", message: "1\nat test\\a.test.ts:3" },
  ])
})

it("removes what could steer a terminal, and shortens", async () => {
  const report = `<testsuite><testcase name="x\u202e"><failure message="\u009b31mred\u009b0m ${"y".repeat(700)}"/></testcase></testsuite>`

  const [failure] = (await testReport(report, "junit.xml")).failures

  expect(failure?.name).toBe("x")
  expect(failure?.message).toBe(`red ${"y".repeat(95)}… ${"y".repeat(300)}`)
})

it.each([
  ["empty", " ", "it is empty"],
  ["no XML", "1..4 ok", "it is not well-formed XML"],
  ["cut off", "<testsuite><testcase name='x'>", "it is not well-formed XML"],
  ["without tests", "<testsuites></testsuites>", "it holds no test"],
])("throws for a report that is %s", async (_, report, why) => {
  await expect(testReport(report, "junit.xml")).rejects.toThrow(why)
})

it("reads 50 MB", async () => {
  const report = `<testsuite>${'<testcase classname="a" name="passes well"/>'.repeat(1_200_000)}</testsuite>`
  expect((await testReport(report, "junit.xml")).passed).toBe(1_200_000)
})
