import { describe, expect, it } from "vitest"
import type { Answer } from "../../lib/deployment/answer.js"
import { anyForm } from "../../lib/deployment/health-answer.js"
import {
  backoff,
  brokenLinks,
  HealthState,
  judge,
  linksOf,
  probeOnce,
  probeUntil,
} from "../../lib/deployment/health-probe.js"
import { commit } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { expecting, policy } from "../support/targets.js"

const answered = (
  body: unknown,
  { status = 200, type = "application/json", location = "", headers = {} as Record<string, string> } = {},
): Answer => ({
  kind: "answered",
  status,
  type,
  location,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
})
const html = (body: string, status = 200) => answered(body, { status, type: "text/html" })
const wanted = expecting({ commit: commit("b"), health: anyForm, dependencies: ["database"] })
const fine = { commit: commit("b"), status: "ok", dependencies: { database: "up" } }

describe("judging one answer", () => {
  it.each<[string, Answer, HealthState, string]>([
    ["this commit, all well", answered(fine), HealthState.Healthy, ""],
    [
      "an old version that answers 200",
      answered({ ...fine, commit: commit("a") }),
      HealthState.WrongVersion,
      `commit "${commit("a")}" answers, expected "${commit("b")}"`,
    ],
    [
      "no commit at all",
      answered({ status: "ok" }),
      HealthState.WrongVersion,
      `commit missing answers, expected "${commit("b")}"`,
    ],
    [
      "a degraded app with 200",
      answered({ ...fine, status: "degraded" }),
      HealthState.Unhealthy,
      'status is "degraded", expected "ok" or the like',
    ],
    [
      "an HTML error page with 200",
      html("<html>Oops</html>"),
      HealthState.Unhealthy,
      "answered an HTML page instead of JSON",
    ],
    [
      "text with 200",
      answered("all is well", { type: "text/plain" }),
      HealthState.Unhealthy,
      "answered something that is not JSON",
    ],
    ["500", answered({}, { status: 500 }), HealthState.Unhealthy, "answered 500, expected 200"],
    [
      "a redirect to a login",
      answered("", { status: 302, location: "https://login.example/" }),
      HealthState.Unhealthy,
      "answered 302 to https://login.example/, expected 200; redirects are not followed",
    ],
    [
      "a dependency that is down",
      answered({ ...fine, dependencies: { database: { state: "down" } } }),
      HealthState.Unhealthy,
      'dependency database is "down"',
    ],
    [
      "dependencies as a list",
      answered({ ...fine, dependencies: [{ name: "database", status: "ok" }] }),
      HealthState.Healthy,
      "",
    ],
    [
      "a missing dependency",
      answered({ ...fine, dependencies: {} }),
      HealthState.Unhealthy,
      "dependency database is missing",
    ],
    [
      "the host's page while the app sleeps",
      html("<html>not running</html>", 503),
      HealthState.Asleep,
      "answered 503 with a page of the host, not of the app",
    ],
    [
      "the app's own 503",
      answered({ status: "down" }, { status: 503 }),
      HealthState.Unhealthy,
      "answered 503, expected 200",
    ],
    ["silence", { kind: "silent", why: "refused the connection" }, HealthState.Unreachable, "refused the connection"],
    [
      "a field of Object itself",
      answered({ ...fine, status: undefined, __proto__: 1 }),
      HealthState.Unhealthy,
      'status is missing, expected "ok" or the like',
    ],
  ])("%s", async (_, answer, state, reason) => {
    expect(await judge(answer, wanted)).toEqual({ state, reason })
  })

  it("finds the expected title among entities and spaces", async () => {
    const page = html("<title>\n A &amp; B | Docs</title>")
    expect((await judge(page, expecting({ title: "A & B" }))).state).toBe(HealthState.Healthy)
    expect((await judge(html("<title>Sign in</title>"), expecting({ title: "A & B" }))).reason).toBe(
      'the page\'s title is "Sign in", expected "A & B"',
    )
  })

  it.each([
    ["A &#38; &#x26; &amp; B", "A & & & B"],
    ["Caf&eacute; &mdash; &#8212; it&#039;s it&rsquo;s", "Café — — it's it’s"],
    ["Physical&nbsp;AI\n   book", "Physical AI book"],
    ["Physical AI", "Physical\u00a0AI\n"],
    ["1 &lt; 2 &amp;amp; <b>", "1 < 2 &amp; <b>"],
  ])("takes the title %j for %j, as a browser does", async (written, title) => {
    const page = `<svg><title>Logo</title></svg><!-- <title>Old</title> --><title>${written}</title><title>Later</title>`
    expect(await judge(html(page), expecting({ title }))).toEqual({ state: HealthState.Healthy, reason: "" })
  })
})

