import { parsedJson } from "./package-manifest.js"

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
  /** Runs the install scripts of the packages that come behind it. */
  allow: string[]
  /** Said when the lock file and package.json differ. */
  outOfStep: RegExp
  /** Variables of the install. */
  env: Record<string, string>
  /** Folder of downloaded packages that runs share. */
  cache: string
}

/**
 * The package manager of a frontend.
 * @param lock content of the lock file, for its format. @param wanted `packageManager` of package.json, such as `pnpm@9.1.0+sha512.…`.
 */
export function packageManager(lockFile: string, lock: string, wanted = ""): PackageManager {
  // A release or a range of one; what another manager's release is called says nothing of this one.
  const [, name = "", asked = ""] =
    /^(npm|pnpm|yarn|bun)@([~^]?\d+(?:\.\d+){0,2}(?:-[\w.]+)?)(?:\+.*)?$/.exec(wanted.trim()) ?? []
  const version = (of: string) => (name === of ? asked : undefined)
  if (lockFile === "pnpm-lock.yaml") return pnpm(version("pnpm") ?? pnpmOf(lock))
  if (lockFile.startsWith("bun.lock")) return bun(lockFile, version("bun") ?? "1")
  if (lockFile !== "yarn.lock") return npm(lockFile)
  const isClassic = !lock.includes("__metadata:")
  const ofYarn = /^[~^]?[01](?:\.|$)/.test(asked) === isClassic ? version("yarn") : undefined
  return isClassic ? yarnClassic(ofYarn) : yarn(ofYarn ?? "4")
}

/** Lock files by precedence: npm-shrinkwrap.json wins over package-lock.json in npm itself. */
export const lockFiles = [
  "npm-shrinkwrap.json",
  "package-lock.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
]

/** The lock file that is obeyed: that of the manager that package.json names, else the first by precedence. @param wanted as `packageManager` takes it. */
export function lockFileOf(names: string[], wanted: string): string | undefined {
  const there = lockFiles.filter((name) => names.includes(name))
  const owners: Record<string, RegExp> = { npm: /^(?:npm|package)-/, pnpm: /^pnpm-/, yarn: /^yarn/, bun: /^bun/ }
  const owner = owners[wanted.split("@", 1)[0] ?? ""]
  return there.find((name) => owner?.test(name)) ?? there[0]
}

/**
 * The files that an install reads, as patterns: manifests of the project and its workspaces, settings, patches, releases and plugins of
 * Yarn, and what package.json or .yarnrc.yml name in the project. An edit of any other file leaves the installed packages as they are.
 * @param manifest text of the project's package.json, "" when it isn't JSON.
 */
export function installFiles(manifest: string, lockFile: string, yarnrc = ""): string[] {
  const own = localPackages(manifest).flatMap((path) => [path, `${path}/**`])
  const release = yarnPath(yarnrc)
  return [
    "**/package.json",
    lockFile,
    ...["**/.npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml", "pnpm-workspace.yaml", ".pnpmfile.cjs", ".pnpmfile.mjs"],
    ...[".yarn/releases/**", ".yarn/plugins/**", ".yarn/patches/**", "**/*.patch", "**/*.diff"],
    ...(release ? [release] : []),
    ...own,
  ]
}

