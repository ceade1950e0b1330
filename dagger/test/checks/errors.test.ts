import { expect, it } from "vitest"
import { browserNeeded, localAddresses, noSuchScript, outputMissing, runnerMissing } from "../../lib/checks/errors.js"
import {
  imageMissing,
  installScriptsNeeded,
  noSuchRelease,
  pythonInstallFailed,
  pythonLockOutOfStep,
  systemPackagesFailed,
} from "../../lib/checks/install-errors.js"

const next = ({ message }: Error) => /next: (.*)/.exec(message)?.[1]

it("says which install scripts did not run, and the setting that lets them", () => {
  expect(
    installScriptsNeeded("npm run build", ["better-sqlite3"], "Could not locate the bindings file").message,
  ).toMatchInlineSnapshot(`
    "\`npm run build\` failed: it looks for what an install script makes.
      why: the install scripts of better-sqlite3 did not run; npm run build printed:
        Could not locate the bindings file
      next: allow those that are needed: "frontend": { "installScripts": ["better-sqlite3"] } in the settings; a package that compiles may need frontend.systemPackages ["python3", "make", "g++"] too"
  `)
})

it("says that tests need a browser, and which scripts would do", () => {
  expect(browserNeeded("test", "playwright test", ["test:unit"]).message).toMatchInlineSnapshot(`
    "The frontend's tests need a browser, and none is there.
      why: its script "test" is "playwright test"
      next: name a script that runs without one as frontend.testScript of the settings (there are "test:unit"); or say in frontend.untested why none are run"
  `)
})

it("says on which Python an install failed, and what helps against its cause", () => {
  expect(
    pythonInstallFailed("pip install -r requirements.txt", "3.11-slim", "ERROR: No matching distribution found for x")
      .message,
  ).toMatchInlineSnapshot(`
    "\`pip install -r requirements.txt\` failed on Python 3.11.
      why: pip install -r requirements.txt printed:
        ERROR: No matching distribution found for x
      next: correct the package or version that it names; where this Python is the wrong one, give backend.python in the settings, a .python-version or requires-python, then run the same command again"
  `)
  expect(next(pythonInstallFailed("pip install x", "3.13-slim", "Error: pg_config executable not found."))).toMatch(
    /systemPackages/,
  )
  const recursive = "ERROR: /service/a.txt recursively references itself in /service/b.txt"
  expect(next(pythonInstallFailed("pip install -r a.txt", "3.13-slim", recursive))).toMatch(/name each other/)
  expect(next(pythonInstallFailed("pip install x", "3.13-slim", "odd"))).toMatch(/backend\.install/)
})

it("says the command that writes a lock file anew", () => {
  expect(pythonLockOutOfStep("poetry.lock", "poetry lock", "changed significantly").message).toMatchInlineSnapshot(`
    "poetry.lock does not fit pyproject.toml.
      why: the install refused it:
        changed significantly
      next: run \`poetry lock\` in the backend's folder and commit both files"
  `)
})

it("says what it looked for and where it is set", () => {
  expect(
    [
      noSuchScript("test:unti"),
      runnerMissing("vitest", "test", "package-lock.json"),
      outputMissing("build", ["dist/", "src/"]),
      systemPackagesFailed("backend.systemPackages", "E: Unable to locate package libpg"),
      noSuchRelease("Python", "backend.python", 'requires-python "<3"'),
      imageMissing("python:3.9-slim", "backend.python", "not found"),
    ]
      .map(({ message }) => message)
      .join("\n"),
  ).toMatchInlineSnapshot(`
    "package.json has no script "test:unti".
      why: frontend.testScript of the settings names it
      next: correct the name, or add the script
    The frontend's tests can't be run: vitest is not installed.
      why: the script "test" runs it, and package-lock.json does not name it
      next: add it with \`npm install --save-dev vitest\` or the project's own package manager, and commit both files
    The build left no folder "build".
      why: frontend.output of the settings names it, and the build ended well without writing it; there are dist/ src/
      next: name the folder that the build writes as frontend.output, counted from frontend.source, such as dist or ../dist
    The packages of backend.systemPackages could not be installed.
      why: apt-get printed:
        E: Unable to locate package libpg
      next: correct the names; packages.debian.org knows them all, then run the same command again
    No release of Python fits what the project says.
      why: it says requires-python "<3"
      next: correct it, or give a release as backend.python of the settings
    The image python:3.9-slim can't be had.
      why: the project's own declaration or backend.python of the settings asks for it, and the engine printed:
        not found
      next: see whether docker.io has it, or give another release as backend.python"
  `)
})

it("says that a site's programs name the builder's own machine", () => {
  expect(localAddresses(["http://localhost:8000/api"])).toMatchInlineSnapshot(
    `"the site's programs name http://localhost:8000/api, which visitors can't reach: if the build needs an address, give it in frontend.env of the settings"`,
  )
})
