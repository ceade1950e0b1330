import { z } from "zod"
import { redacted } from "../text/untrusted.js"
import type { Kind } from "./kind.js"
import { provenanceUnreadable } from "./signature-errors.js"

/** One build of one image or site. */
export interface Build {
  /** registry/owner/name */
  repository: string
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string
  kind: Kind
  /** Full hash of the commit that was built. */
  commit: string
  /** Address of the repository that holds the commit. */
  source: string
  /** Address that identifies the builder, such as the workflow at its commit. */
  builder: string
  /** Address of this run; "" for a local one. */
  run: string
  /** Parameters of the build, such as the platform. */
  parameters: Record<string, string>
  startedAt: Date
  finishedAt: Date
}

const statementType = "https://in-toto.io/Statement/v1"
export const predicateType = "https://slsa.dev/provenance/v1"

/**
 * The provenance of an image or a site: an in-toto 1 statement with SLSA provenance 1, to be signed and attached to the digest.
 * The same build gives the same bytes. https://slsa.dev/spec/v1.0/provenance
 */
export function provenance(build: Build): string {
  const source = gitAddress(build.source)
  const parameters = Object.entries(build.parameters)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => [name, redacted(value)])
  return `${JSON.stringify(
    {
      _type: statementType,
      subject: [{ name: build.repository, digest: { sha256: build.digest.replace(/^sha256:/, "") } }],
      predicateType,
      predicate: {
        buildDefinition: {
          buildType: `${build.source}#${build.kind === "image" ? "backend-image" : "site"}@v1`,
          externalParameters: { source, ...Object.fromEntries(parameters) },
          resolvedDependencies: [{ uri: source, digest: { gitCommit: build.commit } }],
        },
        runDetails: {
          builder: { id: build.builder },
          metadata: {
            ...(build.run && { invocationId: build.run }),
            startedOn: seconds(build.startedAt),
            finishedOn: seconds(build.finishedAt),
          },
        },
      },
    },
    null,
    2,
  )}\n`
}

/**
 * The differences between a statement and the expected build; empty when it matches. An expected builder of "" matches any.
 * Does not check a signature: without one, anybody can write such a statement.
 */
export function provenanceMistakes(
  statement: string,
  expected: Pick<Build, "digest" | "commit" | "source" | "builder">,
): string[] {
  const { subject, predicate, ...types } = readStatement(statement)
  const { builder } = predicate.runDetails
  const dependencies = predicate.buildDefinition.resolvedDependencies
  const difference = (what: string, stated: string[], wanted: string) =>
    stated.includes(wanted)
      ? []
      : [
          `${what} is ${stated.map((it) => JSON.stringify(it.slice(0, 200))).join(", ") || "missing"}, expected ${JSON.stringify(wanted)}`,
        ]
  const own = dependencies.filter(({ uri }) => uri === gitAddress(expected.source))
  return [
    ...difference("its type", [types._type], statementType),
    ...difference("its kind", [types.predicateType], predicateType),
    ...difference(
      "its subject",
      subject.flatMap(({ digest }) => (digest.sha256 ? [`sha256:${digest.sha256}`] : [])),
      expected.digest,
    ),
    ...difference(
      "the source",
      dependencies.map(({ uri }) => uri),
      gitAddress(expected.source),
    ),
    ...difference(
      "the commit",
      own.flatMap(({ digest }) => digest?.gitCommit ?? []),
      expected.commit,
    ),
    ...(expected.builder ? difference("the builder", [builder.id], expected.builder) : []),
  ]
}

const statementSchema = () => {
  const digests = z.record(z.string(), z.string())
  return z.object({
    _type: z.string(),
    subject: z.array(z.object({ digest: digests })).min(1),
    predicateType: z.string(),
    predicate: z.object({
      buildDefinition: z.object({
        resolvedDependencies: z.array(z.object({ uri: z.string(), digest: digests.optional() })),
      }),
      runDetails: z.object({ builder: z.object({ id: z.string() }) }),
    }),
  })
}

function readStatement(statement: string): z.infer<ReturnType<typeof statementSchema>> {
  let json: unknown
  try {
    json = JSON.parse(statement)
  } catch {
    throw provenanceUnreadable("it is not JSON, or is cut off")
  }
  const parsed = statementSchema().safeParse(json)
  if (!parsed.success)
    throw provenanceUnreadable(`${parsed.error.issues[0]?.path.join(".") || "it"} is missing or wrong`)
  return parsed.data
}

const gitAddress = (source: string) =>
  `git+${source
    .replace(/^git\+/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")}`

const seconds = (date: Date) => date.toISOString().replace(/\.\d+Z$/, "Z")
