import { afterAll, beforeAll, expect, it } from "vitest"
import { identityProvider } from "../../stand-ins/identity-provider.js"
import { type Checkout, checkout } from "./checkout.js"
import { providers, registryFlags, scannerFlags, spaces } from "./providers.js"

const repository = "physical-ai/physical-ai-humanoid-robotics"
const gitHub = identityProvider({ repository, branch: "staging" })
const publishers = [{ space: spaces.staging, provider: gitHub, claims: { repository, ref: "refs/heads/staging" } }]
const secret = "a-secret-of-the-service"

let clone: Checkout
beforeAll(() => {
  clone = checkout()
})
afterAll(() => clone[Symbol.dispose]())

it("a run deploys the service by its identity: no Hugging Face token is stored, and none is printed", async () => {
  await using it = await providers(clone, {}, {}, { publishers })
  const commit = clone.head().slice(0, 7)
  const flag = "--hugging-face-token=env://HF_TOKEN"
  const called = async (name: string, args: string[], HF_TOKEN: string) => {
    const { code, stdout, error } = await it.call(name, [flag, ...args], { HF_TOKEN, SPACE_SECRETS: `KEY=${secret}` })
    for (const value of [...it.hub.issued(), HF_TOKEN].flatMap((one) => one.split(".").slice(1)))
      expect(`${stdout}${error}`).not.toContain(value)
    return { code, stdout, error }
  }
  const flags = ["--space-secrets=env://SPACE_SECRETS", ...registryFlags, ...scannerFlags, "report"]

  const stranger = await called("backend deploy", flags, gitHub.idToken({ repository: "someone/fork" }))
  const writes = it.hub.writes().filter((one) => one !== "POST /oauth/token")
  const deployed = await called("backend deploy", flags, gitHub.idToken())
  const again = await called("backend deploy", flags, gitHub.idToken())
  const doctor = await called("doctor", registryFlags, gitHub.idToken())

  expect(stranger.code).toBe(1)
  expect(stranger.error).toContain(`Hugging Face gave no token for ${spaces.staging}.`)
  expect(stranger.error).toContain("repository someone/fork, ref refs/heads/staging")
  expect(writes).toEqual([])
  expect(deployed.code, deployed.error).toBe(0)
  expect(deployed.stdout).toContain(`backend of staging: ${commit} ended success`)
  expect(it.hub.secrets(spaces.staging)).toEqual({ KEY: secret })
  expect(again.stdout, again.error).toContain(`backend of staging: ${commit} ended no-change`)
  expect(`${doctor.stdout}${doctor.error}`).toMatch(
    /good +way to Hugging Face +keyless: the run's identity is exchanged/,
  )
})
