// What netlify.toml says, read by Netlify's own packages, as JSON on stdout: `node rules.mjs REPOSITORY BASE SITE`.
// REPOSITORY/BASE holds netlify.toml; SITE the `_redirects` and `_headers` of the built site, where it has them.
// The answer has both files anew where netlify.toml adds to them. Each text is read back by the same packages, so what a file can't hold
// is known and not guessed.
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { resolveConfig } from "@netlify/config"
import { parseAllHeaders } from "@netlify/headers-parser"
import { parseAllRedirects } from "@netlify/redirect-parser"
import { parse } from "smol-toml"

const [repository, base, site] = process.argv.slice(2)
const folder = join(repository, base)
const path = join(folder, "netlify.toml")
const scratch = await mkdtemp(join(tmpdir(), "rules-"))

const redirects = {
  file: "_redirects",
  async read(file, more = []) {
    const { redirects: rules, errors } = await parseAllRedirects({
      redirectsFiles: [file],
      configRedirects: more,
      minimal: true,
    })
    return { rules: firsts(rules.map(meant)), errors }
  },
  text(rule) {
    const pairs = (given) => Object.entries(given ?? {}).map(([name, value]) => `${name}=${[value].flat().join(",")}`)
    const { from, query, to, status, force, conditions, signed } = rule
    return [
      from,
      ...pairs(query),
      to,
      `${status}${force ? "!" : ""}`,
      ...pairs(conditions),
      ...(signed === undefined ? [] : [`signed=${signed}`]),
    ].join(" ")
  },
  name: ({ from }) => `the redirect from ${from}`,
}

/** A rule as it is obeyed: without a status it is a 301, and `Country = ["us"]` means `Country=us`. */
function meant({ status = 301, force = false, conditions = {}, query = {}, headers = {}, ...rest }) {
  const listed = Object.fromEntries(Object.entries(conditions).map(([name, value]) => [name, [value].flat()]))
  return { ...rest, status, force, conditions: listed, query, headers }
}

/** The first rule that fits is obeyed, so a second one of the same meaning says nothing. */
const firsts = (rules) =>
  rules.filter((rule, at) => rules.findIndex((other) => isDeepStrictEqual(other, rule)) === at)

const headers = {
  file: "_headers",
  async read(file, more = []) {
    const { headers: rules, errors } = await parseAllHeaders({
      headersFiles: [file],
      configHeaders: more,
      minimal: true,
    })
    return { rules, errors }
  },
  text: (rule) => [rule.for, ...Object.entries(rule.values).map(([name, value]) => `  ${name}: ${value}`)].join("\n"),
  name: (rule) => `the headers for ${rule.for}`,
}

async function readText(kind, text) {
  const file = join(scratch, kind.file)
  await writeFile(file, text)
  return (await kind.read(file)).rules
}

/** The file with netlify.toml's rules behind its own, as Netlify orders them; "" where the file says all of it already. */
async function merged(kind, given) {
  const file = join(site, kind.file)
  const [own, all] = [await kind.read(file), await kind.read(file, given)]
  const unheld = []
  for (const rule of (await kind.read("", given)).rules)
    if (!isDeepStrictEqual(await readText(kind, `${kind.text(rule)}\n`), [rule])) unheld.push(kind.name(rule))
  const answer = { text: "", added: 0, unheld, errors: all.errors.map(({ message }) => message) }
  if (unheld.length > 0 || isDeepStrictEqual(own.rules, all.rules)) return answer
  const before = await readFile(file, "utf8").catch(() => "")
  const isIn = (rule) => own.rules.some((one) => isDeepStrictEqual(one, rule))
  const lines = all.rules.filter((rule) => !isIn(rule)).map(kind.text)
  const appended = [...(before.trim() ? [before.trimEnd(), ""] : []), "# From netlify.toml", ...lines, ""].join("\n")
  const anew = ["# From this file and netlify.toml", ...all.rules.map(kind.text), ""].join("\n")
  for (const text of [appended, anew])
    if (isDeepStrictEqual(await readText(kind, text), all.rules)) return { ...answer, text, added: lines.length }
  return { ...answer, unheld: [`some rule of ${kind.file} together with those of netlify.toml`] }
}

async function answer() {
  const raw = parse(await readFile(path, "utf8"))
  // Only netlify.toml is here, and the reader wants the folder that it names.
  if (typeof raw.build?.base === "string") await mkdir(join(repository, raw.build.base), { recursive: true })
  const { config, buildDir } = await resolveConfig({
    config: path,
    repositoryRoot: repository,
    cwd: folder,
    context: "production",
    branch: "",
    offline: true,
    mode: "require",
    logs: { stdout: [], stderr: [] },
  })
  // Errors stand in what the file says itself; the rules in what it means for production.
  const [broken, brokenHeaders] = [
    await parseAllRedirects({ netlifyConfigPath: path, minimal: true }),
    await parseAllHeaders({ netlifyConfigPath: path, minimal: true }),
  ]
  const { build, functionsDirectory = "", plugins = [], edge_functions: edge = [], images = {} } = config
  const contexts = Object.keys(raw.context ?? {}).filter((name) => name !== "production")
  const below = (found) => (found ?? "").replace(`${repository}/`, "")
  const [redirected, headed] = [await merged(redirects, config.redirects), await merged(headers, config.headers)]
  return {
    base: raw.build?.base ?? "",
    builtIn: below(`${buildDir}/`).replace(/\/$/, ""),
    publish: build.publishOrigin === "config" ? below(build.publish) : "",
    command: build.command ?? "",
    environment: Object.keys(build.environment ?? {}),
    processing: build.processing?.skip_processing !== true && JSON.stringify(build.processing ?? {}).includes("true"),
    contexts,
    plugins: plugins.map((it) => it.package),
    functions: below(functionsDirectory),
    edgeFunctions: edge.map((it) => it.function ?? it.path ?? ""),
    edgeFolder: below(build.edge_functions),
    remoteImages: images.remote_images ?? [],
    redirects: { ...redirected, errors: [...redirected.errors, ...broken.errors.map(({ message }) => message)] },
    headers: { ...headed, errors: [...headed.errors, ...brokenHeaders.errors.map(({ message }) => message)] },
  }
}

try {
  process.stdout.write(JSON.stringify({ failure: "", ...(await answer()) }))
} catch (failure) {
  process.stdout.write(JSON.stringify({ failure: failure instanceof Error ? failure.message : String(failure) }))
}
