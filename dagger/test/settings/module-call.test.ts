import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { moduleManifest } from "../../lib/init/module-manifest.js"
import { callAt, callIn } from "../../lib/settings/module-call.js"

const source = "github.com/acme/delivery@v1.0.0"
const own = JSON.stringify({ name: "shop", engineVersion: "v0.21.8", sdk: { source: "go" } })

it.each([
  ["a blueprint", moduleManifest("", "shop", source).text, "delivery", "dagger call"],
  ["a blueprint of another name", JSON.stringify({ blueprint: { name: "ship", source } }), "ship", "dagger call"],
  ["a toolchain beside its own module", moduleManifest(own, "shop", source).text, "delivery", "dagger call delivery"],
  [
    "a toolchain of another name",
    JSON.stringify({ toolchains: [{ name: "ship", source }] }),
    "ship",
    "dagger call ship",
  ],
  [
    "a toolchain beside a blueprint of another name",
    JSON.stringify({ blueprint: { name: "site", source }, toolchains: [null, { name: "delivery", source }] }),
    "delivery",
    "dagger call delivery",
  ],
  ["the module itself", JSON.stringify({ name: "delivery", sdk: { source: "typescript" } }), "delivery", "dagger call"],
  [
    "a byte order mark",
    `\uFEFF${JSON.stringify({ toolchains: [{ name: "delivery" }] })}`,
    "delivery",
    "dagger call delivery",
  ],
])("a project with %s types how it uses the module", (_, manifest, name, call) => {
  expect(callIn(manifest, name)).toBe(call)
})

it.each([
  ["no dagger.json", ""],
  ["another toolchain", JSON.stringify({ toolchains: [{ name: "lint", source }] })],
  ["a blueprint that is another module", JSON.stringify({ blueprint: { name: "site", source: "github.com/a/b@v1" } })],
  ["a module that depends on it", JSON.stringify({ name: "shop", dependencies: [{ name: "delivery" }] })],
  ["no JSON", "{"],
  ["null", "null"],
])("a project with %s does not name the module, and types its address", (_, manifest) => {
  expect(callIn(manifest, "delivery")).toBeUndefined()
})

it.each([
  [source, `dagger call -m ${source}`],
  ["http://127.0.0.7/delivery.git@v0.1.0", "dagger call -m http://127.0.0.7/delivery.git@v0.1.0"],
  ["", "dagger call -m ADDRESS"],
  ["https://git.example/a b.git@main", "dagger call -m 'https://git.example/a b.git@main'"],
])("the address %j is typed as %s", (address, call) => {
  expect(callAt(address)).toBe(call)
})

it("no message but those of init, and of where a file came from, takes it for granted what people type", () => {
  const sources = join(import.meta.dirname, "../../lib")
  const named = readdirSync(sources, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .filter((file) =>
      readFileSync(join(sources, file), "utf8")
        .split("\n")
        .some((line) => /dagger call/.test(line) && !/^\s*(?:\/\*\*|\*|\/\/)/.test(line)),
    )

  expect(named.toSorted()).toEqual([
    "init/additions.ts",
    "init/dockerfile.ts",
    "init/module-manifest.ts",
    "init/settings-file.ts",
    "init/workflows.ts",
    "metrics/errors.ts",
    "settings/module-call.ts",
  ])
})
