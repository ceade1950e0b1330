import { commandFailure, excerpt, PipelineError } from "../errors.js"
import { shortened } from "../text/untrusted.js"

/** @param names of the files in its folder. */
export const noPythonProject = (names: string[]) =>
  new PipelineError("The backend's packages can't be installed.", {
    why: `its folder has neither requirements.txt nor pyproject.toml nor setup.py${names.includes("Pipfile") ? ", and the pipeline does not know Pipfile" : ""}`,
    next: `add one of them, name the right folder as backend.source of the settings, or give the commands that install them as backend.install${names.includes("Pipfile") ? ', such as ["pip install pipenv", "pipenv install --system --dev --deploy"]' : ""}`,
  })

export const licencesUnknown = (lockFile: string) =>
  new PipelineError("The licences of the frontend's packages are unknown.", {
    why: `${lockFile} does not name them`,
    next: "this stops nothing; `pnpm licenses list` or `yarn licenses list` shows them",
  })

export const pyprojectUnreadable = (output: string) =>
  new PipelineError("pyproject.toml can't be read.", {
    why: `its reader printed:${excerpt(output)}`,
    next: "correct the line that it names; it is TOML",
  })

/** @param name such as package.json */
export const manifestMissing = (name: string) =>
  new PipelineError(`The frontend has no ${name} that can be read.`, {
    why: "the folder holds none, or it is not JSON",
    next: "name the right folder as frontend.source of the settings",
  })

export const lockFileMissing = (name: string) =>
  new PipelineError(`${name} is missing.`, {
    why: "without a lock file two installs of one commit can differ",
    next: "run `npm install` in the frontend's folder and commit the lock file",
  })

export const lockFileOutOfStep = (name: string, output: string, command = "npm ci") =>
  new PipelineError(`${name} does not fit package.json.`, {
    why: `${command} rejected it:${excerpt(mismatches(output) || output)}`,
    next: `run \`${command.split(" ", 1)[0]} install\` in the frontend's folder and commit both files`,
  })

/** npm names what is missing first, then prints all of its options. */
const mismatches = (output: string) =>
  output
    .split("\n")
    .filter((line) => /\b(Missing|Invalid):/.test(line))
    .join("\n")

export const npmFailed = (command: string, output: string) =>
  new PipelineError(`\`${command}\` failed.`, commandFailure(command, output, "fix what it names"))

export const pipFailed = (command: string, output: string) =>
  new PipelineError(
    `\`${command}\` failed.`,
    commandFailure(command, output, "correct the package or version that it names"),
  )

export const linterMissing = (tool: string, output: string) =>
  new PipelineError(
    `${tool} could not be installed.`,
    commandFailure("its installation", output, "check whether its package registry answers"),
  )

/** @param packages of which the install scripts did not run. */
export const installScriptsNeeded = (command: string, packages: string[], said: string) =>
  new PipelineError(`\`${command}\` failed: it looks for what an install script makes.`, {
    why: `${packages.length > 0 ? `the install scripts of ${packages.join(", ")}` : "install scripts of packages"} did not run; ${command} printed:${excerpt(said)}`,
    next: `allow those that are needed: "frontend": { "installScripts": ${JSON.stringify(packages.length > 0 ? packages : ["NAME"])} } in the settings; a package that compiles may need frontend.systemPackages ["python3", "make", "g++"] too`,
  })

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
