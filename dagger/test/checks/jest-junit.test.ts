import { mkdtempSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { testReport } from "../../lib/checks/test-report.js"

const Reporter = createRequire(import.meta.url)("../../assets/jest-junit.cjs")

it("writes what Jest found so that the pipeline reads it: passed, failed, skipped, and a file that did not load", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "junit-")), "deep/junit.xml")
  process.env.JUNIT_REPORT = path
  new Reporter().onRunComplete(undefined, {
    testResults: [
      {
        testFilePath: join(process.cwd(), "src/sum.test.js"),
        testResults: [
          { fullName: "adds", status: "passed", failureMessages: [] },
          {
            fullName: 'says "<b>"',
            status: "failed",
            failureMessages: ["\u001b[31mexpected 1 & got 2\u001b[0m\u0007"],
          },
          { fullName: "later", status: "pending", failureMessages: [] },
        ],
      },
      {
        testFilePath: join(process.cwd(), "src/broken.test.js"),
        testResults: [],
        testExecError: {},
        failureMessage: "SyntaxError",
      },
    ],
  })

  const { passed, failed, skipped, failures } = await testReport(readFileSync(path, "utf8"), path)

  expect({ passed, failed, skipped }).toEqual({ passed: 1, failed: 2, skipped: 1 })
  expect(failures).toEqual([
    { name: 'src/sum.test.js › says "<b>"', message: "expected 1 & got 2" },
    { name: "src/broken.test.js", message: "SyntaxError" },
  ])
})
