import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "smol-toml"
import { proposal, type Templates } from "../../lib/init/proposal.js"
import type { Repository } from "../../lib/init/repository.js"
import { readSettings } from "../../lib/settings/settings.js"

const assets = (name: string): Record<string, string> => {
  const folder = join(import.meta.dirname, "../../assets", name)
  return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]))
}

/** What comes with the module. */
export const templates: Templates = { workflows: assets("workflows"), lint: assets("lint") }

export const module = "github.com/acme/delivery@v1.0.0"

/** A repository with these files, cloned from GitHub. */
export const repository = (texts: Record<string, string>, more: Partial<Repository> = {}): Repository => ({
  files: Object.keys(texts),
  texts,
  tables: Object.fromEntries(
    Object.entries(texts)
      .filter(([path]) => path.endsWith("pyproject.toml"))
      .map(([path, text]) => [path, parse(text)]),
  ),
  gitConfig: '[remote "origin"]\n\turl = git@github.com:acme/Shop.git\n\tfetch = +refs/heads/*\n',
  branches: ["main"],
  ...more,
})

/** What is proposed for it, and the settings that come of that. */
export function proposed(texts: Record<string, string>, more: Partial<Repository> = {}) {
  const made = proposal(repository(texts, more), { settings: undefined, module, templates })
  return { ...made, settings: readSettings(made.files["delivery.json"] ?? "") }
}

export const docusaurus = (source: string) => ({
  [`${source}/package.json`]: JSON.stringify({
    name: "docs",
    private: true,
    scripts: { start: "docusaurus start", build: "docusaurus build" },
    dependencies: { "@docusaurus/core": "3.10.2" },
  }),
  [`${source}/package-lock.json`]: "{}",
  [`${source}/docusaurus.config.ts`]:
    "import type {Config} from '@docusaurus/types';\nconst config: Config = {\n  title: 'The Shop\\'s book',\n};\n",
})

export const fastApi = (source: string, app = health) => ({
  [`${source}/requirements.txt`]: "fastapi==0.120.0\nuvicorn==0.38.0\n",
  [`${source}/main.py`]: app,
})

const health = `from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
`
