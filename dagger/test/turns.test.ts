import { expect, it } from "vitest"
import { turns } from "../src/turns.js"

it("lets no more go on at once than the limit, each once and in the order that they came, also when some fail", async () => {
  const turn = turns(2)
  const began: number[] = []
  const [going, ends] = [new Set<number>(), [] as (() => void)[]]
  let most = 0
  const all = [0, 1, 2, 3, 4].map((at) =>
    turn(async () => {
      began.push(at)
      going.add(at)
      most = Math.max(most, going.size)
      await new Promise<void>((end) => ends.push(end))
      going.delete(at)
      if (at === 1) throw new Error("one of them")
      return at
    }),
  )
  const outcomes = Promise.allSettled(all)
  while (began.length < 5 || going.size > 0) {
    await new Promise((wake) => setImmediate(wake))
    ends.shift()?.()
  }

  expect((await outcomes).map((end) => (end.status === "fulfilled" ? end.value : end.reason.message))).toEqual([
    0,
    "one of them",
    2,
    3,
    4,
  ])
  expect(began).toEqual([0, 1, 2, 3, 4])
  expect(most).toBe(2)
})
