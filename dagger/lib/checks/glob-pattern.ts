/**
 * The paths that a glob means: `*` and `?` within a name, `**` over folders, `{a,b}`. One that takes time on a path, or says more than
 * these, is none.
 * @param fits whether it means the whole path, or any part of it.
 */
export function globPattern(glob: string, fits: "whole" | "within"): RegExp | undefined {
  if (glob.length > 300 || /[!+@?*]\(|^!/.test(glob) || (glob.match(/\*+/g)?.length ?? 0) > 8) return undefined
  const source = glob.replace(/\*\*\/|\*+|\?|\[[^\]/]*\]|[{},]|[.+^$()|\\[\]]/g, (sign) => {
    if (sign === "**/") return "(?:.*/)?"
    if (sign.startsWith("**")) return ".*"
    if (sign === "*") return "[^/]*"
    if (sign === "?" || sign.length > 1) return "[^/]"
    return { "{": "(?:", "}": ")", ",": "|" }[sign] ?? `\\${sign}`
  })
  try {
    return new RegExp(fits === "whole" ? `^(?:${source})$` : source)
  } catch {
    return undefined
  }
}