describe("the forms of a health answer", () => {
  const anyVersion = expecting({ health: anyForm, dependencies: ["db"] })

  it.each([
    ["UP", { components: { db: { status: "UP" } } }],
    ["Healthy", { services: { db: "connected" } }],
    ["pass", { checks: { "db:responseTime": [{ status: "pass" }] } }],
    [true, { dependencies: [{ name: "db", healthy: true }] }],
    ["running", { dependencies: { db: true } }],
  ])("takes %j and its dependencies as healthy", async (status, rest) => {
    expect(await judge(answered({ status, ...rest }), anyVersion)).toEqual({ state: HealthState.Healthy, reason: "" })
  })

  it.each([true, "ok", "OK"])("takes %j alone as healthy", async (body) => {
    const health = await judge(answered(JSON.stringify(body)), expecting({ health: anyForm }))
    expect(health.state).toBe(HealthState.Healthy)
  })

  it.each(["off", "disabled", "error", false])("fails where a dependency that is needed answers %j", async (db) => {
    expect(await judge(answered({ status: "ok", services: { db } }), anyVersion)).toEqual({
      state: HealthState.Unhealthy,
      reason: `dependency db is "${db}"`,
    })
  })

  it("takes only the words of the settings, in any case, from their field", async () => {
    const own = expecting({ health: { field: "app.mood", values: ["splendid"], dependencies: "" } })
    expect((await judge(answered({ app: { mood: "SPLENDID" } }), own)).state).toBe(HealthState.Healthy)
    expect(await judge(answered({ app: { mood: "ok" } }), own)).toMatchObject({
      reason: 'app.mood is "ok", expected "splendid"',
    })
  })

  it.each([
    ["another field", { field: "build.sha", header: "" }, answered({ status: "ok", build: { sha: commit("b") } })],
    ["a short hash", { field: "commit", header: "" }, answered({ status: "ok", commit: commit("b").slice(0, 7) })],
    ["a header", { field: "", header: "X-Commit" }, answered(true, { headers: { "x-commit": commit("b") } })],
  ])("finds the commit in %s", async (_, commitAt, answer) => {
    const of = (letter: string) => expecting({ health: anyForm, commit: commit(letter), commitAt })
    expect((await judge(answer, of("b"))).state).toBe(HealthState.Healthy)
    expect((await judge(answer, of("c"))).state).toBe(HealthState.WrongVersion)
  })
})

describe("asking as the site's page", () => {
  const from = { origin: "https://book.example", path: "/chat", method: "POST" }
  const check = [{ path: "/health", expect: expecting({ health: anyForm }), links: false, from }]
  const allow = { "access-control-allow-origin": "https://book.example" }
  const ask = (read: Record<string, string>, sent: Record<string, string>, status = 200) =>
    probeOnce("http://app", check, async (url, question) => {
      expect(question?.headers.origin).toBe("https://book.example")
      if (question?.method !== "OPTIONS") return answered({ status: "ok" }, { headers: read })
      expect(url).toBe("http://app/chat")
      return answered("", { headers: sent, status })
    })

  it("is healthy where a browser lets the page ask", async () => {
    const health = await ask(allow, { ...allow, "access-control-allow-headers": "Content-Type" })
    expect(health).toEqual({ state: HealthState.Healthy, reason: "" })
  })

  it.each([
    ["answers without the origin", {}, allow, 200, "access-control-allow-origin is missing"],
    ["refuses the preflight", allow, {}, 400, "OPTIONS /chat was answered 400"],
    [
      "allows another page",
      allow,
      { "access-control-allow-origin": "https://x.example" },
      200,
      'OPTIONS /chat names "https://x.example" as the origin that may ask',
    ],
    ["allows no JSON", allow, allow, 200, "OPTIONS /chat does not allow the header content-type"],
  ])("is unhealthy where the service %s", async (_, read, sent, status, why) => {
    expect((await ask(read, sent, status)).reason).toBe(
      `http://app/health is not healthy: a browser keeps it from the pages of https://book.example: ${why}; see CORS_ORIGINS or the like`,
    )
  })
})

