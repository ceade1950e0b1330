import { describe, expect, it } from "vitest"
import { proposal, proposalText } from "../../lib/init/proposal.js"
import { module, proposed, repository, templates } from "./repositories.js"

/** What the starters of others write, as far as init looks at it. */
const manifest = (scripts: Record<string, string>, packages: Record<string, string> = {}, more: object = {}) =>
  JSON.stringify({ name: "site", private: true, scripts, devDependencies: packages, ...more })
const page = "<!doctype html><title>Tea</title>"

/** The settings in a line for each component, and every doubt: the guesses, and what is missing. */
function guessed(texts: Record<string, string>) {
  const { files, settings, missing } = proposed(texts)
  const text = files["delivery.json"] ?? ""
  const { source, output, buildScript } = settings.frontend ?? {}
  return {
    site: settings.frontend ? `${source}: ${buildScript} writes ${output}` : "none",
    service: settings.backend
      ? `${settings.backend.source}: ${settings.backend.health.path} on ${settings.backend.port}`
      : "none",
    served: /^CMD (.*)$/m.exec(Object.entries(files).find(([path]) => path.endsWith("Dockerfile"))?.[1] ?? "")?.[1],
    doubts: [...new Set([...text.matchAll(/\/\/ (GUESS: .*)/g)].map(([, guess]) => guess))]
      .filter((guess) => !guess?.startsWith("GUESS: the names of the"))
      .concat(missing),
  }
}
const noService = { service: "none", served: undefined }
const noSite = { site: "none" }
const noTitle = "GUESS: no title was found in the sources, so none is asked of the first page; write a part of it."

