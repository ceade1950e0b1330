import { expect, it } from "vitest"
import { dockerfileFor } from "../../lib/init/dockerfile.js"
import { serviceIn } from "../../lib/init/service.js"
import { fastApi, proposed, repository } from "./repositories.js"

const app = "from fastapi import FastAPI\n\napp = FastAPI()\n"
const toml = '[project]\nname = "shop"\nrequires-python = ">=3.12,<3.13"\ndependencies = ["fastapi[standard]>=0.110"]\n'

it.each([
  ["main.py", app, "main:app"],
  ["app/main.py", "from fastapi import FastAPI\napi: FastAPI = FastAPI(title='x')\n", "app.main:api"],
  ["app/__init__.py", "from flask import Flask\napplication = Flask(__name__)\n", "app:application"],
  ["src/shop/server.py", app, "shop.server:app"],
  [
    "shop/wsgi.py",
    "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "shop.wsgi:application",
  ],
])("is where the application of %s is", (path, text, application) => {
  const found = serviceIn(repository({ "backend/pyproject.toml": toml, [`backend/${path}`]: text }))

  expect(found).toMatchObject({ source: "backend", application, isFactory: false })
})

it("may make its application in a function", () => {
  const text =
    "import fastapi\n\n\ndef create_app(settings: str = '') -> fastapi.FastAPI:\n    app = fastapi.FastAPI()\n    return app\n"
  const found = serviceIn(repository({ "requirements.txt": "fastapi\n", "app.py": text }))

  expect(found).toMatchObject({ application: "app:create_app", isFactory: true })
  expect(found && dockerfileFor(found)).toContain(
    'CMD ["uvicorn","--factory","app:create_app","--host=0.0.0.0","--port=7860"]',
  )
})

it("is not what only a test or an example makes", () => {
  const files = { "pyproject.toml": toml, "tests/app.py": app, "test_app.py": app, "examples/api/main.py": app }

  expect(serviceIn(repository(files))).toBeUndefined()
})

it("takes its port, Dockerfile and context from what is there", () => {
  const files = {
    ...fastApi("api"),
    Dockerfile:
      'FROM python:3.11-slim\nCOPY api/ /srv\nEXPOSE 80\nARG COMMIT\nCMD ["uvicorn", "main:app", "--port", "8000"]\n',
  }

  expect(proposed(files).settings.backend).toMatchObject({
    source: "api",
    context: ".",
    dockerfile: "Dockerfile",
    port: 8000,
  })
  expect(serviceIn(repository(files))).toMatchObject({ python: "3.11-slim" })
})

it("is untested where no file holds a test, and gets a database where its tests read one's address", () => {
  const reads = 'import os\n\n\ndef test_it() -> None:\n    assert os.environ["DATABASE_URL"]\n'
  const code =
    'import os\nfrom fastapi import FastAPI\napp = FastAPI()\nurl = os.environ["DATABASE_URL"]\nkey = os.getenv("API_KEY")\n'

  expect(proposed(fastApi("api")).settings.backend).toMatchObject({
    untested: "it has no tests yet",
    testDatabase: false,
  })
  const tested = proposed({ ...fastApi("api", code), "api/tests/test_it.py": reads })
  expect(tested.settings.backend).toMatchObject({ untested: "", testDatabase: true })
  expect(tested.byHand.join("\n")).toContain("give the service what it reads: API_KEY;")
  expect(tested.files[".github/workflows/deploy.yml"]).toContain("--database-url=env://DATABASE_URL$SUFFIX")
})

it("gets a Dockerfile from its Python, its packages and its application", () => {
  expect(
    proposed({ "backend/pyproject.toml": toml, "backend/src/shop/main.py": app }).files["backend/Dockerfile"],
  ).toMatchInlineSnapshot(`
    "# Written by \`dagger call init\`; it is yours now.
    FROM python:3.12-slim AS packages
    ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    WORKDIR /build
    RUN python3 -m venv /opt/venv
    ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv
    # Before the sources, so that an edit of them installs nothing again.
    COPY pyproject.toml ./
    RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project'].get('dependencies', []), sep='\\n')" >requirements.txt \\
     && pip install --no-cache-dir -r requirements.txt

    FROM python:3.12-slim
    # Hugging Face runs a Space as this user.
    RUN useradd --uid 1000 --user-group --create-home app
    WORKDIR /srv/app
    COPY --from=packages /opt/venv /opt/venv
    COPY --chown=1000:1000 . .
    USER 1000:1000
    ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=7860 PYTHONPATH=/srv/app/src
    EXPOSE 7860
    CMD ["uvicorn","shop.main:app","--host=0.0.0.0","--port=7860"]

    # Last: it changes with every build, and nothing above depends on it.
    ARG COMMIT=unknown
    ENV COMMIT=$COMMIT
    "
  `)
})

it.each([
  ["uv.lock", "/opt/manager/bin/uv sync --frozen --no-dev --no-install-project --active"],
  ["poetry.lock", "/opt/manager/bin/poetry install --only=main --no-root"],
])("whose packages stand in %s is installed by it", (lock, command) => {
  const found = serviceIn(repository({ "pyproject.toml": toml, [lock]: "", "main.py": app }))

  expect(found && dockerfileFor(found)).toContain(command)
})

it("gets a server where it names none", () => {
  const found = serviceIn(
    repository({ "requirements.txt": "flask==3.1\n", "app.py": "import flask\napp = flask.Flask(__name__)\n" }),
  )

  expect(found && dockerfileFor(found)).toContain("RUN pip install --no-cache-dir gunicorn")
  expect(found && dockerfileFor(found)).toContain('CMD ["gunicorn","--bind=0.0.0.0:7860","app:app"]')
})

it.each([
  ["uv.lock", { "uv.lock": "", "api/pyproject.toml": toml }],
  ["api/pdm.lock", { "api/pdm.lock": "", "api/pyproject.toml": toml }],
])("says that its Dockerfile does not hold the versions of %s", (lock, files) => {
  expect(proposed({ "api/main.py": app, ...files }).written).toContain(
    `api/Dockerfile: serves main:app as a user that is not root; WITHOUT the versions of ${lock}, which it does not hold`,
  )
})
