import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { MigrationClass } from "../../lib/database/schema.js"
import { LeasedLock } from "../../lib/deployment/lock.js"
import type { Deployment } from "../../lib/deployment/outcome.js"
import { Order } from "../../lib/deployment/release.js"
import { rollback } from "../../lib/deployment/rollback.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { BuildFailure, type RunImage } from "../../stand-ins/hugging-face.js"
import { type Behaviour, commit, digest, healthyApp, site } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { LocalLocks } from "../support/local-lock.js"
import { shortWaits } from "../support/short-waits.js"
import { type World, type WorldOptions, world } from "../support/world.js"

/** One fault: what goes wrong, at which step, and how it must end. Version "a" is live, "b" is deployed. */
interface Row extends WorldOptions {
  component: Component
  fault: string
  step: string
  /** Brings the fault about. */
  when?: (it: World) => void | Promise<void>
  /** What is called; the deployment of "b" unless given. */
  call?: (it: World) => Promise<Deployment>
  verdict: Verdict
  /** Letter that visitors get afterwards; "-" for nothing. */
  live: string
  /** Entries of the ledger, newest first, as `letter verdict`. */
  ledger: string[]
  /** Part of what the report must say. */
  says?: string | RegExp
}

const { Success, NoChange, Superseded, RolledBack, Failed, RollbackFailed, Inconclusive, Locked, Refused } = Verdict
const [frontend, backend] = [Component.Frontend, Component.Backend]
const always = 10_000
const a = `a ${Success}`
const ended = (verdict: Verdict) => [`b ${verdict}`, a]

const answers =
  (json: object): Behaviour =>
  () => ({ json: { status: "ok", commit: commit("b"), dependencies: { database: "ok" }, ...json } })
const flapping = (): Behaviour => {
  let calls = 0
  return (image) => (++calls % 2 ? { status: 500, json: {} } : healthyApp("b")(image))
}
const alphabetical = async (one: string, other: string) =>
  one < other ? Order.Older : one > other ? Order.Newer : Order.Same
/** Runs usual images, but not those of `letter` from its `from`th start on. */
const unless =
  (letter: string, failure: () => Promise<never>, from = 1) =>
  (usual: RunImage): RunImage => {
    let starts = 0
    return (image) => (image.digest === digest(letter) && ++starts >= from ? failure() : usual(image))
  }
const never = () => new Promise<never>(() => {})
const another = (it: World) =>
  new LeasedLock(new LocalLocks(join(it.folder, "locks")), fastClock(new Date().toISOString()))
const impatient = (it: World) =>
  new LeasedLock(new LocalLocks(join(it.folder, "locks")), fastClock(new Date().toISOString()), {
    leaseSeconds: 180,
    waitSeconds: 0,
  })

