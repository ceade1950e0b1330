import { describe, expect, it } from "vitest"
import { MigrationClass, type SchemaState } from "../../lib/database/schema.js"
import { deploy } from "../../lib/deployment/deployment.js"
import type { Lock } from "../../lib/deployment/lock.js"
import { choose, releases, rollback } from "../../lib/deployment/rollback.js"
import { Verdict } from "../../src/exposed-types.js"
import { huggingFace, type SpaceImage } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { commit, healthyApp, imageRelease, runner, siteRelease } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { places } from "../support/places.js"
import { backend, frontend } from "../support/targets.js"

/** A Space in which some versions went live one after the other. */
async function space(letters: string, special = {}) {
  const clock = fastClock()
  const hub = await huggingFace({ spaces: ["owner/book"], run: runner(special) })
  const target = { ...backend(hub, { clock }), ...(await places(clock)) }
  for (const letter of letters) await deploy(imageRelease(letter), target)
  return { hub, target, clock, [Symbol.asyncDispose]: () => hub.close() }
}

describe("rolling back by hand", () => {
  it("restores the last good release, quarantines the one it replaces, and says how to undo it", async () => {
    await using it = await space("abc")

    const back = await rollback(it.target, { to: "", reason: "prices are wrong" })

    expect(back).toMatchObject({
      verdict: Verdict.Success,
      commit: commit("b"),
      liveCommit: commit("b"),
      previousCommit: commit("c"),
      undo: `git switch --detach ${commit("c")} && dagger call --github-token=env://GITHUB_TOKEN backend deploy --environment=staging --over-quarantine="…" --hugging-face-token=env://HF_TOKEN report`,
    })
    expect(await deploy(imageRelease("c"), it.target)).toMatchObject({
      verdict: Verdict.Refused,
      liveCommit: commit("b"),
      failed: "ccccccc is quarantined.",
      reason: expect.stringMatching(/^it was rolled back by ana on 2026-.*: prices are wrong$/),
      next: 'deploy a version with the fix; to deploy this one anyway add --over-quarantine="the reason"',
    })
    expect(await deploy(imageRelease("c"), { ...it.target, overQuarantine: "the prices were right" })).toMatchObject({
      verdict: Verdict.Success,
    })
  })

  it("goes back further when called with another reason, and never to a quarantined version", async () => {
    await using it = await space("abc")
    await rollback(it.target, { to: "", reason: "bad" })
    expect(await rollback(it.target, { to: "", reason: "bad too" })).toMatchObject({
      verdict: Verdict.Success,
      liveCommit: commit("a"),
    })
    expect(await rollback(it.target, { to: "", reason: "and this" })).toMatchObject({
      verdict: Verdict.Refused,
      failed: "There is no earlier release to roll back to in backend of staging.",
    })
    expect(await rollback(it.target, { to: "ccccccc", reason: "loop" })).toMatchObject({
      verdict: Verdict.Refused,
      failed: "ccccccc is quarantined.",
      liveCommit: commit("a"),
    })
  })

  describe("when another deployment ran while it waited for the lock", () => {
    /** The lock of somebody who deploys `letter` first. */
    const after = ({ target }: Awaited<ReturnType<typeof space>>, letter: string) => {
      const deployed = async () => expect(await deploy(imageRelease(letter), target)).toMatchObject({ failed: "" })
      const lock: Lock = { take: (...words) => deployed().then(() => target.lock.take(...words)) }
      return { ...target, lock }
    }

    it("does not leave the fix for the version that was to be left", async () => {
      await using it = await space("ab")

      const late = await rollback(after(it, "c"), { to: "", reason: "b is bad" })

      expect(late).toMatchObject({
        verdict: Verdict.Refused,
        liveCommit: commit("c"),
        failed: "What is live in backend of staging changed while this rollback waited for the lock.",
        reason: "another run put ccccccc live meanwhile, which nobody asked to leave",
        next: "look at what is live now; where that is wrong too, name the release to go back to with --to",
      })
      expect((await it.target.host.live())?.commit).toBe(commit("c"))
    })

    it("restores the release that it was told, or the last good one where nothing changed", async () => {
      await using it = await space("ab")

      expect(await rollback(after(it, "c"), { to: "aaaaaaa", reason: "all bad" })).toMatchObject({
        verdict: Verdict.Success,
        liveCommit: commit("a"),
      })
    })

    it("is not refused where nobody could say what was live at first", async () => {
      await using it = await space("ab")
      let waited = false
      const lock: Lock = {
        take: (...words) => {
          waited = true
          return it.target.lock.take(...words)
        },
      }
      it.hub.fail({ on: /./, kind: "status", status: 503, times: 1000, when: () => !waited })

      expect(await rollback({ ...it.target, lock }, { to: "", reason: "bad" })).toMatchObject({
        verdict: Verdict.Success,
        liveCommit: commit("a"),
      })
    })
  })

  it("does not go back further when the same call is repeated", async () => {
    await using it = await space("abc")
    await rollback(it.target, { to: "", reason: "bad" })
    const writes = it.hub.writes().length
    expect(await rollback(it.target, { to: "", reason: "bad" })).toMatchObject({
      verdict: Verdict.NoChange,
      liveCommit: commit("b"),
    })
    expect(it.hub.writes()).toHaveLength(writes)
  })

  it.each([true, false])(
    "continues a rollback that was killed after its switch, by another run; healthy: %s",
    async (healthy) => {
      let unhealthy = false
      await using it = await space("abc", {
        b: (image: SpaceImage) => (unhealthy ? { status: 500, json: {} } : healthyApp("b")(image)),
      })
      // Killed after it rolled back, before it closed its entry.
      const killed = {
        ...it.target.ledger,
        open: it.target.ledger.open.bind(it.target.ledger),
        list: it.target.ledger.list.bind(it.target.ledger),
        close: async () => {},
      }
      await rollback({ ...it.target, ledger: killed }, { to: "", reason: "bad" })
      unhealthy = !healthy
      const writes = it.hub.writes().length

      const again = await rollback({ ...it.target, run: "https://runs.example/8" }, { to: "", reason: "bad" })

      expect(again).toMatchObject({ verdict: healthy ? Verdict.NoChange : Verdict.Failed, commit: commit("b") })
      expect(it.hub.writes()).toHaveLength(writes)
      if (healthy) expect(await deploy(imageRelease("c"), it.target)).toMatchObject({ verdict: Verdict.Refused })
    },
  )

  it("replaces a version that only answers errors, and quarantines it with the ID of its deployment", async () => {
    let unhealthy = false
    await using it = await space("ab", {
      b: (image: SpaceImage) => (unhealthy ? { status: 500, body: "no" } : healthyApp("b")(image)),
    })
    unhealthy = true
    expect(await rollback(it.target, { to: "", reason: "500s" })).toMatchObject({
      verdict: Verdict.Success,
      previousCommit: commit("b"),
      liveCommit: commit("a"),
    })
    expect(await deploy(imageRelease("b"), it.target)).toMatchObject({ verdict: Verdict.Refused })
  })

  it.each([
    ["", "A rollback needs a reason."],
    ["  ", "A rollback needs a reason."],
  ])("wants a reason, not %j", async (reason, failed) => {
    await using it = await space("ab")
    expect(await rollback(it.target, { to: "", reason })).toMatchObject({ verdict: Verdict.Refused, failed })
  })

  it("refuses an unknown release before anything changes", async () => {
    await using it = await space("ab")
    const writes = it.hub.writes().length
    expect(await rollback(it.target, { to: "fffffff", reason: "try" })).toMatchObject({
      verdict: Verdict.Refused,
      failed: "fffffff is not a release of this environment.",
      reason: "no version with this commit or ID went live here",
      next: "choose one that `releases` of the component lists",
    })
    expect(it.hub.writes()).toHaveLength(writes)
  })

  it("refuses a version that cannot work with the database, then restores one that can", async () => {
    await using it = await space("abc")
    const writes = it.hub.writes().length
    const known: Record<string, string[]> = { a: ["r1"], b: ["r1", "r2"] }
    const schema = async (release: { commit: string }): Promise<SchemaState> => ({
      database: "r3",
      known: known[release.commit[0] ?? ""] ?? [],
      between:
        release.commit === commit("a")
          ? [
              { revision: "r2", class: MigrationClass.Contract },
              { revision: "r3", class: MigrationClass.Expand },
            ]
          : [{ revision: "r3", class: MigrationClass.Expand }],
    })

    expect(await rollback(it.target, { to: "aaaaaaa", reason: "slow", schema })).toMatchObject({
      schemaConflict: true,
      verdict: Verdict.Refused,
      liveCommit: commit("c"),
      failed: "aaaaaaa cannot work with the current database.",
      reason:
        "the database is at revision r3; since then it was changed by r2 (contract), which that version does not know",
      next: "fix forward with a new version, or choose a release whose schema fits; a rollback does not undo migrations",
    })
    expect(it.hub.writes()).toHaveLength(writes)
    expect(await rollback(it.target, { to: "bbbbbbb", reason: "slow", schema })).toMatchObject({
      verdict: Verdict.Success,
      liveCommit: commit("b"),
    })
  })

  it("does not go back further automatically when the earlier release is unhealthy too", async () => {
    let unhealthy = false
    await using it = await space("ab", {
      a: () =>
        unhealthy
          ? { status: 500, json: {} }
          : { json: { status: "ok", commit: commit("a"), dependencies: { database: "ok" } } },
    })
    unhealthy = true

    const back = await rollback(it.target, { to: "", reason: "bad" })

    expect(back).toMatchObject({
      verdict: Verdict.RollbackFailed,
      liveId: imageId(it, "a"),
      failed: "The earlier release is unhealthy.",
      next: "choose another release with --to, or fix forward with a new version",
    })
    expect(back.reason).toMatch(
      /\/health answered 500, expected 200; a rollback never goes back further automatically$/,
    )
  })

  it("refuses a Netlify deploy that was deleted", async () => {
    const clock = fastClock()
    await using api = await netlify({ sites: ["book"] })
    const target = { ...frontend(api, { clock }), ...(await places(clock)) }
    const first = await deploy(siteRelease("a"), target)
    await deploy(siteRelease("b"), target)
    api.forget(first.id)

    expect(await rollback(target, { to: "", reason: "bad" })).toMatchObject({
      verdict: Verdict.Refused,
      liveCommit: commit("b"),
      failed: `${first.id} cannot be restored.`,
    })
    expect((await releases(target)).map(({ usable, reason }) => [usable, reason])).toEqual([
      [false, "it is live"],
      [false, "the host no longer has it"],
    ])
  })
})

