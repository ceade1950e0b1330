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
])("reads %j", (given, url, host) => {
  expect(databaseUrl(given)).toMatchObject({ url, host, isLoopback: false })
  expect(URL.parse(url)?.hostname).toBe(given.includes("[") ? `[${host}]` : host)
})

it.each(["", "not an address", "sqlite:///app.db", "postgresql://", "postgresql:///app?host=/run", "://db"])(
  "refuses %j without showing it",
  (given) => expect(() => databaseUrl(given)).toThrow("The database's URL can't be read."),
)

it.each(["localhost", "127.0.0.1", "[::1]", "host.docker.internal", "LOCALHOST"])(
  "tells that %s is this machine",
  (host) => {
    const given = databaseUrl(`postgres://u:p@${host}:5432/app`)
    expect(() => reachable(given, false)).toThrow("The database's URL names this machine itself.")
    expect(reachable(given, true)).toEqual({
      url: "postgresql://u:p@database:5432/app",
      host: "database",
      isLoopback: false,
    })
  },
)

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
