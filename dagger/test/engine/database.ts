import { spawn } from "node:child_process"
import { type AddressInfo, connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { run } from "./dagger.js"

const password = "a-password-for-tests"

export type PostgreSQL = Awaited<ReturnType<typeof postgreSQL>>

/** A server in a container of the engine, until it is stopped. @param steps of `dagger core container`, as far as the service. @param inside its own port. */
async function server(steps: string[], inside: number) {
  const port = await freePort()
  const process = spawn("dagger", ["core", "--silent", "container", ...steps, "up", `--ports=${port}:${inside}`], {
    cwd: tmpdir(),
    stdio: ["ignore", "ignore", "pipe"],
  })
  let said = ""
  process.stderr.on("data", (data: Buffer) => {
    said += data
  })
  let running = true
  const ended = new Promise<void>((resolve) => {
    process.on("close", () => {
      running = false
      resolve()
    })
  })
  const stop = async () => {
    process.kill("SIGTERM")
    await ended
  }
  if (!(await opened(port, () => running))) {
    await stop()
    throw new Error(`the server did not open port ${port}: ${said}`)
  }
  return { port, stop }
}

/** A PostgreSQL server in a container of the engine, which lives until it is disposed of. */
export async function postgreSQL() {
  const { port, stop } = await server(
    [
      ...["from", "--address=postgres:17", "with-env-variable", "--name=POSTGRES_PASSWORD", `--value=${password}`],
      ...["with-exposed-port", "--port=5432", "as-service", "--use-entrypoint"],
    ],
    5432,
  )

  /** What psql prints: a line for each row, its columns parted by `|`. */
  async function psql(address: string, sql: string, ...more: string[]): Promise<string> {
    const { code, stdout, error } = await run(
      [
        ...["core", "--silent", "container", "from", "--address=postgres:17", ...more],
        // Or the engine would answer an equal question from its cache.
        ...["with-env-variable", "--name=RUN_ID", `--value=${crypto.randomUUID()}`, "with-exec"],
        `--args=${["psql", "-At", "-v", "ON_ERROR_STOP=1", "-c", sql, `${address}?connect_timeout=10`].map(quoted).join(",")}`,
        "stdout",
      ],
      tmpdir(),
    )
    if (code !== 0) throw new Error(`psql ended with ${code}: ${error}`)
    return stdout.trim()
  }

  // All containers of an engine share a network. The way over this machine's port keeps a connection open whose client was killed.
  const way = `--service=tcp://127.0.0.1:${port}`
  const viaPort = `postgresql://postgres:${password}@database:${port}/postgres`
  const host = await psql(viaPort, "SELECT host(inet_server_addr())", "with-service-binding", "--alias=database", way)
  const url = (database: string) => `postgresql://postgres:${password}@${host}:5432/${database}`
  const query = (database: string, sql: string) => psql(url(database), sql)
  return {
    /** Address of a database, as containers reach it. */
    url,
    query,
    /** Makes an empty database. */
    create: async (name: string) => void (await query("postgres", `CREATE DATABASE ${name}`)),
    /** Debian's PgBouncer before it, which gives a connection to somebody else after each transaction. */
    pooler: () => pgBouncer(host),
    [Symbol.asyncDispose]: stop,
  }
}

async function pgBouncer(host: string) {
  const settings = [
    ...["[databases]", `* = host=${host} port=5432 user=postgres password=${password}`],
    ...["[pgbouncer]", "listen_addr = 0.0.0.0", "listen_port = 6432", "auth_type = any", "pool_mode = transaction"],
    // One connection for all: what one client leaves behind, the next one meets.
    ...["default_pool_size = 1", "max_prepared_statements = 0", ""],
  ].join("\n")
  const { port, stop } = await server(
    [
      ...["from", "--address=postgres:17"],
      ...["with-exec", "--args=sh,-c,apt-get update && apt-get install --yes --no-install-recommends pgbouncer"],
      ...["with-new-file", "--path=/tmp/pgbouncer.ini", `--contents=${settings}`, "with-user", "--name=postgres"],
      ...["with-exposed-port", "--port=6432", "as-service", "--args=pgbouncer,/tmp/pgbouncer.ini"],
    ],
    6432,
  )
  return {
    /** Address of a database, as this machine reaches it. */
    url: (database: string) => `postgresql://anybody@localhost:${port}/${database}`,
    service: `tcp://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: stop,
  }
}

/** As the command line reads a list: https://pkg.go.dev/encoding/csv */
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

/** Whether the port opened before its server ended, or within five minutes: the first start may pull the image. */
async function opened(port: number, running: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 1500 && running(); attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false))
      socket.on("connect", () => socket.destroy())
    })
    if (open) return true
    await new Promise((wake) => setTimeout(wake, 200))
  }
  return false
}
