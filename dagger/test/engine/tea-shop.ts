import { type Project, project } from "./dagger.js"

/**
 * A site and a FastAPI service that say nothing of deployments, at GitHub.
 * @param site folder of the site; one that a script writes unless given.
 */
export function teaShop(site?: string): Project {
  const it = project(site === undefined ? {} : { frontend: site })
  it.remove("delivery.json")
  it.git("remote", "add", "origin", "https://github.com/acme/tea.git")
  if (site === undefined) scriptedSite(it)
  it.write("api/requirements.txt", "fastapi==0.121.0\nuvicorn==0.38.0\nhttpx==0.28.1\n")
  it.write(
    "api/main.py",
    `"""Prices of tea."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    """Says that it runs."""
    return {"status": "ok"}
`,
  )
  it.write(
    "api/test_main.py",
    `"""Tests of the prices."""

from fastapi.testclient import TestClient

from main import app


def test_health() -> None:
    """It runs."""
    assert TestClient(app).get("/health").json() == {"status": "ok"}
`,
  )
  // There, and not in Git: nobody may replace it either.
  it.write(".gitignore", "/netlify.toml\n")
  it.write("netlify.toml", "# mine\n")
  it.commit("a tea shop")
  return it
}

function scriptedSite(it: Project): void {
  const manifest = { name: "website", version: "0.0.0", private: true, scripts: { build: "node build.mjs" } }
  const lock = { name: "website", version: "0.0.0", lockfileVersion: 3, packages: { "": manifest } }
  it.write("website/package.json", JSON.stringify(manifest))
  it.write("website/package-lock.json", JSON.stringify(lock))
  it.write(
    "website/build.mjs",
    `import { mkdirSync, writeFileSync } from "node:fs"
mkdirSync("out", { recursive: true })
writeFileSync("out/index.html", '<!doctype html><title>Tea shop</title><a href="green.html">Green</a>')
writeFileSync("out/green.html", "<!doctype html><title>Green tea</title>")
`,
  )
}
