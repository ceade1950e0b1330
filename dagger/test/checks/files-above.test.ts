import { expect, it } from "vitest"
import { filesAbove, nearestAbove } from "../../lib/checks/files-above.js"
import { nodeFiles, pinnedNode, pinnedPython, pythonFiles } from "../../lib/checks/runtime-version.js"

it("are looked for in every folder from the nearest to the root", () => {
  expect(filesAbove("apps/web", [".nvmrc", "b"])).toEqual(["apps/.nvmrc", "apps/b", ".nvmrc", "b"])
  expect(filesAbove("./web/", ["b"])).toEqual(["b"])
  expect(filesAbove(".", ["b"])).toEqual([])
})

it("the nearest wins, and in a folder the first name; an empty one says nothing", () => {
  const names = [".nvmrc", ".node-version"]
  expect(
    nearestAbove("a/b/c", names, { ".nvmrc": "18", "a/.node-version": "20", "a/b/.nvmrc": "\n" }, pinnedNode),
  ).toBe("20")
  expect(nearestAbove("a", names, { ".nvmrc": "22", ".node-version": "20" }, pinnedNode)).toBe("22")
  expect(nearestAbove("a", names, { "a/.nvmrc": "22" }, pinnedNode)).toBe("")
})

it("a file of asdf or mise that names other tools alone says nothing", () => {
  const texts = { ".nvmrc": "22", ".python-version": "3.11", "a/.tool-versions": "ruby 3.3.0\npython 3.12.1\n" }
  expect(nearestAbove("a/b", nodeFiles, texts, pinnedNode)).toBe("22")
  expect(pinnedPython(nearestAbove("a/b", pythonFiles, texts, pinnedPython))).toBe("3.12")
})
