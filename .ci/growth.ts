// Run by .ci/bench --growth: what ten times as much of something costs. Each size is called in turn, so that a slow minute of the machine hits all.
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { wallClock } from "../dagger/lib/clock.js"
import { Purpose } from "../dagger/lib/deployment/ledger.js"
import { gitHubRecords } from "../dagger/lib/wiring/targets.js"
import { Component, Verdict } from "../dagger/src/exposed-types.js"
import { gitHub } from "../dagger/stand-ins/github.js"
import { huggingFace } from "../dagger/stand-ins/hugging-face.js"
import { netlify } from "../dagger/stand-ins/netlify.js"
import { call, hostAddress, run } from "../dagger/test/engine/dagger.js"
import { tokens } from "../dagger/test/engine/providers.js"
import { withSection } from "./pages/section.ts"
import { machine, median, timed } from "./timing.ts"

const top = join(import.meta.dirname, "..")
const scratch = mkdtempSync(join(tmpdir(), "growth-"))
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }))
const rounds = 5
const steps = [1, 3, 10] as const

/** One thing that grows: how many of it at each step, and a call that meets them. */
interface Axis {
  /** As in "1,000 files". */
  what: string
  counts: readonly [number, number, number]
  call: string
  /** Prepares a size once; what it returns is called in each round, and has another content each time. */
  prepare(count: number): Promise<(round: number) => Promise<void>>
}

const repository = "acme/growth"
const source = `https://github.com/${repository}`

/** A repository of its own with these files and one commit. */
function project(name: string, files: Record<string, string>) {
  const path = join(scratch, name)
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=growth", "-c", "user.email=growth@example.com", ...args], {
      cwd: path,
      encoding: "utf8",
    }).trim()
  const commit = () => {
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "growth")
    return git("rev-parse", "HEAD")
  }
  git("init", "--quiet", "--initial-branch=main")
  commit()
  return {
    write,
    commit,
    async call(...args: string[]) {
      const { code, error } = await call(["-m", top, ...args], { cwd: path, env: tokens })
      if (code !== 0) throw new Error(`dagger call ${args.join(" ")} ended with ${code}:\n${error}`)
    },
  }
}

const settings = (environments: object, extra: object = {}) =>
  JSON.stringify({
    project: { title: "Growth", source },
    frontend: { untested: "it only grows" },
    environments,
    ...extra,
  })

const lockOf = (packages: object) => ({ name: "growth", version: "0.0.0", lockfileVersion: 3, packages })

/** The engine's network exists once a container has run on it. */
await run(
  ["query", "-M", "--silent"],
  tmpdir(),
  {},
  '{container{from(address:"node:24-slim"){withExec(args:["true"]){sync}}}}',
)
const address = hostAddress()

const files: Axis = {
  what: "files in the site",
  counts: [500, 1500, 5000],
  call: "frontend deploy",
  async prepare(count) {
    const host = await netlify({ sites: ["growth.netlify.app"], token: tokens.NETLIFY_TOKEN, address })
    const it = project(`files-${count}`, {
      "delivery.json": settings(
        { staging: { branch: "main", frontend: { site: "growth", url: host.siteUrl("growth.netlify.app") } } },
        { providers: { netlify: host.url } },
      ),
      "frontend/package.json": JSON.stringify({
        name: "growth",
        version: "0.0.0",
        scripts: { build: "node build.mjs" },
      }),
      "frontend/package-lock.json": JSON.stringify(lockOf({ "": { name: "growth", version: "0.0.0" } })),
      // No two files alike, and none as in the round before: each is uploaded.
      "frontend/build.mjs": `import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
const round = readFileSync("round.txt", "utf8")
mkdirSync("build")
writeFileSync("build/index.html", "<!doctype html><title>Growth</title>" + round)
writeFileSync("build/version.json", JSON.stringify({ commit: process.env.COMMIT }))
for (let at = 0; at < ${count}; at++) writeFileSync("build/page-" + at + ".html", (round + at + " ").repeat(300))
`,
      "frontend/round.txt": "before",
    })
    return async (round) => {
      it.write("frontend/round.txt", `round ${round} of ${process.pid} `)
      it.commit()
      await it.call("frontend", "deploy", "--netlify-token=env://NETLIFY_TOKEN")
    }
  },
}

