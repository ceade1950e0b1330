import { isHealthyWord, isUnhealthyWord } from "../deployment/health-answer.js"
import { type PythonFile, prefixOf } from "./routers.js"

/** Where a service says how it is, as its code has it. */
export interface HealthFound {
  path: string
  /** "" for one that is known anyway. */
  field: string
  values: string[]
  /** Field with the commit; "" where it tells none. */
  commit: string
  /** What the guess rests on, where it proves little; "" for nothing to say. */
  unsure: string
}

interface Route {
  path: string
  /** Fields of its answer with their values as the code has them. */
  fields: [name: string, value: string][]
  /** Whether the whole of its path stands in the code. */
  isSure: boolean
}

const healthPath = /\/(?:_?health(?:z|check|-check|_check)?|ready(?:z)?|live(?:z|ness)?|status|ping|up)\/?$/i
const wordFields = ["status", "state", "health", "healthy", "ok", "ready", "success"]

const answerUnread =
  'its answer could not be read in the code: it must be JSON that says how the service is, such as {"status": "ok"}'
const prefixUnread = "where its router is mounted could not be read in the code, so the path may begin with more"

/** The best of the routes in these Python files; `undefined` for none that can be judged. @param isFastApi whether it has an openapi.json. */
export function healthIn(files: PythonFile[], isFastApi: boolean): HealthFound | undefined {
  const texts = files.map(({ text }) => text)
  const readsCommit = texts.some((text) => /["']COMMIT["']/.test(text) || /^\s+commit\s*:\s*str\b/m.test(text))
  const routes = files.flatMap((file) => routesIn(file, files))
  const named = routes.filter(({ path }) => healthPath.test(path))
  for (const { path, fields, isSure } of [...named, ...routes.filter(({ path }) => path === "/")]) {
    const found = judged(fields)
    if (found)
      return { path, ...found, commit: readsCommit ? commitOf(fields) : "", unsure: isSure ? "" : prefixUnread }
  }
  const [unread] = named
  if (unread)
    return {
      path: unread.path,
      field: "",
      values: [],
      commit: readsCommit ? commitOf(unread.fields) : "",
      unsure: unread.isSure ? answerUnread : `${prefixUnread}; and ${answerUnread}`,
    }
  if (!isFastApi || texts.some((text) => /openapi_url\s*=\s*None/.test(text))) return undefined
  return {
    path: "/openapi.json",
    field: "openapi",
    values: ["3.1.0", "3.0.2", "3.0.3", "3.1.1"],
    commit: "",
    unsure:
      "no path says how the service is, so this one, which FastAPI answers by itself, only proves that it runs: add a path /health that asks what it needs",
  }
}

/** Paths that GET answers, with what they return. */
function routesIn(file: PythonFile, all: PythonFile[]): Route[] {
  const decorators =
    /^[ \t]*@(\w+)\.(?:get|route|api_route)\(\s*["']([^"'{}<>]*)["'][^\n]*(?:\n(?![ \t]*(?:async )?def )[^\n]*)*\n[ \t]*(?:async )?def [^\n]*((?:\n(?:[ \t]+[^\n]*|[)][^\n]*|))*)/gm
  const routes = [...file.text.matchAll(decorators)].map(([, object = "", path = "", body = ""]) => {
    const { prefix, isSure } = prefixOf(object, file, all)
    // A slash at the end counts: without it FastAPI and Flask answer with a redirect.
    return { path: `${prefix}${path}` || "/", fields: fieldsOf(body), isSure }
  })
  // One with a place for values, or that begins without a slash, is nothing that can be asked.
  return [...routes, ...djangoRoutes(file, all)].filter(({ path }) => /^\/[\w./-]*$/.test(path))
}

/** Django's, whose answers stand in another file; below what one urls.py includes another can't be told. */
function djangoRoutes({ path: file, text }: PythonFile, all: PythonFile[]): Route[] {
  if (!/(?:^|\/)urls\.py$/.test(file)) return []
  const isSure = !all.some((one) => /\binclude\(\s*["']/.test(one.text))
  return [...text.matchAll(/\bpath\(\s*["']([^"']*)["']/g)].map(([, path = ""]) => ({
    path: `/${path}`,
    fields: [],
    isSure,
  }))
}

/** The fields of the last thing that a function returns: of a dictionary, or the arguments of a call. */
function fieldsOf(body: string): [string, string][] {
  const returned =
    [...body.matchAll(/\breturn\b\s*([\s\S]*?)(?=\n\s*(?:return|@|def|async def|class|raise)\b|$)/g)].at(-1)?.[1] ?? ""
  const pairs = [
    ...returned.matchAll(/["'](\w+)["']\s*:\s*([^,}\n]+)/g),
    ...returned.matchAll(/\b(\w+)\s*=(?!=)\s*([^,)\n]+)/g),
  ]
  return pairs.map(([, name = "", value = ""]) => [name, value.trim()])
}

function judged(fields: [string, string][]): Pick<HealthFound, "field" | "values"> | undefined {
  const found = wordFields.map((name) => fields.find(([field]) => field === name)).find((it) => it !== undefined)
  if (!found) return undefined
  const [field, value] = found
  const word =
    /^["']([^"']{1,80})["']$/.exec(value)?.[1] ?? (/^(?:True|False)$/.test(value) ? value.toLowerCase() : undefined)
  // One that is worked out may be any of the known words.
  if (word === undefined || isHealthyWord(word, [])) return { field: "", values: [] }
  return isUnhealthyWord(word) || word.trim() === "" ? undefined : { field, values: [word] }
}

const commitOf = (fields: [string, string][]): string =>
  (fields.find(([name]) => name === "commit") ??
    fields.find(
      ([name, value]) => /^(?:version|sha|git_sha|revision|release|build)$/.test(name) && /commit/i.test(value),
    ))?.[0] ?? ""
