import { expect, it } from "vitest"
import { schemaAddress } from "../../lib/init/module-manifest.js"
import { branchesOf, remoteOf, slug } from "../../lib/init/remote.js"
import { addressIn } from "../../lib/settings/module-call.js"

const commit = "0123456789abcdef0123456789abcdef01234567"

it.each([
  "git@github.com:acme/shop.git",
  "https://github.com/acme/shop",
  "https://user:a-token@github.com/acme/shop.git",
  "ssh://git@github.com/acme/shop.git",
])("is read from %s, without a user and a token", (url) => {
  const gitConfig = `[core]\n\tbare = false\n[remote "fork"]\n\turl = https://github.com/other/shop\n[remote "origin"]\n\turl = ${url}\n\tfetch = +refs\n[branch "main"]\n\tremote = origin\n`

  expect(remoteOf({ gitConfig, texts: {}, tables: {} })).toEqual({ owner: "acme", name: "shop", isKnown: true })
})

it("is a placeholder where Git names none at GitHub", () => {
  const elsewhere = { gitConfig: '[remote "origin"]\n\turl = /srv/git/shop\n', texts: {}, tables: {} }
  const unknown = { owner: "OWNER", name: "REPOSITORY", isKnown: false }

  expect(remoteOf(elsewhere)).toEqual(unknown)
  for (const name of ["", "@acme/", ".", 3])
    expect(remoteOf({ ...elsewhere, texts: { "package.json": JSON.stringify({ name }) } })).toEqual(unknown)
})

it.each([
  [{ "package.json": '{ "name": "@acme/tea-shop" }' }, {}, "tea-shop"],
  [{}, { "pyproject.toml": { project: { name: "tea shop" } } }, "tea-shop"],
  [{}, { "pyproject.toml": { tool: { poetry: { name: "tea" } } } }, "tea"],
  [{ "package.json": '{ "private": true }' }, { "pyproject.toml": { project: { name: "tea" } } }, "tea"],
])("is named as the project's own files are where Git names none at GitHub: %j %j", (texts, tables, name) => {
  expect(remoteOf({ gitConfig: "", texts, tables })).toEqual({ owner: "OWNER", name, isKnown: false })
})

const unusual = "no branch main, master or trunk is there; write the one that production gets"

it.each([
  [["feature", "master"], "master", ""],
  [["trunk"], "trunk", ""],
  [["stable"], "stable", unusual],
  [[], "main", unusual],
])("of the branches %j, %s is production's", (branches, production, unsure) => {
  expect(branchesOf({ branches })).toEqual({ staging: "staging", production, unsure })
})

it("a name that is long still fits a label of DNS with the environment's behind it", () => {
  const name = slug(`${"Long name ".repeat(9)}`)

  expect(name).toBe("long-name-long-name-long-name-long-name-long-name")
  expect(`${name}-staging`.length).toBeLessThan(64)
})

it.each([
  [`https://github.com/acme/delivery/blob/${commit}/dagger/src/index.ts`, `github.com/acme/delivery@${commit}`],
  [
    `https://git.example.org/acme/delivery/-/blob/${commit}/dagger/src/index.ts`,
    `https://git.example.org/acme/delivery.git@${commit}`,
  ],
  ["", ""],
])("where a file of the module is shown at %s, its address is %s", (url, address) => {
  expect(addressIn(url)).toBe(address)
})

it.each([
  [
    "github.com/acme/delivery@v1.0.0",
    "https://raw.githubusercontent.com/acme/delivery/v1.0.0/docs/deployment/reference/delivery.schema.json",
  ],
  [
    "https://github.com/acme/delivery.git@main",
    "https://raw.githubusercontent.com/acme/delivery/main/docs/deployment/reference/delivery.schema.json",
  ],
  // Only GitHub is known to serve single files, and a folder of a repository has another one.
  ["https://gitlab.com/acme/delivery.git@v1.0.0", ""],
  ["github.com/acme/monorepo/delivery@v1.0.0", ""],
  ["https://user:password@github.com/acme/delivery@v1.0.0", ""],
  ["", ""],
])("the settings' schema of the module at %s is at %s", (module, address) => {
  expect(schemaAddress(module)).toBe(address)
})
