import { connectionString, databaseAtLoopback, databaseSocket, leadsToCopy, notAnAddress } from "./errors.js"

/** A database's address, as the project gets it. */
export interface DatabaseUrl {
  /** Trimmed, without the old scheme postgres://, and with a user and password that mean the same to every reader. */
  url: string
  /** The first one where there are several. */
  host: string
  /** Whether it names the machine itself that asks. */
  isLoopback: boolean
  /** The address where a service stands for its hosts, under the name `database`. */
  behind: string
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
 *
 * Several hosts are written in the one form that libpq and SQLAlchemy share, and lead to the one that takes writes.
 * https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
 * @throws DeploymentError for no host, for several of which a copy would do, and for a socket.
 */
export function databaseUrl(text: string): DatabaseUrl {
  const given = text.trim()
  const found = forms.map((form) => form.exec(given)).find(Boolean)
  if (!found) throw /^\w+\s*=/.test(given) ? connectionString() : notAnAddress()
  const [, scheme = "", user, listed = "", database = "", query = ""] = found
  const { hosts, ports, rest } = askedIn(query)
  const all = (hosts.length > 0 ? hosts : listed.split(",").filter(Boolean)).map(serverIn)
  const [only] = all
  if (all.some(({ name }) => /^[/@]/.test(name))) throw databaseSocket()
  if (!only?.name) throw notAnAddress()
  const kind = scheme.replace(/^postgres(?=\+|$)/i, "postgresql")
  const before = `${kind}://${user === undefined ? "" : `${userInfo(user)}@`}`
  const at = only.port || (hosts.length > 0 ? ports.at(-1) || serverIn(listed).port : "")
  const one = (host: string, asked: string) => `${before}${host}${at && `:${at}`}${database}${asked}`
  const isLocal = all.some(({ name }) => isLoopback(written(name)))
  if (all.length === 1) {
    // Without a host of its own, the query says nothing of the server.
    const asked = hosts.length > 0 ? rest : query
    return { url: one(written(only.name), asked), host: only.name, isLoopback: isLocal, behind: one("database", asked) }
  }
  const wanted = /[?&]target_session_attrs=([^&]*)/.exec(rest)?.[1]
  if (wanted !== undefined && !/^(?:read-write|primary)$/.test(wanted)) throw leadsToCopy(all.length, decoded(wanted))
  const numbers = all.map(({ port }, index) => port || (ports.length > 1 ? ports[index] : ports[0]) || "")
  const asked = [
    `host=${all.map(({ name }) => name).join(",")}`,
    ...(numbers.some(Boolean) ? [`port=${numbers.map((port) => port || "5432").join(",")}`] : []),
    ...(wanted === undefined ? ["target_session_attrs=read-write"] : []),
    ...rest.slice(1).split("&").filter(Boolean),
  ]
  return {
    url: `${before}${database || "/"}?${asked.join("&")}`,
    host: only.name,
    isLoopback: isLocal,
    behind: `${before}database${numbers[0] && `:${numbers[0]}`}${database}${rest}`,
  }
}

/** As it stands before a path, where an address of IPv6 has brackets. */
const written = (host: string) => (host.includes(":") ? `[${host}]` : host)

/** Name and port of a server as it is listed. */
function serverIn(text: string): { name: string; port: string } {
  const [, name = "", port = ""] = /^(\[[^\]]+\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(text) ?? []
  return { name: name.replace(/^\[|\]$/g, ""), port }
}

/** What a query says of the servers, which wins over what stands before it, and the query without that. */
function askedIn(query: string): { hosts: string[]; ports: string[]; rest: string } {
  const parts = query.slice(1).split("&").filter(Boolean)
  const values = (name: string) =>
    parts
      .filter((part) => part.startsWith(`${name}=`))
      .flatMap((part) => decoded(part.slice(name.length + 1)).split(","))
  const left = parts.filter((part) => !/^(?:host|port)=/.test(part))
  return {
    hosts: values("host").filter(Boolean),
    ports: values("port"),
    rest: left.length > 0 ? `?${left.join("&")}` : "",
  }
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

/** Where the migrations reach a database: behind the service where one is given. Throws for this machine's own, which no container reaches. */
export function reachable(
  given: DatabaseUrl,
  behindService: boolean,
): Pick<DatabaseUrl, "url" | "host" | "isLoopback"> {
  if (!given.isLoopback) return given
  if (!behindService) throw databaseAtLoopback(given.host)
  return { url: given.behind, host: "database", isLoopback: false }
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
