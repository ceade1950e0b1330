import fc from "fast-check"
import { expect, it } from "vitest"
import { docusaurus, fastApi, proposed } from "./repositories.js"

/** Texts that look like what people write there, and what nobody should. */
const written = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    "health",
    "/health/{id}",
    "/../up",
    "../dist",
    "/dist",
    "a/../..",
    "..",
    "99999",
    "dist/",
    "Ü & ü",
    '"',
    "\\",
  ),
)

it("the settings that are written can be read, whatever stands in the files", () => {
  fc.assert(
    fc.property(written, written, written, written, (route, folder, title, name) => {
      const files = {
        ...docusaurus("web"),
        ...fastApi(
          "api",
          `app = FastAPI()\n\n\n@app.get("${route}")\ndef health():\n    return {"status": "${name}"}\n`,
        ),
        "web/docusaurus.config.ts": `docusaurus\n  title: ${JSON.stringify(title)},\n  outDir: "${folder}",\n`,
        "web/package.json": JSON.stringify({
          private: true,
          scripts: { build: `docusaurus build --out-dir ${folder}` },
          dependencies: { "@docusaurus/core": "3" },
        }),
        "api/Dockerfile": `FROM python:3.12\nEXPOSE ${route.length > 20 ? "99999" : "8000"}\n`,
      }
      const gitConfig = `[remote "origin"]\n\turl = https://github.com/acme/${name}\n`

      expect(proposed(files, { gitConfig }).settings.environments.production?.branch).toBe("main")
    }),
    { numRuns: 300 },
  )
})