/** Folders and archives that package.json names as packages. */
function localPackages(manifest: string): string[] {
  const read = parsedJson(manifest) ?? {}
  const tables = ["dependencies", "devDependencies", "optionalDependencies"].map((name) => read[name])
  return tables.flatMap((table) =>
    Object.values(table && typeof table === "object" ? table : {}).flatMap((wanted) => {
      const path = /^(?:file|link|portal):(?:\.\/)?([^#]+)$/.exec(String(wanted))?.[1]?.replace(/\/+$/, "")
      // What lies above the project isn't there.
      return path && !path.startsWith("..") && !path.startsWith("/") ? [path] : []
    }),
  )
}

/** Where .yarnrc.yml says that the project's own Yarn lies; "" for none. https://yarnpkg.com/configuration/yarnrc#yarnPath */
const yarnPath = (yarnrc: string): string =>
  /^yarnPath:\s*(["']?)(?:\.\/)?(?!\.\.|\/)([^"'#\n]+?)\1\s*(?:#.*)?$/m.exec(yarnrc)?.[2] ?? ""

/** Packages whose install scripts npm's lock file knows of; they did not run. @returns none for another lock file. */
export function withInstallScripts(lock: string): string[] {
  const { packages } = parsedJson(lock) ?? {}
  const entries = Object.entries(packages && typeof packages === "object" ? packages : {})
  const named = entries.filter(([path, it]) => path && (it as { hasInstallScript?: boolean } | null)?.hasInstallScript)
  return [...new Set(named.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)))]
}

/** Whether a command failed for want of what an install script makes: a native module, a downloaded program. */
export const missesInstallScript = (said: string): boolean =>
  /bindings file|\.node['"]?(?:\s|$)|native binding|prebuil[dt]|node-gyp|Failed to load .*(?:binary|native)|install script|postinstall/i.test(
    said,
  )

/** A script of package.json by the manager itself: npm refuses a project whose `devEngines` names another. */
export const scriptCommand = (
  { name }: PackageManager,
  script: string,
  flags: string[] = [],
  ...ofNpm: string[]
): string[] => {
  if (name !== "npm") return [name === "yarn-classic" ? "yarn" : name, "run", script, ...flags]
  return ["npm", "run", ...ofNpm, script, ...(flags.length === 0 ? [] : ["--", ...flags])]
}

const npm = (lockFile: string): PackageManager => ({
  name: "npm",
  lockFile,
  itself: "",
  install: ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
  add: ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"],
  allow: ["npm", "rebuild", "--ignore-scripts=false", "--foreground-scripts"],
  outOfStep: /in sync|from lock file/,
  env: {},
  cache: "/root/.npm",
})

const pnpm = (version: string): PackageManager => ({
  name: "pnpm",
  lockFile: "pnpm-lock.yaml",
  itself: `pnpm@${version}`,
  install: ["pnpm", "install", "--frozen-lockfile", "--ignore-scripts"],
  // The root of a workspace otherwise takes no packages.
  add: ["pnpm", "add", "--save-dev", "--ignore-scripts", "--ignore-workspace-root-check"],
  // The packages that come behind it are all that it builds; pnpm 10 would ask its own list besides.
  allow: ["pnpm", "rebuild", "--config.dangerously-allow-all-builds=true"],
  outOfStep: /ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_LOCKFILE_/,
  // The release that is installed is the one that package.json names, or one that reads the lock file; a second look costs time.
  env: { npm_config_manage_package_manager_versions: "false" },
  cache: "/root/.local/share/pnpm/store",
})

const yarnClassic = (version = "1.22.22"): PackageManager => ({
  name: "yarn-classic",
  lockFile: "yarn.lock",
  itself: `yarn@${version}`,
  install: ["yarn", "install", "--frozen-lockfile", "--ignore-scripts", "--non-interactive"],
  add: ["yarn", "add", "--dev", "--ignore-scripts", "--non-interactive", "--ignore-workspace-root-check"],
  allow: ["npm", "rebuild", "--ignore-scripts=false", "--foreground-scripts"],
  outOfStep: /lockfile needs to be updated/,
  env: {},
  cache: "/usr/local/share/.cache/yarn",
})

const yarn = (version: string): PackageManager => ({
  name: "yarn",
  lockFile: "yarn.lock",
  // Any Yarn hands over to the one that yarnPath names.
  itself: `@yarnpkg/cli-dist@${version}`,
  install: ["yarn", "install", "--immutable", "--mode=skip-build"],
  add: ["yarn", "add", "--dev", "--mode=skip-build"],
  allow: ["npm", "rebuild", "--ignore-scripts=false", "--foreground-scripts"],
  outOfStep: /YN0028/,
  // `npm test` finds the runner only in a node_modules folder.
  env: { YARN_NODE_LINKER: "node-modules", YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_GLOBAL_CACHE: "true" },
  cache: "/root/.yarn/berry/cache",
})

/** https://bun.com/docs/cli/install */
const bun = (lockFile: string, version: string): PackageManager => ({
  name: "bun",
  lockFile,
  itself: `bun@${version}`,
  install: ["bun", "install", "--frozen-lockfile", "--ignore-scripts"],
  add: ["bun", "add", "--dev", "--ignore-scripts"],
  allow: ["npm", "rebuild", "--ignore-scripts=false", "--foreground-scripts"],
  outOfStep: /lockfile is frozen|lockfile had changes/,
  env: {},
  cache: "/root/.bun/install/cache",
})

/** Each format of the lock file belongs to a line of releases. */
function pnpmOf(lock: string): string {
  const format = Number(/^lockfileVersion:\s*'?(\d+)/m.exec(lock)?.[1] ?? 9)
  return format >= 9 ? "10" : format >= 6 ? "8" : "7"
}
