// What a module's sdk/core.js holds: the library, and the kit's own ways into it.
export * from "./core.js"
// In place of the library's, which reads the sources with the TypeScript compiler at each call.
export { entrypoint, register } from "./entrypoint.js"
