import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { reportsUnasked } from "../../lib/checks/errors.js"
import { Runner } from "../../lib/checks/test-runner.js"
import { scriptsOfRunners, testScript, unasked, withArguments } from "../../lib/checks/test-script.js"

describe("the script that takes the flags", () => {
  it.each([
    ["vitest run --coverage", Runner.Vitest],
    ["npx vitest", Runner.Vitest],
    ["cross-env NODE_ENV=test TZ=UTC jest --ci", Runner.Jest],
    ["react-scripts test", Runner.Jest],
    ["eslint . && vitest run", Runner.Vitest],
    ["vitest run && eslint .", Runner.Vitest],
    ["jest | tee log", Runner.Jest],
    ["turbo run test", Runner.Other],
    ["nx run-many -t test", Runner.Other],
    ["pnpm -r test", Runner.Other],
    ["pnpm -r exec vitest run", Runner.Other],
    ["npm test --workspaces", Runner.Other],
    ["yarn workspaces foreach -A run test", Runner.Other],
    ["playwright test && vitest run", Runner.Browser],
    ["yarn node --experimental-vm-modules $(yarn bin jest)", Runner.Jest],
    ["doppler run --config dev -- jest", Runner.Jest],
    ["c8 --reporter lcov vitest run", Runner.Vitest],
    ["nyc jest", Runner.Jest],
    ["react-app-rewired test", Runner.Jest],
    ["env-cmd -f .env.test vitest", Runner.Vitest],
    ["tsx node_modules/.bin/vitest", Runner.Vitest],
    ["yarn run -T vitest", Runner.Vitest],
    ["bun run vitest", Runner.Vitest],
    ["timeout -k 5 60 vitest run", Runner.Vitest],
    ["exec nice -n 5 vitest run", Runner.Vitest],
    ["npm run lint -- jest", Runner.Other],
    ["sh -c 'vitest run'", Runner.Other],
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
    expect(testScript({ test })).toMatchObject({ script: "test", runner })
  })

  it("is the one that `test` names, because npm would keep the flags for itself", () => {
    expect(testScript({ test: "npm run unit", unit: "pnpm deep", deep: "vitest run" })).toMatchObject({
      script: "deep",
      runner: Runner.Vitest,
    })
  })

  it("stays `test` where that hands its own flags on", () => {
    const scripts = { test: "npm run test:unit -- --run", "test:unit": "vitest" }
    expect(testScript(scripts)).toMatchObject({ script: "test", runner: Runner.Vitest })
  })

  it("is the one other that runs without a browser, where `test` needs one", () => {
    const scripts = { test: "playwright test", "test:unit": "vitest run", "test:watch": "vitest", dev: "vite" }
    expect(testScript(scripts)).toMatchObject({ script: "test:unit", runner: Runner.Vitest, standsIn: true })
    expect(testScript({ ...scripts, unit: "jest" })).toMatchObject({ script: "test", runner: Runner.Browser })
    expect(testScript(scripts, "test")).toMatchObject({ script: "test", runner: Runner.Browser })
  })

  it("is the one that the settings name", () => {
    expect(testScript({ test: "vitest", ci: "jest" }, "ci")).toMatchObject({ script: "ci", runner: Runner.Jest })
  })

  it("is found also among scripts that name each other", () => {
    expect(testScript({ test: "npm run a", a: "npm run test" }).runner).toBe(Runner.Other)
    expect(testScript({ test: "npm run test -- x" }).runner).toBe(Runner.Other)
  })
})

