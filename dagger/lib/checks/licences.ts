import { z } from "zod"
import { sanitized, shortened } from "../text/untrusted.js"
import { reportUnreadable } from "./errors.js"

/** One package that a component is made of, and what its author allows. */
export interface Licensed {
  name: string
  version: string
  /** SPDX expression, or the author's own words; "" when nothing is said. */
  licence: string
}

/**
 * Packages of an npm lock file, without those that only tests and tools need.
 * @param lock package-lock.json of npm 7 or later. https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
export function npmLicences(lock: string, path: string): Licensed[] {
  const word = z.string().optional()
  const { packages } = parsed(
    lock,
    path,
    z.object({
      packages: z.record(
        z.string(),
        z.object({
          name: word,
          version: word,
          dev: z.boolean().optional(),
          link: z.boolean().optional(),
          // Packages from before 2015 have an object here.
          license: z
            .union([z.string(), z.object({ type: z.string() })])
            .optional()
            .catch(undefined),
        }),
      ),
    }),
  )
  return distinct(
    Object.entries(packages)
      .filter(([folder, it]) => folder.includes("node_modules/") && !it.dev && !it.link)
      .map(([folder, { name, version = "", license }]) => ({
        name: name ?? folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length),
        version,
        licence: (typeof license === "object" ? license.type : license) ?? "",
      })),
  )
}

/**
 * Packages of a Python environment.
 * @param inspected what `pip inspect` prints. https://pip.pypa.io/en/stable/reference/inspect-report/
 */
export function pipLicences(inspected: string, path: string): Licensed[] {
  const { installed } = parsed(
    inspected,
    path,
    z.object({
      installed: z.array(
        z.object({
          metadata: z.object({
            name: z.string(),
            version: z.string(),
            license_expression: z.string().optional(),
            license: z.string().optional(),
            classifier: z.array(z.string()).default([]),
          }),
        }),
      ),
    }),
  )
  return distinct(
    installed.map(({ metadata: { name, version, license_expression, license = "", classifier } }) => ({
      name,
      version,
      // Some authors paste the whole text of the licence.
      licence: license_expression ?? (classified(classifier) || (license.includes("\n") ? "" : license)),
    })),
  )
}

const classified = (classifiers: string[]) =>
  classifiers
    .filter((it) => it.startsWith("License :: ") && it !== "License :: OSI Approved")
    .map((it) => it.split(" :: ").at(-1) ?? "")
    .join(" AND ")

/** Licences with their packages, the most frequent first; what says nothing comes before all. */
export function licencesMarkdown(packages: Licensed[]): string {
  const groups = Map.groupBy(packages, ({ licence }) => licence)
  const rows = [...groups]
    .sort(
      ([one, first], [other, second]) =>
        Number(other === "") - Number(one === "") || second.length - first.length || compare(one, other),
    )
    .map(
      ([licence, all]) =>
        `| ${cell(licence || "says nothing")} | ${all.length} | ${all.map(({ name, version }) => cell(`${name} ${version}`)).join(", ")} |`,
    )
  return ["| licence | packages | which |", "| --- | --- | --- |", ...rows, ""].join("\n")
}

function distinct(packages: Licensed[]): Licensed[] {
  const all = packages.map(({ name, version, licence }) => ({
    name: tamed(name),
    version: tamed(version),
    licence: tamed(licence).replace(/^(?:unknown|unlicensed|see license in .*)$/i, ""),
  }))
  return [...new Map(all.map((it) => [`${it.name} ${it.version}`, it])).values()].sort(
    (one, other) => compare(one.name, other.name) || compare(one.version, other.version),
  )
}

function parsed<Shape extends z.ZodType>(text: string, path: string, shape: Shape): z.output<Shape> {
  if (text.trim() === "") throw reportUnreadable(path, "it is empty")
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw reportUnreadable(path, "it is not JSON, or is cut off")
  }
  const { data, error } = shape.safeParse(json)
  if (error) throw reportUnreadable(path, `${error.issues[0]?.path.join(".") || "it"} is not as expected`)
  return data as z.output<Shape>
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
const tamed = (text: string) => shortened(sanitized(text).replace(/\s+/g, " ").trim(), 100)
/** Characters that mean something in a Markdown table. */
const cell = (text: string) => text.replace(/[\\`*_{}[\]<>()#|!~&]/g, (found) => `\\${found}`)
