import { type Directory, dag, type Service } from "@dagger.io/dagger"
import type { RunImage } from "../../stand-ins/hugging-face.js"
import type { ImageArtifact } from "../deployment/release.js"
import { backendOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"

/** Runs an image as a Space does: pulled by its digest, with the Space's variables. */
export function runner(registry: Service, port: number, databases: Record<string, Service>): RunImage {
  return async ({ reference, env }) => {
    const bound = Object.entries(databases).reduce(
      (container, [name, service]) => container.withServiceBinding(name, service),
      dag.container().from(reference, { registryService: registry }),
    )
    const image = Object.entries(env).reduce(
      (container, [name, value]) => container.withEnvVariable(name, value),
      bound,
    )
    // A Space ignores HEALTHCHECK: an app that answers 503 counts as running.
    const service = await start(
      image.withoutDockerHealthcheck().withExposedPort(port).asService({ useEntrypoint: true }),
    )
    return {
      url: await service.endpoint({ port, scheme: "http" }),
      stop: async () => {
        await service.stop({ kill: true })
      },
    }
  }
}

/**
 * What a Space needs beside the image: the files that it builds, exported to the filesystem of the running module; where it pulls the
 * image, the README alone.
 */
export async function contextFor(
  source: Directory,
  commit: string,
  settings: Settings,
): Promise<Pick<ImageArtifact, "context" | "readme">> {
  if (backendOf(settings).delivery === "image")
    return (await source.entries()).includes("README.md") ? { readme: await source.file("README.md").contents() } : {}
  const context = `/tmp/context-${commit}`
  await source.export(context, { wipe: true })
  return { context }
}

/** The engine ends its messages with the address of a trace, which is irrelevant here. */
async function start(service: Service): Promise<Service> {
  try {
    return await service.start()
  } catch (failure) {
    throw new Error((failure as Error).message.replace(/ \[traceparent:[0-9a-f-]+\]/g, ""))
  }
}
