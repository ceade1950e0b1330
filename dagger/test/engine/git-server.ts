import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { repository } from "./dagger.js"

/** Dagger drops a port from the address of a module, so the server has an address of its own and port 80. */
const host = "127.0.0.7"

/** Serves this repository's HEAD, tagged `version`, by git's own smart HTTP: what a caller gets is what was pushed. */
export async function gitServer(version: string) {
  const root = mkdtempSync(join(tmpdir(), "git-server-"))
  execFileSync("git", ["clone", "--quiet", "--bare", repository, join(root, "delivery.git")])
  execFileSync("git", ["-C", join(root, "delivery.git"), "tag", "--force", version], { stdio: "ignore" })
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", `http://${host}`)
    requests.push(`${request.method} ${url.pathname}`)
    const backend = spawn("git", ["http-backend"], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        REMOTE_ADDR: host,
      },
      stdio: ["pipe", "pipe", "ignore"],
    })
    request.pipe(backend.stdin)
    let head = Buffer.alloc(0)
    let isBody = false
    // CGI: headers, an empty line, the body. https://www.rfc-editor.org/rfc/rfc3875#section-6
    backend.stdout.on("data", (chunk: Buffer) => {
      if (isBody) {
        response.write(chunk)
        return
      }
      head = Buffer.concat([head, chunk])
      const end = head.indexOf("\r\n\r\n")
      if (end < 0) return
      isBody = true
      const headers = head
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => line.split(": ") as [string, string])
      const status = headers.find(([name]) => name === "Status")?.[1] ?? "200"
      response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")))
      response.write(head.subarray(end + 4))
    })
    backend.on("close", () => response.end())
  })
  await new Promise<void>((resolve, reject) => server.on("error", reject).listen(80, host, resolve))
  return {
    module: `http://${host}/delivery.git@${version}`,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
      rmSync(root, { recursive: true, force: true })
    },
  }
}
