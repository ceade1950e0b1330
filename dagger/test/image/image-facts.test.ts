import { expect, it } from "vitest"
import { ociPlatform, platformNamed } from "../../lib/image/image-facts.js"

it.each([
  ["linux/amd64", { os: "linux", architecture: "amd64" }],
  ["linux/arm64", { os: "linux", architecture: "arm64" }],
  ["linux/arm/v7", { os: "linux", architecture: "arm", variant: "v7" }],
])("calls %s what OCI calls %j", (name, platform) => {
  expect(platformNamed(platform)).toBe(name)
  expect(ociPlatform(name)).toEqual(platform)
})

it("leaves out the variant of arm64 that every builder means", () => {
  expect(platformNamed({ os: "linux", architecture: "arm64", variant: "v8" })).toBe("linux/arm64")
})
