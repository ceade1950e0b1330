import { dag } from "@dagger.io/dagger"
import { expect, it } from "vitest"
import { wallClock } from "../../lib/clock.js"
import { doctorChecks, type Given } from "../../lib/containers/doctor-checks.js"
import { diagnosesText } from "../../lib/doctor/diagnosis.js"
import { diagnosed } from "../../lib/doctor/doctor.js"
import { readCommentedJson } from "../../lib/settings/commented-json.js"
import { readSettings } from "../../lib/settings/settings.js"
import { standIn } from "../../stand-ins/server.js"
import { docusaurus, fastApi, proposed } from "../init/repositories.js"

/** A host without the Space, and a registry without the image: as GitHub's, it gives nobody a token for what is not there. */
const nothingYet = (page = "<h1>404</h1>") =>
  standIn(({ path, headers }) => {
    const realm = `Bearer realm="http://${headers.host}/token",service="registry",scope="repository:acme/shop/api:pull"`
    if (path.startsWith("/v2/")) return { status: 401, headers: { "www-authenticate": realm } }
    if (path === "/token") return { status: 403, json: { errors: [{ code: "DENIED", message: "denied" }] } }
    return { status: 404, headers: { "content-type": "text/html" }, body: page }
  })

/** What doctor says of staging when init has just written the settings. */
async function doctor(server: Awaited<ReturnType<typeof nothingYet>>, given: Partial<Given> = {}, gitConfig?: string) {
  const { files } = proposed(
    { ...docusaurus("website"), ...fastApi("api") },
    gitConfig === undefined ? {} : { gitConfig },
  )
  const written = readCommentedJson(files["delivery.json"] ?? "") as {
    environments: { staging: { backend: object } }
  }
  const { staging } = written.environments
  const settings = readSettings(
    JSON.stringify({
      ...written,
      image: { repository: `${new URL(server.url).host}/acme/shop/api` },
      environments: { staging: { ...staging, backend: { ...staging.backend, url: server.url } } },
    }),
  )
  const none = undefined
  const found = await diagnosed(
    doctorChecks({
      ...{ settings, environment: "staging", source: none, context: none, commit: "", clock: wallClock },
      ...{ netlifyToken: none, huggingFaceToken: none, githubToken: none, slackWebhook: none, signingKey: none },
      ...{ databaseUrl: none, databaseService: none, access: { user: "", hosts: [new URL(server.url).host] } },
      site: () => {
        throw new Error("without a token no site is asked")
      },
      ...given,
    }),
  )
  return diagnosesText("staging", found).replaceAll(new URL(server.url).host, "HOST")
}

it("says right after init what it needs to look, in the order of a deployment, and calls nothing wrong", async () => {
  await using server = await nothingYet()

  expect(await doctor(server)).toMatchInlineSnapshot(`
    "What a deployment to staging needs:
      unknown   Netlify token       not checked: its secret was not given
                                    next: give --netlify-token=env://NETLIFY_TOKEN_STAGING
      unknown   Hugging Face token  not checked: its secret was not given
                                    next: give --hugging-face-token=env://HF_TOKEN_STAGING
      unknown   GitHub token        not checked: its secret was not given
                                    next: give --github-token=env://GITHUB_TOKEN
      unknown   Slack webhook       not checked: its secret was not given
                                    next: give --slack-webhook=env://SLACK_WEBHOOK_URL_STAGING
      unknown   health answer       http://HOST answers 404 with a page of the host at every path, as it does where no Space is or nothing was deployed
                                    next: deploy first; if the service runs, it says how it is at another path than /health: write backend.health
      unknown   registry            it shows HOST/acme/shop/api to nobody without a token: nothing was pushed yet, or it is private
                                    next: give --registry-user=NAME --registry-token=env://REGISTRY_TOKEN
    6 unknown; nothing was changed"
  `)
})

it("names what init could not know, first", async () => {
  await using server = await nothingYet()

  const [, first, next] = (await doctor(server, {}, "")).split("\n")

  expect(first).toMatch(
    /^ {2}wrong +delivery\.json +project\.source is https:\/\/github\.com\/OWNER\/REPOSITORY, which/,
  )
  expect(next).toMatch(/^ +next: write the repository's address there, and its owner and name in the other places/)
})

it("calls the registry wrong where it refuses the token that it was given", async () => {
  await using server = await nothingYet()
  const token = dag.setSecret("registry-token", "of somebody else")
  token.plaintext = async () => "of somebody else"

  const text = await doctor(server, { access: { user: "ana", token, hosts: [new URL(server.url).host] } })

  expect(text).toMatch(/^ {2}wrong +registry +HOST rejected the image\. it answered 403:/m)
})

it("calls a path wrong where the app itself does not know it", async () => {
  await using server = await nothingYet('{"detail":"Not Found"}')

  expect(await doctor(server)).toMatch(
    /^ {2}wrong +health answer +http:\/\/HOST: \/health answered 404\n +next: write backend\.health: /m,
  )
})