describe("the list of releases", () => {
  it("has each version once, newest first, and whether it is usable", async () => {
    await using it = await space("abc", { b: () => ({ status: 500, json: {} }) })
    it.clock.sleep(60_000)

    const list = await releases(it.target)

    expect(
      list.map(({ commit, author, verdict, usable, reason }) => ({
        commit: commit[0],
        author,
        verdict,
        usable,
        reason,
      })),
    ).toEqual([
      { commit: "c", author: "ana", verdict: Verdict.Success, usable: false, reason: "it is live" },
      {
        commit: "b",
        author: "ana",
        verdict: Verdict.RolledBack,
        usable: false,
        reason: expect.stringContaining("answered 500"),
      },
      { commit: "a", author: "ana", verdict: Verdict.Success, usable: true, reason: "" },
    ])
    expect(list[0]?.ageSeconds).toBeGreaterThanOrEqual(60)
  })

  it("refuses a short commit that matches two releases", () => {
    const attempt = (commit: string) =>
      ({ commit, id: commit, verdict: Verdict.Success, entry: "", endedAt: "" }) as never
    const [one, two] = ["abcdef0".padEnd(40, "1"), "abcdef0".padEnd(40, "2")]
    expect(() =>
      choose([attempt(one), attempt(two)], { id: "", commit: "", url: "", locked: false }, "abcdef0", "here"),
    ).toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: abcdef0 matches several releases.
        why: it matches abcdef0111111111111111111111111111111111 and abcdef0222222222222222222222222222222222
        next: name the release by its whole ID]
    `)
  })
})

const imageId = (it: { hub: { dockerfile(name: string): string } }, _letter: string) =>
  it.hub.dockerfile("owner/book").split("\n")[0]?.replace("FROM ", "")
