import type { Service } from "./service.js"

/** A Dockerfile for a service that has none, and what it leaves out; `undefined` where no program is known that would serve it. */
export function dockerfileFor(service: Service): string | undefined {
  const command = commandOf(service)
  const install = installs[service.install]
  if (!command || !install) return undefined
  const manager = managers[service.install]
  const { python, port } = service
  const more = serverOf(service).filter((name) => !service.packages.includes(name))
  return `# Written by \`dagger call init\`; it is yours now.
FROM python:${python} AS packages
ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
${manager ? `# Outside of what the image gets: its own packages would stand in the way of the project's.\nRUN python3 -m venv /opt/manager && /opt/manager/bin/pip install --no-cache-dir ${manager}\n` : ""}RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv
# Before the sources, so that an edit of them installs nothing again.
${install}
${more.length > 0 ? `# What serves it; name it among the packages to choose its release.\nRUN pip install --no-cache-dir ${more.join(" ")}\n` : ""}
FROM python:${python}
# Hugging Face runs a Space as this user.
RUN useradd --uid 1000 --user-group --create-home app
WORKDIR /srv/app
COPY --from=packages /opt/venv /opt/venv
COPY --chown=1000:1000 . .
USER 1000:1000
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=${port}${service.importsFrom === "." ? "" : ` PYTHONPATH=/srv/app/${service.importsFrom}`}
EXPOSE ${port}
CMD ${JSON.stringify(command)}

# Last: it changes with every build, and nothing above depends on it.
ARG COMMIT=unknown
ENV COMMIT=$COMMIT
`
}

/** Kept out of the image: what only tests, Git and a developer's machine need. */
export const dockerignore = `# Written by \`dagger call init\`; it is yours now.
.git
.venv
venv
**/__pycache__
**/*.pyc
.env
.env.*
tests
.pytest_cache
.ruff_cache
.mypy_cache
`

const managers: Partial<Record<Service["install"], string>> = {
  "uv.lock": "uv==0.13.9",
  "poetry.lock": "poetry==2.5.1",
}

const installs: Record<Service["install"], string> = {
  "requirements.txt": "COPY requirements.txt ./\nRUN pip install --no-cache-dir -r requirements.txt",
  "uv.lock":
    "COPY pyproject.toml uv.lock ./\nRUN /opt/manager/bin/uv sync --frozen --no-dev --no-install-project --active",
  "poetry.lock": "COPY pyproject.toml poetry.lock ./\nRUN /opt/manager/bin/poetry install --only=main --no-root",
  "pyproject.toml": `COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project'].get('dependencies', []), sep='\\n')" >requirements.txt \\
 && pip install --no-cache-dir -r requirements.txt`,
  "": "",
}

function serverOf({ framework }: Service): string[] {
  if (framework === "Flask" || framework === "Django") return ["gunicorn"]
  return framework === "Python" ? [] : ["uvicorn"]
}

function commandOf({ framework, application, isFactory, port }: Service): string[] | undefined {
  if (!application || framework === "Python") return undefined
  if (framework === "Flask" || framework === "Django")
    return ["gunicorn", `--bind=0.0.0.0:${port}`, isFactory ? `${application}()` : application]
  return ["uvicorn", ...(isFactory ? ["--factory"] : []), application, "--host=0.0.0.0", `--port=${port}`]
}
