import { expect, it } from "vitest"
import { filesAbove, nearestAbove } from "../../lib/checks/files-above.js"

it("are looked for in every folder from the nearest to the root", () => {
  expect(filesAbove("apps/web", [".nvmrc", "b"])).toEqual(["apps/.nvmrc", "apps/b", ".nvmrc", "b"])
  expect(filesAbove("./web/", ["b"])).toEqual(["b"])
  expect(filesAbove(".", ["b"])).toEqual([])
})

it("the nearest wins, and in a folder the first name; an empty one says nothing", () => {
  const names = [".nvmrc", ".node-version"]
  expect(nearestAbove("a/b/c", names, { ".nvmrc": "18", "a/.node-version": "20", "a/b/.nvmrc": "\n" })).toBe("20")
  expect(nearestAbove("a", names, { ".nvmrc": "22", ".node-version": "20" })).toBe("22")
  expect(nearestAbove("a", names, { "a/.nvmrc": "22" })).toBe("")
})
