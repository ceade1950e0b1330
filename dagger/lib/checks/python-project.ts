import { choosesByIni } from "./coverage-scope.js"
import { versionVariables } from "./git-version.js"
import { normalized, packageName } from "./requirements.js"

/** What a pyproject.toml, and the files beside it, say about installing, testing and linting. */
export interface PythonProject {
  /** The project's own name, "" for none. */
  name: string
  /** What Python it runs on, as a range; "" when it doesn't say. */
  requires: string
  /** What it needs to run, as pip's requirements. */
  dependencies: string[]
  /** Optional dependencies that bring what the tests need: the extras' names, and their requirements. */
  extras: Named
  /** Those of them whose requirements only a build of the project tells. */
  builtExtras: string[]
  /** Dependency groups of the same kind, also in the older forms of uv, PDM and Poetry. https://peps.python.org/pep-0735/ */
  groups: Named
  /** Requirements of Hatch's environments for tests, which it installs by no lock file. https://hatch.pypa.io/latest/config/environment/overview/ */
  environments: string[]
  /** Packages that its install brings for certain. */
  installs: string[]
  /** Every package that it names anywhere, for its tools. */
  listed: string[]
  /** Whether something builds it as a package. */
  builds: boolean
  poetry: boolean
  /** Tables below `tool`. */
  tools: string[]
  tool: Record<string, unknown>
  /** Whether the project itself chose what coverage measures. */
  choosesCoverage: boolean
  /** Variables of an install that would ask Git for the version, which the pipeline does not hand to the build. */
  version: Record<string, string>
  /** Arguments that pyproject.toml gives to every run of pytest. */
  pytestArguments: string
}

export interface Named {
  names: string[]
  requirements: string[]
}

/** Extras and groups that projects keep their test tools in. */
const forTests = /^(?:tests?|testing|dev|development)$/i

/**
 * @param toml pyproject.toml as its parser gave it, `undefined` when there is none. What has another form than TOML's users agreed on counts
 * as not said. @param setup text of setup.cfg. @param script text of setup.py
 */
export function pythonProject(toml?: unknown, setup = "", script = ""): PythonProject {
  const root = object(toml)
  const [project, tool] = [object(root.project), object(root.tool)]
  const [poetry, uv, pdm] = [object(tool.poetry), object(tool.uv), object(tool.pdm)]
  const name = normalized(words(project.name) || words(poetry.name))
  const extras = object(project["optional-dependencies"])
  const groups = object(root["dependency-groups"])
  const poetryGroups = Object.entries(object(poetry.group)).map(
    ([group, it]) => [group, Object.keys(object(object(it).dependencies))] as const,
  )
  const dynamic = object(object(object(tool.setuptools).dynamic)["optional-dependencies"])
  const hatch = Object.entries(object(object(tool.hatch).envs)).flatMap(([env, it]) =>
    env === "default" || env === "hatch-test" || forTests.test(env) ? [object(it)] : [],
  )
  const ofBuild = [...Object.keys(dynamic), ...extrasOf(setup), ...extrasOfScript(script)]
  const wanted = [
    ...[...Object.keys({ ...extras, ...object(poetry.extras) }), ...ofBuild].filter((it) => forTests.test(it)),
    ...hatch.flatMap((it) => texts(it.features)).filter((it) => Object.hasOwn(extras, it)),
  ]
  const chosenExtras = [...new Set(wanted)]
  const chosenGroups = Object.keys(groups).filter((it) => forTests.test(it))
  const ofPdm = Object.values(object(pdm["dev-dependencies"])).flatMap(texts)
  const dependencies = texts(project.dependencies)
  const ofExtras = chosenExtras.flatMap((it) => extra(it, extras, name))
  const ofGroups = [
    ...chosenGroups.flatMap((it) => group(it, groups)),
    ...texts(uv["dev-dependencies"]),
    ...ofPdm.filter((it) => !it.startsWith("-e")),
  ]
  const ofPoetry = [
    ...[poetry.dependencies, poetry["dev-dependencies"]].flatMap((it) => Object.keys(object(it))),
    ...poetryGroups.flatMap(([, names]) => names),
  ].map(normalized)
  const requires = object(root["build-system"]).requires
  const run = object(object(tool.coverage).run)
  const pytest = object(tool.pytest)
  return {
    name,
    requires: words(project["requires-python"]) || words(object(poetry.dependencies).python),
    dependencies,
    extras: { names: chosenExtras, requirements: ofExtras },
    builtExtras: chosenExtras.filter((it) => ofBuild.includes(it) && !Object.hasOwn(extras, it)),
    groups: { names: chosenGroups, requirements: ofGroups },
    environments: hatch
      .flatMap((it) => [...texts(it.dependencies), ...texts(it["extra-dependencies"])])
      // With a field that only Hatch fills in.
      .filter((it) => !it.includes("{")),
    installs: [...[...dependencies, ...ofExtras, ...ofGroups].map(packageName), ...ofPoetry],
    listed: [
      ...[dependencies, ...Object.values(extras).map(texts), ...Object.values(groups).map(texts), ofGroups]
        .flat()
        .map(packageName),
      ...ofPoetry,
    ],
    builds: root["build-system"] !== undefined,
    poetry: tool.poetry !== undefined,
    tools: Object.keys(tool),
    tool,
    choosesCoverage: [run.source, run.source_pkgs, run.include].some((it) => it !== undefined),
    pytestArguments: [pytest.addopts, object(pytest.ini_options).addopts].flat().filter(isText).join(" "),
    version: versionVariables(
      [...texts(requires), ...Object.keys(object(poetry["requires-plugins"]))],
      name,
      `${setup}\n${script}`,
    ),
  }
}

