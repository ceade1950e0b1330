import { dag } from "@dagger.io/dagger"
import { expect, test } from "vitest"
import { tokenFor } from "../../lib/containers/registry.js"
import { registryHost, registryHosts } from "../../lib/settings/settings.js"

const token = dag.setSecret("registry-token", "the registry's token")

test("the registries of the settings are those of the image, of the kept site and of the cache, each once", () => {
  const frontend = (artifact: string) => ({ artifact }) as Parameters<typeof registryHosts>[0]["frontend"] & object
  const image = (repository: string) =>
    ({ repository, publicKey: "" }) as Parameters<typeof registryHosts>[0]["image"] & object

  expect(registryHosts({ image: image("ghcr.io/acme/api"), frontend: frontend("ghcr.io/acme/api-site") })).toEqual([
    "ghcr.io",
  ])
  expect(registryHosts({ image: image("ghcr.io/acme/api"), frontend: frontend("127.0.0.1:5000/site") })).toEqual([
    "ghcr.io",
    "127.0.0.1:5000",
  ])
  expect(registryHosts({ frontend: frontend("") })).toEqual([])
  const cache = { repository: "registry.acme.example/cache", publicKey: "" }
  expect(registryHosts({ image: image("ghcr.io/acme/api"), cache })).toEqual(["ghcr.io", "registry.acme.example"])
})

test.each([
  "evil.example/acme/api",
  "ghcr.io.evil.example/acme/api",
  "ghcr.io:443/acme/api",
  "127.0.0.1:5000/acme/api",
])("the token is not offered to the registry of %s, which only a live image names", (repository) => {
  expect(tokenFor({ token, hosts: ["ghcr.io"] }, registryHost(repository))).toBeUndefined()
})

test("the token is offered to the registry that the settings name", () => {
  expect(tokenFor({ token, hosts: ["ghcr.io"] }, registryHost("ghcr.io/acme/api"))).toBe(token)
})
