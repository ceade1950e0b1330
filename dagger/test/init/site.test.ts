import { expect, it } from "vitest"
import { siteIn } from "../../lib/init/site.js"
import { docusaurus, proposed, repository } from "./repositories.js"

const manifest = (more: object) =>
  JSON.stringify({ name: "site", private: true, scripts: { build: "vite build" }, ...more })
const vite = { devDependencies: { vite: "8" } }

it.each([
  ["frontend before website", ["website", "frontend"], "frontend"],
  ["the root before a folder below", ["docs", "."], "."],
  ["a folder of any name", ["platform/pages"], "platform/pages"],
  ["nothing among examples and fixtures", ["examples/site", "test/fixtures/site", "node_modules/site"], undefined],
])("is %s", (_, folders, source) => {
  const files = Object.fromEntries(
    folders.map((folder) => [folder === "." ? "package.json" : `${folder}/package.json`, manifest(vite)]),
  )

  expect(siteIn(repository(files))?.source).toBe(source)
})

it.each([
  ["a library that Vite builds", { build: "vite build" }, { main: "dist/index.js", private: false }, ""],
  ["a private one", { build: "vite build" }, {}, 'export default { build: { lib: { entry: "index.ts" } } }'],
  ["a program whose tests alone use Vite", { build: "tsc", test: "vitest" }, {}, ""],
])("is not %s, but with a page of its own it is", (_, scripts, more, config) => {
  const files = { "package.json": manifest({ scripts, ...vite, ...more }), "vite.config.ts": config }

  expect(siteIn(repository(files))).toBeUndefined()
  expect(siteIn(repository({ ...files, "index.html": "<title>Tea</title>" }))?.source).toBe(".")
})

it("is no library, no workspace root and nothing without a build", () => {
  const files = {
    "package.json": manifest({ workspaces: ["packages/*"] }),
    "packages/core/package.json": manifest({ private: false, main: "dist/index.js" }),
    "packages/tools/package.json": manifest({ scripts: { test: "vitest" } }),
  }

  expect(siteIn(repository(files))).toBeUndefined()
})

it.each([
  ["Docusaurus", docusaurus("web"), "build", ""],
  ["Vite", { "web/package.json": manifest(vite) }, "dist", ""],
  [
    "Vite",
    { "web/package.json": manifest(vite), "web/vite.config.ts": 'export default { build: { outDir: "./site" } }' },
    "site",
    "",
  ],
  [
    "Vite",
    { "web/package.json": manifest({ ...vite, scripts: { build: "vite build --outDir ../public" } }) },
    "../public",
    "",
  ],
  [
    "VitePress",
    {
      "web/package.json": manifest({ scripts: { build: "vitepress build docs" }, devDependencies: { vitepress: "1" } }),
    },
    "docs/.vitepress/dist",
    "",
  ],
  [
    "Next.js",
    {
      "web/package.json": manifest({ dependencies: { next: "16" } }),
      "web/next.config.mjs": 'export default { output: "export" }',
    },
    "out",
    "",
  ],
  [
    "its own build script",
    {
      "web/package.json": manifest({ scripts: { build: "node build.mjs" } }),
      "web/.gitignore": "node_modules\n/out/\n",
    },
    "out",
    "the folder that its build script writes, from the folder of the site on",
  ],
])("of %s is written to where the generator or its settings say", (generator, files, output, outputUnsure) => {
  expect(siteIn(repository(files as Record<string, string>))).toMatchObject({
    generator,
    output,
    outputUnsure,
    notStatic: "",
  })
})

it.each([
  [{ dependencies: { next: "16" } }, 'Next.js writes files only with `output: "export"` in its configuration'],
  [
    { devDependencies: { "@sveltejs/kit": "2", "@sveltejs/adapter-auto": "7" } },
    "SvelteKit writes files only with @sveltejs/adapter-static",
  ],
])("that is no folder of files is missing something: %j", (more, missing) => {
  expect(proposed({ "package.json": manifest(more), "package-lock.json": "{}" }).missing).toEqual([
    `the site: ${missing}`,
  ])
})

it("has the title of its first page", () => {
  const page = { "web/package.json": manifest(vite), "web/index.html": "<!doctype html><title>Tea &amp; more</title>" }

  expect(siteIn(repository(page))?.title).toBe("Tea & more")
  expect(siteIn(repository(docusaurus("web")))?.title).toBe("The Shop's book")
})

it("of Docusaurus has the title that its settings say, whether or not they name Docusaurus", () => {
  const files = { ...docusaurus("web"), "web/docusaurus.config.ts": "export default {\n  title: 'Tea',\n};\n" }

  expect(siteIn(repository(files))?.title).toBe("Tea")
})

it.each([
  ["pnpm@10.1.0", "pnpm install --lockfile-only"],
  ["yarn@4.1.0", "yarn install"],
  ["bun@1.2.0", "bun install --lockfile-only"],
  [undefined, "npm install --package-lock-only"],
])("without a lock file, and with %s, gets one by `%s`", (packageManager, command) => {
  expect(proposed({ "web/package.json": manifest({ ...vite, packageManager }) }).missing).toEqual([
    `the site's lock file: run \`${command}\` in web and commit it`,
  ])
})

it.each(["express", "fastify", "@nestjs/core"])("is no server, such as one of %s", (name) => {
  const server = manifest({ scripts: { build: "tsc", start: "node dist" }, dependencies: { [name]: "5" } })

  expect(siteIn(repository({ "server/package.json": server }))).toBeUndefined()
})

it.each(["static", "public"])("that publishes %s/config.json gets it anew for each environment", (folder) => {
  const site = { "web/package.json": manifest(vite), [`web/${folder}/config.json`]: '{ "apiUrl": "http://localhost" }' }
  const other = { ...site, [`web/${folder}/config.json`]: '{ "theme": "dark" }' }

  expect(proposed(site).settings.frontend?.configFile).toBe("config.json")
  expect(proposed(other).settings.frontend?.configFile).toBe("")
})

it("whose title nobody finds is not asked for one", () => {
  const { files, settings } = proposed({ "web/package.json": manifest(vite) })

  expect(settings.environments.staging?.frontend?.title).toBe("")
  expect(files["delivery.json"]).toContain("// GUESS: no title was found in the sources")
})

it.each([
  [{ build: "vite build" }, "it has no test script yet"],
  [{ build: "vite build", test: 'echo "Error: no test specified" && exit 1' }, "it has no test script yet"],
  [{ build: "vite build", test: "playwright test" }, "its tests need a browser"],
  [{ build: "vite build", test: "vitest run" }, ""],
])("with the scripts %j says why it is untested: %s", (scripts, untested) => {
  expect(siteIn(repository({ "package.json": manifest({ scripts, ...vite }) }))?.untested).toBe(untested)
})

it("has the lock file of its workspace", () => {
  const files = { "pnpm-lock.yaml": "", "apps/web/package.json": manifest(vite) }

  expect(siteIn(repository(files))?.lockFile).toBe("pnpm-lock.yaml")
})

it("without a service keeps its files beside where an image would be", () => {
  const alone = proposed(docusaurus("web"))

  expect(alone.settings.frontend?.artifact).toBe("ghcr.io/acme/shop-site")
  expect(alone.settings.image).toBeUndefined()
})
