import { expect, it } from "vitest"
import { proposal, proposalText } from "../../lib/init/proposal.js"
import { readSettings } from "../../lib/settings/settings.js"
import { docusaurus, fastApi, module, proposed, repository, templates } from "./repositories.js"

it("describes a site and a service by what their files say, with a comment on each guess", () => {
  const { files, found } = proposed({ ...docusaurus("website"), ...fastApi("api") })

  expect(files["delivery.json"]).toMatchInlineSnapshot(`
    "// Written by \`dagger call init\` from what it found in the repository; it is yours now.
    // docs/deployment/reference/settings.md of the module describes every key. A line with GUESS is worth a look.
    {
      "$schema": "https://raw.githubusercontent.com/acme/delivery/v1.0.0/docs/deployment/reference/delivery.schema.json",
      "project": {
        "title": "The Shop's book",
        "source": "https://github.com/acme/Shop"
      },
      // Where the service's image is pushed. Hugging Face pulls it without a password, so the package must be public.
      "image": {
        "repository": "ghcr.io/acme/shop/api"
      },
      "frontend": {
        "source": "website",
        "output": "build",
        // The site is delivered without tests as long as this line stands; remove it once there are some.
        "untested": "it has no test script yet"
      },
      "backend": {
        "source": "api",
        "health": {
          "path": "/health"
        },
        // The health answer tells no commit, so what runs is proven by the image's digest. The image has the commit in the variable COMMIT.
        "commitFrom": "host",
        // The service is delivered without tests as long as this line stands; remove it once there are some.
        "untested": "it has no tests yet"
      },
      // GUESS: the names of the Netlify sites and Spaces follow the repository's name; write those that are yours.
      "environments": {
        "staging": {
          "branch": "staging",
          "frontend": {
            "site": "shop-staging"
          },
          "backend": {
            "space": "acme/shop-staging"
          }
        },
        "production": {
          "branch": "main",
          "frontend": {
            "site": "shop"
          },
          "backend": {
            "space": "acme/shop"
          }
        }
      }
    }
    "
  `)
  expect(found).toEqual([
    "site: website, Docusaurus, package-lock.json, written to build",
    "service: api, FastAPI main:app, requirements.txt, health at /health",
  ])
})

it("writes what a repository lacks, and nothing else", () => {
  const { files } = proposed({ ...docusaurus("website"), ...fastApi("api"), "README.md": "" })

  expect(Object.keys(files).toSorted()).toEqual([
    ".github/actionlint.yaml",
    ".github/workflows/ci.yml",
    ".github/workflows/delivery.yml",
    ".github/workflows/deploy.yml",
    ".github/workflows/preview.yml",
    ".github/workflows/promote.yml",
    ".github/workflows/rollback.yml",
    ".github/workflows/status.yml",
    ".github/zizmor.yml",
    ".gitignore",
    "api/.dockerignore",
    "api/Dockerfile",
    "dagger.json",
    "delivery.json",
    "netlify.toml",
  ])
})

it("proposes nothing more for a repository that took the proposal", () => {
  const texts = { ...docusaurus("website"), ...fastApi("api") }
  const first = proposed(texts)

  const after = repository({ ...texts, ...first.files })
  const again = proposal(after, { settings: first.settings, module, templates })

  expect(again.files).toEqual({})
  expect(again.leftAlone).toMatchInlineSnapshot(`
    [
      "delivery.json: it is there",
      "dagger.json: it has a blueprint already",
      ".github/workflows: .github/workflows/delivery.yml calls Dagger already, and two deployments of one push would be in each other's way",
      "netlify.toml: it is there",
      "api/Dockerfile: it is there",
      ".gitignore: it has the entries for reports and secrets",
    ]
  `)
})

it("leaves each file that is there as it is, but for what .gitignore and dagger.json lack", () => {
  const own = {
    "netlify.toml": "[build]\n",
    "api/Dockerfile": "FROM python:3.12-slim\nEXPOSE 8080\n",
    ".github/workflows/tests.yml": "jobs: {}\n",
    ".github/workflows/deploy.yml": "jobs: { }\n",
    "dagger.json": '{\n  "name": "shop",\n  "engineVersion": "v0.21.8",\n  "sdk": { "source": "go" }\n}\n',
    ".gitignore": "dist\n.env",
  }
  const { files, settings, leftAlone } = proposed({ ...docusaurus("website"), ...fastApi("api"), ...own })

  expect(Object.keys(files).filter((path) => path in own)).toEqual(["dagger.json", ".gitignore"])
  expect(files[".gitignore"]).toBe(
    "dist\n.env\n\n# Written by `dagger call`, and secrets of this machine.\n/reports/\n",
  )
  expect(JSON.parse(files["dagger.json"] ?? "")).toEqual({
    ...JSON.parse(own["dagger.json"]),
    toolchains: [{ name: "delivery", source: module }],
  })
  expect(leftAlone).toEqual([
    ".github/workflows/deploy.yml: another workflow has that name",
    "netlify.toml: it is there",
    "api/Dockerfile: it is there",
  ])
  expect(settings.backend?.port).toBe(8080)
})

