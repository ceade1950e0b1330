/** Which program installs a frontend's packages, as its lock file says. */
export interface PackageManager {
  name: string
  lockFile: string
  /** What npm installs to get it; "" for npm itself. */
  itself: string
  /** Installs exactly what the lock file names, without running anything of the packages. */
  install: string[]
  /** Adds packages for this run alone. */
  add: string[]
  /** Said when the lock file and package.json differ. */
  outOfStep: RegExp
  /** Variables of the install. */
  env: Record<string, string>
  /** Files beside package.json and the lock file that decide what is installed. */
  settings: string[]
  /** Folder of downloaded packages that runs share. */
  cache: string
}

/**
 * The package manager of a frontend.
 * @param names files in its folder.
 * @param lock content of the lock file, for its format. @param wanted `packageManager` of package.json, such as `pnpm@9.1.0+sha512.…`.
 * @returns `undefined` without a lock file.
 */
export function packageManager(lockFile: string, lock: string, wanted = ""): PackageManager {
  const version = /^(?:npm|pnpm|yarn)@(\d+\.\d+\.\d+(?:-[\w.]+)?)/.exec(wanted)?.[1]
  if (lockFile === "pnpm-lock.yaml") return pnpm(version ?? pnpmOf(lock))
  if (lockFile === "yarn.lock") return lock.includes("__metadata:") ? yarn(version ?? "4") : yarnClassic(version)
  return npm(lockFile)
}

/** Lock files by precedence: npm-shrinkwrap.json wins over package-lock.json in npm itself. */
export const lockFiles = ["npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock"]

const npm = (lockFile: string): PackageManager => ({
  name: "npm",
  lockFile,
  itself: "",
  install: ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
  add: ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"],
  outOfStep: /in sync|from lock file/,
  env: {},
  settings: [".npmrc"],
  cache: "/root/.npm",
})

const pnpm = (version: string): PackageManager => ({
  name: "pnpm",
  lockFile: "pnpm-lock.yaml",
  itself: `pnpm@${version}`,
  install: ["pnpm", "install", "--frozen-lockfile", "--ignore-scripts"],
  add: ["pnpm", "add", "--save-dev", "--ignore-scripts"],
  outOfStep: /ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_LOCKFILE_/,
  env: {},
  settings: [".npmrc", "pnpm-workspace.yaml", ".pnpmfile.cjs"],
  cache: "/root/.local/share/pnpm/store",
})

const yarnClassic = (version = "1.22.22"): PackageManager => ({
  name: "yarn-classic",
  lockFile: "yarn.lock",
  itself: `yarn@${version}`,
  install: ["yarn", "install", "--frozen-lockfile", "--ignore-scripts", "--non-interactive"],
  add: ["yarn", "add", "--dev", "--ignore-scripts", "--non-interactive"],
  outOfStep: /lockfile needs to be updated/,
  env: {},
  settings: [".npmrc", ".yarnrc"],
  cache: "/usr/local/share/.cache/yarn",
})

const yarn = (version: string): PackageManager => ({
  name: "yarn",
  lockFile: "yarn.lock",
  itself: `@yarnpkg/cli-dist@${version}`,
  install: ["yarn", "install", "--immutable", "--mode=skip-build"],
  add: ["yarn", "add", "--dev", "--mode=skip-build"],
  outOfStep: /YN0028/,
  // `npm test` finds the runner only in a node_modules folder.
  env: { YARN_NODE_LINKER: "node-modules", YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_GLOBAL_CACHE: "true" },
  settings: [".npmrc", ".yarnrc.yml"],
  cache: "/root/.yarn/berry/cache",
})

/** Each format of the lock file belongs to a line of releases. */
function pnpmOf(lock: string): string {
  const format = Number(/^lockfileVersion:\s*'?(\d+)/m.exec(lock)?.[1] ?? 9)
  return format >= 9 ? "10" : format >= 6 ? "8" : "7"
}
