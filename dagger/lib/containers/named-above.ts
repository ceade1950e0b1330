import type { Directory } from "@dagger.io/dagger"
import { isConfiguration, mayName, namedAbove, patternsOf } from "../checks/named-above.js"
import { type Around, textOf } from "./sources.js"

/** So many times a file that is named may name others. */
const deepest = 3

/**
 * Files above a component that its configuration names, and those that they name, from the repository's root; `undefined` for none.
 * @param files of the component that may be configuration. @param own its folder in the repository.
 */
export async function filesNamedAbove(
  source: Directory,
  files: string[],
  own: string,
  part: Around["part"],
): Promise<Directory | undefined> {
  if (!part || own === ".") return undefined
  const texts = await Promise.all(
    files.filter(isConfiguration).map(async (file) => [`${own}/${file}`, await textOf(source, file)] as const),
  )
  let named = texts.flatMap(([path, text]) => namedAbove(text, path, own))
  let folder: Directory | undefined
  const seen = new Set<string>()
  for (let depth = 0; depth < deepest && named.length > 0; depth++) {
    const taken = await part(patternsOf(named), [own])
    const there = (await taken.glob("**")).filter((path) => !path.endsWith("/"))
    if (there.length === 0) break
    folder = taken
    const open = mayName(there, named).filter((path) => !seen.has(path))
    const found = await Promise.all(open.map(async (path) => namedAbove(await textOf(taken, path), path, own)))
    for (const path of open) seen.add(path)
    const more = [...new Set(found.flat())].filter((path) => !named.includes(path))
    if (more.length === 0) break
    named = [...named, ...more]
  }
  return folder
}
