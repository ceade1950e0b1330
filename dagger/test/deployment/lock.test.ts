import { mkdtemp, readdir, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { LeasedLock, mayTake } from "../../lib/deployment/lock.js"
import { fastClock } from "../support/fast-clock.js"
import { LocalLocks } from "../support/local-lock.js"

const folder = () => mkdtemp(join(tmpdir(), "locks-"))
const who = (owner: string) => ({ owner, run: `https://runs.example/${owner}`, reason: "deploy abc" })
const held = { fence: 3, owner: "ana", run: "", reason: "", expires: "2026-11-24T12:00:00.000Z" }

describe("whether a lock may be taken", () => {
  it.each([
    ["never held", undefined, "2026-11-24T11:00:00Z", false, true],
    ["given back", { ...held, owner: "" }, "2026-11-24T11:00:00Z", false, true],
    ["held", held, "2026-11-24T11:59:59Z", true, false],
    ["expired, but seen only once", held, "2026-11-24T12:10:00Z", false, false],
    ["expired and not renewed for a heartbeat", held, "2026-11-24T12:00:00Z", true, true],
  ])("%s", (_, record, now, unchanged, may) => {
    expect(mayTake(record, new Date(now), unchanged)).toBe(may)
  })
})

describe("a leased lock", () => {
  it("names its holder to the second run, and is free afterwards", async () => {
    const [store, clock] = [new LocalLocks(await folder()), fastClock()]
    const lease = await new LeasedLock(store, clock).take("staging", who("ana"))
    const impatient = new LeasedLock(store, clock, { leaseSeconds: 180, waitSeconds: 0 })

    await expect(impatient.take("staging", who("ben"))).rejects.toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: Somebody else is deploying to staging.
        why: the lock is held by ana (deploy abc), https://runs.example/ana until 2026-11-24T12:03:00.000Z
        next: wait for that run to end, then run the same command again]
    `)
    await lease.release()
    await (await impatient.take("staging", who("ben"))).release()
  })

  it("is taken over after its holder died, with a higher number", async () => {
    const [store, clock] = [new LocalLocks(await folder()), fastClock()]
    await new LeasedLock(store, clock).take("staging", who("ana"))

    await new LeasedLock(store, clock).take("staging", who("ben"))

    expect((await store.read("staging"))?.record).toMatchObject({ owner: "ben", fence: 2 })
    expect(clock.slept).toBeGreaterThanOrEqual(180_000)
  })

  it("is lost for a holder that paused past its lease", async () => {
    const [store, clock] = [new LocalLocks(await folder()), fastClock()]
    const paused = await new LeasedLock(store, clock).take("staging", who("ana"))
    await new LeasedLock(store, clock).take("staging", who("ben"))

    await expect(paused.hold()).rejects.toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: This run has lost the lock of staging.
        why: it paused for longer than its lease, and the lock went to ben (deploy abc), https://runs.example/ben
        next: look at what is live, then run the same command again]
    `)
    await expect(paused.release()).rejects.toThrow(/has lost the lock/)
    expect((await store.read("staging"))?.record.owner).toBe("ben")
  })

  it.each([-10, 10])("is not taken from an active holder by a clock that is %i minutes off", async (minutes) => {
    const [store, clock] = [new LocalLocks(await folder()), fastClock()]
    const lease = await new LeasedLock(store, clock).take("staging", who("ana"))
    const skewed = fastClock(new Date(clock.now().getTime() + minutes * 60_000).toISOString())
    const sleep = async (milliseconds: number) => {
      await lease.hold()
      await skewed.sleep(milliseconds)
    }
    const renewing = { now: skewed.now, sleep }

    await expect(new LeasedLock(store, renewing).take("staging", who("ben"))).rejects.toThrow(/held by ana/)
  })

  it("goes to exactly one of twenty concurrent runs", async () => {
    const place = await folder()
    const impatient = () => new LeasedLock(new LocalLocks(place), fastClock(), { leaseSeconds: 180, waitSeconds: 0 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => impatient().take("staging", who(`run${n}`))),
    )
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  })

  it("keeps two versions of its record and no drafts", async () => {
    const place = await folder()
    const lease = await new LeasedLock(new LocalLocks(place), fastClock()).take("staging", who("ana"))
    for (let n = 0; n < 5; n++) await lease.hold()
    expect(await readdir(place)).toHaveLength(2)
  })

  it("reports a record of another program", async () => {
    const place = await folder()
    await writeFile(join(place, "staging.lock-1"), "hands off")
    await expect(new LeasedLock(new LocalLocks(place), fastClock()).take("staging", who("ana"))).rejects.toThrow(
      /^The store of the locks answered something unexpected.\n {2}why: its newest record: /,
    )
  })
})