it("takes folders and branches from settings that are there", () => {
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Shop", source: "https://github.com/acme/shop" },
      frontend: { source: "docs" },
      environments: {
        preview: { branch: "next", frontend: { site: "shop-next" } },
        live: { production: true, branch: "stable", frontend: { site: "shop" } },
      },
    }),
  )
  const texts = { ...docusaurus("website"), ...docusaurus("docs"), ...fastApi("api"), "delivery.json": "{}" }

  const { files, leftAlone } = proposal(repository(texts), { settings, module, templates })

  expect(files).not.toHaveProperty("delivery.json")
  expect(files).not.toHaveProperty("api/Dockerfile")
  expect(files["netlify.toml"]).toContain('base = "docs"')
  expect(files[".github/workflows/deploy.yml"]).toContain('branches: ["next"]')
  expect(files[".github/workflows/promote.yml"]).toContain(
    "promote --from=preview --to=live --netlify-token=env://NETLIFY_TOKEN --from-netlify-token=env://NETLIFY_TOKEN_PREVIEW\n",
  )
  expect(leftAlone[0]).toBe("delivery.json: it is there")
})

it("calls a production of any name with its secrets, which have no suffix, and says where they are stored", () => {
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Shop", source: "https://github.com/acme/shop" },
      frontend: { source: "website" },
      environments: {
        preview: { branch: "next", frontend: { site: "shop-next" } },
        live: { production: true, branch: "stable", frontend: { site: "shop" } },
      },
    }),
  )

  const { files, byHand } = proposal(repository(docusaurus("website")), { settings, module, templates })

  expect(files[".github/workflows/delivery.yml"]).toContain(
    "if [[ $ENVIRONMENT && $ENVIRONMENT != live ]]; then suffix=_$(",
  )
  expect(byHand).toContain(
    "store the secrets of each environment in the GitHub environments preview, preview-unattended, live, live-unattended, and the token of preview's site in pull-requests",
  )
  expect(byHand).toContain("make the branch next: `git push origin HEAD:next`")
})

it("promotes nothing in a project with one environment, and names no other", () => {
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Shop", source: "https://github.com/acme/shop" },
      frontend: { source: "website" },
      environments: { production: { branch: "main", frontend: { site: "shop" } } },
    }),
  )

  const { files, leftAlone } = proposal(repository(docusaurus("website")), { settings, module, templates })

  expect(leftAlone).toContain(
    ".github/workflows/promote.yml: delivery.json has one environment, production, so there is nothing to promote",
  )
  expect(files[".github/workflows/deploy.yml"]).toContain("options: [production]\n")
  expect(Object.keys(files)).not.toContain(".github/workflows/promote.yml")
  const environments = Object.entries(files).flatMap(([path, text]) =>
    path.startsWith(".github/") ? [...text.matchAll(/^ +(?:environment|default): '?(staging)/gm)] : [],
  )
  expect(environments).toEqual([])
})

it("names the sites and services that it leaves out, as a guess in the settings", () => {
  const { files, found } = proposed({
    ...docusaurus("apps/docs"),
    ...docusaurus("apps/web"),
    ...docusaurus("apps/shop"),
    ...fastApi("orders"),
    ...fastApi("billing"),
  })

  expect(found).toEqual([
    "site: apps/web, Docusaurus, package-lock.json, written to build; left out, for a project delivers one: apps/docs, apps/shop",
    "service: orders, FastAPI main:app, requirements.txt, health at /health; left out, for a project delivers one: billing",
  ])
  expect(files["delivery.json"]).toContain(
    '    // GUESS: a project delivers one site; also here: apps/docs, apps/shop.\n    "source": "apps/web",',
  )
  expect(files["delivery.json"]).toContain("// GUESS: a project delivers one service; also here: billing.")
})