const entries: Axis = {
  what: "entries in the ledger",
  counts: [100, 300, 1000],
  call: "metrics-summary",
  async prepare(count) {
    const history = await gitHub({ repository, token: tokens.GITHUB_TOKEN, address })
    const it = project(`entries-${count}`, {
      "delivery.json": settings(
        { production: { branch: "main", frontend: { site: "growth" } } },
        { providers: { gitHub: history.url } },
      ),
      "frontend/package.json": JSON.stringify({ name: "growth", version: "0.0.0" }),
    })
    const head = it.commit()
    history.commit("head", [], "main", head)
    const { ledger } = gitHubRecords(
      { project: { source }, providers: { gitHub: history.url } } as never,
      tokens.GITHUB_TOKEN,
      wallClock,
    )
    for (let at = 0; at < count; at++) {
      const now = new Date().toISOString()
      const entry = await ledger.open({
        purpose: Purpose.Deploy,
        component: Component.Frontend,
        environment: "production",
        commit: head,
        version: head,
        id: `deploy-${at}`,
        previousCommit: "",
        previousId: "",
        actor: "growth",
        run: "",
        why: "",
        schema: "",
        bothComponents: false,
        calledAt: now,
        startedAt: now,
      })
      await ledger.close(entry, { verdict: Verdict.Success, id: `deploy-${at}`, reason: "", endedAt: now })
    }
    return () => it.call("--github-token=env://GITHUB_TOKEN", "metrics-summary")
  },
}

const environments: Axis = {
  what: "environments",
  counts: [1, 3, 10],
  call: "status",
  async prepare(count) {
    const names = Array.from({ length: count }, (_, at) => `stage-${at}`)
    const site = (name: string) => `growth-${name}.netlify.app`
    const hosts = await netlify({ sites: names.map(site), token: tokens.NETLIFY_TOKEN, address })
    const hub = await huggingFace({
      spaces: names.map((name) => `acme/${name}`),
      token: tokens.HF_TOKEN,
      run: () => Promise.reject(new Error("nothing is deployed here")),
      address,
    })
    const history = await gitHub({ repository, token: tokens.GITHUB_TOKEN, address })
    const it = project(`environments-${count}`, {
      "delivery.json": settings(
        Object.fromEntries(
          names.map((name) => [
            name,
            {
              branch: name,
              frontend: { site: `growth-${name}`, url: hosts.siteUrl(site(name)) },
              backend: { space: `acme/${name}`, url: hub.spaceUrl(`acme/${name}`) },
            },
          ]),
        ),
        {
          image: { repository: "ghcr.io/acme/growth" },
          providers: { netlify: hosts.url, huggingFace: hub.url, gitHub: history.url },
        },
      ),
      "frontend/package.json": JSON.stringify({ name: "growth", version: "0.0.0" }),
      "backend/Dockerfile": "FROM python:3.13-slim\n",
    })
    const head = it.commit()
    for (const name of names) history.commit(name, [], name, head)
    return () =>
      it.call(
        "--github-token=env://GITHUB_TOKEN",
        "status",
        "--netlify-token=env://NETLIFY_TOKEN",
        "--hugging-face-token=env://HF_TOKEN",
      )
  },
}

/** Packages of one function each and none below, so that their number is what is measured. */
const packages: Axis = {
  what: "packages, installed anew",
  counts: [10, 30, 100],
  call: "frontend build",
  async prepare(count) {
    const dependencies = Object.fromEntries(lodash.slice(0, count).map((name) => [`lodash.${name}`, "^4.0.0"]))
    // Another lock file each time, also than in an earlier measurement: what was installed for that one does not count.
    const version = (round: number) => `0.${process.pid}.${round}`
    const manifest = (round: number) =>
      JSON.stringify({
        name: "growth",
        version: version(round),
        scripts: { build: "node build.mjs" },
        dependencies,
      })
    const it = project(`packages-${count}`, {
      "delivery.json": settings({ staging: { branch: "main", frontend: { site: "growth" } } }),
      "frontend/package.json": manifest(0),
      "frontend/build.mjs":
        'import { mkdirSync, writeFileSync } from "node:fs"\nmkdirSync("build")\nwriteFileSync("build/index.html", "Growth")\n',
    })
    const folder = join(scratch, `packages-${count}`, "frontend")
    execFileSync(
      "npm",
      ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
      {
        cwd: folder,
      },
    )
    const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
      packages: Record<string, object>
    }
    return async (round) => {
      it.write("frontend/package.json", manifest(round))
      lock.packages[""] = { ...lock.packages[""], version: version(round) }
      it.write("frontend/package-lock.json", JSON.stringify({ ...lock, version: version(round) }))
      it.commit()
      await it.call("frontend", "build", "entries")
    }
  },
}