describe("a site of", () => {
  it.each<[string, Record<string, string>, { site: string; doubts: string[] }]>([
    [
      "Next.js that exports files",
      {
        "package.json": manifest({ build: "next build" }, { next: "16" }),
        "package-lock.json": "{}",
        "next.config.ts": 'const config = { output: "export" }\nexport default config\n',
        "app/layout.tsx": 'export const metadata = { title: "Tea" }\n',
      },
      { site: ".: build writes out", doubts: [noTitle] },
    ],
    [
      "Next.js that needs a server",
      { "package.json": manifest({ build: "next build" }, { next: "16" }), "package-lock.json": "{}" },
      {
        site: ".: build writes out",
        doubts: [noTitle, 'the site: Next.js writes files only with `output: "export"` in its configuration'],
      },
    ],
    [
      "Astro",
      {
        "package.json": manifest({ build: "astro build" }, { astro: "6" }),
        "pnpm-lock.yaml": "",
        "astro.config.mjs": "export default defineConfig({})\n",
        "src/layouts/Layout.astro": "<html><head><title>Tea</title></head></html>",
      },
      { site: ".: build writes dist", doubts: [] },
    ],
    [
      "Astro with a server",
      {
        "package.json": manifest({ build: "astro build" }, { astro: "6" }),
        "package-lock.json": "{}",
        "astro.config.mjs": 'export default defineConfig({ output: "server" })\n',
        "src/layouts/Layout.astro": "<title>Tea</title>",
      },
      { site: ".: build writes dist", doubts: ['the site: Astro writes files only without `output: "server"`'] },
    ],
    [
      "SvelteKit with the static adapter, that writes elsewhere",
      {
        "package.json": manifest(
          { build: "vite build", test: "vitest run" },
          { "@sveltejs/kit": "2", "@sveltejs/adapter-static": "3", vite: "8", vitest: "5" },
        ),
        "package-lock.json": "{}",
        "svelte.config.js":
          'import adapter from "@sveltejs/adapter-static"\nexport default { kit: { adapter: adapter({ pages: "site" }) } }\n',
        "src/app.html": "<!doctype html><head>%sveltekit.head%</head>",
      },
      { site: ".: build writes site", doubts: [noTitle] },
    ],
    [
      "Vite and React",
      {
        "package.json": manifest({ build: "tsc -b && vite build" }, { vite: "8", react: "19" }, { type: "module" }),
        "package-lock.json": "{}",
        "index.html": page,
        "vite.config.ts": "export default defineConfig({ plugins: [react()] })\n",
      },
      { site: ".: build writes dist", doubts: [] },
    ],
    [
      "Vite whose root lies deeper",
      {
        "package.json": manifest({ build: "vite build" }, { vite: "8" }),
        "package-lock.json": "{}",
        "client/index.html": page,
        "vite.config.ts": 'export default defineConfig({ root: "./client" })\n',
      },
      { site: ".: build writes client/dist", doubts: [] },
    ],
    [
      "VitePress, as its wizard writes it",
      {
        "package.json": manifest(
          { "docs:dev": "vitepress dev docs", "docs:build": "vitepress build docs" },
          { vitepress: "2" },
        ),
        "package-lock.json": "{}",
        "docs/.vitepress/config.mts": 'export default defineConfig({\n  title: "Tea",\n})\n',
      },
      { site: ".: docs:build writes docs/.vitepress/dist", doubts: [] },
    ],
    [
      "VitePress beside a library, that writes elsewhere",
      {
        "package.json": manifest(
          { build: "tsup", "docs:build": "vitepress build docs" },
          { vitepress: "2", tsup: "8" },
          { private: false, main: "dist/index.js" },
        ),
        "package-lock.json": "{}",
        "docs/.vitepress/config.mts": 'export default defineConfig({\n  title: "Tea",\n  outDir: "../pages",\n})\n',
      },
      { site: ".: docs:build writes pages", doubts: [] },
    ],
    [
      "VitePress whose build does more than docs:build",
      {
        "package.json": manifest(
          { build: "node prices.mjs && npm run docs:build", "docs:build": "vitepress build docs" },
          { vitepress: "2" },
        ),
        "package-lock.json": "{}",
        "docs/.vitepress/config.mts": 'export default defineConfig({\n  title: "Tea",\n})\n',
      },
      { site: ".: build writes docs/.vitepress/dist", doubts: [] },
    ],
    [
      "Nuxt, whose build writes a server",
      {
        "package.json": manifest({ build: "nuxt build", generate: "nuxt generate" }, { nuxt: "4" }),
        "package-lock.json": "{}",
      },
      { site: ".: generate writes .output/public", doubts: [noTitle] },
    ],
    [
      "a script of its own, where nothing says that it writes pages",
      { "package.json": manifest({ build: "node build.mjs" }), "package-lock.json": "{}" },
      {
        site: ".: build writes dist",
        doubts: [
          "GUESS: no generator of pages is known to be here, so this may be no site: then take the part frontend out, here and below.",
          "GUESS: the folder that its build script writes, from the folder of the site on.",
          noTitle,
        ],
      },
    ],
    [
      "a workspace of pnpm",
      {
        "package.json": manifest(
          { build: "pnpm -r build", test: "pnpm -r test" },
          {},
          { packageManager: "pnpm@10.1.0" },
        ),
        "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n",
        "pnpm-lock.yaml": "",
        "apps/web/package.json": manifest({ build: "vite build", test: "vitest run" }, { vite: "8" }),
        "apps/web/index.html": page,
        "apps/admin/package.json": manifest({ build: "vite build" }, { vite: "8" }),
        "apps/admin/index.html": page,
        "packages/ui/package.json": manifest(
          { build: "tsup" },
          { vite: "8" },
          { private: false, main: "dist/index.js" },
        ),
        "packages/ui/vite.config.ts": 'export default defineConfig({ build: { lib: { entry: "src/index.ts" } } })\n',
      },
      {
        site: "apps/web: build writes dist",
        doubts: ["GUESS: a project delivers one site; also here: apps/admin."],
      },
    ],
  ])("%s", (_, texts, expected) => {
    expect(guessed(texts)).toEqual({ ...noService, ...expected })
  })
})

const flask =
  'from flask import Flask, jsonify\n\napp = Flask(__name__)\n\n\n@app.route("/health")\ndef health():\n    return jsonify(status="ok")\n'
const asgi =
  'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/healthz")\ndef healthz():\n    return {"status": "ok"}\n'
const project = (more: string) => `[project]\nname = "shop"\nrequires-python = ">=3.12"\n${more}`
const gunicorn = (application: string) => `["gunicorn","--bind=0.0.0.0:7860","${application}"]`
const uvicorn = (application: string) => `["uvicorn","${application}","--host=0.0.0.0","--port=7860"]`

