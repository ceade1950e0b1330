/** What writes a site. */
export interface Generator {
  /** A package by which it is known; "" for a script of the project's own. */
  name: string
  title: string
  /** Word of its command. */
  program: string
  /** Folder that it writes unless it is told another one; "" for one that nobody knows. */
  output: string
}

const known: Generator[] = [
  ["@docusaurus/core", "Docusaurus", "docusaurus", "build"],
  ["astro", "Astro", "astro", "dist"],
  ["@sveltejs/kit", "SvelteKit", "vite", "build"],
  ["next", "Next.js", "next", "out"],
  // `nuxt build` writes a server.
  ["nuxt", "Nuxt", "nuxt generate", ".output/public"],
  ["gatsby", "Gatsby", "gatsby", "public"],
  ["vitepress", "VitePress", "vitepress", ".vitepress/dist"],
  ["@11ty/eleventy", "Eleventy", "eleventy", "_site"],
  ["react-scripts", "Create React App", "react-scripts", "build"],
  ["vite", "Vite", "vite", "dist"],
  ["parcel", "Parcel", "parcel", "dist"],
].map(([name = "", title = "", program = "", output = ""]) => ({ name, title, program, output }))

const ownScript: Generator = { name: "", title: "its own build script", program: "", output: "" }

/** The generator among these packages; one of the project's own where none is known. */
export const generatorAmong = (packages: string[]): Generator =>
  known.find(({ name }) => packages.includes(name)) ?? ownScript

/**
 * The script that writes the site: `build`, unless only another one runs the generator, such as the `docs:build` that VitePress adds beside
 * the build of a library. `undefined` for none.
 */
export function buildScriptOf(scripts: Record<string, string>, { program }: Generator): string | undefined {
  const names = Object.keys(scripts).filter((name) =>
    /^(?:(?:docs?|site|web|website|www)[:.-])?(?:build|generate)(?:[:.-](?:docs?|site|web|website|www))?$/.test(name),
  )
  const usual = scripts.build
  if (usual !== undefined && (program === "" || usual.includes(program))) return "build"
  const running = program && names.find((name) => scripts[name]?.includes(program))
  // One that calls the other does more than that.
  const isCalled = running && running !== "build" && usual?.includes(running)
  return (isCalled ? "build" : running) || (usual === undefined ? undefined : "build")
}

/** Text of a script, and of those that it calls. */
export function commandOf(scripts: Record<string, string>, name: string, seen: string[] = []): string {
  const own = scripts[name] ?? ""
  const called = Object.keys(scripts).filter(
    (other) =>
      !seen.includes(other) &&
      other !== name &&
      new RegExp(`\\brun ${other.replace(/\W/g, "\\$&")}(?![\\w:.-])`).test(own),
  )
  return [own, ...called.map((other) => commandOf(scripts, other, [...seen, name]))].join(" && ")
}

/** Why what it writes is no folder of files; "" where it is. @param script text of the script that builds it. */
export function whyNotStatic({ name }: Generator, config: string, manifest: string, script: string): string {
  if (name === "next" && !/output\s*:\s*["']export["']/.test(config) && !/\bnext export\b/.test(script))
    return 'Next.js writes files only with `output: "export"` in its configuration'
  if (name === "@sveltejs/kit" && !/adapter-static/.test(config + manifest))
    return "SvelteKit writes files only with @sveltejs/adapter-static"
  if (name === "astro" && /output\s*:\s*["'](?:server|hybrid)["']/.test(config))
    return 'Astro writes files only without `output: "server"`'
  if (name === "nuxt" && !/nuxt generate|--prerender/.test(script) && !/preset\s*:\s*["']static["']/.test(config))
    return "Nuxt writes files only with `nuxt generate`"
  return ""
}

/** Whether all that a script runs makes code or styles for something else, and no page. */
export const makesNoPage = (script: string): boolean =>
  script
    .split(/&&|\|\||;|&/)
    .map((command) => command.trim().replace(/^(?:npx|pnpm exec|yarn|bunx)\s+/, ""))
    .filter((command) => !/^(?:rm|rimraf|mkdir|cp|shx|cross-env|echo|chmod|del-cli)\b/.test(command))
    .every((command) =>
      /^(?:tsc|vue-tsc|tsup|tsdown|unbuild|babel|swc|tailwindcss|@tailwindcss\/cli|postcss|sass)\b/.test(command),
    )
