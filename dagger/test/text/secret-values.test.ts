import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { expect, it } from "vitest"
import { hostRefused } from "../../lib/deployment/host-errors.js"
import { keepSecret } from "../../lib/text/secret-values.js"
import { redacted } from "../../lib/text/untrusted.js"

const secret = 's3cr3t/+ "pass\\word"<&>\u00e9\u{1f511}!'
keepSecret(`${secret}\n`)
keepSecret("postgresql://book:p%40ss-w0rd@db.example:5432/book")
keepSecret("https://chat.example/services/T0/B0/abcdefghijklmnopqrstuvwx")
keepSecret("abc")

const json = JSON.stringify(secret).slice(1, -1)
const html = (text: string, named: boolean) =>
  text.replace(/[&<>"'/+]/g, (one) => {
    const name = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[one]
    return named && name ? name : `&#${one.charCodeAt(0)};`
  })

it.each([
  ["raw", secret],
  ["in JSON", json],
  ["in JSON in JSON", JSON.stringify(json).slice(1, -1)],
  [
    "in JSON of Python",
    execFileSync("python3", ["-c", "import json,sys; print(json.dumps(sys.argv[1])[1:-1])", secret]).toString().trim(),
  ],
  ["URL-encoded", encodeURIComponent(secret)],
  ["URL-encoded with small letters", encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
  ["URL-encoded twice", encodeURIComponent(encodeURIComponent(secret))],
  ["URL-encoded as a whole address", encodeURI(secret)],
  ["in a form", new URLSearchParams({ x: secret }).toString().slice(2)],
  ["in HTML", html(secret, true)],
  ["in HTML by numbers", html(secret, false)],
  ["in hexadecimal", Buffer.from(secret).toString("hex")],
  ["in large hexadecimal", Buffer.from(secret).toString("hex").toUpperCase()],
])("a secret that the call knows is redacted %s", (_, written) => {
  expect(redacted(`before ${written} after`)).toBe("before *** after")
})

it.each([
  ["alone", ""],
  ["after one character", "u"],
  ["after two", "us"],
  ["as the password of a user", "user:"],
])("is redacted in base64, %s", (_, before) => {
  const whole = Buffer.from(`${before}${secret} and more`)
  for (const text of [
    whole.toString("base64"),
    whole.toString("base64url"),
    encodeURIComponent(whole.toString("base64")),
    whole.toString("base64").replace(/.{20}/g, "$&\n"),
  ]) {
    const left = redacted(text)
    expect(left).toContain("***")
    const bytes = left.split("***").map((part) => Buffer.from(decodeURIComponent(part), "base64").toString("latin1"))
    expect(bytes.join("|")).not.toMatch(/s3c|pass|word/)
  }
})

it("is redacted in parts: the password of an address, the long part of its path", () => {
  expect(redacted("connecting as book with p%40ss-w0rd or p@ss-w0rd to db.example")).toBe(
    "connecting as book with *** or *** to db.example",
  )
  expect(redacted("POST /services/T0/B0/abcdefghijklmnopqrstuvwx")).toBe("POST /services/T0/B0/***")
})

it("is redacted as a parameter of a database's address, but not the name of the database", () => {
  keepSecret("postgresql://db.example/physical_ai_production?user=book&password=w0rd%2Fs&sslmode=require")
  expect(redacted("password=w0rd%2Fs, w0rd/s, book, require, physical_ai_production")).toBe(
    "password=***, ***, book, require, physical_ai_production",
  )
})

it("is redacted line by line when it is a key", () => {
  const line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg"
  keepSecret(`-----BEGIN PRIVATE KEY-----\n${line}\nAAAA\n-----END PRIVATE KEY-----\n`)
  expect(redacted(`a line of it: ${line}`)).toBe("a line of it: ***")
})

it("is redacted completely when another one is its beginning", () => {
  keepSecret("pass-of-both")
  keepSecret("pass-of-both-and-more")
  expect(redacted("with pass-of-both-and-more, with pass-of-both")).toBe("with ***, with ***")
})

it.each([
  [
    "a key of 4096 bits",
    generateKeyPairSync("rsa", { modulusLength: 4096 }).privateKey.export({ type: "pkcs8", format: "pem" }),
  ],
  ["a file of signs", '/+"\u00e9'.repeat(16_000)],
])("is redacted at any length: %s", (_, long) => {
  const value = keepSecret(String(long)).slice(0, 60_000)
  for (const text of [value, encodeURIComponent(value), JSON.stringify(value), Buffer.from(value).toString("base64")]) {
    const left = redacted(text)
    expect(left.replaceAll("*", "").length).toBeLessThan(text.length / 50)
  }
})

it("is redacted before it is shortened", () => {
  const refusal = hostRefused("Netlify", "GET /x", 400, `${"x".repeat(290)}${secret}`)
  expect(refusal.message).not.toContain("s3cr3t")
})

it("leaves a word alone that is too short to be a secret", () => {
  expect(redacted("abc of the alphabet")).toBe("abc of the alphabet")
})

it("redacts a megabyte in a second, so that the output of tests does not stop the pipeline", () => {
  const text = `s3cr3t/+ s3cr3t%2F abcdefghij p@ss ${"TUlHSEFnRUFNQk1H".repeat(4)}\n`.repeat(11_000)
  // The fastest of three: this machine has other work too.
  const seconds = [1, 2, 3].map(() => {
    const before = process.cpuUsage()
    redacted(text)
    return process.cpuUsage(before).user / 1e6
  })
  expect(Math.min(...seconds)).toBeLessThan(1)
})