it("says what the settings could not be read with, such as a folder's name that the engine takes for a pattern", () => {
  const text = docusaurus("web [new]")

  const { missing } = proposal(repository(text), { settings: undefined, module, templates })

  expect(missing).toEqual(["delivery.json: frontend.source: the engine reads [ ] { } as a pattern: rename the folder"])
})

it.each([
  ["frontend", { frontend: { source: "nowhere" } }, "it has no package.json"],
  ["backend", { backend: { source: "nowhere" } }, "it holds no file"],
])("refuses settings whose %s is not there", (component, part, why) => {
  const place = component === "frontend" ? { frontend: { site: "shop" } } : { backend: { space: "acme/shop" } }
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Shop", source: "https://github.com/acme/shop" },
      ...(component === "backend" && { image: { repository: "ghcr.io/acme/shop" } }),
      ...part,
      environments: { production: { branch: "main", ...place } },
    }),
  )

  expect(() => proposal(repository(docusaurus("web")), { settings, module, templates })).toThrowError(
    `delivery.json names a folder that is not there: nowhere.\n  why: ${component}.source says nowhere, and ${why}\n  next: correct ${component}.source in delivery.json, or take its part out, then call init again`,
  )
})

it("says where Git's folder was not there to be read", () => {
  const { byHand } = proposed(docusaurus("website"), { gitConfig: "", branches: [] })

  expect(byHand[0]).toBe(
    "call init in a clone, to have its remote and branches read: no folder .git is here, as in a worktree or before `git init`",
  )
})

it("leaves workflows alone where one calls Dagger already", () => {
  const { files, leftAlone } = proposed({
    ...docusaurus("website"),
    ".github/workflows/dagger.yml": "jobs: { x: { steps: [ { run: dagger call ci } ] } }\n",
  })

  expect(Object.keys(files).filter((path) => path.startsWith(".github"))).toEqual([])
  expect(leftAlone).toContain(
    ".github/workflows: .github/workflows/dagger.yml calls Dagger already, and two deployments of one push would be in each other's way",
  )
})

it("writes nothing that names the module where its address is not known, and says how to give it", () => {
  const { files, leftAlone } = proposal(repository(docusaurus("website")), {
    settings: undefined,
    module: "",
    templates,
  })

  expect(Object.keys(files).toSorted()).toEqual([".gitignore", "delivery.json", "netlify.toml"])
  expect(leftAlone).toEqual([
    "dagger.json: the module was called from a folder of this machine: give --module=ADDRESS, as github.com/OWNER/REPOSITORY@VERSION",
    ".github/workflows: the module was called from a folder of this machine: give --module=ADDRESS, as github.com/OWNER/REPOSITORY@VERSION",
  ])
})

it("leaves alone what is there and was not read", () => {
  const hidden = ["dagger.json", "delivery.json", "netlify.toml", "api/Dockerfile"]
  const all = repository({ ...docusaurus("website"), ...fastApi("api") })

  const made = proposal({ ...all, files: [...all.files, ...hidden] }, { settings: undefined, module, templates })

  expect(Object.keys(made.files).filter((path) => hidden.includes(path))).toEqual([])
})

it("reads files whose lines end as on Windows, and adds to them in their own way", () => {
  const windows = (texts: Record<string, string>) =>
    Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, `\uFEFF${text.replaceAll("\n", "\r\n")}`]))
  const factory =
    'from fastapi import FastAPI\n\n\ndef create_app() -> FastAPI:\n    app = FastAPI()\n\n    @app.get("/up")\n    def up():\n        """Says so."""\n\n        return {"status": "ok"}\n\n    return app\n'
  const own = { name: "shop", engineVersion: "v0.21.8", sdk: { source: "go" } }
  const texts = {
    ...windows({ ...docusaurus("website"), ...fastApi("api", factory) }),
    "dagger.json": JSON.stringify(own, null, 2).replaceAll("\n", "\r\n"),
    ".gitignore": "dist\r\n\r\n\r\n",
  }

  const { files, found, settings } = proposed(texts)

  expect(found).toEqual([
    "site: website, Docusaurus, package-lock.json, written to build",
    "service: api, FastAPI main:create_app, requirements.txt, health at /up",
  ])
  expect(settings.project.title).toBe("The Shop's book")
  expect(files[".gitignore"]).toBe(
    "dist\r\n\r\n\r\n\r\n# Written by `dagger call`, and secrets of this machine.\r\n/reports/\r\n.env\r\n",
  )
  expect(files["dagger.json"]?.split(/(?<!\r)\n/)).toHaveLength(1)
  expect(JSON.parse(files["dagger.json"] ?? "")).toEqual({ ...own, toolchains: [{ name: "delivery", source: module }] })
})

