import { z } from "zod"
import {
  choice,
  path,
  pathHint,
  percent,
  plainValues,
  release,
  systemPackages,
  text,
  untested,
  urlPath,
  variable,
  whole,
} from "./setting-kinds.js"

const installHint = 'give a list of commands, such as ["pip install -r deps/all.txt"]'
/** What Linux images are commonly built for, as OCI names it. */
const platforms = ["amd64", "arm64", "arm/v7", "arm/v6", "386", "ppc64le", "s390x", "riscv64"] as const
const platformHint = `give platforms, such as linux/arm64; an architecture is one of ${platforms.join(", ")}`
/** The only one that Hugging Face's machines run. */
export const ofSpaces = "linux/amd64"
const fieldHint = "give the field of the JSON answer, with dots for one inside another, such as status or app.state"
const field = z.string(fieldHint).regex(/^[^\s.]+(?:\.[^\s.]+)*$/, fieldHint)
const headerHint = "give the name of a header, such as x-commit"

const Health = z
  .strictObject({
    path: urlPath("/health").default("/health").describe("Path that is asked."),
    field: z
      .union([z.literal(""), field], fieldHint)
      .default("")
      .meta({
        description: "Field of the JSON answer with the word, such as `app.state`.",
        unset: "`status`, `state`, `health`, `healthy` or `ok`, or the whole answer",
      }),
    values: z.array(text('give words, such as "alive"'), 'give a list of words, such as ["alive"]').default([]).meta({
      description: 'The words that mean healthy, in any case, such as `["splendid"]`.',
      unset: "the usual ones: `ok`, `healthy`, `up`, `pass`, `true`, `running` and the like",
    }),
    dependencies: z
      .union([z.literal(""), field], fieldHint)
      .default("")
      .meta({
        description: "Field with what the service depends on, such as `backends`.",
        unset: "`dependencies`, `services`, `checks` or `components`",
      }),
    commit: z
      .strictObject({
        path: z
          .union([z.literal(""), urlPath("/version")], "give a path such as /version")
          .default("")
          .meta({ description: "Path that tells the commit.", unset: "`backend.health.path`" }),
        field: field.default("commit").describe("Field of the answer with the commit; its short name is enough."),
        header: z
          .union([z.literal(""), z.string(headerHint).regex(/^[A-Za-z0-9-]{1,100}$/, headerHint)], headerHint)
          .default("")
          .describe('Header of the answer with the commit, in place of the field; `""` for none.'),
      })
      .prefault({})
      .describe("Where the service tells its commit."),
    unjudged: z
      .enum(["refuse", "warn"], 'give "refuse", or "warn" for a version that answers otherwise than the live one')
      .default("refuse")
      .describe(
        "What a deployment does where the live version answers in a form that can't be judged; `warn` is for the one deployment that changes the form.",
      ),
  })
  .prefault({})
  .describe("How the service says how it is.")

/** How the service is checked and built. */
export const Backend = z
  .strictObject({
    source: path("backend")
      .default("backend")
      .describe("Folder of the backend, counted from the root of the repository; `.` is the root itself."),
    coverage: path("coverage.xml")
      .default("coverage.xml")
      .describe("Report of line coverage that the tests write, in the format Cobertura."),
    junit: path("junit.xml").default("junit.xml").describe("Report of the tests that they write, in the format JUnit."),
    minLineCoverage: percent.default(70).describe("Lowest line coverage in percent; equal passes."),
    untested: untested.describe(
      'Why none of its tests are run. The report then says `NOT TESTED` with this reason, and does not fail for it; `""` means that it must have tests.',
    ),
    context: z
      .union([z.literal(""), path(".")], pathHint("."))
      .default("")
      .meta({
        description: "Folder that the image's build sees; `.` for the root of the repository.",
        unset: "`backend.source`",
      }),
    dockerfile: z
      .union([z.literal(""), path("Dockerfile")], pathHint("Dockerfile"))
      .default("")
      .meta({
        description: "The Dockerfile, counted from `backend.context`.",
        unset: "`Dockerfile` in `backend.source`",
      }),
    env: plainValues.describe(
      "Variables of tests, linters and migrations. Plain values, no secrets. A migration keeps the database that the call gives, and gets `backend.variables` of its environment too.",
    ),
    databaseVariable: variable
      .default("DATABASE_URL")
      .describe("Variable in which the service, its tests and its migrations find their database's URL."),
    testDatabase: choice("say whether tests get a PostgreSQL of their own")
      .default(false)
      .describe(
        "Whether tests get an empty PostgreSQL 17 of their own, at `database:5432` with user and password `postgres` and the database `test`.",
      ),
    python: release("give a release of Python in quotes, such as 3.12 or 3.12.4").meta({
      description: 'Release of Python, such as `"3.12"`.',
      unset: "what `.python-version` or `requires-python` say, or the Dockerfile's last `FROM python:…`; else 3.13",
    }),
    systemPackages: systemPackages.describe(
      'Debian packages that the install or the tests need, such as `["libpq-dev"]`.',
    ),
    install: z.array(z.string(installHint).trim().min(1, installHint), installHint).default([]).meta({
      description: "Commands that install the packages, in place of what the project's files say.",
      unset: "by the lock file, the requirements or `pyproject.toml`",
    }),
    port: whole("give a port, 1 to 65535", 1, 65_535)
      .default(7860)
      .describe("Port that the service listens on in its container."),
    health: Health,
    commitFrom: z
      .enum(["answer", "host"], 'give "answer", or "host" for a service that does not tell its commit')
      .default("answer")
      .describe(
        "What proves which version serves: `answer`, the service's own; `host`, the digest in the Space's running revision, for a service that tells no commit.",
      ),
    delivery: z
      .enum(["image", "source"], 'give "image", or "source" for a Space that cannot pull the image')
      .default("image")
      .describe(
        "`image`: a Space pulls the image, which must be public. `source`: it gets the committed files of `backend.source` and builds them, because the image is private.",
      ),
    platforms: z
      .array(
        z.enum(
          platforms.map((it) => `linux/${it}` as const),
          platformHint,
        ),
        platformHint,
      )
      .min(1, platformHint)
      .refine((all) => new Set(all).size === all.length, "name each platform once")
      .default([ofSpaces])
      .describe(
        "Platforms that the image is built for, whatever machine builds it; several are published as an index. A Space needs `linux/amd64`. The first is the one that `image` and a migration take.",
      ),
    imageBudgetMegabytes: whole("give whole megabytes, 1 to 2000", 1, 2000)
      .default(200)
      .describe("Largest compressed size of the image, of each platform, in MB of 1,000,000 bytes."),
  })
  .describe("How the service is checked and built. Leave it out for a project without a service.")
