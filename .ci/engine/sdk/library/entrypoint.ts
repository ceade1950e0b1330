// Does what the library's entrypoint of the same name does, from a description made before the call.
import { writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { fromPlain } from "./description.js"
import { dag } from "./node_modules/@dagger.io/dagger/dist/src/api/client.gen.js"
import { ExecError, GraphQLRequestError } from "./node_modules/@dagger.io/dagger/dist/src/common/errors/index.js"
import { connection } from "./node_modules/@dagger.io/dagger/dist/src/connect.js"
import { invoke } from "./node_modules/@dagger.io/dagger/dist/src/module/entrypoint/invoke.js"
import { Register } from "./node_modules/@dagger.io/dagger/dist/src/module/entrypoint/register.js"
import { Executor } from "./node_modules/@dagger.io/dagger/dist/src/module/executor.js"
import * as telemetry from "./node_modules/@dagger.io/dagger/dist/src/telemetry/telemetry.js"

interface Call {
  currentFunctionCall: {
    parentName: string
    name: string
    parent: string
    inputArgs: { name: string; value: string }[]
  }
}

/** Answers the engine's call with the module whose sources these are. */
export async function entrypoint(files: string[], description: Record<string, unknown>): Promise<void> {
  await connection(
    async () => {
      // One question for what the library asks in one for each part.
      const question = "{ currentFunctionCall { parentName name parent inputArgs { name value } } }"
      const asked = dag.getGQLClient().request<Call>(question)
      const modules = await Promise.all(files.map((file) => import(pathToFileURL(file).href)))
      const { parentName, name, parent, inputArgs } = (await asked).currentFunctionCall
      const module = fromPlain(description)
      const call = dag.currentFunctionCall()
      let result: unknown
      try {
        result = await invoke(new Executor(modules, module), module, {
          parentName,
          fnName: name,
          parentArgs: JSON.parse(parent) ?? {},
          fnArgs: Object.fromEntries(inputArgs.map((arg) => [arg.name, JSON.parse(arg.value)])),
        })
      } catch (error) {
        await call.returnError(formatted(error))
        // The process ends here, and with it what the spans' exporter has not yet sent.
        await telemetry.close()
        process.exit(1)
      }
      await call.returnValue((JSON.stringify(result ?? null) ?? "null") as never)
    },
    { LogOutput: process.stdout },
  )
}

/** Tells the engine of the module's types; writes the id of what it made of them into a file. */
export async function register(description: Record<string, unknown>, file: string): Promise<void> {
  await connection(async () => writeFileSync(file, JSON.stringify(await new Register(fromPlain(description)).run())), {
    LogOutput: process.stdout,
  })
}

function formatted(error: unknown) {
  if (error instanceof Error) {
    const answer = dag.error(error.message)
    if (!(error instanceof ExecError || error instanceof GraphQLRequestError)) return answer
    const values = Object.entries(error.extensions ?? {}).filter(([, value]) => value !== "" && value != null)
    return values.reduce((kept, [key, value]) => kept.withValue(key, JSON.stringify(value) as never), answer)
  }
  try {
    return dag.error(JSON.stringify(error))
  } catch {
    return dag.error(String(error))
  }
}