describe("a service of", () => {
  it.each<[string, Record<string, string>, { service: string; served: string; doubts: string[] }]>([
    [
      "Flask, without a site",
      { "requirements.txt": "flask==3.1.2\n", "app.py": flask },
      { service: ".: /health on 7860", served: gunicorn("app:app"), doubts: [] },
    ],
    [
      "Django, whose assets a script of npm builds",
      {
        "package.json": manifest({ build: "npx tailwindcss -o shop/static/shop.css" }, { tailwindcss: "4" }),
        "requirements.txt": "django==5.2\n",
        "manage.py": "",
        "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        "shop/urls.py": 'urlpatterns = [path("health/", health)]\n',
        "shop/settings.py": 'import os\nSECRET_KEY = os.environ["SECRET_KEY"]\n',
      },
      {
        service: ".: /health/ on 7860",
        served: gunicorn("shop.wsgi:application"),
        doubts: [
          'GUESS: its answer could not be read in the code: it must be JSON that says how the service is, such as {"status": "ok"}.',
        ],
      },
    ],
    [
      "Django, that answers nothing of its health",
      {
        "requirements.txt": "django==5.2\n",
        "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        "shop/urls.py": 'urlpatterns = [path("admin/", admin.site.urls)]\n',
      },
      {
        service: ".: /health on 7860",
        served: gunicorn("shop.wsgi:application"),
        doubts: [
          'GUESS: no path was found that says how the service is; it must answer JSON such as {"status": "ok"} here.',
          'the service: no path says how it is; add one such as /health that answers {"status": "ok"}',
        ],
      },
    ],
    [
      "uv, in src",
      {
        "pyproject.toml": project('dependencies = ["fastapi", "uvicorn"]\n'),
        "uv.lock": "",
        "src/shop/main.py": asgi,
      },
      { service: ".: /healthz on 7860", served: uvicorn("shop.main:app"), doubts: [] },
    ],
    [
      "Poetry, below a folder",
      {
        "backend/pyproject.toml":
          '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.12"\nfastapi = "*"\nuvicorn = "*"\n',
        "backend/poetry.lock": "",
        "backend/shop/app.py": asgi,
      },
      { service: "backend: /healthz on 7860", served: uvicorn("shop.app:app"), doubts: [] },
    ],
    [
      "two, of which one is delivered",
      {
        "orders/requirements.txt": "fastapi\nuvicorn\n",
        "orders/main.py": asgi,
        "api/requirements.txt": "fastapi\nuvicorn\n",
        "api/main.py": asgi,
      },
      {
        service: "api: /healthz on 7860",
        served: uvicorn("main:app"),
        doubts: ["GUESS: a project delivers one service; also here: orders."],
      },
    ],
  ])("%s", (_, texts, expected) => {
    expect(guessed(texts)).toEqual({ ...noSite, ...expected })
  })
})

it("a repository that Git knows no remote of has the name of its own files, and a word where its owner belongs", () => {
  const texts = {
    "package.json": manifest({ build: "vite build" }, { vite: "8" }, { name: "@acme/tea-shop" }),
    "package-lock.json": "{}",
    "index.html": "<!doctype html>",
    "api/requirements.txt": "fastapi\nuvicorn\n",
    "api/main.py": asgi,
  }
  const { files, settings, byHand } = proposed(texts, { gitConfig: "[core]\n\tbare = false\n" })

  expect(settings.project).toEqual({ title: "Tea Shop", source: "https://github.com/OWNER/tea-shop" })
  expect([...(files["delivery.json"] ?? "").matchAll(/\/\/ (GUESS: .*)/g)].map(([, guess]) => guess)).toEqual([
    "GUESS: Git names no remote at GitHub; write the repository's address here, with its owner in place of OWNER.",
    "GUESS: owner and name are those of the repository at GitHub; write them here in lower case.",
    "GUESS: the names of the Netlify sites and Spaces follow the repository's name, and owner stands for your name at Hugging Face; write those that are yours.",
    noTitle,
    noTitle,
  ])
  expect(byHand[0]).toBe(
    "make the repository at GitHub, and write its owner and name into delivery.json, which has OWNER and tea-shop in their place",
  )
})

it("a repository that names itself nowhere gets no title made of a placeholder", () => {
  const { files, settings } = proposed({ "api/requirements.txt": "fastapi\n", "api/main.py": asgi }, { gitConfig: "" })

  expect(settings.project.title).toBe("Product")
  expect(files["delivery.json"]).toContain("// GUESS: nothing here has a name; write what people call it.")
})

it("beside a module of the project's own, says to ask doctor by the toolchain's name", () => {
  const texts = {
    "requirements.txt": "flask\n",
    "app.py": flask,
    "dagger.json": JSON.stringify({ name: "shop", engineVersion: "v0.21.8", sdk: { source: "go" } }),
  }
  const first = proposal(repository(texts), { settings: undefined, module, templates })

  expect(proposalText(first)).toContain(
    "then ask `dagger call delivery doctor`, with its tokens, what is still missing",
  )
})