describe("probing until healthy", () => {
  const check = [{ path: "/health", expect: wanted, links: false }]
  const script = (answers: Answer[]) => {
    let next = 0
    return async () => answers[Math.min(next++, answers.length - 1)] as Answer
  }
  const ask = (answers: Answer[]) =>
    probeUntil("http://app", check, policy, { get: script(answers), clock: fastClock(), random: () => 0.5 })
  const good = answered(fine)
  const bad = answered({}, { status: 500 })

  it("requires this commit three times in a row", async () => {
    expect(await ask([good, good, bad, good, good, good])).toMatchObject({ state: HealthState.Healthy, attempts: 6 })
  })

  it("never accepts an app that flaps between 200 and 500", async () => {
    const flapping = Array.from({ length: 400 }, (_, n) => (n % 2 ? bad : good))
    const result = await ask(flapping)
    expect(result.state).toBe(HealthState.Unhealthy)
    expect(result.reason).toMatch(
      /is unstable: \d+ of \d+ answers were healthy$|^only \d+ of \d+ answers were healthy before time was up$/,
    )
    expect(result.milliseconds).toBeLessThanOrEqual(30_000)
  })

  it("waits for a sleeping target with a separate budget", async () => {
    const asleep = html("<html>sleeping</html>", 503)
    const woken = await ask([...Array.from({ length: 10 }, () => asleep), bad, good, good, good])
    expect(woken.state).toBe(HealthState.Healthy)
    expect(woken.milliseconds).toBeGreaterThan(30_000)
    const never = await ask([asleep])
    expect(never).toMatchObject({
      state: HealthState.Asleep,
      reason: "http://app/health answered 503 with a page of the host, not of the app",
    })
    expect(never.milliseconds).toBeLessThanOrEqual(60_000)
  })

  it("keeps probing while the old version still answers, then reports it", async () => {
    const old = answered({ ...fine, commit: commit("a") })
    expect((await ask([old, old, good, good, good])).state).toBe(HealthState.Healthy)
    expect(await ask([old])).toMatchObject({
      state: HealthState.WrongVersion,
      reason: `http://app/health is not healthy: commit "${commit("a")}" answers, expected "${commit("b")}"`,
    })
  })

  it("doubles its pauses up to the slowest, half of each at random", () => {
    expect([1, 2, 3, 4, 5].map((attempt) => backoff(attempt, policy, () => 0))).toEqual([250, 500, 1000, 2000, 2500])
    expect(backoff(3, policy, () => 1)).toBe(2000)
  })
})

describe("links", () => {
  it("are those of the same site only, each once, without fragments", async () => {
    const page = `<a href="/a#x">a</a> <a class=y href='/a'>a</a> <img src=logo.svg> <a href="https://other.example/">o</a> <a href="mailto:x@y">m</a> <a href="//[">broken</a>`
    expect(await linksOf("http://site/docs/", page)).toEqual(["http://site/a", "http://site/docs/logo.svg"])
  })

  it.each([
    ["a comment", '<!-- <a href="/gone">x</a> -->'],
    ["a conditional comment", '<!--[if lt IE 9]><script src="/gone.js"></script><![endif]-->'],
    ["a script", "<script>const a = '<a href=\"/gone\">x</a>'</script>"],
    ["a template", '<template><img src="/gone.png"></template>'],
    ["a text field", '<textarea><a href="/gone">x</a></textarea>'],
    ["an attribute's text", "<p title='<a href=\"/gone\">'>x</p>"],
    ["another attribute", '<a data-href="/gone">x</a>'],
    ["a page without scripts", '<noscript><img src="/gone"></noscript>'],
  ])("takes none of %s", async (_, page) => {
    expect(await linksOf("http://site/", `<p>a</p>${page}<a href="/real">r</a>`)).toEqual(["http://site/real"])
  })

  it.each([
    ['<base href="/book/">', "http://site/book/a"],
    ['<base target="_top"><base href="sub/"><base href="/no/">', "http://site/docs/sub/a"],
    ['<base href="http://[">', "http://site/docs/a"],
  ])("counts from what %s says", async (base, link) => {
    expect(await linksOf("http://site/docs/", `${base}<a href=" a\n#x">a</a>`)).toEqual([link])
  })

  it("asks for none where the base is another site", async () => {
    expect(await linksOf("http://site/", '<base href="https://cdn.example/"><img src="a.png">')).toEqual([])
  })

  it("reads a page nested 100,000 deep in seconds", async () => {
    expect(await linksOf("http://site/", `${"<div>".repeat(100_000)}<a href=/deep>x</a>`)).toEqual(["http://site/deep"])
  })

  it("a page that is well each time and leads to what is gone is not called unstable", async () => {
    const check = [{ path: "/", expect: expecting({}), links: true }]
    const get = async (url: string) => (url === "http://app/" ? html('<a href="/gone">g</a>') : html("no", 404))
    expect((await probeUntil("http://app", check, policy, { get, clock: fastClock(), random: () => 0.5 })).reason).toBe(
      "http://app/ has 1 broken link: http://app/gone",
    )
  })

  it("are broken when they do not answer", async () => {
    const pages: Record<string, Answer> = {
      "http://site/": html(`<a href="/good">g</a><script src="/gone.js"></script><a href="/moved">m</a>`),
      "http://site/good": html("ok"),
      "http://site/moved": answered("", { status: 301, location: "/good" }),
    }
    expect(await brokenLinks("http://site/", async (url) => pages[url] ?? html("no", 404))).toEqual([
      "http://site/gone.js",
    ])
  })
})
