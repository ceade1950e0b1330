import type { Clock } from "../../lib/clock.js"
import { anyForm } from "../../lib/deployment/health-answer.js"
import { type Check, type Expectation, probeUntil } from "../../lib/deployment/health-probe.js"
import type { ImageArtifact, SiteArtifact } from "../../lib/deployment/release.js"
import type { Target } from "../../lib/deployment/target.js"
import { noTracer, type Tracer } from "../../lib/deployment/tracer.js"
import { get } from "../../lib/providers/endpoint.js"
import { HuggingFaceHost } from "../../lib/providers/hugging-face/hugging-face.js"
import { NetlifyHost, type SwitchBy } from "../../lib/providers/netlify/netlify.js"
import type { ProbePolicy } from "../../lib/settings/settings-types.js"
import { Component } from "../../src/exposed-types.js"
import { fastClock } from "./fast-clock.js"

export const policy: ProbePolicy = { times: 3, seconds: 30, wakeUpSeconds: 60, firstPause: 500, slowestPause: 5000 }

export const expecting = (part: Partial<Expectation>): Expectation => ({
  status: 200,
  commit: "",
  commitAt: { field: "commit", header: "" },
  health: undefined,
  title: "",
  dependencies: [],
  ...part,
})

const siteChecks = (commit: string): Check[] => [
  { path: "/version.json", expect: expecting({ commit }), links: false },
  { path: "/", expect: expecting({ title: "Physical AI" }), links: true },
]
const appChecks = (commit: string): Check[] => [
  {
    path: "/health",
    expect: expecting({ commit, health: anyForm, dependencies: ["database"] }),
    links: false,
  },
]

/** A frontend target on a Netlify stand-in. */
export function frontend(
  api: { url: string },
  {
    site = "book",
    environment = "staging",
    clock = fastClock() as Clock,
    tracer = noTracer as Tracer,
    token = "nfp_secret",
    switchBy = "restore" as SwitchBy,
    configFile = "config.json",
  } = {},
): Target<SiteArtifact> {
  const settings = {
    site: `${site}.netlify.app`,
    token,
    environment,
    apiUrl: "https://api.example",
    configFile,
    api: api.url,
    seconds: 120,
  }
  return {
    component: Component.Frontend,
    environment,
    host: new NetlifyHost(settings, clock, { switchBy }),
    probe: (url, commit) => probeUntil(url, siteChecks(commit), policy, { get, clock, random: () => 0.5 }),
    clock,
    tracer,
    migrate: async () => "nothing to migrate",
  }
}

/** A backend target on a Hugging Face stand-in. */
export function backend(
  hub: { url: string },
  {
    space = "owner/book",
    environment = "staging",
    clock = fastClock() as Clock,
    tracer = noTracer as Tracer,
    source = false,
    token = "hf_secret",
  } = {},
): Target<ImageArtifact> {
  const settings = {
    space,
    token,
    title: "Book",
    port: 7860,
    commitAt: { path: "/health", field: "commit", header: "" },
    hub: hub.url,
    seconds: 600,
    graceSeconds: 120,
  }
  return {
    component: Component.Backend,
    environment,
    host: new HuggingFaceHost(settings, clock, { source }),
    probe: (url, commit) => probeUntil(url, appChecks(commit), policy, { get, clock, random: () => 0.5 }),
    clock,
    tracer,
    migrate: async () => "nothing to migrate",
  }
}
