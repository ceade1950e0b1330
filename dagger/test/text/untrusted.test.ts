import { expect, it } from "vitest"
import { escaped, holdsSecret, redacted, sanitized, shortened, tail } from "../../lib/text/untrusted.js"

it.each([
  ["a colour", "\u001b[31mred\u001b[0m", "red"],
  ["a colour in one byte", "\u009b31mred", "red"],
  ["a link of a terminal", "\u001b]8;;https://x.example\u0007here", "here"],
  ["a NUL and a bell", "a\u0000b\u0007", "ab"],
  ["a reversed reading direction", "a\u202eb\u2066c", "abc"],
  ["carriage returns", "a\r\nb\rc", "a\nb\nc"],
])("removes %s from foreign text", (_, text, expected) => {
  expect(sanitized(text)).toBe(expected)
})

it.each([
  `ghp_${"a".repeat(36)}`,
  `github_pat_${"a".repeat(30)}`,
  `hf_${"a".repeat(34)}`,
  `hf_jwt_eyJ${"a".repeat(20)}.${"b".repeat(30)}.${"c".repeat(30)}`,
  `hf_oauth_${"a".repeat(34)}`,
  `nfp_${"a".repeat(36)}`,
  `sk-or-v1-${"a".repeat(40)}`,
  `xoxb-${"1".repeat(20)}`,
  `npm_${"a".repeat(36)}`,
  `pypi-${"a".repeat(60)}`,
  `eyJ${"a".repeat(20)}.${"b".repeat(30)}.${"c".repeat(30)}`,
  `Authorization: Bearer ${"a".repeat(20)}`,
  `Authorization: Basic ${"a".repeat(20)}==`,
  `-----BEGIN RSA PRIVATE KEY-----\n${"a".repeat(64)}\n${"b".repeat(64)}\n-----END RSA PRIVATE KEY-----`,
  "https://user:password@host/path",
  "postgresql+psycopg://app:p%40ss@db:5432/book",
  "https://hooks.slack.com/services/T000/B000/XXXXXXXX",
])("knows %s for a secret and masks it", (text) => {
  expect(holdsSecret(text)).toBe(true)
  expect(holdsSecret(redacted(text))).toBe(false)
})

it.each(["NETLIFY_TOKEN_STAGING", "https://book.netlify.app", "owner/hf_space", "sk-learn"])(
  "does not take %s for a secret",
  (text) => expect(holdsSecret(text)).toBe(false),
)

it("redacts a whole private key", () => {
  const key = `before -----BEGIN PRIVATE KEY-----\n${"a".repeat(64)}\n-----END PRIVATE KEY----- after`
  expect(redacted(key)).toBe("before *** after")
})

it.each(["-eyJaaaaaaaa", "://a:", "sk-", "a:b@", "-----BEGIN PRIVATE KEY-----"])(
  // The fastest of three: this machine has other work too.
  "masks a megabyte of %s in a second: a test's output must not stop the pipeline",
  (text) => {
    const megabyte = text.repeat(Math.ceil(1_000_000 / text.length))
    const seconds = [1, 2, 3].map(() => {
      const before = process.cpuUsage()
      redacted(megabyte)
      return process.cpuUsage(before).user / 1e6
    })
    expect(Math.min(...seconds)).toBeLessThan(1)
  },
)

it("keeps the end of a command's output, and counts the lines before", () => {
  const said = Array.from({ length: 5 }, (_, at) => `line ${at}`).join("\n")
  expect(tail(said, 2)).toEqual(["… 3 lines before", "line 3", "line 4"])
  expect(tail(said, 4)[0]).toBe("… 1 line before")
})

it("never cuts a character in two", () => {
  expect(shortened("ab😀c", 3)).toBe("ab…")
})

it("leaves no character that has a meaning in HTML", () => {
  expect(escaped(`<a href="x">'&`)).toBe("&#60;a href=&#34;x&#34;&#62;&#39;&#38;")
})
