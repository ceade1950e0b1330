import { expect, it } from "vitest"
import { applicable, type Built, type NetlifyRules, noRules, readNetlifyRules } from "../../lib/site/netlify-rules.js"

const path = "web/netlify.toml"
const built: Built = { path, source: "web", output: "out", env: {}, without: [] }
const none = { functions: "", edgeFunctions: "" }
const rules = (more: Partial<NetlifyRules>): NetlifyRules => ({ ...noRules, ...more })

it("says nothing of a project without a netlify.toml", () => {
  expect(applicable(noRules, none, built)).toEqual({ done: [], doubts: [] })
})

it("refuses what an upload can't give, each with the word that leaves it out", () => {
  const unheld = { ...noRules.redirects, unheld: ["the redirect from /api/*"] }
  const asked = rules({ edgeFunctions: ["geo"], plugins: ["netlify-plugin-a11y"], redirects: unheld })

  expect(() =>
    applicable(asked, { ...none, functions: "web/netlify/functions" }, built),
  ).toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: web/netlify.toml asks for what an upload of files can't give.
        why: without it visitors would get another site:
          edge functions: geo
          functions: web/netlify/functions/
          build plugins: netlify-plugin-a11y
          what a file _redirects can't hold: the redirect from /api/*
        next: take it out of web/netlify.toml; or, where the site does without, write "frontend": { "netlifyWithout": ["edge_functions","functions","plugins","redirects"] } in the settings]
    `)
})

it("does without what the settings name, and tells of it", () => {
  const asked = rules({ plugins: ["netlify-plugin-a11y"], edgeFunctions: ["geo"] })

  expect(applicable(asked, none, { ...built, without: ["plugins", "edge_functions"] }).done).toEqual([
    "web/netlify.toml: left out as the settings say: edge functions: geo",
    "web/netlify.toml: left out as the settings say: build plugins: netlify-plugin-a11y",
  ])
})

it("refuses a file whose base is another folder than the site's", () => {
  expect(() =>
    applicable(rules({ base: "docs", builtIn: "docs" }), none, { ...built, path: "netlify.toml" }),
  ).toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: netlify.toml is about another site.
        why: its build.base is "docs", and frontend.source of the settings is "web"
        next: put the rules of this site into web/netlify.toml, or correct one of the two]
    `)
  expect(applicable(rules({ base: "web/", builtIn: "web" }), none, built).doubts).toEqual([])
})

it("tells each contradiction between the file and this build", () => {
  const asked = rules({
    publish: "web/dist",
    command: "npm run docs && npm run build",
    environment: ["NODE_VERSION", "API_URL", "KNOWN"],
    contexts: ["deploy-preview"],
    processing: true,
    redirects: { ...noRules.redirects, added: 2, text: "x" },
    headers: { ...noRules.headers, added: 1, text: "x", errors: ["Could not parse header number 1:\n  {}"] },
  })

  expect(applicable(asked, none, { ...built, env: { KNOWN: "1" } })).toEqual({
    done: ["web/netlify.toml: 2 redirects and headers for 1 path added to the upload"],
    doubts: [
      "rules that Netlify skips: Could not parse header number 1: {}",
      "web/netlify.toml publishes web/dist, the settings web/out: the settings are obeyed",
      "web/netlify.toml builds with npm run docs && npm run build; here the script build of package.json does",
      "web/netlify.toml gives its builds API_URL, which this build does not get: what it needs belongs in frontend.env of the settings",
      "web/netlify.toml: only the context production is read, for every environment gets the same files; not deploy-preview",
      "web/netlify.toml: build.processing does nothing here: it is a setting of the site at Netlify",
    ],
  })
})

it.each([
  [".", "dist", "dist"],
  ["web", "../dist", "dist"],
  ["apps/web", "./build", "apps/web/build"],
])("counts the output of %s, %s, from the repository on", (source, output, publish) => {
  expect(applicable(rules({ publish }), none, { ...built, source, output }).doubts).toEqual([])
})

it("gives the words of Netlify's reader for a file that it can't read", () => {
  expect(() =>
    readNetlifyRules('{"failure":"Invalid TOML document:\\n  line 3"}', path),
  ).toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: web/netlify.toml can't be read.
        why: Netlify's own reader says: Invalid TOML document: line 3
        next: correct it: Netlify would refuse it too]
    `)
})
