import { execFileSync, spawnSync } from "node:child_process"
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { readSiteFacts, uploadable } from "../../lib/site/site-files.js"

const script = join(import.meta.dirname, "../../assets/site-files.cjs")
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "site-files-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (path: string, text: string | Buffer = "text\n") => {
  mkdirSync(dirname(join(folder, "out", path)), { recursive: true })
  writeFileSync(join(folder, "out", path), text)
}
const link = (path: string, target: string) => {
  mkdirSync(dirname(join(folder, "out", path)), { recursive: true })
  symlinkSync(target, join(folder, "out", path))
}
/** What the script says of the folder `out`, as a build's container runs it. */
function look(output = "out") {
  const { stdout, status, stderr } = spawnSync(process.execPath, [script, output], { cwd: folder, encoding: "utf8" })
  expect(stderr).toBe("")
  return { status, facts: readSiteFacts(stdout) }
}
const text = (path: string) => readFileSync(join(folder, "out", path), "utf8")

it("makes links to files and folders into what they point to, links behind links too", () => {
  write("docs/2.1/page.html", "2.1\n")
  write("index.html", "home\n")
  link("docs/2.1/home.html", "../../index.html")
  link("docs/latest", "2.1")
  link("docs/current", "latest")
  link("docs/absolute.html", join(folder, "out/index.html"))

  const { facts } = look()

  expect(uploadable(facts)).toEqual(["6 links of the site became what it points to"])
  for (const path of ["docs/latest/page.html", "docs/current/page.html"]) expect(text(path)).toBe("2.1\n")
  for (const path of ["docs/latest/home.html", "docs/current/home.html", "docs/absolute.html"])
    expect(text(path)).toBe("home\n")
  expect(lstatSync(join(folder, "out/docs/latest/home.html")).isSymbolicLink()).toBe(false)
  expect(look().facts.links).toBe(0)
})

it("looks into an output folder that is itself a link", () => {
  write("index.html", "home\n")
  symlinkSync("out", join(folder, "build"))

  expect(look("build").facts.folder).toBe(join(folder, "out"))
})

it("names the folders that are there where the output is missing", () => {
  mkdirSync(join(folder, "dist"))

  expect(look()).toMatchObject({ status: 1, facts: { there: ["dist/"] } })
})

it.each([
  ["outside, although the folder's name begins alike", () => link("a.txt", "../out-of-it/secret.txt")],
  ["outside by a whole path", () => link("etc", "/etc")],
])("refuses a link that leads %s", (_, make) => {
  mkdirSync(join(folder, "out-of-it"))
  writeFileSync(join(folder, "out-of-it/secret.txt"), "secret\n")
  make()

  expect(() => uploadable(look().facts)).toThrowError(/^The site holds a link that leads out of it/)
})

it("refuses links to nothing and links in circles, and changes nothing then", () => {
  write("good/page.html")
  link("good/same.html", "page.html")
  link("gone.html", "nowhere.html")

  expect(() => uploadable(look().facts)).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The site holds a link that points to nothing.
      why: what these name is not there:
        gone.html -> nowhere.html
      next: correct or remove them, or let the build write what they name before it ends]
  `)
  expect(lstatSync(join(folder, "out/good/same.html")).isSymbolicLink()).toBe(true)

  link("a", "b")
  link("b", "a")
  link("good/up", "..")
  expect(() => uploadable(look().facts)).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The site holds links that lead in a circle.
      why: what these hold would never end:
        a -> b
        b -> a
        good/up -> ..
      next: let each point to a file, or to a folder that does not hold it]
  `)
})

it("ends in bounded time where links to folders of links multiply each other", () => {
  write("0/page.html")
  for (let level = 1; level < 24; level++)
    for (const name of ["x", "y", "z"]) link(`${level}/${name}`, `../${level - 1}`)

  expect(() => uploadable(look().facts)).toThrowError(/^The links of the site multiply its files/)
}, 30_000)

it.each(["A.html,a.html", "Docs/x.html,docs/x.html", "caf\u00e9.html,cafe\u0301.html"])(
  "refuses two names of which visitors would get one: %s",
  (names) => {
    for (const name of names.split(",")) write(name)

    expect(() => uploadable(look().facts)).toThrowError(/^The site holds files of which visitors would get only one/)
  },
)

it.each([".env", "api/.env.production", ".git/config", ".npmrc"])("refuses %s, which must not be public", (path) => {
  write(path)

  expect(() => uploadable(look().facts)).toThrowError(/^The site holds what must not be public/)
})

it("refuses a name that is no UTF-8, one with a line break, and a pipe", () => {
  write("index.html")
  const latin1 = Buffer.concat([Buffer.from(join(folder, "out/caf")), Buffer.from([0xe9])])
  writeFileSync(latin1, "text")
  expect(() => uploadable(look().facts)).toThrowError(/^The site holds a file name that no address can have/)
  rmSync(latin1)

  write("two\nlines.html")
  expect(() => uploadable(look().facts)).toThrowError(/^The site holds a file name that no address can have/)
  rmSync(join(folder, "out/two\nlines.html"))

  execFileSync("mkfifo", [join(folder, "out/pipe")])
  expect(() => uploadable(look().facts)).toThrowError(/^The site holds what is neither a file nor a folder/)
})

it("refuses a pointer of Git LFS, and takes a page that only tells of one", () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d7a".repeat(16)}\nsize 12345\n`
  write("about-lfs.md", `# Pointers\n${pointer}`)
  expect(uploadable(look().facts)).toEqual([])

  write("img/logo.png", pointer)
  expect(() => uploadable(look().facts)).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The site holds a pointer of Git LFS in place of a file.
      why: these hold only the name that Git LFS keeps their content by:
        img/logo.png
      next: where the files on disk are taken: \`git lfs pull\` first, in a workflow \`lfs: true\` of actions/checkout. A deployment takes them from the commit, which has the pointers alone: commit the files themselves with \`git lfs migrate export --include=PATH\`, or let the build fetch them]
  `)
})

it("tells of hidden files and of node_modules, which are uploaded, and of no .well-known", () => {
  write(".well-known/assetlinks.json")
  write("assets/node_modules/font/font.woff2")
  expect(uploadable(look().facts)).toEqual([
    "1 file below node_modules are uploaded with the site; Netlify's own tools leave them out",
  ])

  write(".nojekyll")
  expect(uploadable(look().facts)[0]).toBe(
    "hidden files such as .nojekyll are uploaded with the site; Netlify's own tools leave them out",
  )
})

it("finds the builder's own addresses in programs and not in pages", () => {
  write("index.html", "http://localhost:1/page")
  write("main.js", 'fetch("http://localhost:8000/api"); fetch("http://127.0.0.1/x")')

  expect(look().facts.local).toEqual(["http://127.0.0.1/x", "http://localhost:8000/api"])
})
