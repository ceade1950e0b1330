import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { moduleManifest } from "../../lib/init/module-manifest.js"
import { callIn } from "../../lib/settings/module-call.js"

const source = "github.com/acme/delivery@v1.0.0"
const own = JSON.stringify({ name: "shop", engineVersion: "v0.21.8", sdk: { source: "go" } })

it.each([
  ["no dagger.json", "", "dagger call"],
  ["a blueprint", moduleManifest("", "shop", source).text, "dagger call"],
  ["a toolchain beside a module of its own", moduleManifest(own, "shop", source).text, "dagger call delivery"],
  ["a toolchain of another name", JSON.stringify({ toolchains: [{ name: "lint", source }] }), "dagger call"],
  [
    "a toolchain beside a blueprint of another name",
    JSON.stringify({ blueprint: { name: "site", source }, toolchains: [null, { name: "delivery", source }] }),
    "dagger call delivery",
  ],
  ["the module itself", JSON.stringify({ name: "delivery", sdk: { source: "typescript" } }), "dagger call"],
  [
    "a module that depends on it",
    JSON.stringify({ name: "shop", dependencies: [{ name: "delivery" }] }),
    "dagger call",
  ],
  ["a byte order mark", `\uFEFF${JSON.stringify({ toolchains: [{ name: "delivery" }] })}`, "dagger call delivery"],
  ["no JSON", "{", "dagger call"],
  ["null", "null", "dagger call"],
])("a project with %s types %s", (_, manifest, call) => {
  expect(callIn(manifest)).toBe(call)
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
