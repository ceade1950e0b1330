import { connectionString, databaseAtLoopback, databaseSocket, notAnAddress, severalHosts } from "./errors.js"

/** A database's address, as the project gets it. */
export interface DatabaseUrl {
  /** Trimmed, without the old scheme postgres://, and with a user and password that mean the same to every reader. */
  url: string
  host: string
  /** Whether it names the machine itself that asks. */
  isLoopback: boolean
}

const server = String.raw`(?:\[[^\]]+\]|[^/:?#@[\]\s,]+)(?::\d+)?`
const servers = `(${server}(?:,${server})*)`
const head = String.raw`^([a-z][\w+]*):\/\/(?:([^:/?]*(?::.*)?)@)?`
const tail = String.raw`((?:\/[^\s?]*)?)((?:\?[^\s]*)?)$`
/** The host may stand behind the question mark alone. https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNSTRING-URIS */
const forms = [new RegExp(`${head}${servers}${tail}`, "i"), new RegExp(`${head}()${tail}`, "i")]

/**
 * Reads an address as SQLAlchemy does, which takes characters in a password that other readers stumble over.
 * https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls
 * @throws DeploymentError for none, for several hosts, and for a socket.
 */
export function databaseUrl(text: string): DatabaseUrl {
  const given = text.trim()
  const found = forms.map((form) => form.exec(given)).find(Boolean)
  if (!found) throw /^\w+\s*=/.test(given) ? connectionString() : notAnAddress()
  const [, scheme = "", user, listed = "", database = "", query = ""] = found
  const { hosts, port, rest } = askedIn(query)
  const all = hosts.length > 0 ? hosts : listed.split(",").filter(Boolean)
  if (all.length > 1) throw severalHosts(all.length)
  const [only = ""] = all
  if (only.startsWith("/") || only.startsWith("@")) throw databaseSocket()
  if (!only) throw notAnAddress()
  const [, name = "", own = ""] = /^(\[[^\]]+\]|[^:]*|.*:.*:.*)(:\d+)?$/.exec(only) ?? []
  const host = name.replace(/^\[|\]$/g, "")
  const written = host.includes(":") ? `[${host}]` : host
  const kind = scheme.replace(/^postgres(?=\+|$)/i, "postgresql")
  const at = own || (port && `:${port}`) || (hosts.length > 0 ? (/:\d+$/.exec(listed)?.[0] ?? "") : "")
  return {
    url: `${kind}://${user === undefined ? "" : `${userInfo(user)}@`}${written}${at}${database}${rest}`,
    host,
    isLoopback: isLoopback(written),
  }
}

/** What a query says of the server, which wins over what stands before it, and the query without that. */
function askedIn(query: string): { hosts: string[]; port: string; rest: string } {
  const parts = query.slice(1).split("&").filter(Boolean)
  const values = (name: string) =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => decoded(part.slice(name.length + 1)))
  const hosts = values("host").flatMap((value) => value.split(",").filter(Boolean))
  if (hosts.length === 0) return { hosts, port: "", rest: query }
  const left = parts.filter((part) => !/^(?:host|port)=/.test(part))
  return { hosts, port: values("port").at(-1) ?? "", rest: left.length > 0 ? `?${left.join("&")}` : "" }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Every way to write the machine itself: 127.1, 0, 0x7f.1, localhost., ::ffff:127.0.0.1. The parser of URLs writes addresses in one form. */
function isLoopback(host: string): boolean {
  const name = (URL.parse(`http://${host}/`)?.hostname ?? host).toLowerCase().replace(/\.$/, "")
  return (
    /^(?:localhost(?:\.localdomain)?|ip6-(?:localhost|loopback)|.*\.localhost|host\.docker\.internal)$/.test(name) ||
    /^(?:127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:(?:7f[\da-f]{2}:[\da-f]+|0:0)\])$/.test(name)
  )
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
