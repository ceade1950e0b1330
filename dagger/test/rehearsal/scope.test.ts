import { expect, it } from "vitest"
import { byHand, proven } from "../../lib/rehearsal/conclusion.js"
import { scopeOf } from "../../lib/rehearsal/scope.js"
import { onStandIns, placesOf } from "../../lib/rehearsal/stand-ins.js"
import { environmentOf, readSettings } from "../../lib/settings/settings.js"

const settings = (environments: object, more: object = {}) =>
  readSettings(
    JSON.stringify({
      project: { title: "Shop", source: "https://github.com/acme/shop" },
      image: { repository: "ghcr.io/acme/shop" },
      environments,
      ...more,
    }),
  )
const site = (name: string) => ({ frontend: { site: name } })
const space = (name: string, more: object = {}) => ({ backend: { space: `acme/${name}`, ...more } })

it("takes the environment that visitors use, and the one before it, whatever their names", () => {
  const of = settings({
    live: { production: true, branch: "stable", ...site("shop"), ...space("shop") },
    sandbox: { branch: "sandbox", ...site("shop-sandbox") },
    preview: { branch: "next", ...site("shop-next"), ...space("shop-next") },
  })

  expect(scopeOf(of)).toEqual({ first: "preview", second: "live", components: ["backend", "frontend"], leftOut: [] })
})

it.each([
  [
    "a site alone",
    { staging: { branch: "staging", ...site("next") }, production: { branch: "main", ...site("shop") } },
    {
      first: "staging",
      second: "production",
      components: ["frontend"],
      leftOut: ["the backend: the project has none"],
    },
  ],
  [
    "one environment",
    { production: { branch: "main", ...site("shop"), ...space("shop") } },
    {
      first: "production",
      second: "production",
      components: ["backend", "frontend"],
      leftOut: ["the promotion: production is the only environment with these components"],
    },
  ],
  [
    "environments of different components",
    { staging: { branch: "staging", ...site("next") }, production: { branch: "main", ...space("shop") } },
    {
      first: "production",
      second: "production",
      components: ["backend"],
      leftOut: [
        "the promotion: production is the only environment with this backend",
        "the frontend: the environments have the backend alone in common",
      ],
    },
  ],
])("leaves out what %s can't show, and says so", (_, environments, scope) => {
  expect(scopeOf(settings(environments))).toEqual(scope)
})

it("gives a Space the image also where it builds by itself, and says so", () => {
  const of = settings(
    { production: { branch: "main", ...space("shop") }, staging: { branch: "staging", ...space("next") } },
    { backend: { delivery: "source" } },
  )

  expect(scopeOf(of).leftOut).toContain(
    "the Space's own build: it gets the image here, though backend.delivery is source",
  )
  expect(onStandIns(of, of.providers, []).backend?.delivery).toBe("image")
})

it("asks for no dependency whose account is elsewhere, and for all others", () => {
  const of = settings({ production: { branch: "main", ...space("shop", { needs: ["database", "openai"] }) } })

  expect(onStandIns(of, of.providers, ["openai"]).environments.production?.backend?.needs).toEqual(["database"])
})

it("has each site and Space once, those of candidates too", () => {
  const of = settings({
    production: { branch: "main", ...site("shop"), ...space("shop", { candidateSpace: "acme/next" }) },
  })
  const production = environmentOf(of, "production")

  expect(placesOf([production, production])).toEqual({
    sites: ["shop.netlify.app"],
    spaces: ["acme/shop", "acme/next"],
  })
})

it("says in five lines what was proven, and then what only real accounts can show", () => {
  const of = settings({
    staging: { branch: "staging", ...site("next"), ...space("next") },
    production: { branch: "main", ...site("shop"), ...space("shop") },
  })
  const proof = {
    commit: "0123456789abcdef0123456789abcdef01234567",
    scope: scopeOf(of),
    scanned: true,
    broken: ["the backend was rolled-back (answered 503)", "the frontend failed before visitors saw it"],
    survived: ["production backend serves 0123456"],
    after: "production backend serves 89abcde",
    hasSchema: true,
    deliveries: "Slack got 18 messages.",
  }

  expect([...proven(proof), ...byHand(of, proof.scope)]).toMatchInlineSnapshot(`
    [
      "The checks of 0123456 pass, and the image and the site are built from it; no finding of the scan stops it.",
      "A deployment to staging went live and answered as this commit. A promotion took the same bytes to production. A pull request had its preview, and lost it when it closed.",
      "Broken candidates did not stay: the backend was rolled-back (answered 503); the frontend failed before visitors saw it. Then production backend serves 0123456, the old commit.",
      "Rolled back by hand: production backend serves 89abcde; the version that was left can't be deployed again, and a rollback to one that does not know the schema is refused.",
      "\`status\` named what each environment serves and what is quarantined (status.txt). Slack got 18 messages.",
      "Make the Netlify sites next.netlify.app and shop.netlify.app.",
      "Make the Spaces acme/next and acme/shop, and let them pull ghcr.io/acme/shop without a password.",
      "Store NETLIFY_TOKEN_STAGING, HF_TOKEN_STAGING, NETLIFY_TOKEN, HF_TOKEN in GitHub's environments, and make the branches staging and main.",
      "Ask what is missing: \`dagger call doctor --environment=staging\`, \`dagger call doctor --environment=production\`, with the tokens.",
    ]
  `)
  expect(proven(proof)).toHaveLength(5)
})
