import type { Container } from "@dagger.io/dagger"
import { imageMissing, systemPackagesFailed } from "../checks/install-errors.js"
import { ran, stamped } from "./exec.js"

/** A container with plain variables set. */
export const withVariables = (container: Container, variables: Readonly<Record<string, string>>): Container =>
  Object.entries(variables).reduce((all, [name, value]) => all.withEnvVariable(name, value), container)

/** With packages of Debian, of which the settings name some under `setting`. */
export async function withSystemPackages(
  container: Container,
  packages: string[],
  setting: string,
): Promise<Container> {
  if (packages.length === 0) return container
  const install = "apt-get update && apt-get install --yes --no-install-recommends"
  // The names stand outside of the shell's text.
  const done = await ran(
    container.withEnvVariable("DEBIAN_FRONTEND", "noninteractive"),
    stamped(["sh", "-c", `${install} "$@"`, "sh", ...packages]),
  )
  if (done.code !== 0) throw systemPackagesFailed(setting, `${done.stdout}\n${done.stderr}`)
  return done.container
}

/** What a first command in an image gives; says which image it was where there is none of that name. @param setting that picks another. */
export async function inImage<Result>(image: string, setting: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (failure) {
    const said = failure instanceof Error ? failure.message : String(failure)
    if (said.includes(image) && /not found|failed to resolve|pull access denied|manifest unknown/i.test(said))
      throw imageMissing(image, setting, said)
    throw failure
  }
}