/** Names of the extras in setup.cfg. https://setuptools.pypa.io/en/latest/userguide/declarative_config.html */
function extrasOf(setup: string): string[] {
  const section = setup.split(/^(?=\[)/m).find((part) => part.startsWith("[options.extras_require]")) ?? ""
  return [...section.matchAll(/^([\w.-]+)[ \t]*[=:]/gm)].map(([, name = ""]) => name)
}

/** Names of the extras in setup.py, which only Python can read; pip passes over one that isn't there. */
const extrasOfScript = (script: string): string[] =>
  script.includes("extras_require")
    ? [...script.matchAll(/["']([\w.-]+)["']\s*(?::|\]\s*=)/g)].map(([, name = ""]) => name)
    : []

/** An extra's requirements; it may name others of the project itself: `acme[dev,docs]`. */
function extra(name: string, all: Record<string, unknown>, own: string, seen: string[] = []): string[] {
  if (seen.includes(name)) return []
  return texts(all[name]).flatMap((it) => {
    const named = packageName(it) === own && own ? /\[([^\]]*)\]/.exec(it)?.[1] : undefined
    return named === undefined
      ? [it]
      : named.split(",").flatMap((other) => extra(other.trim(), all, own, [...seen, name]))
  })
}

/** A group's requirements, with those of the groups that it includes. */
function group(name: string, all: Record<string, unknown>, seen: string[] = []): string[] {
  if (seen.includes(name)) return []
  return [all[name]].flat().flatMap((it) => {
    if (isText(it)) return [it]
    const included = words(object(it)["include-group"])
    return included ? group(included, all, [...seen, name]) : []
  })
}

/** What pytest-cov is told to measure: the project's own choice, `src`, its packages, or all there is. @param ini text of pytest.ini, tox.ini, setup.cfg and .coveragerc */
export function measured(packages: string[], project: PythonProject, ini = ""): string[] {
  const { choosesCoverage, pytestArguments } = project
  // Without a path --cov would widen what the project itself chose to measure; --cov-report and the like measure nothing by themselves.
  if (/--cov(?=[=\s"']|$)/.test(`${pytestArguments} ${iniArguments(ini)}`)) return []
  if (choosesCoverage || choosesByIni(ini)) return ["--cov"]
  const own = packages.filter((name) => !/^(?:tests?|testing|docs?|examples?|bench\w*|migrations|scripts)$/.test(name))
  if (own.includes("src")) return ["--cov=src"]
  return own.length === 0 ? ["--cov"] : ["--cov=."]
}

/**
 * Whether pytest found no test at all. Its code 5 says so, but a coverage limit or a missing folder of tests makes it another.
 * https://docs.pytest.org/en/stable/reference/exit-codes.html
 */
export const foundNoTests = (code: number, said: string) =>
  code === 5 || (code !== 0 && /^collected 0 items\s*$/m.test(said))

/** The value and its indented lines. */
const iniArguments = (ini: string) =>
  [...ini.matchAll(/^addopts\s*=(.*(?:\n[ \t]+.*)*)/gm)].map(([, value]) => value).join(" ")

const isText = (value: unknown): value is string => typeof value === "string"
const words = (value: unknown): string => (isText(value) ? value.trim() : "")
const texts = (value: unknown): string[] => [value].flat().filter(isText)
const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
