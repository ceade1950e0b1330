import { z } from "zod"
import {
  output,
  path,
  percent,
  plainValues,
  publicKey,
  release,
  repository,
  repositoryHint,
  systemPackages,
  untested,
} from "./setting-kinds.js"

const npmPackageHint = "give names of npm packages, such as sharp or @parcel/watcher"
const npmPackage = z
  .string(npmPackageHint)
  .regex(/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/, npmPackageHint)
const sitePathHint = "give a file of the site, such as config.json"
const sitePath = z
  .string(sitePathHint)
  .regex(/^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\#?%:*"<>|\p{Cc}]+\.json$/u, sitePathHint)
/** What an upload of files can't give. */
const netlifyParts = ["edge_functions", "functions", "plugins", "images", "redirects", "headers"] as const
const netlifyPartHint = `give a list of what the site does without: ${netlifyParts.join(", ")}`
const scriptHint = "give the name of a script of package.json, such as test:unit"

/** How the site is checked and built. */
export const Frontend = z
  .strictObject({
    source: path("frontend")
      .default("frontend")
      .describe("Folder of the frontend, counted from the root of the repository; `.` is the root itself."),
    output: output
      .default("build")
      .describe("Folder that its build writes, counted from `frontend.source`, such as `../dist`."),
    coverage: path("coverage/lcov.info")
      .default("coverage/lcov.info")
      .describe("Report of line coverage that the tests write, in the format LCOV."),
    junit: path("coverage/junit.xml")
      .default("coverage/junit.xml")
      .describe("Report of the tests that they write, in the format JUnit."),
    minLineCoverage: percent.default(70).describe("Lowest line coverage in percent; equal passes."),
    untested: untested.describe(
      'Why none of its tests are run. The report then says `NOT TESTED` with this reason, and does not fail for it; `""` means that it must have tests.',
    ),
    testScript: z
      .string(scriptHint)
      .regex(/^[\w:./-]{0,100}$/, scriptHint)
      .default("")
      .meta({
        description: "Script of `package.json` that runs the tests.",
        unset: "`test`; where that needs a browser, the one other script that runs Vitest or Jest",
      }),
    buildScript: z
      .string(scriptHint)
      .regex(/^[\w:./-]{1,100}$/, scriptHint)
      .default("build")
      .describe("Script of `package.json` that writes the site."),
    env: plainValues.describe(
      'Variables of tests, builds and linters, such as `{ "VITE_API_URL": "https://api.acme.example" }`. Plain values, no secrets.',
    ),
    node: release("give a release of Node.js in quotes, such as 22 or 22.20.0").meta({
      description: 'Release of Node.js, such as `"22"`.',
      unset: "what `.nvmrc`, `.node-version`, `volta`, `engines` or `devEngines` say; else 24",
    }),
    installScripts: z
      .array(npmPackage, npmPackageHint)
      .default([])
      .describe('Packages whose install scripts may run, such as `["better-sqlite3"]`.'),
    configFile: z
      .union([z.literal(""), sitePath], sitePathHint)
      .default("")
      .describe(
        'File of the site, such as `config.json`, that is written for each environment: `{ "environment": …, "apiUrl": … }`. It replaces one that the site brings; `""` adds and replaces none.',
      ),
    netlifyWithout: z
      .array(z.enum(netlifyParts, netlifyPartHint), netlifyPartHint)
      .default([])
      .describe("What `netlify.toml` asks for and the site does without. Each that is not named here stops the build."),
    systemPackages: systemPackages.describe("Debian packages that the install, the tests or the build need."),
    artifact: z
      .union([z.literal(""), repository], repositoryHint)
      .optional()
      .meta({
        description: 'Where the files of built sites are kept, as registry/owner/name without a tag; `""` for nowhere.',
        unset: "`image.repository` with `-site` behind it; nowhere for a project without an image",
      }),
    publicKey: publicKey.default("").meta({
      description:
        "For a project without an image: public key that verifies the signatures of the kept sites. With an image, `image.publicKey` holds for the site as well.",
      unset: "nothing is signed",
    }),
  })
  .describe("How the site is checked and built. Leave it out for a project without a site.")
