import { createHash } from "node:crypto"
import type { RunImage, SpaceImage } from "../../stand-ins/hugging-face.js"
import { standIn, type Told } from "../../stand-ins/server.js"

/** A commit hash that is easy to recognize: `commit("a")` is forty times "a". */
export const commit = (letter: string) => letter.repeat(40)

export const digest = (letter: string) => `sha256:${createHash("sha256").update(letter).digest("hex")}`

export const image = (letter: string) => ({ repository: "registry.example/book", digest: digest(letter) })

export const imageRelease = (letter: string) => ({
  commit: commit(letter),
  version: `v-${letter}`,
  artifact: image(letter),
})

/** The same for a Space that builds it: its context, with other files too where they are given. */
export const sourceRelease = (letter: string, files: Record<string, string | Uint8Array> = {}) => ({
  ...imageRelease(letter),
  artifact: {
    ...image(letter),
    context: new Map(
      Object.entries({
        Dockerfile: `FROM python@${digest("z")}\nCOPY app /app\n`,
        "README.md": "# The service\n",
        "app/main.py": `print("${letter}")\n`,
        ...files,
      }).map(([path, content]) => [path, Buffer.from(content)] as const),
    ),
  },
})

/** What an image answers; by default it is healthy and answers the commit of its letter. */
export type Behaviour = (image: SpaceImage) => Told

export const healthyApp =
  (letter: string): Behaviour =>
  ({ digest }) => ({
    json: { status: "ok", commit: commit(letter), imageDigest: digest, dependencies: { database: { state: "up" } } },
  })

/** Runs images as small servers: each letter is healthy unless `special` says otherwise; `starts: false` makes it exit. */
export function runner(special: Record<string, Behaviour | { exits: string }> = {}): RunImage & { started: string[] } {
  const letters = [..."abcdefgh"]
  const started: string[] = []
  const run: RunImage = async (wanted) => {
    const named = wanted.digest || wanted.env.IMAGE_DIGEST
    const letter = letters.find((each) => digest(each) === named) ?? "?"
    started.push(letter)
    const behaviour = special[letter] ?? healthyApp(letter)
    if (typeof behaviour !== "function") throw new Error(behaviour.exits)
    const server = await standIn(({ path }) => (path === "/health" ? behaviour(wanted) : { status: 404 }))
    return { url: server.url, stop: () => server.close() }
  }
  return Object.assign(run, { started })
}

export function site(letter: string, { title = "Physical AI", body = "" } = {}): Map<string, Uint8Array> {
  const files: Record<string, string> = {
    "index.html": `<!doctype html><title>${title} &amp; more</title><a href="/about/">about</a>${body}`,
    "about/index.html": "<!doctype html><title>About</title>",
    "version.json": JSON.stringify({ commit: commit(letter), title }),
  }
  return new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]))
}

export const siteRelease = (letter: string, extra = {}) => ({
  commit: commit(letter),
  version: `v-${letter}`,
  artifact: site(letter, extra),
})
