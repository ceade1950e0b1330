import { describe, expect, it } from "vitest"
import { Runner, reportArguments } from "../../lib/checks/test-runner.js"

const paths = { junit: "coverage/junit.xml", coverage: "coverage/lcov.info" }

describe("the flags for reports", () => {
  it("make Vitest write both where the settings say", () => {
    const given = reportArguments(Runner.Vitest, "vitest", { junit: "out/tests.xml", coverage: "lcov.info" })
    expect(given).toContain("--coverage.reportsDirectory=.")
    expect(given).toContain("--outputFile.junit=out/tests.xml")
  })

  it("make Jest write both", () => {
    expect(reportArguments(Runner.Jest, "jest", paths)).toContain("--coverageDirectory=coverage")
  })

  it("end a runner that the script starts to watch", () => {
    for (const command of ["vitest watch", "npx vitest dev", "vitest --watch", "vitest -w src", "vitest --watch=true"])
      expect(reportArguments(Runner.Vitest, command, paths)).toContain("--run")
    // Vitest ends with an error when it is told twice.
    for (const command of ["vitest", "vitest run", "vitest --run", "vitest --watch --run", "vitest run watch.test.ts"])
      expect(reportArguments(Runner.Vitest, command, paths)).not.toContain("--run")
    const watching = ["jest --watchAll", "jest --watch --coverage", "jest --watch=true"]
    for (const command of watching)
      expect(reportArguments(Runner.Jest, command, paths)).toEqual(
        expect.arrayContaining(["--watch=false", "--watchAll=false"]),
      )
    expect(reportArguments(Runner.Jest, "jest --ci", paths).join()).not.toContain("watch")
  })

  it("make bun write both", () => {
    expect(reportArguments(Runner.Bun, "bun test", paths)).toContain("--reporter-outfile=coverage/junit.xml")
  })

  it("are left out where they can't be obeyed", () => {
    expect(reportArguments(Runner.Other, "node --test", paths)).toEqual([])
    expect(reportArguments(Runner.Vitest, "vitest --outputFile=junit.xml", paths)).toEqual([])
    expect(reportArguments(Runner.Vitest, "vitest", { ...paths, coverage: "coverage/all.lcov" })).toEqual([])
  })
})