// biome-ignore format: one row, one line
const rows: Row[] = [
  { component: frontend, fault: "an identical second run", step: "look", call: (it) => it.deploy("a"), verdict: NoChange, live: "a", ledger: [a] },
  { component: frontend, fault: "Netlify is down", step: "look", when: (it) => it.provider.fail({ on: /./, kind: "status", status: 503, times: always }), verdict: Failed, live: "a", ledger: [a], says: "getSite was answered 503" },
  { component: frontend, fault: "the token has expired", step: "look", when: (it) => it.provider.fail({ on: /./, kind: "status", status: 401, times: always }), verdict: Failed, live: "a", ledger: [a], says: "the token is missing, wrong or expired" },
  { component: frontend, fault: "the token may only read", step: "place", when: (it) => it.provider.fail({ on: /POST/, kind: "status", status: 403, times: always }), verdict: Failed, live: "a", ledger: ended(Failed), says: "may not do this" },
  { component: frontend, fault: "502 once", step: "place", when: (it) => it.provider.fail({ on: /POST .*deploys$/, kind: "status", status: 502 }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "502 forever", step: "place", when: (it) => it.provider.fail({ on: /POST .*deploys$/, kind: "status", status: 502, times: always }), verdict: Failed, live: "a", ledger: ended(Failed), says: "did not answer" },
  { component: frontend, fault: "429 until the limit resets", step: "place", when: (it) => it.provider.fail({ on: /POST .*deploys$/, kind: "status", status: 429, headers: { "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 1) } }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "429 with Retry-After", step: "place", when: (it) => it.provider.fail({ on: /POST .*deploys$/, kind: "status", status: 429, headers: { "retry-after": "1" } }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "the answer to the creation is lost", step: "place", when: (it) => it.provider.fail({ on: /POST .*deploys$/, kind: "lost reply" }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "an upload is reset", step: "place", when: (it) => it.provider.fail({ on: /PUT/, kind: "reset" }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "the answer to an upload is lost", step: "place", when: (it) => it.provider.fail({ on: /PUT/, kind: "lost reply" }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "uploads fail forever", step: "place", when: (it) => it.provider.fail({ on: /PUT/, kind: "status", status: 500, times: always }), verdict: Failed, live: "a", ledger: ended(Failed) },
  { component: frontend, fault: "processing ends in an error", step: "place", when: (it) => it.netlify.breakNextDeploy("no space"), verdict: Failed, live: "a", ledger: ended(Failed), says: "no space" },
  { component: frontend, fault: "reset while waiting", step: "place", when: (it) => it.provider.fail({ on: /GET .*\/deploys\//, kind: "reset", times: 2 }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "an error page as the site", step: "probe candidate", call: (it) => it.deploySite("b", { artifact: site("b", { title: "Oops" }) }), verdict: Failed, live: "a", ledger: ended(Failed), says: 'title is "Oops & more"' },
  { component: frontend, fault: "a stale build", step: "probe candidate", call: (it) => it.deploySite("b", { artifact: site("c") }), verdict: Failed, live: "a", ledger: ended(Failed), says: "wrong-version" },
  { component: frontend, fault: "a broken link", step: "probe candidate", call: (it) => it.deploySite("b", { artifact: site("b", { body: '<a href="/gone/">x</a>' }) }), verdict: Failed, live: "a", ledger: ended(Failed), says: /has 1 broken link: .*\/gone\// },
  { component: frontend, fault: "the site is locked", step: "look", when: (it) => it.netlify.lock("book"), verdict: Locked, live: "a", ledger: ended(Locked), says: "is locked" },
  { component: frontend, fault: "the site is locked meanwhile", step: "switch", call: (it) => it.deploy("b", { lastCheck: async () => { it.netlify.lock("book"); return "locked" } }), verdict: Locked, live: "a", ledger: ended(Locked), says: "is locked" },
  { component: frontend, fault: "503 once", step: "switch", when: (it) => it.provider.fail({ on: /restore/, kind: "status", status: 503 }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "503 forever", step: "switch", when: (it) => it.provider.fail({ on: /restore/, kind: "status", status: 503, times: always }), verdict: Failed, live: "a", ledger: ended(Failed), says: "restoreSiteDeploy was answered 503" },
  { component: frontend, fault: "the answer is lost though it went live", step: "switch", when: (it) => it.provider.fail({ on: /restore/, kind: "lost reply", times: always }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "a stale answer after the switch", step: "switch", when: (it) => it.provider.fail({ on: /GET .*\/sites\/[^/]+$/, kind: "stale", times: 3, when: () => it.serving() === "b" }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "Netlify goes down at the switch", step: "switch", call: (it) => it.deploy("b", { lastCheck: async () => { it.provider.fail({ on: /./, kind: "status", status: 503, times: always }); return "down" } }), verdict: Inconclusive, live: "a", ledger: ended(Inconclusive) },
  { component: frontend, fault: "the live address fails only with the new version", step: "probe live", when: (it) => it.front.fail({ on: /version/, kind: "status", status: 500, times: always, when: () => it.serving() === "b" }), verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "answered 500, expected 200" },
  { component: frontend, fault: "the live address redirects to a login", step: "probe live", when: (it) => it.front.fail({ on: /version/, kind: "status", status: 302, headers: { location: "/login" }, times: always, when: () => it.serving() === "b" }), verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "redirects are not followed" },
  { component: frontend, fault: "Netlify refuses the way back", step: "restore", when: (it) => { it.front.fail({ on: /./, kind: "status", status: 500, times: always, when: () => it.serving() === "b" }); it.provider.fail({ on: /restore/, kind: "status", status: 503, times: always, when: () => it.serving() === "b" }) }, verdict: RollbackFailed, live: "-", ledger: ended(RollbackFailed), says: "answered 500, expected 200; then: restoreSiteDeploy was answered 503" },
  { component: frontend, fault: "the first version ever fails", step: "probe candidate", empty: true, call: (it) => it.deploySite("b", { artifact: site("b", { title: "Oops" }) }), verdict: Failed, live: "-", ledger: [`b ${Failed}`] },
  { component: frontend, fault: "an older commit", step: "look", call: async (it) => { await it.deploy("c"); return it.deploy("b", { order: alphabetical }) }, verdict: Superseded, live: "c", ledger: [`b ${Superseded}`, `c ${Success}`, a] },
  { component: frontend, fault: "a newer commit is deployed meanwhile", step: "lock", call: (it) => it.deploy("b", { order: alphabetical, lock: { take: async (lock, who) => { await it.deploy("c"); return another(it).take(lock, who) } } }), verdict: Superseded, live: "c", ledger: [`b ${Superseded}`, `c ${Success}`, a] },
  { component: frontend, fault: "the same commit is deployed meanwhile", step: "lock", call: (it) => it.deploy("b", { lock: { take: async (lock, who) => { await it.deploy("b"); return another(it).take(lock, who) } } }), verdict: NoChange, live: "b", ledger: ended(Success) },
  { component: frontend, fault: "somebody else holds the lock", step: "lock", call: async (it) => { await another(it).take("staging", { owner: "ben", run: "", reason: "" }); return it.deploy("b", { lock: impatient(it) }) }, verdict: Locked, live: "a", ledger: [a], says: "held by ben" },
  { component: frontend, fault: "the holder paused past its lease", step: "switch", call: (it) => it.deploy("b", { lastCheck: async () => { await another(it).take("staging", { owner: "ben", run: "", reason: "" }); return "paused" } }), verdict: Locked, live: "a", ledger: ended(Locked), says: "has lost the lock" },
  { component: frontend, fault: "the lock's store is down", step: "lock", call: (it) => it.deploy("b", { lock: { take: () => Promise.reject(new Error("GitHub answered 503")) } }), verdict: Failed, live: "a", ledger: [a], says: "GitHub answered 503" },
  { component: frontend, fault: "the ledger is down", step: "record", call: (it) => it.deploy("b", { ledger: { open: down, close: down, list: down } }), verdict: Success, live: "b", ledger: [a] },
  { component: frontend, fault: "a gate fails", step: "gates", call: (it) => it.deploy("b", { gates: () => Promise.reject(new Error("coverage is 69.9 %")) }), verdict: Failed, live: "a", ledger: ended(Failed), says: "coverage is 69.9 %" },
  { component: frontend, fault: "a version that was rolled back by hand comes again", step: "look", call: async (it) => { await it.deploy("b"); await rollback(it.target, { to: "", reason: "prices" }); return it.deploy("b") }, verdict: Refused, live: "a", ledger: [`b ${Refused}`, `a ${Success}`, `b ${Success}`, a], says: "rolled back by ana" },
  { component: frontend, fault: "the target of a rollback has been removed", step: "roll back", call: async (it) => { await it.deploy("b"); it.netlify.forget(it.netlify.deploys("book").at(-1)?.id ?? ""); return rollback(it.target, { to: "", reason: "prices" }) }, verdict: Refused, live: "b", ledger: ended(Success), says: "cannot be restored" },

  { component: backend, fault: "an identical second run", step: "look", call: (it) => it.deploy("a"), verdict: NoChange, live: "a", ledger: [a] },
  { component: backend, fault: "the token has expired", step: "look", when: (it) => it.provider.fail({ on: /./, kind: "status", status: 401, times: always }), verdict: Failed, live: "a", ledger: [a], says: "missing, wrong or expired" },
  { component: backend, fault: "the token is for the wrong Space", step: "look", when: (it) => it.provider.fail({ on: /./, kind: "status", status: 404, times: always }), verdict: Failed, live: "a", ledger: [a], says: "a private one also answers 404" },
  { component: backend, fault: "the token may only read", step: "switch", when: (it) => it.provider.fail({ on: /POST/, kind: "status", status: 403, times: always }), verdict: Failed, live: "a", ledger: ended(Failed), says: "may not do this" },
  { component: backend, fault: "the migration fails", step: "migrate", call: (it) => it.deploy("b", { migrate: () => Promise.reject(new Error("column exists already")) }), verdict: Failed, live: "a", ledger: ended(Failed), says: "column exists already" },
  { component: backend, fault: "the answer to the commit is lost", step: "switch", when: (it) => it.provider.fail({ on: /\/commit\//, kind: "lost reply" }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, fault: "503 on the commit", step: "switch", when: (it) => it.provider.fail({ on: /\/commit\//, kind: "status", status: 503 }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, fault: "somebody edits the Space meanwhile", step: "switch", when: (it) => onceBefore(it, /\/commit\//, () => it.hub.pushByOther("owner/book")), verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, fault: "reset and 502 while waiting", step: "switch", when: (it) => { it.provider.fail({ on: /runtime/, kind: "reset", after: 5 }); it.provider.fail({ on: /runtime/, kind: "status", status: 502, after: 7, times: 2 }) }, verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, fault: "the Hub goes down at the switch", step: "switch", call: (it) => it.deploy("b", { lastCheck: async () => { it.provider.fail({ on: /./, kind: "status", status: 503, times: always }); return "down" } }), verdict: Inconclusive, live: "a", ledger: ended(Inconclusive) },
  { component: backend, fault: "the image cannot be pulled", step: "switch", run: unless("b", () => Promise.reject(new BuildFailure("manifest unknown"))), verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "BUILD_ERROR; manifest unknown" },
  { component: backend, fault: "the app exits at its start", step: "switch", special: { b: { exits: "KeyError: 'DATABASE_URL'" } }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "RUNTIME_ERROR; KeyError: 'DATABASE_URL'" },
  { component: backend, fault: "stuck building", step: "switch", run: unless("b", never), verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "was not ready in time" },
  { component: backend, fault: "stuck building once, then fine", step: "switch", run: oneStuckStart(), verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, fault: "RUNNING with the old commit forever", step: "switch", when: (it) => it.provider.fail({ on: /GET .*runtime/, kind: "stale", times: always }), run: unless("b", never), verdict: Failed, live: "a", ledger: ended(Failed), says: 'its state is still "RUNNING"' },
  { component: backend, fault: "the image answers the old commit", step: "probe live", special: { b: answers({ commit: commit("a") }) }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "wrong-version" },
  { component: backend, fault: "flapping 200/500", step: "probe live", special: { b: flapping() }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "unstable" },
  { component: backend, fault: "200 with a degraded status", step: "probe live", special: { b: answers({ status: "degraded" }) }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: 'status is "degraded"' },
  { component: backend, fault: "an HTML error page with 200", step: "probe live", special: { b: () => ({ headers: { "content-type": "text/html" }, body: "<html>Oops</html>" }) }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "an HTML page instead of JSON" },
  { component: backend, fault: "the database is down", step: "probe live", special: { b: answers({ dependencies: { database: { status: "down" } } }) }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: 'dependency database is "down"' },
  { component: backend, fault: "the Space sleeps", step: "look", when: (it) => it.hub.sleep("owner/book"), verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, fault: "the same version sleeps", step: "look", when: (it) => it.hub.sleep("owner/book"), call: (it) => it.deploy("a"), verdict: NoChange, live: "a", ledger: [a] },
  { component: backend, fault: "a newer version sleeps", step: "look", call: async (it) => { await it.deploy("c"); await it.hub.sleep("owner/book"); const late = await it.deploy("b", { order: alphabetical }); while ((await it.live()) === "-"); return late }, verdict: Superseded, live: "c", ledger: [`b ${Superseded}`, `c ${Success}`, a] },
  { component: backend, fault: "the way back fails its probe", step: "probe restored", run: secondStartIll("a"), special: { b: answers({ status: "degraded" }) }, verdict: RollbackFailed, live: "-", ledger: ended(RollbackFailed), says: /"degraded", expected "ok" or the like; then: .*answered 500/ },
  { component: backend, fault: "the image to go back to is gone", step: "restore", run: unless("a", () => Promise.reject(new BuildFailure("manifest unknown")), 2), special: { b: answers({ status: "degraded" }) }, verdict: RollbackFailed, live: "-", ledger: ended(RollbackFailed), says: /"degraded", expected "ok" or the like; then: its stage is BUILD_ERROR/ },
  { component: backend, fault: "the old version cannot work with the migrated database", step: "restore", special: { b: answers({ status: "degraded" }) }, call: (it) => it.deploy("b", { schemaFor: async () => ({ database: "r2", known: ["r1"], between: [{ revision: "r2", class: MigrationClass.Contract }] }) }), verdict: RollbackFailed, live: "b", ledger: ended(RollbackFailed), says: /"degraded", expected "ok" or the like; then: the database is at revision r2.*\nfix forward/ },
  { component: backend, fault: "the old version can work with the migrated database", step: "restore", special: { b: answers({ status: "degraded" }) }, call: (it) => it.deploy("b", { schemaFor: async () => ({ database: "r2", known: ["r1"], between: [{ revision: "r2", class: MigrationClass.Expand }] }) }), verdict: RolledBack, live: "a", ledger: ended(RolledBack) },
  { component: backend, fault: "the first version ever does not start", step: "switch", empty: true, special: { b: { exits: "boom" } }, verdict: Failed, live: "-", ledger: [`b ${Failed}`], says: "RUNTIME_ERROR; boom" },
  { component: backend, fault: "a quarantined version comes again", step: "look", special: { b: answers({ status: "degraded" }) }, call: async (it) => { await it.deploy("b"); return it.deploy("b") }, verdict: Refused, live: "a", ledger: [`b ${Refused}`, ...ended(RolledBack)], says: "bbbbbbb is quarantined." },
  { component: backend, fault: "a quarantined version comes again, wanted explicitly", step: "look", special: { b: answers({ status: "degraded" }) }, call: async (it) => { await it.deploy("b"); return it.deploy("b", { overQuarantine: "the database is fixed" }) }, verdict: RolledBack, live: "a", ledger: [`b ${RolledBack}`, ...ended(RolledBack)] },
  { component: backend, fault: "two deployments at once, the older one second", step: "lock", call: async (it) => (await Promise.all([it.deploy("c", { order: alphabetical }), it.deploy("b", { order: alphabetical, lock: late(it) })]))[1], verdict: Superseded, live: "c", ledger: [`b ${Superseded}`, `c ${Success}`, a] },
  { component: backend, fault: "a secret in the app's log", step: "switch", special: { b: { exits: "postgresql://book:hunter2@db refused; token hf_abcdefghijklmnopqrst" } }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "postgresql://book:***@db refused; token ***" },
  { component: backend, source: true, fault: "an identical second run of a Space that builds", step: "look", call: (it) => it.deploy("a"), verdict: NoChange, live: "a", ledger: [a] },
  { component: backend, source: true, fault: "the app that the Space built exits at its start", step: "switch", special: { b: { exits: "KeyError: 'DATABASE_URL'" } }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: "RUNTIME_ERROR; KeyError: 'DATABASE_URL'" },
  { component: backend, source: true, fault: "the app that the Space built is degraded", step: "probe live", special: { b: answers({ status: "degraded" }) }, verdict: RolledBack, live: "a", ledger: ended(RolledBack), says: 'status is "degraded"' },
  { component: backend, source: true, fault: "the answer to the commit of the files is lost", step: "switch", when: (it) => it.provider.fail({ on: /\/commit\//, kind: "lost reply" }), verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, source: true, fault: "somebody edits a Space that builds meanwhile", step: "switch", when: (it) => onceBefore(it, /\/commit\//, () => it.hub.edit("owner/book", "app/main.py", "print()")), verdict: Success, live: "b", ledger: ended(Success) },
  { component: backend, source: true, fault: "the history of a Space that builds can't be read on the way back", step: "restore", special: { b: answers({ status: "degraded" }) }, when: (it) => it.provider.fail({ on: /\/commits\/main/, kind: "status", status: 503, times: always, when: () => it.serving() === "b" }), verdict: RollbackFailed, live: "b", ledger: ended(RollbackFailed), says: "was answered 503" },
]

function down(): Promise<never> {
  return Promise.reject(new Error("the ledger is down"))
}

/** The lock, asked for only after the other deployment has it. */
function late(it: World) {
  return {
    take: async (...args: Parameters<LeasedLock["take"]>) => {
      const taken = () => new LocalLocks(join(it.folder, "locks")).read("staging")
      while ((await taken())?.record.reason !== "deploy ccccccc") await new Promise((wake) => setTimeout(wake, 2))
      while ((await taken())?.record.owner !== "") await new Promise((wake) => setTimeout(wake, 2))
      return another(it).take(...args)
    },
  }
}

function oneStuckStart() {
  let stuck = true
  return (usual: RunImage): RunImage =>
    (image) => {
      if (image.digest !== digest("b") || !stuck) return usual(image)
      stuck = false
      return never()
    }
}

function secondStartIll(letter: string) {
  let starts = 0
  return (usual: RunImage): RunImage =>
    async (image) => {
      const running = await usual(image)
      if (image.digest !== digest(letter) || ++starts === 1) return running
      await running.stop()
      return usual({ ...image, digest: digest("h") })
    }
}

function onceBefore(it: World, on: RegExp, act: () => void): void {
  let done = false
  it.provider.onRequest = (when, request) => {
    if (when !== "before" || done || !on.test(request)) return
    done = true
    act()
  }
}

let scratch = ""
let hurry: Disposable
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "fault-matrix-"))
  hurry = shortWaits()
})
afterAll(async () => {
  hurry[Symbol.dispose]()
  console.log(`fault matrix: ${rows.length} rows`)
  await rm(scratch, { recursive: true, force: true })
})

it.each(rows)(
  "$component, $step: $fault → $verdict",
  async ({ component, when, call, verdict, live, ledger, says, ...options }) => {
    const special = { ...options.special, h: () => ({ status: 500, json: {} }) }
    await using it = await world(component, scratch, { ...options, special })
    await when?.(it)

    const deployment = await (call ? call(it) : it.deploy("b"))

    expect(deployment.verdict, `${deployment.failed} ${deployment.reason}`).toBe(verdict)
    expect(await it.live()).toBe(live)
    const attempts = await it.ledger.list(component, "staging")
    expect(attempts.map((each) => `${each.commit[0]} ${each.verdict ?? "open"}`)).toEqual(ledger)
    if (says) expect(`${deployment.failed}\n${deployment.reason}\n${deployment.next}`).toMatch(says)
  },
)
