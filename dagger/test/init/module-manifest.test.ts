import { expect, it } from "vitest"
import { moduleManifest, nameIn } from "../../lib/init/module-manifest.js"

const module = "github.com/acme/delivery@v1.2.0"
const own = (more: object) => JSON.stringify({ name: "shop", sdk: { source: "go" }, ...more })

it.each([
  ["delivery", "../delivery", "it has the toolchain delivery"],
  ["ship", "github.com/acme/delivery@v1.0.0", "it has the toolchain ship"],
  ["ship", "https://github.com/Acme/delivery.git@main", "it has the toolchain ship"],
])("a toolchain %s from %s is this module already: %s", (name, source, why) => {
  const manifest = own({ toolchains: [null, { name: "lint", source: "github.com/acme/lint@v1" }, { name, source }] })

  expect(moduleManifest(manifest, "shop", module)).toEqual({ text: "", why })
  expect(nameIn(manifest, module)).toBe(name)
})

it("a toolchain of another repository, or a module that nobody knows the address of, is another one", () => {
  const manifest = own({
    toolchains: [{ name: "ship", source: "github.com/acme/delivery-tools@v1.0.0" }, { name: "x" }],
  })

  expect(JSON.parse(moduleManifest(manifest, "shop", module).text)).toMatchObject({
    toolchains: [{ name: "ship" }, { name: "x" }, { name: "delivery", source: module }],
  })
  expect(nameIn(manifest, "")).toBe("delivery")
})

it("a blueprint of another name is this module where it comes from the same place", () => {
  expect(nameIn(JSON.stringify({ blueprint: { name: "ship", source: "github.com/acme/delivery@v1" } }), module)).toBe(
    "ship",
  )
})
