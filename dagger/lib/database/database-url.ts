import { databaseAtLoopback, notAnAddress } from "./errors.js"

/** A database's address, as the project gets it. */
export interface DatabaseUrl {
  /** Trimmed, without the old scheme postgres://, and with a user and password that mean the same to every reader. */
  url: string
  host: string
  /** Whether it names the machine itself that asks. */
  isLoopback: boolean
}

/**
 * Reads an address as SQLAlchemy does, which takes characters in a password that other readers stumble over.
 * https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls
 */
export function databaseUrl(text: string): DatabaseUrl {
  const found =
    /^([a-z][\w+]*):\/\/(?:([^:/?]*(?::.*)?)@)?(\[[^\]]+\]|[^/:?#@[\]\s]+)((?::\d+)?(?:\/[^\s]*)?(?:\?[^\s]*)?)$/i.exec(
      text.trim(),
    )
  if (!found) throw notAnAddress()
  const [, scheme = "", user, host = "", rest = ""] = found
  const kind = scheme.replace(/^postgres(?=\+|$)/i, "postgresql")
  return {
    url: `${kind}://${user === undefined ? "" : `${userInfo(user)}@`}${host}${rest}`,
    host: host.replace(/^\[|\]$/g, ""),
    isLoopback: /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?|0\.0\.0\.0|host\.docker\.internal)$/i.test(host),
  }
}

/** The address with another host. */
export const atHost = ({ url }: DatabaseUrl, host: string) =>
  url.replace(/^([^:]+:\/\/(?:[^@/]*@)?)(?:\[[^\]]+\]|[^/:?#]+)/, (_, before: string) => `${before}${host}`)

/** Where the migrations reach a database: behind the service where one is given. Throws for this machine's own, which no container reaches. */
export function reachable(given: DatabaseUrl, behindService: boolean): DatabaseUrl {
  if (!given.isLoopback) return given
  if (!behindService) throw databaseAtLoopback(given.host)
  return { url: atHost(given, "database"), host: "database", isLoopback: false }
}

function userInfo(text: string): string {
  const colon = text.indexOf(":")
  return colon < 0 ? encoded(text) : `${encoded(text.slice(0, colon))}:${encoded(text.slice(colon + 1))}`
}

/** What is encoded already stays. */
const encoded = (text: string) =>
  text.replace(/%[0-9a-f]{2}|[^\w.~!$&'()*+,;=-]/giu, (one) =>
    /^%[0-9a-f]{2}$/i.test(one) ? one : encodeURIComponent(one.toWellFormed()),
  )

/**
 * Scheme of an address that a project's packages can open, from the texts that list them. SQLAlchemy takes psycopg2 unless the address names
 * another driver; a driver that is used without it knows no name behind the plus sign.
 * https://docs.sqlalchemy.org/en/20/core/engines.html#postgresql
 */
export function databaseScheme(packages: string): string {
  const has = (name: string) => new RegExp(`(?<![\\w.-])${name}(?![\\w-])`, "i").test(packages)
  if (!["sqlalchemy", "sqlmodel", "alembic", "flask-sqlalchemy"].some(has)) return "postgresql"
  if (has("psycopg") || has("psycopg-binary")) return "postgresql+psycopg"
  if (has("psycopg2") || has("psycopg2-binary")) return "postgresql"
  return has("asyncpg") ? "postgresql+asyncpg" : has("pg8000") ? "postgresql+pg8000" : "postgresql"
}
