import { describe, expect, it } from "vitest"
import { exchanged } from "../../lib/providers/hugging-face/trusted-publisher.js"
import { redacted } from "../../lib/text/untrusted.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { identityProvider } from "../../stand-ins/identity-provider.js"
import { fastClock } from "../support/fast-clock.js"

const space = "owner/book"
const gitHub = identityProvider()
const claims = { repository: "owner/book", ref: "refs/heads/main" }

/** A Hub whose Space trusts the job of one branch of one repository, and a clock that both sides have. */
async function trusting() {
  const clock = fastClock()
  const now = () => clock.now().getTime()
  const hub = await huggingFace({
    spaces: [space, "owner/other"],
    run: async () => Promise.reject(new Error("nothing runs here")),
    token: "hf_stored",
    publishers: [{ space, provider: gitHub, claims }],
    now,
  })
  return {
    hub,
    clock,
    idToken: (more: Record<string, unknown> = {}) => gitHub.idToken(more, now()),
    exchange: (idToken: string, at = space) => exchanged(idToken, at, { hub: hub.url, clock }),
    as: (token: string, method: string, path: string) =>
      fetch(`${hub.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(method === "POST" && { body: JSON.stringify({ key: "A", value: "b" }) }),
      }).then(({ status }) => status),
    [Symbol.asyncDispose]: () => hub.close(),
  }
}

/** The message of a refusal, after a look that the ID token is not in it. */
const refusal = async (asked: Promise<string>, idToken: string) => {
  const message = await asked.then(
    (token) => `it gave ${token}`,
    (failure: Error) => failure.message,
  )
  for (const part of idToken.split(".").slice(1)) expect(message).not.toContain(part)
  return message
}

it("gets a token of an hour for its Space alone", async () => {
  await using it = await trusting()

  const token = await it.exchange(`${it.idToken()}\n`)

  expect(it.hub.issued()).toEqual([token])
  expect(await it.as(token, "POST", `/api/spaces/${space}/variables`)).toBe(200)
  expect(await it.as(token, "GET", "/api/spaces/owner/other")).toBe(200)
  expect(await it.as(token, "GET", "/api/spaces/owner/other/secrets")).toBe(403)
  expect(await it.as(token, "POST", "/api/spaces/owner/other/variables")).toBe(403)
  expect(await it.as(token, "GET", "/api/whoami-v2")).toBe(403)
  await it.clock.sleep(3_600_000)
  expect(await it.as(token, "GET", `/api/spaces/${space}`)).toBe(401)
})

it("keeps the token out of every text from then on, in whatever encoding", async () => {
  await using it = await trusting()

  const token = await it.exchange(it.idToken())

  const encodings = [
    token,
    Buffer.from(token).toString("base64"),
    Buffer.from(`x${token}`).toString("base64"),
    Buffer.from(token).toString("hex"),
    token.replaceAll(".", "%2E"),
  ]
  // Up to three characters of base64 belong to what stands beside it.
  for (const text of encodings) expect(redacted(text)).toMatch(/^.{0,3}\*\*\*.{0,3}$/)
})

describe("Hugging Face gives no token", () => {
  it("for another repository, whose claim is compared character by character", async () => {
    await using it = await trusting()
    const idToken = it.idToken({ repository: "owner/book-fork", sub: "repo:owner/book-fork:ref:refs/heads/main" })

    expect(await refusal(it.exchange(idToken), idToken)).toMatchInlineSnapshot(`
      "Hugging Face gave no token for owner/book.
        why: POST /oauth/token was answered 400: invalid_grant: no trusted publisher accepts this token (request Root=1-stand-in); it does not say which check failed. The run's identity says: issuer https://token.actions.githubusercontent.com, subject repo:owner/book-fork:ref:refs/heads/main, repository owner/book-fork, ref refs/heads/main, workflow deploy
        next: compare that with the Trusted Publishers at https://huggingface.co/spaces/owner/book/settings: each claim there must be the same, character by character; or give a Hugging Face token that is stored"
    `)
    expect(it.hub.issued()).toEqual([])
  })

  it.each([
    ["a branch whose name only begins the same", { ref: "refs/heads/main-backup" }],
    ["a repository in capitals", { repository: "Owner/book" }],
    ["another issuer", { iss: "https://ci.example" }],
  ])("for %s", async (_, more) => {
    await using it = await trusting()
    const idToken = it.idToken(more)

    expect(await refusal(it.exchange(idToken), idToken)).toContain("invalid_grant")
    expect(it.hub.issued()).toEqual([])
  })

  it("for a Space that trusts nobody", async () => {
    await using it = await trusting()
    const idToken = it.idToken()

    expect(await refusal(it.exchange(idToken, "owner/other"), idToken)).toContain(
      "Hugging Face gave no token for owner/other.",
    )
  })

  it("for claims that somebody else signed", async () => {
    await using it = await trusting()
    const forged = identityProvider().idToken({}, it.clock.now().getTime())

    expect(await refusal(it.exchange(forged), forged)).toContain("invalid_grant")
  })

  it("for one that has expired, and the age is told", async () => {
    await using it = await trusting()
    const idToken = it.idToken()
    await it.clock.sleep(312_000)

    expect(await refusal(it.exchange(idToken), idToken)).toMatchInlineSnapshot(`
      "Hugging Face gave no token for owner/book.
        why: POST /oauth/token was answered 400: invalid_grant: no trusted publisher accepts this token (request Root=1-stand-in); it does not say which check failed. The run's identity says: issuer https://token.actions.githubusercontent.com, subject repo:owner/book:ref:refs/heads/main, repository owner/book, ref refs/heads/main, workflow deploy, EXPIRED 12 s ago
        next: an ID token lives for a few minutes: have it issued right before the call"
    `)
  })
})

it("sends an ID token for another audience to nobody", async () => {
  await using it = await trusting()
  const idToken = it.idToken({ aud: "https://cloud.example" })
  const both = it.idToken({ aud: ["https://huggingface.co", "https://cloud.example"] })

  expect(await refusal(it.exchange(idToken), idToken)).toMatchInlineSnapshot(`
    "The run's identity is not meant for Hugging Face.
      why: the ID token's audience is https://cloud.example, so it was not sent
      next: have it issued for the audience https://huggingface.co, and for no other"
  `)
  expect(await refusal(it.exchange(both), both)).toContain("https://huggingface.co, https://cloud.example")
  expect(it.hub.log).toEqual([])
})

it("sends nothing that has no claims", async () => {
  await using it = await trusting()
  const broken = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"me"}').toString("base64url")}.c2lnbmF0dXJl`

  expect(await refusal(it.exchange(broken), broken)).toMatchInlineSnapshot(`
    "The run's identity can't be read.
      why: --hugging-face-token looks like an OIDC ID token, and its claims are not those of one
      next: give the token as the CI issued it, or give a Hugging Face token that is stored"
  `)
  expect(it.hub.log).toEqual([])
})

it("waits for a limit as long as it is asked to, and asks again after a lost answer", async () => {
  await using it = await trusting()
  it.hub.fail({ on: /oauth/, kind: "status", status: 429, headers: { ratelimit: '"api";r=0;t=7' } })
  it.hub.fail({ on: /oauth/, kind: "lost reply" })

  await it.exchange(it.idToken())

  expect(it.hub.log.map(({ status }) => status)).toEqual([429, 0, 200])
  expect(it.clock.slept).toBe(7000 + 2000)
})

it("says so when the limit does not end", async () => {
  await using it = await trusting()
  it.hub.fail({ on: /oauth/, kind: "status", status: 429, times: 5, body: "{}" })
  const idToken = it.idToken()

  expect(await refusal(it.exchange(idToken), idToken)).toMatchInlineSnapshot(`
    "Hugging Face refused a request.
      why: POST /oauth/token was answered 429
      next: the rate limit is used up: wait some minutes and run the same command again"
  `)
})

it("repeats no token that Hugging Face puts into its words", async () => {
  await using it = await trusting()
  const idToken = it.idToken()
  const said = { error: "invalid_grant", error_description: `no\u001b[31m: ${idToken}` }
  it.hub.fail({ on: /oauth/, kind: "status", status: 400, body: JSON.stringify(said) })

  expect(await refusal(it.exchange(idToken), idToken)).toContain(
    "was answered 400: invalid_grant: no: ***; it does not",
  )
})

it.each([
  ["without its end", { access_token: `hf_jwt_${"a".repeat(40)}` }],
  ["for less than a deployment takes", { access_token: `hf_jwt_${"b".repeat(40)}`, expires_in: 60 }],
  ["of another kind", { access_token: `gho_${"c".repeat(40)}`, expires_in: 3600 }],
  ["at all", {}],
])("takes no token %s, and shows none", async (_, answer) => {
  await using it = await trusting()
  it.hub.fail({ on: /oauth/, kind: "status", status: 200, body: JSON.stringify(answer) })
  const idToken = it.idToken()

  const message = await refusal(it.exchange(idToken), idToken)

  expect(message).toMatch(/^Hugging Face answered something unexpected\.\n {2}why: POST \/oauth\/token: ✖ \S/)
  expect(message).not.toMatch(/([abc])\1{39}/)
})