describe("the runner's own command", () => {
  /** The scripts as they are run: with `--x` where the runner takes its arguments, in them or behind. */
  function asked(scripts: Record<string, string>) {
    const found = testScript(scripts)
    const { script, within } = found
    const changed =
      within.length > 0
        ? (JSON.parse(withArguments(JSON.stringify({ scripts }), found, ["--x"])) as {
            scripts: Record<string, string>
          })
        : { scripts: { ...scripts, [script]: `${scripts[script]} --x` } }
    return Object.entries(changed.scripts).filter(([name, text]) => text !== scripts[name])
  }

  it.each([
    ["vitest run", "vitest run --x"],
    ["eslint . && vitest run", "eslint . && vitest run --x"],
    ["vitest run && eslint .", "vitest run --x && eslint ."],
    ["vitest run&&echo done", "vitest run --x&&echo done"],
    ["jest --ci 2>&1 | tee log", "jest --ci 2>&1 --x | tee log"],
    ["vitest run;", "vitest run --x;"],
    ["cross-env CI=1 vitest run || exit 1", "cross-env CI=1 vitest run --x || exit 1"],
    ["(cd app && vitest run)", "(cd app && vitest run --x)"],
    ["node server.js & vitest run & wait", "node server.js & vitest run --x & wait"],
    ["jest $(git diff --name-only | head) && true", "jest $(git diff --name-only | head) --x && true"],
    ["jest -t 'a && b' && true", "jest -t 'a && b' --x && true"],
    ["if true; then vitest run; fi", "if true; then vitest run --x; fi"],
    ["is-ci && jest --ci || jest --watch", "is-ci && jest --ci --x || jest --watch --x"],
    ["jest --ci -- src", "jest --ci --x -- src"],
    ["dotenv -- vitest run -- src && true", "dotenv -- vitest run --x -- src && true"],
    // Given twice, these end the runner.
    ["jest --ci --coverageDirectory out --coverage", "jest --ci --coverage --x"],
    ["jest --coverage-directory='my out' && true", "jest --x && true"],
    ["CI=1 vitest run --coverage.reportsDirectory=out --coverage.enabled", "CI=1 vitest run --x"],
    ["vitest run --coverage.enabled=false; true", "vitest run --x; true"],
    ["bun test --watch", "bun test --x"],
    ["jest --ci --coverageDirectory=a || jest --coverageDirectory=b", "jest --ci --x || jest --x"],
  ])("of `%s` gets the arguments: `%s`", (test, then) => {
    expect(asked({ test })).toEqual([["test", then]])
  })

  it.each([
    ["npm run lint && npm run unit", "vitest run --x"],
    ["npm run unit && npm run lint", "vitest run --x"],
    ["run-s lint unit", "vitest run --x"],
    ["npm-run-all --parallel lint unit", "vitest run --x"],
    ['concurrently "npm:lint" "npm:unit"', "vitest run --x"],
    ["npx run-s 'un*'", "vitest run --x"],
    ["start-server-and-test dev http://localhost:3000 unit", "vitest run --x"],
    ["pnpm run unit | tee log", "vitest run --x"],
    ["npm run --silent unit; true", "vitest run --x"],
    ["node --run unit", "vitest run --x"],
    ["cross-env CI=1 TZ=UTC npm run unit", "vitest run --x"],
  ])("stands in another script that `%s` runs, and gets them there", (test, then) => {
    expect(asked({ test, unit: "vitest run", lint: "eslint .", dev: "vite" })).toEqual([["unit", then]])
  })

  it("gets them through a shell as they are", () => {
    const folder = mkdtempSync(join(tmpdir(), "scripts-"))
    const command = 'node -p "process.argv.slice(1).join()"'
    const place = { runner: Runner.Other, within: [{ script: "test", from: 0, at: command.length }] }
    const scripts = { test: `${command} && echo done` }
    writeFileSync(
      join(folder, "package.json"),
      withArguments(JSON.stringify({ scripts }), place, ["--", "it's $HOME/a b", "`id`"]),
    )

    const said = execFileSync("npm", ["run", "--silent", "test"], { cwd: folder, encoding: "utf8" })

    expect(said).toBe("it's $HOME/a b,`id`\ndone\n")
    rmSync(folder, { recursive: true })
  })

  it("is the last of several, and the others are told", () => {
    const scripts = { test: "vitest run --project a && npm run b && tsc", b: "jest" }
    expect(testScript(scripts)).toEqual({
      ...{ script: "test", runner: Runner.Jest, command: "jest" },
      unreported: ["vitest run --project a"],
      within: [{ script: "b", from: 0, at: 4 }],
    })
  })

  it("of two that stand in for each other is any, and none is told as lost", () => {
    expect(testScript({ test: "is-ci && jest --ci || jest --watch" }).unreported).toEqual([])
  })

  it("is looked for in each script once", () => {
    const chain = Array.from({ length: 60 }, (_, at) => [`s${at}`, `npm run s${at + 1} && npm run s${at + 1}`])
    expect(testScript({ test: "npm run s0 && true", ...Object.fromEntries(chain) }).runner).toBe(Runner.Other)
  })
})

describe("a script that nobody can ask for reports", () => {
  const paths = { junit: "/site/coverage/junit.xml", coverage: "/site/coverage/lcov.info" }
  const missing = ["coverage/junit.xml", "coverage/lcov.info"]

  it("is named with what it runs and the scripts that would do", () => {
    const scripts = { test: "turbo run test", unit: "vitest run", e2e: "playwright test" }
    const why = unasked(testScript(scripts), paths)
    expect(
      reportsUnasked(missing, "test", scripts.test, why, scriptsOfRunners(scripts)).message,
    ).toMatchInlineSnapshot(`
      "The script "test", which is "turbo run test", left no coverage/junit.xml and no coverage/lcov.info.
        why: its runner can't be asked for them: what it runs in the end, "turbo run test", takes no arguments of Vitest, Jest or bun
        next: name a script that runs Vitest, Jest or bun itself as frontend.testScript of the settings (there are "unit"); or let the script write these files, or name what it writes as frontend.junit and frontend.coverage"
    `)
  })

  it.each([
    ["vitest run && true", "coverage/lcov.info", ""],
    ["vitest run --outputFile=out.xml", "coverage/lcov.info", "its --outputFile says where the report goes"],
    ["jest", "coverage/all.info", "a coverage report can only be asked for by the name lcov.info"],
    [
      "npm run lint && mocha",
      "coverage/lcov.info",
      'what it runs in the end, "mocha", takes no arguments of Vitest, Jest or bun',
    ],
  ])("of `%s` with the coverage in %s says why: %s", (test, coverage, why) => {
    expect(unasked(testScript({ test }), { ...paths, coverage })).toBe(why)
  })
})
