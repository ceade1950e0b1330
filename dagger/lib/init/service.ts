import { posix } from "node:path"
import { nearestAbove } from "../checks/files-above.js"
import { type PythonProject, pythonProject } from "../checks/python-project.js"
import { normalized, packageName, requirementFiles, requirements } from "../checks/requirements.js"
import { pinnedPython, pythonFiles, pythonTag } from "../checks/runtime-version.js"
import { type HealthFound, healthIn } from "./health.js"
import {
  filesBelow,
  folderOf,
  inFolder,
  isAside,
  isTest,
  nearest,
  type Repository,
  textIn,
  unlikeliness,
} from "./repository.js"

/** What was found of a service. */
export interface Service {
  /** Folder from the root on. */
  source: string
  framework: Framework
  /** Where the application object is, as a server takes it: `main:app`; "" where none was found. */
  application: string
  /** Whether that is a function that makes one. */
  isFactory: boolean
  /** Folder that modules are imported from, from `source` on. */
  importsFrom: string
  /** How its packages are installed. */
  install: Install
  /** Packages that it names, for what its image must bring besides. */
  packages: string[]
  /** Tag of Python's image, such as `3.12-slim`. */
  python: string
  /** Path of the Dockerfile from the root on; "" where none is. */
  dockerfile: string
  /** What that Dockerfile sees. */
  context: string
  port: number
  health: HealthFound | undefined
  /** Variable with the address of its database; "" where it has none. */
  databaseVariable: string
  hasAlembic: boolean
  /** Whether its tests read that variable. */
  testsDatabase: boolean
  hasTests: boolean
  /** Other variables that it reads. */
  variables: string[]
  /** Folders of other services, which a project does not deliver beside it. */
  others: string[]
  /** A lock file whose versions the Dockerfile that is written does not hold; "" for none. */
  lockIgnored: string
}

export type Framework = "FastAPI" | "Starlette" | "Flask" | "Quart" | "Django" | "Python"
export type Install = "requirements.txt" | "uv.lock" | "poetry.lock" | "pyproject.toml" | ""

