// Run by .ci/dagger-version. Where the version of Dagger is declared; with a version, writes it there.
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const top = join(import.meta.dirname, "..")

/** Lines that declare which version is used, in whatever file. What only mentions one, such as a finding about it, is none. */
const declared =
  /("engineVersion": ?"v|dagger-for-github@\w+[^\n]*\n\s*with: \{ version: v|\bengine_version=v|\bengineVersion(?: =|:) "v|"@dagger\.io\/dagger": "|\bdagger\.io\/dagger v|github\.com\/dagger\/dagger v|`dagger` command v|install Dagger v|Install Dagger v|Dagger engine \(v|must both be v|is not v)(\d+\.\d+\.\d+)/g

export interface Place {
  file: string
  line: number
  version: string
}

/** Each place of a text that declares a version. */
export const placesIn = (file: string, text: string): Place[] =>
  [...text.matchAll(declared)].map((found) => ({
    file,
    line: text.slice(0, found.index + (found[1] ?? "").length).split("\n").length,
    version: found[2] ?? "",
  }))

/** The same text with another version in each of those places, and nowhere else. */
export const rewritten = (text: string, version: string): string =>
  text.replace(declared, (_, before: string) => `${before}${version}`)

const files = (): string[] =>
  execFileSync("git", ["ls-files"], { cwd: top, encoding: "utf8" })
    .trim()
    .split("\n")
    // Package managers write lock files, and the test of this file holds versions of its own.
    .filter((file) => !/package-lock\.json$|go\.sum$|\.(?:png|ico|svg)$|dagger-version\.test\.ts$/.test(file))

export const places = (): Place[] => files().flatMap((file) => placesIn(file, readFileSync(join(top, file), "utf8")))

function main([wanted]: string[]): number {
  const version = wanted?.replace(/^v/, "")
  if (version !== undefined && !/^\d+\.\d+\.\d+$/.test(version)) {
    console.error(
      `error: ${wanted} is no version\n  why: Dagger's have three numbers\n  next: .ci/dagger-version v0.21.9`,
    )
    return 1
  }
  if (version !== undefined)
    for (const file of new Set(places().map((place) => place.file))) {
      const path = join(top, file)
      writeFileSync(path, rewritten(readFileSync(path, "utf8"), version))
    }
  const all = places()
  for (const place of all) console.log(`v${place.version}  ${place.file}:${place.line}`)
  const versions = [...new Set(all.map((place) => place.version))]
  if (versions.length > 1) {
    console.error(
      `error: ${versions.length} versions of Dagger are declared\n  why: command line and engine must have one\n  next: .ci/dagger-version v${versions[0]}`,
    )
    return 1
  }
  if (version !== undefined)
    console.log(`
Left to do:
  npm install                                       # here and in .ci/engine/sdk: the lock files
  (cd .ci/engine/build && go mod tidy)              # the kit's engine
  grep -rn "Dagger 0\\.\\|engine 0\\." dagger docs .ci  # what was found out about a version: try each again
  .ci/test`)
  return 0
}

if (process.argv[1] === import.meta.filename) process.exitCode = main(process.argv.slice(2))
