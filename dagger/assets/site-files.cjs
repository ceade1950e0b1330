// What lies in a built site, as JSON on stdout: `node site-files.cjs FOLDER`.
// Links within the site become what they point to; nothing is changed while anything else is found. Written for old releases of Node too.
"use strict"
const fs = require("node:fs")
const path = require("node:path")

/** More than Netlify takes of files in one folder; links that multiply each other end here. */
const mostLinked = 60000
const mostNamed = 20
const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\r?\n(?:[^\n]*\n)*?oid sha256:[0-9a-f]{64}/
const secretNames = /^(?:\.env(?:\..+)?|\.git|\.npmrc|\.yarnrc|\.netrc|\.pypirc|\.htpasswd|\.ssh|\.aws|\.dockercfg|\.docker)$/
const local = /https?:\/\/(?:localhost|127\.0\.0\.1)(?::[0-9]+)?[A-Za-z0-9/_.-]{0,60}/g

const answer = {
  folder: "",
  /** Folders beside a missing one. */
  there: [],
  files: 0,
  links: 0,
  /** Each with where it leads. */
  outside: [],
  dangling: [],
  circles: [],
  tooMany: false,
  pointers: [],
  /** Names that are not UTF-8, or hold what no address can. */
  names: [],
  /** Neither files nor folders. */
  special: [],
  secrets: [],
  /** Paths that Netlify takes for one. */
  same: [],
  hidden: [],
  inNodeModules: 0,
  local: [],
}
const found = { local: new Set(), spelled: new Map() }
const copies = []

function note(list, path) {
  if (list.length < mostNamed) list.push(path)
}

function main(given) {
  let root
  try {
    root = fs.realpathSync(given)
    if (!fs.statSync(root).isDirectory()) throw new Error("no folder")
  } catch (_) {
    const beside = fs.readdirSync(".", { withFileTypes: true })
    answer.there = beside.filter((it) => it.isDirectory()).map((it) => `${it.name}/`)
    return 1
  }
  answer.folder = root
  walk(root, root, "", [root], false)
  answer.local = [...found.local].sort().slice(0, 3)
  const faults = ["outside", "dangling", "circles", "pointers", "names", "special", "secrets", "same"]
  if (answer.tooMany || faults.some((name) => answer[name].length > 0)) return 0
  replaceLinks(root)
  return 0
}

/** `above`: the real folders on the way here. */
function walk(root, real, shown, above, linked) {
  for (const name of fs.readdirSync(real, { encoding: "buffer" })) {
    const text = name.toString()
    const at = shown ? `${shown}/${text}` : text
    if (!Buffer.from(text).equals(name) || /[\0-\x1f\x7f]/.test(text)) {
      note(answer.names, at)
      continue
    }
    visit(root, path.join(real, text), at, above, linked)
  }
}

function visit(root, real, shown, above, linked) {
  if (secretNames.test(path.basename(shown))) return note(answer.secrets, shown)
  const stat = fs.lstatSync(real)
  if (stat.isSymbolicLink()) return follow(root, real, shown, above, linked)
  if (stat.isDirectory()) {
    if (linked) copies.push({ folder: shown })
    return walk(root, real, shown, above.concat(real), linked)
  }
  if (!stat.isFile()) return note(answer.special, shown)
  if (linked) copies.push({ from: real, to: shown })
  if (linked && copies.length > mostLinked) answer.tooMany = true
  look(real, shown, stat)
}

function follow(root, link, shown, above, linked) {
  const to = `${shown} -> ${fs.readlinkSync(link)}`
  answer.links++
  let target
  try {
    target = fs.realpathSync(link)
  } catch (failure) {
    return note(failure.code === "ELOOP" ? answer.circles : answer.dangling, to)
  }
  if (target !== root && !target.startsWith(root + path.sep)) return note(answer.outside, to)
  if (above.includes(target)) return note(answer.circles, to)
  if (answer.tooMany) return undefined
  if (!linked) copies.push({ link: shown })
  visit(root, target, shown, above, true)
}

function look(real, shown, stat) {
  answer.files++
  const same = shown.normalize("NFC").toLowerCase()
  const other = found.spelled.get(same)
  if (other === undefined) found.spelled.set(same, shown)
  else note(answer.same, [other, shown].sort().join(" and "))
  const parts = shown.split("/")
  if (parts.includes("node_modules")) answer.inNodeModules++
  else if (parts.some((it) => it.startsWith(".") && it !== ".well-known")) note(answer.hidden, shown)
  if (stat.size < 1024 && pointer.test(fs.readFileSync(real, "utf8"))) note(answer.pointers, shown)
  // A page may well tell its readers of their own machine; a program that names it is a mistake.
  if (/\.m?js$/.test(shown) && found.local.size < 3 && stat.size < 64 * 1024 * 1024)
    for (const [address] of fs.readFileSync(real, "utf8").matchAll(local)) found.local.add(address)
}

function replaceLinks(root) {
  for (const { link } of copies) if (link) fs.unlinkSync(path.join(root, link))
  for (const { folder, from, to } of copies) {
    if (folder) fs.mkdirSync(path.join(root, folder), { recursive: true })
    if (!from) continue
    fs.mkdirSync(path.dirname(path.join(root, to)), { recursive: true })
    fs.copyFileSync(from, path.join(root, to))
  }
}

const code = main(process.argv[2])
process.stdout.write(JSON.stringify(answer))
process.exitCode = code