const usual = ["backend", "api", "server", "service", "app", "src"]
const object = /^(\w+)\s*(?::\s*[\w.]+)?\s*=\s*(?:\w+\.)?(FastAPI|Starlette|Flask|Quart)\(/m
const factory =
  /^(?:async )?def\s+((?:create|make|build|get)_app\w*)\s*\([^)]*\)[^\n]*:\n(?:.*\n)*?.*\b(FastAPI|Starlette|Flask|Quart)\(/m
const manifests = ["requirements.txt", "pyproject.toml"]

/** The likeliest folder with a Python application; `undefined` for none. @param wanted the folder, where it is known. */
export function serviceIn(repository: Repository, wanted?: string): Service | undefined {
  const applications = repository.files.flatMap((path) => applicationIn(repository, path))
  const folders = [
    ...new Set(
      applications
        .map(({ path }) => nearest(repository, folderOf(path), manifests) ?? folderOf(path))
        .concat(repository.files.filter(isServiceDockerfile(repository)).map(folderOf)),
    ),
  ]
  const [source, ...others] =
    wanted === undefined
      ? folders.toSorted((one, other) => unlikeliness(one, usual) - unlikeliness(other, usual))
      : [wanted].filter((folder) => filesBelow(repository, folder).length > 0)
  return source === undefined ? undefined : { ...described(repository, source, applications), others }
}

/** Folders of Python that are no service, for what is said of them. */
export const librariesIn = (repository: Repository): string[] =>
  repository.files.filter((path) => /(?:^|\/)pyproject\.toml$/.test(path) && !isAside(path)).map(folderOf)

interface Application {
  path: string
  framework: Framework
  name: string
  isFactory: boolean
}

function applicationIn(repository: Repository, path: string): Application[] {
  if (!path.endsWith(".py") || isAside(path) || isTest(path)) return []
  const text = repository.texts[path] ?? ""
  const made = object.exec(text)
  if (made) return [{ path, name: made[1] ?? "", framework: made[2] as Framework, isFactory: false }]
  const maker = factory.exec(text)
  if (maker) return [{ path, name: maker[1] ?? "", framework: maker[2] as Framework, isFactory: true }]
  return /(?:^|\/)wsgi\.py$/.test(path) && /get_wsgi_application\(/.test(text)
    ? [{ path, name: "application", framework: "Django", isFactory: false }]
    : []
}

const isServiceDockerfile = (repository: Repository) => (path: string) =>
  /(?:^|\/)Dockerfile$/.test(path) &&
  !isAside(path) &&
  /^\s*FROM\s+\S*python/im.test(repository.texts[path] ?? "") &&
  manifests.some((name) => repository.files.includes(inFolder(folderOf(path), name)))

function described(repository: Repository, source: string, all: Application[]): Omit<Service, "others"> {
  const files = filesBelow(repository, source)
  const own = all
    .filter(({ path }) => source === "." || path.startsWith(`${source}/`))
    .toSorted((one, other) => closeness(one.path) - closeness(other.path))
  const [application] = own
  const table = repository.tables[inFolder(source, "pyproject.toml")]
  const project = pythonProject(table)
  const code = files.filter((path) => path.endsWith(".py") && !isTest(path) && !isAside(path))
  const texts = code.map((path) => textIn(repository, source, path))
  const framework = application?.framework ?? "Python"
  const tests = files.filter((path) => isTest(path)).map((path) => textIn(repository, source, path))
  const { dockerfile, context } = dockerfileOf(repository, source)
  const image = repository.texts[dockerfile] ?? ""
  const importsFrom = application && inside(source, application.path).startsWith("src/") ? "src" : "."
  const hasAlembic = files.includes("alembic.ini") || project.tools.includes("alembic")
  const variables = variablesOf(texts)
  const named = variables.find((name) =>
    /^(?:\w+_)?(?:DATABASE|DB|POSTGRES|PG|SQLALCHEMY_DATABASE)_(?:URL|URI|DSN)$/.test(name),
  )
  const databaseVariable =
    named ?? (hasAlembic || texts.some((text) => /^\s+database_url\s*:\s*\w/m.test(text)) ? "DATABASE_URL" : "")
  const bakes = dockerfile === "" || /^\s*ARG\s+COMMIT\b/im.test(image)
  const health = healthIn(
    code.map((path) => ({ path, text: textIn(repository, source, path) })),
    framework === "FastAPI",
  )
  return {
    source,
    framework,
    application: application ? `${moduleOf(inside(source, application.path), importsFrom)}:${application.name}` : "",
    isFactory: application?.isFactory ?? false,
    importsFrom,
    install: installOf(files, project, table !== undefined),
    packages: packagesOf(repository, source, files, project),
    lockIgnored: lockIgnored(repository, source, files),
    python:
      pythonTag({
        setting: "",
        pinned: textIn(repository, source, ".python-version"),
        above: nearestAbove(source, pythonFiles, repository.texts, pinnedPython),
        requires: project.requires,
        dockerfile: image,
      }) ?? "3.13-slim",
    dockerfile,
    context,
    port: portOf(image),
    health: health && (bakes ? health : { ...health, commit: "" }),
    databaseVariable,
    hasAlembic,
    testsDatabase:
      databaseVariable !== "" &&
      tests.some((text) => text.includes(databaseVariable)) &&
      !tests.some((text) => text.includes("sqlite")),
    hasTests: tests.some((text) => /^\s*(?:async )?def test/m.test(text)),
    variables: variables.filter(
      (name) =>
        name !== databaseVariable &&
        !/^(?:COMMIT|PORT|HOST|PATH|HOME|USER|PWD|ENV|ENVIRONMENT|DEBUG|LOG_LEVEL|PYTHON\w*|SPACE_\w+|IMAGE_DIGEST)$/.test(
          name,
        ),
    ),
  }
}

const inside = (source: string, path: string) => (source === "." ? path : path.slice(source.length + 1))
const closeness = (path: string) =>
  path.split("/").length * 10 + (/^(?:main|app|asgi|wsgi|server|__init__)\.py$/.test(posix.basename(path)) ? 0 : 5)

function moduleOf(path: string, importsFrom: string): string {
  const from = importsFrom === "." ? path : path.slice(importsFrom.length + 1)
  return from
    .replace(/\.py$/, "")
    .replace(/\/__init__$/, "")
    .replaceAll("/", ".")
}

function installOf(files: string[], project: PythonProject, hasTable: boolean): Install {
  if (files.includes("uv.lock")) return "uv.lock"
  if (files.includes("poetry.lock")) return "poetry.lock"
  if (files.includes("requirements.txt")) return "requirements.txt"
  return hasTable && (project.dependencies.length > 0 || project.builds) ? "pyproject.toml" : ""
}

/** A lock of a program that the Dockerfile does not use, or of a workspace, above what it copies. */
function lockIgnored(repository: Repository, source: string, files: string[]): string {
  if (["uv.lock", "poetry.lock"].some((name) => files.includes(name))) return ""
  const own = ["pdm.lock", "Pipfile.lock"].find((name) => files.includes(name))
  if (own) return inFolder(source, own)
  const above = nearest(repository, source, ["uv.lock"])
  return above === undefined || files.includes("requirements.txt") ? "" : inFolder(above, "uv.lock")
}

function packagesOf(repository: Repository, source: string, files: string[], project: PythonProject): string[] {
  const { running } = requirementFiles(files)
  const named = running.flatMap((path) => {
    const text = textIn(repository, source, path)
    // `fastapi[standard]` brings uvicorn.
    return [...requirements(text, path).all, ...(/^fastapi\[(?:standard|all)\]/im.test(text) ? ["uvicorn"] : [])]
  })
  const standard = project.dependencies.some((it) => /^fastapi\[(?:standard|all)\]/i.test(it)) ? ["uvicorn"] : []
  return [
    ...new Set([...named, ...standard, ...project.dependencies.map(packageName), ...project.installs].map(normalized)),
  ].filter(Boolean)
}

/** The service's own Dockerfile, else one of the root that speaks of its folder. */
function dockerfileOf(repository: Repository, source: string): { dockerfile: string; context: string } {
  const own = inFolder(source, "Dockerfile")
  if (repository.files.includes(own)) return { dockerfile: own, context: source }
  const above = repository.files
    .filter((path) => /(?:^|\/)(?:[\w.-]+\.)?Dockerfile$/.test(path) && !isAside(path))
    .find((path) => new RegExp(`\\b${source.replace(/[^\w/-]/g, "\\$&")}/`).test(repository.texts[path] ?? ""))
  return above === undefined ? { dockerfile: "", context: source } : { dockerfile: above, context: "." }
}

function portOf(dockerfile: string): number {
  const said =
    /--port[=\s"',]+(\d{2,5})/.exec(dockerfile)?.[1] ??
    /--bind[=\s"',]+[\d.]*:(\d{2,5})/.exec(dockerfile)?.[1] ??
    [...dockerfile.matchAll(/^\s*EXPOSE\s+(\d{2,5})/gim)].at(-1)?.[1]
  const port = Number(said ?? 7860)
  return port >= 1 && port <= 65_535 ? port : 7860
}

/** Names of the variables that the code reads. */
function variablesOf(texts: string[]): string[] {
  const reads = /(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Z][A-Z0-9_]*)["']/g
  return [...new Set(texts.flatMap((text) => [...text.matchAll(reads)].map(([, name = ""]) => name)))].sort()
}
