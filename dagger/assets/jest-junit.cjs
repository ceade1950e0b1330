// Reporter for Jest 24 or later that writes JUnit XML to the file that JUNIT_REPORT names: Jest has none of its own.
// https://jestjs.io/docs/configuration#custom-reporters
const { mkdirSync, writeFileSync } = require("node:fs")
const { dirname, relative } = require("node:path")

module.exports = class JUnitReporter {
  onRunComplete(_contexts, { testResults }) {
    const suites = testResults.map(({ testFilePath, testResults: tests, testExecError, failureMessage }) => {
      const file = relative(process.cwd(), testFilePath)
      const cases = tests.map((test) => testCase(file, test))
      // A file that can't even be loaded has no test to blame.
      if (testExecError || (tests.length === 0 && failureMessage)) {
        cases.push(element(file, file, `<failure>${escaped(failureMessage ?? "could not be loaded")}</failure>`))
      }
      return `<testsuite name="${escaped(file)}">${cases.join("")}</testsuite>`
    })
    const path = process.env.JUNIT_REPORT
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>${suites.join("\n")}</testsuites>\n`)
  }
}

function testCase(file, { fullName, status, failureMessages }) {
  if (status === "failed")
    return element(file, fullName, `<failure>${escaped(failureMessages.join("\n"))}</failure>`)
  return element(file, fullName, status === "passed" ? "" : "<skipped/>")
}

const element = (file, name, inner) =>
  `<testcase classname="${escaped(file)}" name="${escaped(name)}">${inner}</testcase>`

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }
const escaped = (text) =>
  String(text)
    // Colours of the terminal, and what XML 1.0 can't hold at all.
    .replace(/\u001b\[[0-9;]*m/g, "")
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"]/g, (character) => entities[character])
