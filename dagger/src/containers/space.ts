import { dag, type Service } from "@dagger.io/dagger"
import type { RunImage } from "../../stand-ins/hugging-face.js"

/** Runs an image of a registry as a Space would: pulled by its digest, with the Space's variables. */
export function runner(registry: Service, port: number): RunImage {
  return async ({ reference, env }) => {
    const image = Object.entries(env).reduce(
      (container, [name, value]) => container.withEnvVariable(name, value),
      dag.container().from(reference, { registryService: registry }),
    )
    const service = await image.withExposedPort(port).asService().start()
    return {
      url: await service.endpoint({ port, scheme: "http" }),
      stop: async () => {
        await service.stop({ kill: true })
      },
    }
  }
}
