/** A version as numbers; parts that it leaves out are missing. */
type Version = number[]
type Test = (version: Version) => boolean

/**
 * The range of versions that a project says it runs on, in npm's words (`^20.19 || >=22 <25`, `20.x`) or Python's
 * (`>=3.11,<3.14`, `~=3.12`, `==3.12.*`); both have the same signs for the same things. Poetry's `^3.11` too.
 * https://github.com/npm/node-semver#ranges https://packaging.python.org/en/latest/specifications/version-specifiers/
 * @returns whether a version such as `[22, 3, 0]` is in it; `undefined` for a text that is no range.
 */
export function versionRange(text: string): Test | undefined {
  const alternatives = text.split("||").map(conjunction)
  if (alternatives.includes(undefined)) return undefined
  return (version) => alternatives.some((test) => test?.(version))
}

function conjunction(text: string): Test | undefined {
  const hyphen = /^\s*v?([\d.]+)\s+-\s+v?([\d.]+)\s*$/.exec(text)
  const spelled = hyphen ? `>=${hyphen[1]} <=${hyphen[2]}` : text
  const parts = spelled
    .replace(/([<>=!~^]=?=?)\s+/g, "$1")
    .split(/[\s,]+/)
    .filter(Boolean)
  const tests = parts.map(comparison)
  if (tests.includes(undefined)) return undefined
  return (version) => tests.every((test) => test?.(version))
}

function comparison(text: string): Test | undefined {
  if (/^(?:\*|x|latest|current|node)$/i.test(text)) return () => true
  const [, sign = "", given = ""] =
    /^(===|==|~=|~>|>=|<=|!=|[<>=^~])?v?(\d+(?:\.(?:\d+|\*|x))*)(?:[-+a-z].*)?$/i.exec(text) ?? []
  if (!given) return undefined
  const parts = given.split(".")
  const wild = parts.findIndex((part) => /[*x]/i.test(part))
  const version = parts.slice(0, wild < 0 ? parts.length : wild).map(Number)
  switch (sign) {
    case ">":
      return (it) => order(it.slice(0, version.length), version) > 0 || (version.length > 2 && order(it, version) > 0)
    case ">=":
      return (it) => order(it, version) >= 0
    case "<":
      return (it) => order(it, version) < 0
    case "<=":
      return (it) => order(it.slice(0, version.length), version) <= 0
    case "!=":
      return (it) => order(it.slice(0, version.length), version) !== 0
    case "^": {
      // The first number that isn't 0 stays.
      const kept = Math.max(1, version.findIndex((part) => part > 0) + 1)
      return between(version, kept)
    }
    case "~":
    case "~>":
      return between(version, Math.min(2, version.length))
    case "~=":
      return between(version, Math.max(1, version.length - 1))
    default:
      return between(version, version.length)
  }
}

/** From a version on, as long as its first numbers stay. */
const between =
  (version: Version, kept: number): Test =>
  (it) =>
    order(it, version) >= 0 && order(it.slice(0, kept), version.slice(0, kept)) === 0

const order = (one: Version, other: Version): number => {
  for (let place = 0; place < Math.max(one.length, other.length); place++) {
    const difference = (one[place] ?? 0) - (other[place] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