it.each([
  ["api/dockerfile", "api/Dockerfile"],
  ["Netlify.toml", "netlify.toml"],
  ["Delivery.json", "delivery.json"],
  ["api/Dockerfile/README.md", "api/Dockerfile"],
  [".gitignore/README.md", ".gitignore"],
  [".github/workflows/ci.yaml", ".github/workflows/ci.yml"],
])("writes nothing where %s is, which may stand in the way of %s, and says so", (there, path) => {
  const all = repository({ ...docusaurus("website"), ...fastApi("api"), [there]: "\n" })

  const { files, leftAlone } = proposal(all, { settings: undefined, module, templates })

  expect(Object.keys(files)).not.toContain(path)
  expect(leftAlone.join("\n").toLowerCase()).toContain(`${path.toLowerCase()}: `)
})

it("adds nothing to a file whose text it could not read, or not all of it", () => {
  const all = repository({ ...docusaurus("website"), ".gitignore": "b\uFFFDume\n" })
  const unread = repository(docusaurus("website"))
  const notRead = { ...unread, files: [...unread.files, "dagger.json", ".gitignore"] }
  const left = ".gitignore: it is there, and can't be read as UTF-8: add /reports/ and .env to it"

  expect(proposal(all, { settings: undefined, module, templates }).leftAlone).toEqual([left])
  expect(proposal(notRead, { settings: undefined, module, templates }).leftAlone).toEqual([
    "dagger.json: it is there, and was not read",
    left,
  ])
})

it("says how many files it did not look at", () => {
  expect(proposed(docusaurus("website"), { unread: 3 }).found).toContain(
    "not looked at: 3 more files of the kinds that say something",
  )
})

it("says in words what it found, wrote and left, what is missing, and what only a person can do", () => {
  const made = proposed(
    {
      ...docusaurus("website"),
      ...fastApi(
        "api",
        'import os\nfrom fastapi import FastAPI\napp = FastAPI()\nkey = os.environ["OPENAI_API_KEY"]\n',
      ),
      ".gitignore": "/reports/\n.env\n",
    },
    { gitConfig: "", branches: ["main", "staging"] },
  )

  expect(proposalText(made)).toMatchInlineSnapshot(`
    "Found
      site: website, Docusaurus, package-lock.json, written to build
      service: api, FastAPI main:app, requirements.txt, health at /openapi.json

    Written
      delivery.json: the settings; a line with GUESS is worth a look
      dagger.json: so that \`dagger call ci\` finds the module
      .github/workflows/ci.yml: when, and which call
      .github/workflows/delivery.yml: one call of the module; the others say when
      .github/workflows/deploy.yml: when, and which call
      .github/workflows/preview.yml: when, and which call
      .github/workflows/promote.yml: when, and which call
      .github/workflows/rollback.yml: when, and which call
      .github/workflows/status.yml: when, and which call
      .github/actionlint.yaml: what the linters of workflows do not know yet
      .github/zizmor.yml: what the linters of workflows do not know yet
      netlify.toml: keeps Netlify from building the same commit by itself
      api/Dockerfile: serves main:app as a user that is not root
      api/.dockerignore: keeps secrets of a machine out of the image

    Left alone
      .gitignore: it has the entries for reports and secrets

    Only a person can
      make the repository at GitHub, and write its owner and name into delivery.json, which has OWNER and REPOSITORY in their place
      make the Netlify sites that delivery.json names
      make the Docker Spaces that delivery.json names, at Hugging Face
      store the secrets of each environment in the GitHub environments staging, staging-unattended, production, production-unattended, and the token of staging's site in pull-requests
      give the service what it reads: OPENAI_API_KEY; public values as variables in delivery.json, secrets with --space-secrets
      then ask \`dagger call doctor\`, with its tokens, what is still missing"
  `)
})

it("has nothing to propose where nothing is delivered", () => {
  const library = repository({ "pyproject.toml": '[project]\nname = "humanize"\n', "src/humanize/__init__.py": "" })

  expect(() => proposal(library, { settings: undefined, module, templates })).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: There is nothing here to deliver.
      why: no package.json has a script "build" that writes pages, and no Python file makes an application of FastAPI, Starlette, Flask, Quart or Django; the root is Python that no server is known for
      next: describe the site (frontend) or the service (backend) in delivery.json yourself, then call init again for the rest; docs/deployment/reference/settings.md describes its keys]
  `)
})
