import { expect, it } from "vitest"
import { healthIn } from "../../src/init/health.js"

const answering = (path: string, body: string, decorator = "@app.get") =>
  `import os\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n${decorator}("${path}")\nasync def it() -> dict[str, str]:\n    """Says so."""\n    ${body}\n\n\n@app.get("/items/{id}")\ndef item(id: int) -> dict[str, str]:\n    return {"status": "sold"}\n`
const known = { path: "/health", field: "", values: [], commit: "", unsure: "" }

it.each([
  ["/health", 'return {"status": "ok"}', known],
  ["/healthz", 'return {"state": "UP"}', { ...known, path: "/healthz" }],
  ["/health", 'return {"status": "breathing", "since": "now"}', { ...known, field: "status", values: ["breathing"] }],
  ["/health", "return Health(status=state, database=database)", known],
  ["/health", 'return JSONResponse({"ok": True}, status_code=200)', known],
  ["/health", 'return {"status": "ok", "commit": os.environ.get("COMMIT", "")}', { ...known, commit: "commit" }],
  ["/health", 'return {"status": "ok", "version": os.environ["COMMIT"]}', { ...known, commit: "version" }],
  ["/", 'return {"status": "ok"}', { ...known, path: "/" }],
])("is %s that answers by %s", (path, body, found) => {
  expect(healthIn([answering(path, body)], true)).toEqual(found)
})

it("tells no commit that it has from elsewhere than the variable COMMIT", () => {
  expect(healthIn([answering("/health", 'return {"status": "ok", "commit": GIT_SHA}')], true)?.commit).toBe("")
})

it("has the prefix of its router", () => {
  const own =
    'router = APIRouter(prefix="/api")\n\n\n@router.get("/health")\ndef health():\n    return {"status": "ok"}\n'
  const mounted = [own.replace('prefix="/api"', ""), 'app.include_router(health.router, prefix="/v1")\n']

  expect(healthIn([own], true)?.path).toBe("/api/health")
  expect(healthIn(mounted, true)?.path).toBe("/v1/health")
})

it("is Flask's route as well", () => {
  const flask = '@app.route("/health", methods=["GET"])\ndef health():\n    return jsonify(status="healthy")\n'

  expect(healthIn([flask], false)).toEqual(known)
})

it("whose answer the code does not show is taken, with a word on what it must be", () => {
  expect(healthIn([answering("/health", "return await everything()")], true)).toEqual({
    ...known,
    unsure:
      'its answer could not be read in the code: it must be JSON that says how the service is, such as {"status": "ok"}',
  })
})

it("is what FastAPI answers by itself where there is no other; a service without it has none", () => {
  const silent = "app = FastAPI()\n"

  expect(healthIn([silent], true)).toMatchObject({ path: "/openapi.json", field: "openapi" })
  expect(healthIn(["app = FastAPI(openapi_url=None)\n"], true)).toBeUndefined()
  expect(healthIn([silent], false)).toBeUndefined()
})
