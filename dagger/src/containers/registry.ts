import { type Container, dag, type Secret, type Service } from "@dagger.io/dagger"
import { registryRefused } from "../errors.js"
import { type ImageArtifact, pinned } from "../release.js"
import { span } from "./span.js"

/** How to get at a registry. */
export interface RegistryAccess {
  /** Empty for a registry that takes pushes from anyone. */
  user: string
  token?: Secret | undefined
  /** Serves the registry instead of the network; for tests, rehearsals and local registries. */
  service?: Service | undefined
}

/** Pushes an image under its commit and as `latest`; the digest that the registry answers is its name from then on. */
export async function push(
  image: Container,
  repository: string,
  commit: string,
  access: RegistryAccess,
): Promise<ImageArtifact> {
  const host = repository.split("/", 1)[0] ?? repository
  const ready = access.token ? image.withRegistryAuth(host, access.user, access.token) : image
  const options = access.service ? { registryService: access.service } : {}
  const publish = (tag: string) =>
    span(`push ${repository}:${tag}`, () => ready.publish(`${repository}:${tag}`, options))
  try {
    const reference = await publish(commit)
    await publish("latest")
    return { repository, digest: reference.slice(reference.indexOf("@") + 1) }
  } catch (failure) {
    const said = (failure as Error).message
    throw registryRefused(host, statusIn(said), said)
  }
}

/** HTTP status in the engine's words, such as `unexpected status from PUT request …: 403 Forbidden`; "" when it got no answer. */
function statusIn(said: string): number | string {
  const status = /\b(4\d\d|5\d\d) [A-Z]/.exec(said)?.[1]
  return status ? Number(status) : /reset|EOF/.test(said) ? "reset" : ""
}

/** An image by its digest; nothing is fetched before something of it is asked for. */
export function pull(image: ImageArtifact, access: RegistryAccess): Container {
  const host = image.repository.split("/", 1)[0] ?? image.repository
  const bare = access.token ? dag.container().withRegistryAuth(host, access.user, access.token) : dag.container()
  return bare.from(pinned(image), access.service ? { registryService: access.service } : {})
}

/** An empty registry that lives as long as the call. */
export const ownRegistry = (): Service =>
  dag.container().from("registry:2").withExposedPort(5000).asService({ useEntrypoint: true })
