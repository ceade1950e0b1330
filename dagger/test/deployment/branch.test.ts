import { expect, it } from "vitest"
import { checkedBranch } from "../../lib/deployment/branch.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { gitHub } from "../../stand-ins/github.js"
import { commit } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"

/** GitHub with `a` on main, and `b` on a branch that nobody merged. */
async function history() {
  const clock = fastClock()
  const server = await gitHub({ now: clock.now })
  const root = server.commit("root", [], "main")
  server.commit("a", [root], "main", commit("a"))
  server.commit("later", [commit("a")], "main")
  server.commit("b", [root], "feature/prices", commit("b"))
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, clock)
  const claim = (letter: string, fromAnyBranch = "") => ({
    commit: commit(letter),
    branch: "main",
    environment: "production",
    fromAnyBranch,
  })
  const order = (one: string, other: string) => github.order(one, other)
  return { server, claim, order, [Symbol.asyncDispose]: () => server.close() }
}

it("deploys a commit that the environment's branch contains, also when the branch has moved on", async () => {
  await using it = await history()

  expect(await checkedBranch(it.claim("a"), it.order)).toBe("main has aaaaaaa")
})

it("refuses a commit of another branch, and says how to deploy it nevertheless", async () => {
  await using it = await history()

  await expect(checkedBranch(it.claim("b"), it.order)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: bbbbbbb is not on main.
      why: production is deployed from main, which does not contain this commit
      next: merge it into main first; to deploy it anyway add --from-any-branch="the reason"]
  `)
})

it("says what to do where GitHub does not know the commit or the branch", async () => {
  await using it = await history()

  await expect(checkedBranch(it.claim("d"), it.order)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: Whether main has ddddddd is unknown.
      why: GitHub does not know this commit, or has no such branch
      next: push both, then run the same command again; to deploy it anyway add --from-any-branch="the reason"]
  `)
})

it("deploys a commit of any branch for a reason, without asking, and repeats the reason", async () => {
  await using it = await history()

  expect(await checkedBranch(it.claim("b", "main is broken since noon"), it.order)).toBe(
    "not asked whether main has bbbbbbb: main is broken since noon",
  )
  expect(it.server.log).toEqual([])
})

it("says that it was not checked where there is no token to ask with", async () => {
  await using it = await history()

  expect(await checkedBranch(it.claim("b"))).toBe(
    "not checked whether main has bbbbbbb: there is no --github-token to ask GitHub with",
  )
})
