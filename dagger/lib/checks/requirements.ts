import { posix } from "node:path"

/** What a requirements file of pip says. https://pip.pypa.io/en/stable/reference/requirements-file-format/ */
export interface Requirements {
  /** Packages that somebody wrote down, not those that only others need; in lower case, with `-`. */
  direct: string[]
  /** All packages. */
  all: string[]
  /** Files that it names with -r and -c, from the project's folder on. */
  references: string[]
  /** Whether it installs something that lies in the project itself: `-e .`, `./lib`, `lib @ file:…`, `-f wheels`. */
  local: boolean
}

/** @param path of the file, from which its references count. */
export function requirements(text: string, path: string): Requirements {
  const references: string[] = []
  const packages: { name: string; via: string[] }[] = []
  let local = false
  for (const line of text.replace(/^\uFEFF|\0/g, "").split(/\r?\n/)) {
    const reason = /^\s+#\s*(?:via\b)?\s*(.*?)\s*$/.exec(line)
    if (reason) {
      if (reason[1]) packages.at(-1)?.via.push(reason[1])
      continue
    }
    const said = line.replace(/(?:^|\s)#.*$/, "").trim()
    const [, option = "", value = ""] =
      /^(-r|-c|-e|--requirement|--constraint|--editable)[\s=]*["']?([^"']+?)["']?(?:\s*;.*)?$/.exec(said) ?? []
    if (/^-e|^--e/.test(option)) local ||= !/^(?:\w+\+)?\w+:\/\//.test(value)
    else if (option) {
      const file = posix.normalize(posix.join(posix.dirname(path), value))
      // An address is pip's to fetch, and what lies above the project isn't there.
      if (!/^\w+:/.test(value) && !file.startsWith("..")) references.push(file)
    } else if (/^(?:-f|--find-links)[\s=]*["']?(?!\w+:\/\/)\S/.test(said)) local = true
    else if (/^(?:\.{1,2}(?:\/|$|\[)|file:)|@\s*(?:file:|\.)/.test(said) || /^[\w.-]+\/[^\s:]*$/.test(said))
      local = true
    else {
      const name = packageName(said)
      if (name) packages.push({ name, via: [] })
    }
  }
  const written = ({ via }: { via: string[] }) =>
    via.length === 0 || via.some((reason) => /^-r |\(pyproject|\(setup|\.in\b/.test(reason))
  return {
    direct: packages.filter(written).map(({ name }) => name),
    all: packages.map(({ name }) => name),
    references,
    local,
  }
}

/** The package that a requirement such as `Black[d]>=25; python_version>"3.9"` asks for; "" for what is none. */
export const packageName = (requirement: string): string =>
  normalized(/^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?=$|[[<>=!~;@(\s\\])/.exec(requirement.trim())?.[1] ?? "")

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
export const normalized = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-")

/** Which files of a folder a service runs with, and which bring what its tests need besides. */
export function requirementFiles(names: string[]): { running: string[]; testing: string[] } {
  const running =
    names.find((name) => name === "requirements.txt") ??
    names.find((name) => /^requirements\/(?:base|main|common|prod|production|requirements)\.txt$/.test(name))
  return {
    running: running ? [running] : [],
    testing: names.filter((name) =>
      /^(?:requirements[-_./](?:dev|tests?|testing|development|ci)|requirements\/local|(?:dev|tests?)[-_]requirements)\.txt$/.test(
        name,
      ),
    ),
  }
}
