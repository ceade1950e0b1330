import { DeploymentError } from "../errors.js"
import { excerpt } from "../text/excerpt.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import type { PythonFailure } from "./alembic-facts.js"

interface Diagnosis {
  what: string
  next: string
}

/** Kinds of failures, the surest first; `of` is matched against each `type: message` of the chain. */
const kinds: { of: RegExp; is: Diagnosis }[] = [
  {
    of: /^KeyError: |^(?:\w+\.)*(?:UndefinedValueError|EnvError|SettingsError|ImproperlyConfigured): |^(?:\w+\.)*ValidationError: [\s\S]*\b(?:Field required|field required|type=missing|Input should be)|environment variable|Config '\w+' is missing/,
    is: {
      what: "The migrations lack a variable of the project.",
      next: "give the variables that are named in backend.env of the settings, or to the image (a default in the settings class, or ENV in the Dockerfile); else only COMMIT and the variable that backend.databaseVariable names are set here",
    },
  },
  {
    of: /invalid interpolation syntax/,
    is: {
      what: "env.py can't take the database's URL.",
      next: 'a % of the password means something in alembic.ini: write config.set_main_option("sqlalchemy.url", url.replace("%", "%%")) in env.py',
    },
  },
  {
    of: /Can't load plugin: sqlalchemy\.dialects|No module named '(?:psycopg2?|asyncpg|pg8000|MySQLdb|pymysql|aiomysql|aiosqlite|oracledb|pyodbc)'|no pq wrapper available|MissingGreenlet|asyncio extension requires an async driver|unexpected keyword argument '(?:sslmode|channel_binding)'/,
    is: {
      what: "The image has no driver that fits the database's URL.",
      next: "name the driver that the image has in the URL, such as postgresql+psycopg:// or postgresql+asyncpg:// (the latter needs an env.py that runs asynchronously, and takes ssl=require instead of sslmode), or install the one that is named",
    },
  },
  {
    of: /password authentication failed|no pg_hba\.conf entry|(?:role|database) "[^"]*" does not exist|permission denied|InvalidPassword|SSL (?:connection is )?required|sslmode value|Access denied for user/i,
    is: {
      what: "The database does not let the migrations in.",
      next: "check the user, the password and the name of the database in its URL",
    },
  },
  {
    of: /connection refused|could not (?:translate host name|connect)|Name or service not known|nodename nor servname|getaddrinfo|timeout expired|timed out|\bTimeoutError\b|connect(?:ion)? timeout|No route to host|server closed the connection|Temporary failure in name resolution|failed to resolve host|Connect call failed|connection (?:failed|is closed)/i,
    is: {
      what: "The database does not answer.",
      next: "check the host and the port in its URL, and that it may be reached from where the engine runs, then run the same command again",
    },
  },
  {
    of: /No (?:config file|'script_location' key)|Path doesn't exist|doesn't exist\. {1,2}Please use the 'init' command/,
    is: {
      what: "Alembic's configuration can't be found.",
      next: "copy alembic.ini and the folder that its script_location names into the image, and make the folder with alembic.ini its WORKDIR",
    },
  },
  {
    of: /^(?:ModuleNotFoundError|ImportError): /,
    is: {
      what: "A migration or env.py imports what the image does not have.",
      next: "install the package in the image, or copy the module into it; what alembic.ini names as prepend_sys_path is looked through",
    },
  },
  {
    of: /^SyntaxError: |^IndentationError: /,
    is: { what: "A migration or env.py is no Python.", next: "correct the line that is named" },
  },
]

/** @param failure as Python tells it. @param doing what was wanted, such as "ask the database for its revision". */
export function alembicFailed(failure: PythonFailure, doing: string): DeploymentError {
  const lines = failure.chain.map(({ type, message }) => `${type.replace(/^builtins\./, "")}: ${message}`)
  // The innermost cause first: what wraps it only repeats it.
  const inward = lines.toReversed()
  const kind = kinds.find(({ of }) => inward.some((line) => of.test(line)))
  const cause = (kind && inward.find((line) => kind.of.test(line))) ?? lines[0] ?? "nothing was said"
  const why = shown(cause)
  return new DeploymentError(kind?.is.what ?? `Alembic could not ${doing}.`, {
    why: `${why}${failure.place && ` (${failure.place})`}`,
    next: kind?.is.next ?? "see to what it names, then run the same command again",
  })
}

/** Without a word of Python itself: its interpreter was missing or ended by force. @param said the end of both streams */
export const alembicMissing = (said: string, doing: string) =>
  new DeploymentError(`Alembic could not ${doing}.`, {
    why: `the image's Python ended without an answer: ${excerpt(said, 4).join("; ") || "it said nothing"}`,
    next: "install alembic in the image, with its `python` in PATH or in .venv of the working directory",
  })

const shown = (text: string) =>
  shortened(
    redacted(sanitized(text))
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !/Background on this error|For further information visit/.test(line))
      .join("; "),
    800,
  )
