import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { wallClock } from "../../lib/clock.js"
import { imageNamed } from "../../lib/deployment/release.js"
import { imageIn } from "../../lib/providers/hugging-face/space-files.js"
import { Registry } from "../../lib/providers/registry/image-registry.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace, type RunImage } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { type Asked, standIn, type Told } from "../../stand-ins/server.js"
import type { TrustedPublisher } from "../../stand-ins/trusted-publishers.js"
import type { Checkout } from "./checkout.js"
import { type Called, call, hostAddress, inShell, run, settingsFile, words } from "./dagger.js"

export const tokens = {
  NETLIFY_TOKEN: "nfp_a-token-for-tests",
  HF_TOKEN: "hf_a-token-for-tests",
  GITHUB_TOKEN: "a-token-for-tests",
}
/** The command that a report shows to undo what it tells of. */
export const undoIn = (report: string): string => {
  const line = [...report.matchAll(/^ {2}undo {5}(.+)$/gm)].at(-1)?.[1]
  if (!line) throw new Error(`no command to undo is in\n${report}`)
  return line
}
export const sites = {
  staging: "physical-ai-humanoid-robotics-staging.netlify.app",
  production: "physical-ai-humanoid-robotics.netlify.app",
}
export const spaces = { staging: "physical-ai/backend-staging", production: "physical-ai/backend" }

/** The engine's registry stands in for the product's, under a name that no other run uses. */
const port = process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"
export const imageRepository = `registry:${port}/test-${crypto.randomUUID()}/deployed`
export const registryFlags = [`--registry-service=tcp://127.0.0.1:${port}`]
export const scannerFlags = [
  `--scan-database=registry:${port}/aquasecurity/trivy-db:2`,
  `--scan-database-service=tcp://127.0.0.1:${port}`,
]

/** Stand-ins of Netlify, Hugging Face and GitHub for both environments, and settings that name them. */
export async function providers(
  checkout: Checkout,
  backend: object = {},
  scan: object = {},
  { place = {}, answers = usual as Answers, branches = ["staging"], publishers = [] as TrustedPublisher[] } = {},
) {
  // The engine's network exists once a container has run on it.
  await run(
    ["query", "-M", "--silent"],
    tmpdir(),
    {},
    '{container{from(address:"node:24-slim"){withExec(args:["true"]){sync}}}}',
  )
  const address = hostAddress()
  const netlifySites = await netlify({ sites: Object.values(sites), token: tokens.NETLIFY_TOKEN, address })
  const hub = await huggingFace({
    spaces: Object.values(spaces),
    token: tokens.HF_TOKEN,
    run: answering(address, answers),
    address,
    publishers,
  })
  const history = await gitHub({
    repository: "physical-ai/physical-ai-humanoid-robotics",
    token: tokens.GITHUB_TOKEN,
    address,
  })
  history.commit("head", [], "main", checkout.head())
  for (const branch of branches) history.commit(branch, [checkout.head()], branch)
  const plain = !existsSync(join(checkout.path, "frontend/docusaurus.config.ts"))
  const settings = settingsFile(({ environments, image, ...all }) => ({
    ...all,
    frontend: { ...(all.frontend as object), ...(plain && { untested: "it is one page" }) },
    providers: { netlify: netlifySites.url, huggingFace: hub.url, gitHub: history.url },
    image: { ...(image as object), repository: imageRepository },
    backend,
    scan,
    // They answer at once, so the probe can be short.
    probe: { times: 2, seconds: 20, wakeUpSeconds: 10, firstPauseMilliseconds: 50, slowestPauseMilliseconds: 500 },
    environments: Object.fromEntries(
      Object.entries(environments as Record<keyof typeof sites, { frontend: object; backend: object }>).map(
        ([name, it]) => [
          name,
          {
            ...it,
            frontend: { ...it.frontend, url: netlifySites.siteUrl(sites[name as keyof typeof sites]) },
            backend: { ...it.backend, ...place, url: hub.spaceUrl(spaces[name as keyof typeof spaces]) },
          },
        ],
      ),
    ),
  }))
  return {
    sites: netlifySites,
    hub,
    history,
    settings,
    /** Runs a function of the module in the checkout, with these settings and all tokens in its environment. */
    call: (name: string, args: string[], env: Record<string, string> = {}) =>
      call(words(name, [`--settings=${settings.path}`, ...args]), { cwd: checkout.path, env: { ...tokens, ...env } }),
    /**
     * Types a command that a report shows, as a person does: in the checkout, in a shell, with the environment's own variables. Only
     * what a test alone needs is added.
     */
    type: (line: string, env: Record<string, string> = {}): Promise<Called> => {
      const here = `dagger call --silent --settings=${settings.path} ${registryFlags.join(" ")}`
      return inShell(line.replace("dagger call", here), checkout.path, { ...tokens, ...env })
    },
    async [Symbol.asyncDispose]() {
      settings[Symbol.dispose]()
      await Promise.all([netlifySites.close(), hub.close(), history.close()])
    },
  }
}

type Answers = (commit: string, asked: Asked, env: Record<string, string>) => Told

const up = { status: "ok" }
const usual: Answers = (commit) => ({
  json: { status: "ok", commit, dependencies: { database: up, qdrant: up, openrouter: up } },
})

/** Answers as the image does: with the commit in its label. The rehearsal runs the real one. */
export const answering =
  (address: string, answers: Answers): RunImage =>
  async ({ reference, files, env }) => {
    // The Dockerfile of a Space that builds names the image that was tested.
    const tested = imageIn(String(files.get("Dockerfile"))) ?? reference
    const { repository, digest } = imageNamed(tested)
    const registry = new Registry(
      {
        host: "registry",
        url: `http://127.0.0.1:${port}`,
        repository: repository.slice(repository.indexOf("/") + 1),
        user: "",
        token: "",
      },
      wallClock,
    )
    const found = await registry.image(digest)
    if (!found) throw new Error(`the registry has no ${tested}`)
    const app = await standIn((asked) => answers(found.revision, asked, env), { address })
    return { url: app.url, stop: () => app.close() }
  }
