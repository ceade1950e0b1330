/** What a package.json says that matters here; what is of another form than npm's counts as not said. */
export interface PackageManifest {
  text: string
  scripts: Record<string, string>
  /** Such as `pnpm@9.1.0`, "" for none. */
  packageManager: string
  /** What it says of Node.js, each "" where it doesn't; `undefined` where it says nothing. */
  runtime: { engines: string; volta: string; devEngines: string } | undefined
}

/** @param text a byte order mark is skipped, as npm does. @returns `undefined` for what is no JSON object. */
export function packageManifest(text: string): PackageManifest | undefined {
  const read = parsedJson(text)
  if (!read) return undefined
  const scripts = Object.entries(object(read.scripts)).filter((entry): entry is [string, string] => isText(entry[1]))
  const volta = object(read.volta)
  const devEngines = object(read.devEngines)
  const runtime = {
    engines: words(object(read.engines).node),
    volta: words(volta.node),
    devEngines: listed(devEngines.runtime)
      .filter(({ name }) => name === "node")
      .map(({ version }) => words(version))
      .join(" || "),
  }
  const [manager] = listed(devEngines.packageManager)
  const ofVolta = ["pnpm", "yarn"].find((name) => isText(volta[name]))
  return {
    text,
    scripts: Object.fromEntries(scripts),
    packageManager:
      words(read.packageManager) ||
      (manager ? `${words(manager.name)}@${words(manager.version)}` : "") ||
      (ofVolta ? `${ofVolta}@${words(volta[ofVolta])}` : ""),
    runtime: Object.values(runtime).some(Boolean) ? runtime : undefined,
  }
}

/** @returns `undefined` for what is no JSON object. */
export function parsedJson(text: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(text.replace(/^\uFEFF/, ""))
    return isObject(read) ? read : undefined
  } catch {
    return undefined
  }
}

/** `devEngines` takes one or a list. https://docs.npmjs.com/cli/v11/configuring-npm/package-json#devengines */
const listed = (value: unknown) => [value].flat().filter(isObject)
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const object = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})
const isText = (value: unknown): value is string => typeof value === "string"
const words = (value: unknown): string => (isText(value) ? value.trim() : "")
