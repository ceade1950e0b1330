import { commandFailure, excerpt, PipelineError } from "../errors.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"

const shown = (text: string) => JSON.stringify(shortened(redacted(sanitized(text)), 80))

/** @param others scripts that package.json has besides. */
export const noBuildScript = (script: string, others: string[]) =>
  new PipelineError(`The frontend has no script ${shown(script)} that builds it.`, {
    why: `its package.json has ${others.length > 0 ? `only ${others.map(shown).join(", ")}` : "no scripts"}`,
    next: "name the one that writes the site as frontend.buildScript of the settings, or add it",
  })

export const noSuchScript = (script: string) =>
  new PipelineError(`package.json has no script ${shown(script)}.`, {
    why: "frontend.testScript of the settings names it",
    next: "correct the name, or add the script",
  })

/** @param others scripts that package.json has besides. */
export const browserNeeded = (script: string, command: string, others: string[]) =>
  new PipelineError(`The frontend's tests need a browser, and none is there.`, {
    why: `its script ${shown(script)} is ${shown(command)}`,
    next: `name a script that runs without one as frontend.testScript of the settings${others.length > 0 ? ` (there are ${others.map(shown).join(", ")})` : ""}; or say in frontend.untested why none are run`,
  })

/** @param missing reports of a run that ended well. @param said by it. */
export const reportsMissing = (missing: string[], command: string, said: string) =>
  new PipelineError(`${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing.`, {
    why: `${command} ran but did not write ${missing.length > 1 ? "them" : "it"}${said && `; it printed:${excerpt(said)}`}`,
    next: "let the command write this report, or name the file that it writes in the settings",
  })

/** @param missing reports of a run that failed. */
export const reportsNotReached = (missing: string[], command: string) =>
  new PipelineError(`${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing.`, {
    why: `${command} ended before it wrote ${missing.length > 1 ? "them" : "it"}`,
    next: "see to what it ended with, which stands above",
  })

/** @param missing reports. @param unasked why nobody could ask for them. @param others scripts that start a runner by themselves. */
export const reportsUnasked = (missing: string[], script: string, text: string, unasked: string, others: string[]) =>
  new PipelineError(`The script ${shown(script)}, which is ${shown(text)}, left no ${missing.join(" and no ")}.`, {
    why: `its runner can't be asked for them: ${shortened(redacted(sanitized(unasked)), 200)}`,
    next: `name a script that runs Vitest, Jest or bun itself as frontend.testScript of the settings${others.length > 0 ? ` (there are ${others.map(shown).join(", ")})` : ""}; or let the script write these files, or name what it writes as frontend.junit and frontend.coverage`,
  })

export const runnerMissing = (runner: string, script: string, lockFile: string) =>
  new PipelineError(`The frontend's tests can't be run: ${runner} is not installed.`, {
    why: `the script ${shown(script)} runs it, and ${lockFile} does not name it`,
    next: `add it with \`npm install --save-dev ${runner}\` or the project's own package manager, and commit both files`,
  })

/** @param packages of which the install scripts did not run. */
export const installScriptsNeeded = (command: string, packages: string[], said: string) =>
  new PipelineError(`\`${command}\` failed: it looks for what an install script makes.`, {
    why: `${packages.length > 0 ? `the install scripts of ${packages.join(", ")}` : "install scripts of packages"} did not run; ${command} printed:${excerpt(said)}`,
    next: `allow those that are needed: "frontend": { "installScripts": ${JSON.stringify(packages.length > 0 ? packages : ["NAME"])} } in the settings; a package that compiles may need frontend.systemPackages ["python3", "make", "g++"] too`,
  })

/** @param folders that are there instead. */
export const outputMissing = (output: string, folders: string[]) =>
  new PipelineError(`The build left no folder ${shown(output)}.`, {
    why: `frontend.output of the settings names it, and the build ended well without writing it${folders.length > 0 ? `; there are ${folders.slice(0, 12).join(" ")}` : ""}`,
    next: "name the folder that the build writes as frontend.output, counted from frontend.source, such as dist or ../dist",
  })

/** What is told of a site whose programs name the machine that built it. @param addresses such as http://localhost:8000/api */
export const localAddresses = (addresses: string[]) =>
  `the site's programs name ${addresses.map((it) => shortened(sanitized(it), 80)).join(" and ")}, which visitors can't reach: if the build needs an address, give it in frontend.env of the settings`

/** @param name of the setting. */
export const systemPackagesFailed = (name: string, said: string) =>
  new PipelineError(
    `The packages of ${name} could not be installed.`,
    commandFailure("apt-get", said, "correct the names; packages.debian.org knows them all"),
  )

/** @param what such as `Python`. @param said what the project says of it. */
export const noSuchRelease = (what: string, setting: string, said: string) =>
  new PipelineError(`No release of ${what} fits what the project says.`, {
    why: `it says ${said}`,
    next: `correct it, or give a release as ${setting} of the settings`,
  })

export const imageMissing = (image: string, setting: string, said: string) =>
  new PipelineError(`The image ${image} can't be had.`, {
    why: `the project's own declaration or ${setting} of the settings asks for it, and the engine printed:${excerpt(said)}`,
    next: `see whether docker.io has it, or give another release as ${setting}`,
  })

/** @param command such as `uv sync`. @param update what writes the lock file anew. */
export const pythonLockOutOfStep = (lockFile: string, update: string, said: string) =>
  new PipelineError(`${lockFile} does not fit pyproject.toml.`, {
    why: `the install refused it:${excerpt(said)}`,
    next: `run \`${update}\` in the backend's folder and commit both files`,
  })

/** @param tag of the image, such as `3.12-slim`. */
export const pythonInstallFailed = (command: string, tag: string, said: string) =>
  new PipelineError(
    `\`${shortened(command, 200)}\` failed on Python ${tag.replace("-slim", "")}.`,
    commandFailure(shortened(command, 60), said, advice(said)),
  )

function advice(said: string): string {
  if (/recursively references itself|^RecursionError/m.test(said))
    return "the requirements files name each other: take out one of the lines with -r or -c, or move what both need into a third file"
  if (
    /requires[- ](?:a different )?python|requires-python|no matching distribution|not supported on this python/i.test(
      said,
    )
  )
    return "correct the package or version that it names; where this Python is the wrong one, give backend.python in the settings, a .python-version or requires-python"
  if (/pg_config|fatal error: \S+\.h|command '?(?:gcc|cc|x86_64-linux-gnu-gcc|cmake|g\+\+)|cargo|rustc/i.test(said))
    return 'a package is compiled here: give what it needs, such as "backend": { "systemPackages": ["gcc", "libpq-dev"] }, in the settings, or take a release with a wheel'
  return "correct what it names, or give the commands that install the packages as backend.install of the settings"
}
