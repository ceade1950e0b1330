import { expect, it } from "vitest"
import { type Project, packageIndex, project, repository, run } from "./dagger.js"

/** Starts what the image starts, and prints who that is and what it answers. */
const serving = `"""Starts a command, asks it until it answers, and prints that."""

import os
import subprocess
import sys
import time
import urllib.request

with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL) as served:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/health") as answer:
                print(os.getuid(), answer.read().decode().strip())
                break
        except OSError:
            time.sleep(0.1)
    served.terminate()
`
const python = (tool: string, command: string) =>
  `tools=$(mktemp -d) && python3 -m venv $tools && $tools/bin/pip install -q ${tool} && $tools/bin/${command} && rm -r $tools`

/** A repository of one service without a Dockerfile, whose lock file its own program writes. */
async function service(files: Record<string, string>, lock = "true"): Promise<Project> {
  const it = project({})
  it.remove("delivery.json")
  for (const [path, text] of Object.entries({ ...files, "serving.py": serving })) it.write(path, text)
  await it.run(lock)
  it.commit("a service")
  return it
}

/** What init's Dockerfile makes of it: the image is built, and starts as it would anywhere. */
async function served(it: Project): Promise<string> {
  const made = await run(["call", "--silent", "--auto-apply", "-m", repository, "init"], it.path)
  expect(made.code, made.error).toBe(0)
  it.commit("with a Dockerfile")
  const command = await it.call(["--json", "backend", "image", "default-args"])
  expect(command.code, command.error).toBe(0)
  const args = ["python", "serving.py", ...(JSON.parse(command.stdout) as string[])]
  const said = await it.call(["backend", "image", "with-exec", ...args.map((one) => `--args=${one}`), "stdout"])
  expect(said.code, said.error).toBe(0)
  return said.stdout.trim()
}

it("a service with uv is served by the Dockerfile that init writes, with the server that it does not name", async () => {
  using it = await service(
    {
      "pyproject.toml":
        '[project]\nname = "tea"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["fastapi==0.121.0"]\n',
      "src/tea/main.py":
        'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/health")\ndef health() -> dict[str, str]:\n    """Says that it runs."""\n    return {"status": "ok"}\n',
    },
    python("uv==0.13.9", "uv lock -q"),
  )

  expect(await served(it)).toBe('1000 {"status":"ok"}')
})

it("a service with Poetry and an older Python is served by the Dockerfile that init writes", async () => {
  using it = await service(
    {
      "pyproject.toml": `[tool.poetry]
name = "lending"
version = "1.0.0"
description = "Lends books."
authors = []
package-mode = false

[tool.poetry.dependencies]
python = "~3.11"
flask = "3.1.2"

[[tool.poetry.source]]
name = "simple"
url = "${packageIndex()}"
priority = "primary"
`,
      "lending/__init__.py": "",
      "lending/app.py":
        'from flask import Flask, jsonify\n\napp = Flask(__name__)\n\n\n@app.route("/health")\ndef health():\n    """Says that it runs."""\n    return jsonify(status="ok")\n',
    },
    python("poetry==2.2.1", "poetry lock -q -n"),
  )

  expect(await served(it)).toBe('1000 {"status":"ok"}')
})

it("a service that pyproject.toml alone describes is served by the Dockerfile that init writes", async () => {
  using it = await service({
    "pyproject.toml": '[project]\nname = "tea"\nversion = "1.0.0"\ndependencies = ["flask==3.1.2"]\n',
    "app.py":
      'from flask import Flask, jsonify\n\n\ndef create_app() -> Flask:\n    """Makes it."""\n    app = Flask(__name__)\n\n    @app.get("/health")\n    def health():\n        return jsonify(status="ok")\n\n    return app\n',
  })

  expect(await served(it)).toBe('1000 {"status":"ok"}')
})
