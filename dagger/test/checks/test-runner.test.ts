import { describe, expect, it } from "vitest"
import { Runner, reportArguments, testScript } from "../../lib/checks/test-runner.js"

const paths = { junit: "coverage/junit.xml", coverage: "coverage/lcov.info" }

describe("the script that takes the flags", () => {
  it.each([
    ["vitest run --coverage", Runner.Vitest],
    ["npx vitest", Runner.Vitest],
    ["cross-env NODE_ENV=test TZ=UTC jest --ci", Runner.Jest],
    ["react-scripts test", Runner.Jest],
    ["eslint . && vitest run", Runner.Vitest],
    ["vitest run && eslint .", Runner.Other],
    ["jest | tee log", Runner.Other],
    ["node --test", Runner.Other],
    ["", Runner.Other],
    ['NODE_OPTIONS="$NODE_OPTIONS --experimental-vm-modules" jest', Runner.Jest],
    ["node --experimental-vm-modules node_modules/jest/bin/jest.js --ci", Runner.Jest],
    ["node -r dotenv/config ./node_modules/.bin/vitest run", Runner.Vitest],
    ["npx -y vitest run", Runner.Vitest],
    ["npx --yes -p typescript vitest@3 run", Runner.Vitest],
    ["pnpm vitest run", Runner.Vitest],
    ["pnpm exec vitest", Runner.Vitest],
    ["yarn jest", Runner.Jest],
    ["env X=Y CI=1 jest", Runner.Jest],
    ["dotenv -e .env.test -- jest", Runner.Jest],
    ["./node_modules/.bin/jest", Runner.Jest],
    ["npm exec -- vitest run", Runner.Vitest],
    ["npm exec vitest run", Runner.Other],
    ["TITLE='a && b; c' vitest", Runner.Vitest],
    ["bun test", Runner.Bun],
    ["bunx vitest run", Runner.Vitest],
    ["bun --bun vitest", Runner.Other],
    ["playwright test", Runner.Browser],
    ["npx playwright test --project=chromium", Runner.Browser],
    ["cypress run", Runner.Browser],
    ["node scripts/jest-like.js", Runner.Other],
  ])("of `%s` is run by %s", (test, runner) => {
    expect(testScript({ test })).toEqual({ script: "test", runner })
  })

  it("is the one that `test` names, because npm would keep the flags for itself", () => {
    expect(testScript({ test: "npm run unit", unit: "pnpm deep", deep: "vitest run" })).toEqual({
      script: "deep",
      runner: Runner.Vitest,
    })
  })

  it("stays `test` where that hands its own flags on", () => {
    const scripts = { test: "npm run test:unit -- --run", "test:unit": "vitest" }
    expect(testScript(scripts)).toEqual({ script: "test", runner: Runner.Vitest })
  })

  it("is the one other that runs without a browser, where `test` needs one", () => {
    const scripts = { test: "playwright test", "test:unit": "vitest run", "test:watch": "vitest", dev: "vite" }
    expect(testScript(scripts)).toEqual({ script: "test:unit", runner: Runner.Vitest, standsIn: true })
    expect(testScript({ ...scripts, unit: "jest" })).toEqual({ script: "test", runner: Runner.Browser })
    expect(testScript(scripts, "test")).toEqual({ script: "test", runner: Runner.Browser })
  })

  it("is the one that the settings name", () => {
    expect(testScript({ test: "vitest", ci: "jest" }, "ci")).toEqual({ script: "ci", runner: Runner.Jest })
  })

  it("is found also among scripts that name each other", () => {
    expect(testScript({ test: "npm run a", a: "npm run test" }).runner).toBe(Runner.Other)
    expect(testScript({ test: "npm run test -- x" }).runner).toBe(Runner.Other)
  })
})

describe("the flags for reports", () => {
  it("make Vitest write both where the settings say", () => {
    const given = reportArguments(Runner.Vitest, "vitest", { junit: "out/tests.xml", coverage: "lcov.info" })
    expect(given).toContain("--coverage.reportsDirectory=.")
    expect(given).toContain("--outputFile.junit=out/tests.xml")
  })

  it("make Jest write both", () => {
    expect(reportArguments(Runner.Jest, "jest", paths)).toContain("--coverageDirectory=coverage")
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
