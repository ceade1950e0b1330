import { describe, expect, it } from "vitest"
import { loadSettings, parseSettings } from "../src/lib/settings"
import { json, network, silent } from "./backend"

describe("settings", () => {
  it("names the environment and the backend's address", () => {
    expect(parseSettings({ environment: "staging", apiUrl: "https://api.example.org" })).toEqual({
      environment: "staging",
      apiUrl: "https://api.example.org",
    })
  })

  it("allows a path below which the backend is served, with or without a trailing slash", () => {
    expect(parseSettings({ environment: "local", apiUrl: "http://localhost:7860/v1/" }).apiUrl).toBe(
      "http://localhost:7860/v1",
    )
  })

  it("reports every mistake at once", () => {
    expect(() => parseSettings({ environment: " ", apiUrl: "api.example.org" })).toThrowErrorMatchingInlineSnapshot(`[Error: config.json is malformed: "environment" must be a name such as "staging"; "apiUrl" must be an http or https address such as "https://api.example.org".]`)
  })

  it.each([
    "javascript:alert(1)",
    "ftp://api.example.org",
    "https://user:word@api.example.org",
    "https://api.example.org?key=1",
    "https://api.example.org#top",
    7860,
  ])("refuses %s as the backend's address", (apiUrl) => {
    expect(() => parseSettings({ environment: "local", apiUrl })).toThrow('"apiUrl" must be an http or https address')
  })

  it.each([null, [], "text", 1])("refuses %j in place of an object", (value) => {
    expect(() => parseSettings(value)).toThrow("config.json is malformed")
  })

  it("says so when config.json is not JSON, as when a host answers with a page", async () => {
    network({ settings: () => new Response("<!doctype html>") })
    await expect(loadSettings("/config.json")).rejects.toThrow("config.json is malformed: it is not JSON.")
  })

  it("says so when config.json is missing", async () => {
    network({ settings: () => json({}, 404) })
    await expect(loadSettings("/config.json")).rejects.toThrow("the site answered 404")
  })

  it("says so when config.json does not come in time", async () => {
    network({ settings: (init) => silent("/config.json", init) })
    await expect(loadSettings("/config.json", 20)).rejects.toThrow("config.json did not arrive within 0.02 s. Try again.")
  })

  it("says so when config.json starts to come but does not end in time", async () => {
    network({
      settings: (init) => {
        const stalled = new ReadableStream({
          start: (stream) => init.signal?.addEventListener("abort", () => stream.error(new Error("aborted"))),
        })
        return new Response(stalled)
      },
    })
    await expect(loadSettings("/config.json", 20)).rejects.toThrow("config.json did not arrive within 0.02 s.")
  })

  it("says so when the site cannot be reached", async () => {
    network({ settings: () => Promise.reject(new TypeError("Failed to fetch")) })
    await expect(loadSettings("/config.json")).rejects.toThrow("Check your connection and try again.")
  })
})
