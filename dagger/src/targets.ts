import type { Clock } from "./clock.js"
import { Half, type Target } from "./deployment.js"
import { type Check, type Expectation, probeUntil } from "./health-probe.js"
import type { Journal } from "./journal.js"
import { get } from "./providers/endpoint.js"
import { HuggingFaceHost } from "./providers/hugging-face.js"
import { NetlifyHost } from "./providers/netlify.js"
import type { ImageArtifact, SiteArtifact } from "./release.js"
import type { Settings } from "./settings.js"
import { environmentOf } from "./settings.js"

/** Where and how one call deploys. */
export interface Means {
  settings: Settings
  environment: string
  /** Of the half's host: Netlify's or Hugging Face's. */
  token: string
  clock: Clock
  journal: Journal
}

const expectation: Expectation = { status: 200, commit: "", fields: {}, title: "", dependencies: [] }

/** The environment's Netlify site. */
export function frontendTarget({ settings, environment, token, clock, journal }: Means): Target<SiteArtifact> {
  const { frontend, apiUrl, probe } = environmentOf(settings, environment)
  return {
    half: Half.Frontend,
    environment,
    host: new NetlifyHost(
      {
        site: frontend.site,
        token,
        environment,
        apiUrl,
        api: settings.providers.netlify,
        seconds: settings.budgets.frontend,
      },
      clock,
    ),
    probe: (url, commit) => probeUntil(url, frontendChecks(frontend, commit), probe, { get, clock }),
    clock,
    journal,
    migrate: async () => "the frontend has no database",
  }
}

/** The environment's Hugging Face Space. */
export function backendTarget({ settings, environment, token, clock, journal }: Means): Target<ImageArtifact> {
  const { backend, probe } = environmentOf(settings, environment)
  const { port, healthPath } = settings.backend
  return {
    half: Half.Backend,
    environment,
    host: new HuggingFaceHost(
      {
        space: backend.space,
        token,
        title: settings.image.title,
        port,
        healthPath,
        hub: settings.providers.huggingFace,
        seconds: backend.buildSeconds,
        graceSeconds: 120,
      },
      clock,
    ),
    probe: (url, commit) => probeUntil(url, backendChecks(healthPath, backend.needs, commit), probe, { get, clock }),
    clock,
    journal,
    migrate: async () => "no database is configured",
  }
}

/** What the site must answer: the commit it was built from, its title, and, where asked for, every page that its first page names. */
export const frontendChecks = ({ title, links }: { title: string; links: boolean }, commit: string): Check[] => [
  { path: "/version.json", expect: { ...expectation, commit }, links: false },
  { path: "/", expect: { ...expectation, title }, links },
]

/** What the service must answer: its commit, and that all it needs is there. */
export const backendChecks = (path: string, needs: string[], commit: string): Check[] => [
  { path, expect: { ...expectation, commit, fields: { status: "ok" }, dependencies: needs }, links: false },
]
