import { expect, it } from "vitest"
import { healthIn as healthInFiles } from "../../lib/init/health.js"

/** In one file, or in files of these paths. */
const healthIn = (texts: string[] | Record<string, string>, isFastApi: boolean) =>
  healthInFiles(
    Object.entries(texts).map(([path, text]) => ({ path: Array.isArray(texts) ? `file${path}.py` : path, text })),
    isFastApi,
  )

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

const router = (rest = "") =>
  `router = APIRouter(${rest})\n\n\n@router.get("/health")\ndef health():\n    return {"status": "ok"}\n`
const app = (include: string) =>
  `from fastapi import FastAPI\n${include.includes("from") ? "" : "from app.routes import health\n"}app = FastAPI()\n${include}\n`

it.each([
  ["app.include_router(health.router)", "", "/health"],
  ['app.include_router(health.router, prefix="/v1")', "", "/v1/health"],
  ['app.include_router(health.router, prefix="/v1")', 'prefix="/up"', "/v1/up/health"],
  ['from app.routes.health import router\napp.include_router(router, prefix="/v1")', "", "/v1/health"],
  ['from app.routes.health import router as up\napp.include_router(up, prefix="/v1", tags=["x"])', "", "/v1/health"],
  ['app.include_router(other.router, prefix="/v2")\napp.include_router(health.router)', "", "/health"],
])("has the prefix of its router, and of where that is mounted: %s, APIRouter(%s)", (include, own, path) => {
  const files = { "app/routes/health.py": router(own), "app/main.py": app(include) }

  expect(healthIn(files, true)).toEqual({ ...known, path })
})

it("has the prefixes of all routers that it is mounted in, and none that only stands beside it", () => {
  const files = {
    "app/routes/health.py": router('prefix="/utils"'),
    "app/api.py": 'api = APIRouter(prefix="/v1")\napi.include_router(health.router)\n',
    "app/main.py": 'from app.api import api\napp = FastAPI()\napp.include_router(api, prefix="/api")\n',
  }
  const beside = `${router('prefix="/v1"').replace("/health", "/items")}\n\n@app.get("/health")\ndef up():\n    return {"status": "ok"}\n`

  expect(healthIn(files, true)).toEqual({ ...known, path: "/api/v1/utils/health" })
  expect(healthIn([beside], true)).toEqual(known)
})

it.each(["app.include_router(health.router, prefix=settings.API)", "for it in routers:\n    app.include_router(it)"])(
  "is a guess where the code does not say what its router is mounted below: %s",
  (include) => {
    expect(healthIn({ "app/health.py": router(), "app/main.py": app(include) }, true)).toEqual({
      ...known,
      unsure: "where its router is mounted could not be read in the code, so the path may begin with more",
    })
  },
)

it("is below the prefix of Flask's blueprint, or the one that takes its place where it is mounted", () => {
  const blueprint =
    'bp = Blueprint("up", __name__, url_prefix="/up")\n\n\n@bp.route("/health")\ndef health():\n    return jsonify(status="ok")\n'
  const files = (mount: string) => ({ "shop/up.py": blueprint, "shop/__init__.py": `from .up import bp\n${mount}\n` })

  expect(healthIn(files("app.register_blueprint(bp)"), false)?.path).toBe("/up/health")
  expect(healthIn(files('app.register_blueprint(bp, url_prefix="/api")'), false)?.path).toBe("/api/health")
})

it("is Django's path, whose answer stands elsewhere, and a guess where one urls.py includes another", () => {
  const urls = 'urlpatterns = [path("items/<int:id>/", item), path("health/", health)]\n'
  const included = { "shop/urls.py": 'urlpatterns = [path("api/", include("up.urls"))]\n', "up/urls.py": urls }
  const answer = "its answer could not be read in the code"

  expect(healthIn({ "shop/urls.py": urls }, false)).toEqual({
    ...known,
    path: "/health/",
    unsure: expect.stringMatching(`^${answer}`),
  })
  expect(healthIn(included, false)?.unsure).toMatch(/^where its router is mounted could not be read in the code/)
  expect(healthIn({ "shop/views.py": urls }, false)).toBeUndefined()
})

it("keeps the slash that its path ends with: without it the service answers with a redirect", () => {
  expect(healthIn([answering("/health/", 'return {"status": "ok"}')], true)?.path).toBe("/health/")
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
