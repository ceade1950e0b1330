import { expect, it } from "vitest"
import { packageManager } from "../../src/checks/package-manager.js"

it("takes npm for its own lock files", () => {
  expect(packageManager("package-lock.json", "{}")).toMatchObject({ name: "npm", itself: "" })
  expect(packageManager("npm-shrinkwrap.json", "{}").install[1]).toBe("ci")
})

it.each([
  ["lockfileVersion: '9.0'\n", "pnpm@10"],
  ["lockfileVersion: '6.0'\n", "pnpm@8"],
  ["lockfileVersion: 5.4\n", "pnpm@7"],
])("takes a pnpm that reads the lock file's format %j", (lock, itself) => {
  expect(packageManager("pnpm-lock.yaml", lock).itself).toBe(itself)
})

it("takes the release that package.json asks for, whatever the format", () => {
  expect(packageManager("pnpm-lock.yaml", "lockfileVersion: '9.0'", "pnpm@9.1.0+sha512.ab").itself).toBe("pnpm@9.1.0")
  expect(packageManager("yarn.lock", "__metadata:", "yarn@4.9.2").itself).toBe("@yarnpkg/cli-dist@4.9.2")
})

it("tells the two yarns apart by the lock file", () => {
  expect(packageManager("yarn.lock", "# yarn lockfile v1\n").itself).toBe("yarn@1.22.22")
  expect(packageManager("yarn.lock", "__metadata:\n  version: 8\n").env.YARN_NODE_LINKER).toBe("node-modules")
})

it("never runs the install scripts of packages", () => {
  for (const [lockFile, lock] of [
    ["package-lock.json", ""],
    ["pnpm-lock.yaml", ""],
    ["yarn.lock", ""],
    ["yarn.lock", "__metadata:"],
  ] as const) {
    expect(packageManager(lockFile, lock).install.join(" ")).toMatch(/--ignore-scripts|--mode=skip-build/)
  }
})
