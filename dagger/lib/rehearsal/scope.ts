import { Component } from "../../src/exposed-types.js"
import { componentsOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"

/** What of a project can be rehearsed. */
export interface Scope {
  /** Name of the environment that proves a version. */
  first: string
  /** Of the one that gets it; the same where there is no other. */
  second: string
  /** Components that both have, the backend first. */
  components: Component[]
  /** What is left out for want of something, and why; a sentence each. */
  leftOut: string[]
}

/**
 * The environments and components of a rehearsal: the one that visitors use, and one before it, as far as both have the same components.
 */
export function scopeOf({ environments, backend }: Settings): Scope {
  const all = Object.values(environments)
  const second = all.find(({ production }) => production) ?? all.at(-1)
  const others = all.filter((it) => it !== second)
  const has = (it: (typeof all)[number]) => componentsOf(it)
  const inBoth = (it: (typeof all)[number]) =>
    second ? has(second).filter((component) => has(it).includes(component)) : []
  const first = others.toSorted((one, other) => inBoth(other).length - inBoth(one).length)[0]
  const isPair = first !== undefined && second !== undefined && inBoth(first).length > 0
  const components = second ? (isPair ? inBoth(first) : has(second)) : []
  const missing = (component: Component, other: Component) => {
    if (components.includes(component)) return []
    const nowhere = all.every((it) => !has(it).includes(component))
    return [
      `the ${component}: ${nowhere ? "the project has none" : `the environments have the ${other} alone in common`}`,
    ]
  }
  return {
    first: (isPair ? first.name : second?.name) ?? "",
    second: second?.name ?? "",
    components,
    leftOut: [
      ...(isPair
        ? []
        : [
            `the promotion: ${second?.name} is the only environment with ${components.length > 1 ? "these components" : `this ${components[0]}`}`,
          ]),
      ...missing(Component.Frontend, Component.Backend),
      ...missing(Component.Backend, Component.Frontend),
      ...(backend?.delivery === "source" && components.includes(Component.Backend)
        ? ["the Space's own build: it gets the image here, though backend.delivery is source"]
        : []),
    ],
  }
}
