export interface Settings {
  environment: string
  apiUrl: string
}

/** Says in one sentence, fit for a visitor, why the site's settings cannot be used. */
export class SettingsError extends Error {}

function isBackendAddress(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
}

/** Settings as the deployer wrote them; a trailing slash of `apiUrl` is dropped. */
export function parseSettings(value: unknown): Settings {
  const { environment, apiUrl } = (value ?? {}) as Record<string, unknown>
  const mistakes: string[] = []
  if (typeof environment !== "string" || environment.trim() === "") {
    mistakes.push('"environment" must be a name such as "staging"')
  }
  if (!isBackendAddress(apiUrl)) {
    mistakes.push('"apiUrl" must be an http or https address such as "https://api.example.org"')
  }
  if (mistakes.length > 0) throw new SettingsError(`config.json is malformed: ${mistakes.join("; ")}.`)
  return { environment: environment as string, apiUrl: (apiUrl as string).replace(/\/+$/, "") }
}

/** A few bytes from the site's own host; slower than this is an outage. */
const SETTINGS_TIMEOUT = 10_000

/**
 * Reads the settings at run time, which lets one build serve every environment.
 * @param timeout milliseconds until it is given up, body included.
 */
export async function loadSettings(address: string, timeout = SETTINGS_TIMEOUT): Promise<Settings> {
  const signal = AbortSignal.timeout(timeout)
  let response: Response
  let text: string
  try {
    response = await fetch(address, { cache: "no-store", signal })
    text = await response.text()
  } catch {
    throw new SettingsError(
      signal.aborted
        ? `config.json did not arrive within ${timeout / 1000} s. Try again.`
        : "config.json could not be loaded. Check your connection and try again.",
    )
  }
  if (!response.ok) throw new SettingsError(`config.json could not be loaded: the site answered ${response.status}.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SettingsError("config.json is malformed: it is not JSON.")
  }
  return parseSettings(value)
}
