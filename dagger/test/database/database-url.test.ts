import { expect, it } from "vitest"
import { databaseScheme, databaseUrl, reachable } from "../../lib/database/database-url.js"

it.each([
  [" postgresql://app@db/app\n", "postgresql://app@db/app", "db"],
  ["postgresql://app:pw@db:5432/app\r\n", "postgresql://app:pw@db:5432/app", "db"],
  ["postgres://app:pw@db/app", "postgresql://app:pw@db/app", "db"],
  ["postgres+psycopg://app@db/app", "postgresql+psycopg://app@db/app", "db"],
  ["postgresql+asyncpg://app:pw@db/app?ssl=require", "postgresql+asyncpg://app:pw@db/app?ssl=require", "db"],
  [
    "postgresql://u:p@ss/w#rd?:x%@ep-1-pooler.eu.example/db",
    "postgresql://u:p%40ss%2Fw%23rd%3F%3Ax%25@ep-1-pooler.eu.example/db",
    "ep-1-pooler.eu.example",
  ],
  ["postgresql://u:a%40b@db/app", "postgresql://u:a%40b@db/app", "db"],
  ["postgresql://db/app?user=u&password=p@ss", "postgresql://db/app?user=u&password=p@ss", "db"],
  ["postgresql://u@server:p@db/app", "postgresql://u%40server:p@db/app", "db"],
  ["postgresql://u:ä b@[2001:db8::1]:5/app", "postgresql://u:%C3%A4%20b@[2001:db8::1]:5/app", "2001:db8::1"],
  ["postgresql://db:6432/app?sslmode=require", "postgresql://db:6432/app?sslmode=require", "db"],
  ["postgresql://u:p@/app?host=db&port=6432&sslmode=require", "postgresql://u:p@db:6432/app?sslmode=require", "db"],
  ["postgresql://u:p@front:6432/app?host=db", "postgresql://u:p@db:6432/app", "db"],
  ["postgresql:///app?host=db.example:6432", "postgresql://db.example:6432/app", "db.example"],
  ["postgresql://u:a,b@db/app", "postgresql://u:a,b@db/app", "db"],
])("reads %j", (given, url, host) => {
  expect(databaseUrl(given)).toMatchObject({ url, host, isLoopback: false })
  expect(URL.parse(url)?.hostname).toBe(given.includes("[") ? `[${host}]` : host)
})

it.each([
  "",
  "not an address",
  "sqlite:///app.db",
  "postgresql://",
  "postgresql:///app",
  "://db",
  "host=db dbname=app",
])("refuses %j without showing it", (given) =>
  expect(() => databaseUrl(given)).toThrow("The database's URL can't be read."),
)

it.each([
  ["postgresql://u:p@a,b/app", "postgresql://u:p@/app?host=a,b&target_session_attrs=read-write"],
  [
    "postgres://u:p@ss@a:5432,b:5433,[2001:db8::1]/app?target_session_attrs=primary&sslmode=require",
    "postgresql://u:p%40ss@/app?host=a,b,2001:db8::1&port=5432,5433,5432&target_session_attrs=primary&sslmode=require",
  ],
  [
    "postgresql+psycopg://u:p@/app?host=a,b&port=5432,5433",
    "postgresql+psycopg://u:p@/app?host=a,b&port=5432,5433&target_session_attrs=read-write",
  ],
  [
    "postgresql+psycopg://u:p@db/app?host=a:1&host=b:2",
    "postgresql+psycopg://u:p@/app?host=a,b&port=1,2&target_session_attrs=read-write",
  ],
  ["postgresql://a,b/app?port=6432", "postgresql:///app?host=a,b&port=6432,6432&target_session_attrs=read-write"],
])(
  "reads the several hosts of %j in the form that libpq and SQLAlchemy share, and asks for the one that takes writes",
  (given, url) => {
    expect(databaseUrl(given)).toMatchObject({ url, host: "a", isLoopback: false })
  },
)

it.each(["any", "standby", "prefer-standby", "read-only"])("refuses several hosts of which %s is asked for", (kind) => {
  expect(() => databaseUrl(`postgresql://u:p@a,b/app?target_session_attrs=${kind}`)).toThrow(
    `The database's URL may lead to a copy.\n  why: it lists 2 hosts and asks for ${kind}, and a migration must reach the one that takes writes\n  next: give target_session_attrs=read-write, or leave it out`,
  )
})

it("takes several hosts for this machine when one of them is, and leads behind a service to that alone", () => {
  const given = databaseUrl("postgresql://u:p@db.example:5433,localhost:5432/app?sslmode=disable")
  expect(() => reachable(given, false)).toThrow("The database's URL names this machine itself.")
  expect(reachable(given, true)).toEqual({
    url: "postgresql://u:p@database:5433/app?sslmode=disable",
    host: "database",
    isLoopback: false,
  })
})

it.each([
  "postgresql:///app?host=/run/postgresql",
  "postgresql://u@/app?host=%2Fcloudsql%2Fa%3Ab%3Ac",
  "postgresql://u@/app?host=a,/run/postgresql",
])("tells that %j names a socket", (given) =>
  expect(() => databaseUrl(given)).toThrow("The database's URL names a socket."),
)

it("tells a list of keywords from a URL", () => {
  expect(() => databaseUrl("host=a,b dbname=app password=geheim")).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The database's URL can't be read.
      why: the value of --database-url is a list of keywords, as libpq takes it, and no URL; it is not shown here, for it holds a password
      next: store it in the form postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE]
  `)
})

it.each([
  ...["localhost", "127.0.0.1", "[::1]", "host.docker.internal", "LOCALHOST", "localhost.", "0", "127.1", "0x7f.0.0.1"],
  ...["[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::]", "2130706433", "app.localhost", "localhost.localdomain"],
])("tells that %s is this machine", (host) => {
  const given = databaseUrl(`postgres://u:p@${host}:5432/app`)
  expect(() => reachable(given, false)).toThrow("The database's URL names this machine itself.")
  expect(reachable(given, true)).toEqual({
    url: "postgresql://u:p@database:5432/app",
    host: "database",
    isLoopback: false,
  })
})

it.each(["10.0.0.1", "localhost.example", "127.example", "notlocalhost", "[2001:db8::1]", "0.example"])(
  "takes %s for another machine",
  (host) => expect(databaseUrl(`postgresql://u:p@${host}/app`).isLoopback).toBe(false),
)

it("finds this machine also behind the question mark", () => {
  expect(() => reachable(databaseUrl("postgresql:///app?host=localhost"), false)).toThrow("this machine itself")
})

it("says what to do for a database on this machine", () => {
  expect(() => reachable(databaseUrl("postgresql://localhost/app"), false)).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The database's URL names this machine itself.
      why: migrations run in a container of the engine, where localhost is that container
      next: give --database-service=tcp://localhost:5432 to lead them to a database on this machine, or a URL with a host that others reach too]
  `)
})

it.each([
  ["sqlalchemy==2.0\npsycopg[binary]==3.2", "postgresql+psycopg"],
  ["SQLAlchemy\npsycopg2-binary==2.9", "postgresql"],
  ["alembic\nasyncpg==0.30\nsqlmodel", "postgresql+asyncpg"],
  ["asyncpg==0.30", "postgresql"],
  ["psycopg==3.2", "postgresql"],
  ["", "postgresql"],
])("of a project with the packages %j begins with %s", (packages, scheme) => {
  expect(databaseScheme(packages)).toBe(scheme)
})
