// A module's description, which the library makes from its TypeScript sources, as JSON and back.

import type { DaggerModule } from "./node_modules/@dagger.io/dagger/dist/src/module/introspector/dagger_module/index.js"
import * as classes from "./node_modules/@dagger.io/dagger/dist/src/module/introspector/dagger_module/index.js"

type Plain = Record<string, unknown>

// Fields of the library's classes that only the compiler needs.
const compilerFields = new Set(["node", "__node", "ast", "symbol", "signature"])

/** The description without what belongs to the compiler; keeps each part's class and place in the sources. */
export function toPlain(module: DaggerModule): Plain {
  const { name, description, objects, enums, interfaces } = module
  return { name, description, ...(strip({ objects, enums, interfaces }) as Plain) }
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip)
  if (typeof value !== "object" || value === null) return value
  const name = Object.getPrototypeOf(value)?.constructor.name ?? "Object"
  // The keys of a plain object are names that the module's author chose: all stay.
  if (name === "Object") return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, strip(part)]))
  const fields = Object.entries(value).filter(([key]) => !compilerFields.has(key))
  const place = "getLocation" in value ? { "@place": (value.getLocation as () => Plain)() } : {}
  return { "@class": name, ...place, ...Object.fromEntries(fields.map(([key, part]) => [key, strip(part)])) }
}

/** The description again, as good as new for calls and for registration. */
export function fromPlain(plain: Plain): DaggerModule {
  return revive(plain) as DaggerModule
}

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive)
  if (typeof value !== "object" || value === null) return value
  const { "@class": name, "@place": place, ...fields } = value as Plain
  const parent = (classes as Record<string, unknown>)[name as string]
  const revived = Object.create(typeof parent === "function" ? parent.prototype : Object.prototype) as Plain
  for (const [key, part] of Object.entries(fields)) revived[key] = revive(part)
  if (place) Object.defineProperty(revived, "getLocation", { value: () => place })
  return revived
}
