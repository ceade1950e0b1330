import { expect, it } from "vitest"
import {
  installFiles,
  lockFileOf,
  missesInstallScript,
  packageManager,
  scriptCommand,
  withInstallScripts,
} from "../../lib/checks/package-manager.js"
import { packageManifest } from "../../lib/checks/package-manifest.js"

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

it.each([
  ["pnpm-lock.yaml", "lockfileVersion: '9.0'", "pnpm@9", "pnpm@9"],
  ["pnpm-lock.yaml", "lockfileVersion: '9.0'", "pnpm@^9.1.0", "pnpm@^9.1.0"],
  ["pnpm-lock.yaml", "lockfileVersion: '9.0'", "npm@10.2.0", "pnpm@10"],
  ["pnpm-lock.yaml", "lockfileVersion: '9.0'", "pnpm@latest --global", "pnpm@10"],
  ["yarn.lock", "# yarn lockfile v1", "yarn@1", "yarn@1"],
  ["yarn.lock", "# yarn lockfile v1", "yarn@4.5.0", "yarn@1.22.22"],
  ["yarn.lock", "__metadata:", "yarn@1.22.22", "@yarnpkg/cli-dist@4"],
  ["yarn.lock", "__metadata:", "yarn@4", "@yarnpkg/cli-dist@4"],
  ["bun.lock", "", "bun@1.1", "bun@1.1"],
])("for %s of %j and %j takes %s", (lockFile, lock, wanted, itself) => {
  expect(packageManager(lockFile, lock, wanted).itself).toBe(itself)
})

it.each([
  [["package-lock.json", "pnpm-lock.yaml"], "pnpm@9.1.0", "pnpm-lock.yaml"],
  [["package-lock.json", "yarn.lock"], "", "package-lock.json"],
  [["yarn.lock", "bun.lockb"], "bun@1.1", "bun.lockb"],
  [["yarn.lock"], "pnpm@9.1.0", "yarn.lock"],
  [["README.md"], "pnpm@9.1.0", undefined],
])("of %j with %j obeys %s", (names, wanted, lockFile) => expect(lockFileOf(names, wanted)).toBe(lockFile))

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
    ["bun.lock", ""],
    ["bun.lockb", ""],
  ] as const) {
    expect(packageManager(lockFile, lock).install.join(" ")).toMatch(/--ignore-scripts|--mode=skip-build/)
  }
})

it("takes bun for both of its lock files", () => {
  expect(packageManager("bun.lock", "", "bun@1.2.3")).toMatchObject({ name: "bun", itself: "bun@1.2.3" })
  expect(packageManager("bun.lockb", "").itself).toBe("bun@1")
})

it("runs a script by the project's own manager, and hands flags on as that takes them", () => {
  const command = (lockFile: string, lock = "") =>
    scriptCommand(packageManager(lockFile, lock), "test", ["--ci"]).join(" ")
  expect(command("package-lock.json")).toBe("npm run test -- --ci")
  expect(command("pnpm-lock.yaml")).toBe("pnpm run test --ci")
  expect(command("yarn.lock")).toBe("yarn run test --ci")
  expect(command("yarn.lock", "__metadata:")).toBe("yarn run test --ci")
  expect(command("bun.lock")).toBe("bun run test --ci")
})

it("installs from manifests of workspaces, patches, and all that the project names as a package or as its Yarn", () => {
  const manifest = {
    dependencies: { a: "file:./libs/a/", b: "^1", c: "file:../up" },
    devDependencies: { d: "link:vendor/d.tgz" },
  }
  const files = installFiles(
    JSON.stringify(manifest),
    "yarn.lock",
    "nodeLinker: pnp\nyarnPath: 'tools/yarn.cjs' # ours\n",
  )
  expect(files).toEqual(
    expect.arrayContaining(["**/package.json", "yarn.lock", ".yarn/releases/**", "**/*.patch", "tools/yarn.cjs"]),
  )
  expect(files.slice(-4)).toEqual(["libs/a", "libs/a/**", "vendor/d.tgz", "vendor/d.tgz/**"])
  expect(installFiles("[]", "yarn.lock", "yarnPath: ../out.cjs\n")).not.toContain("../out.cjs")
})

it("knows the packages whose install scripts did not run, and a failure for want of them", () => {
  const packages = {
    "": { hasInstallScript: true },
    "node_modules/sharp": { hasInstallScript: true },
    "node_modules/a/node_modules/@x/y": { hasInstallScript: true },
    "node_modules/b": {},
  }
  expect(withInstallScripts(JSON.stringify({ packages }))).toEqual(["sharp", "@x/y"])
  expect(withInstallScripts("lockfileVersion: '9.0'")).toEqual([])
  expect(missesInstallScript("Error: Could not locate the bindings file. Tried: …")).toBe(true)
  expect(missesInstallScript("Error: Cannot find module './build/Release/canvas.node'")).toBe(true)
  expect(missesInstallScript("expected 1 to be 2")).toBe(false)
})

it("reads package.json as npm does, and what it says of its versions wherever it says it", () => {
  expect(packageManifest('\uFEFF{"scripts":{"test":"x","odd":1}}')?.scripts).toEqual({ test: "x" })
  expect(packageManifest("[]")).toBeUndefined()
  expect(packageManifest("")).toBeUndefined()
  const said = {
    volta: { node: "20.1.0", pnpm: "9.1.0" },
    engines: { node: ">=20" },
    devEngines: { runtime: [{ name: "bun" }, { name: "node", version: "^22" }] },
  }
  expect(packageManifest(JSON.stringify(said))).toMatchObject({
    packageManager: "pnpm@9.1.0",
    runtime: { volta: "20.1.0", engines: ">=20", devEngines: "^22" },
  })
  const dev = { devEngines: { packageManager: { name: "pnpm", version: "10.2.0" } }, engines: "odd" }
  expect(packageManifest(JSON.stringify(dev))).toMatchObject({ packageManager: "pnpm@10.2.0", runtime: undefined })
})
