import { type Directory, dag } from "@dagger.io/dagger"
import { filesAtLfs } from "../site/errors.js"
import { answered } from "./exec.js"

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: under 1,024 bytes, the version first. */
const find =
  "find . -type f -size -3 -not -path '*/node_modules/*' -exec grep -lzP '\\Aversion https://git-lfs\\.github\\.com/spec/v1\\r?\\n(?:[^\\n]*\\n)*?oid sha256:[0-9a-f]{64}' {} + || true"

/** What tests compare with reaches no visitor. */
const ofTests = /(?:^|\/)(?:tests?|__tests__|e2e|cypress|playwright|(?:__)?fixtures(?:__)?|[^/]*snapshots(?:__)?)\//

/**
 * @param image one that the caller pulls anyway, made of Debian.
 * @throws PipelineError that names the files of which Git LFS left only a pointer; those of tests are left to them.
 */
export async function noPointers(files: Directory, where: string, image: string): Promise<void> {
  const container = dag.container().from(image).withMountedDirectory("/files", files).withWorkdir("/files")
  const { stdout } = await answered(container, ["sh", "-c", find])
  const pointers = stdout
    .split("\n")
    .map((path) => path.replace(/^\.\//, ""))
    .filter((path) => path !== "" && !ofTests.test(path))
  if (pointers.length > 0) throw filesAtLfs(where, pointers.sort())
}

/**
 * The same for what an image is built from, without what its .dockerignore leaves out.
 * @param dockerfile from the context on; a .dockerignore may be its own.
 */
export async function noPointersInContext(context: Directory, dockerfile: string): Promise<void> {
  const [copying, ignoring] = [".delivery-lfs.Dockerfile", `${dockerfile}.dockerignore`]
  const plain = context.withNewFile(copying, "FROM scratch\nCOPY . /\n")
  const own = await context.exists(ignoring)
  const seen = own ? plain.withFile(`${copying}.dockerignore`, context.file(ignoring)) : plain
  await noPointers(seen.dockerBuild({ dockerfile: copying }).rootfs(), "the image's context", "python:3.13-slim")
}