/** Functions that have a package of their own in version 4. */
const lodash =
  "after ary assign assigninwith assignwith at attempt before bind bindall camelcase capitalize castarray ceil chunk clamp clone clonedeep clonedeepwith clonewith concat cond conforms conformsto countby create curry curryright debounce deburr defaults defaultsdeep defaultto defer delay difference differenceby differencewith divide drop dropright dropwhile endswith eq escape escaperegexp every filter find findindex findkey findlast findlastindex flatmap flatmapdeep flatten flattendeep flattendepth floor foreach foreachright forown frompairs functions get groupby has hasin head includes indexof initial intersection intersectionby intersectionwith invert invertby invoke invokemap isarray isarraylike isarraylikeobject isdate iselement isempty isequal isequalwith isinteger islength ismap ismatch ismatchwith isnative isnil isobjectlike isplainobject isregexp issafeinteger isset isstring".split(
    " ",
  )

interface Grown {
  axis: Axis
  /** Of each round, by size. */
  rounds: number[][]
  seconds: [number, number, number]
}

async function grow(axis: Axis): Promise<Grown> {
  const acts = []
  for (const count of axis.counts) acts.push(await axis.prepare(count))
  const times: number[][] = axis.counts.map(() => [])
  // The first round is not counted.
  for (let round = 0; round <= rounds; round++)
    for (const [at, act] of acts.entries()) {
      const took = await timed(() => act(round))
      if (round > 0) times[at]?.push(took)
    }
  const seconds = times.map(median) as [number, number, number]
  process.stderr.write(`${axis.counts.join(", ")} ${axis.what}: ${seconds.map((it) => it.toFixed(2)).join(", ")} s\n`)
  return { axis, rounds: times, seconds }
}

/** What each one more costs between two sizes; "" where not every round says that the larger one takes longer. */
function each({ axis: { counts }, rounds: all }: Grown, from: 0 | 1, to: 1 | 2): string {
  const differences = (all[to] ?? []).map((took, round) => took - (all[from]?.[round] ?? Number.NaN))
  if (!differences.every((it) => it > 0)) return ""
  return `${((median(differences) / (counts[to] - counts[from])) * 1000).toFixed(1)} ms`
}

const all: Grown[] = []
const only = process.argv[3]
for (const axis of [files, entries, environments, packages]) if (!only || axis.call === only) all.push(await grow(axis))

const number = (value: number) => value.toLocaleString("en")
const colours = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"]
const section = `## What ten times as much costs

Measured by \`.ci/bench --growth\` on ${machine()}, against stand-ins on the same machine. Each size was called in turn, ${rounds} times after one
time that is not counted; times are medians, and what each one more costs is the median of the rounds' differences, where every round says that the larger size takes longer: elsewhere
it is less than the rounds can tell. Linear is that this does not rise from left to right. The site's files are all new at each call, and so are the packages' lock files.

| \`dagger call\` | of what | how many | takes | ten times as much | each one more, first to second | second to third |
| --- | --- | --- | --- | ---: | ---: | ---: |
${all
  .map(
    (it) =>
      `| \`${it.axis.call}\` | ${it.axis.what} | ${it.axis.counts.map(number).join(", ")} | ${it.seconds.map((took) => took.toFixed(2)).join(", ")} s | ${(it.seconds[2] / it.seconds[0]).toFixed(2)} × | ${each(it, 0, 1) || "no difference"} | ${each(it, 1, 2) || "no difference"} |`,
  )
  .join("\n")}

Seconds at once, three and ten times as much: ${all.map(({ axis }, at) => `${["blue", "orange", "green", "red"][at]} ${axis.what}`).join(", ")}.

\`\`\`mermaid
---
config:
  themeVariables:
    xyChart:
      plotColorPalette: "${colours.slice(0, all.length).join(", ")}"
---
xychart-beta
  x-axis "times as much, logarithmic" [${steps.join(", ")}]
  y-axis "seconds" 0 --> ${Math.ceil(Math.max(...all.flatMap(({ seconds }) => seconds)))}
${all.map(({ seconds }) => `  line [${seconds.map((it) => it.toFixed(2)).join(", ")}]`).join("\n")}
\`\`\`
`
if (all.length === 4) {
  const page = join(top, "docs/deployment/performance.md")
  writeFileSync(page, withSection(readFileSync(page, "utf8"), section))
}
console.log(section)
process.exit(0)
