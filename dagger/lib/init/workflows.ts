/** What the workflows of a project name. */
export interface WorkflowFacts {
  /** Address of this module with its version, as `-m` takes it. */
  module: string
  staging: { name: string; branch: string }
  production: { name: string; branch: string }
  has: { frontend: boolean; backend: boolean; database: boolean }
}

/** Flags of a call, lines with secrets, and a function of the shell with its calls, that belong to one part of a product. */
const ofPart: Record<keyof WorkflowFacts["has"], { flags: RegExp; secrets: RegExp; shell?: RegExp }> = {
  frontend: { flags: / --(?:from-)?netlify-token=\S+/g, secrets: /^ +NETLIFY_TOKEN\w*:/ },
  backend: {
    flags: / --(?:(?:from-)?hugging-face-token|space-secrets)=\S+/g,
    secrets: /^ +(?:HF_TOKEN|SPACE_SECRETS)\w*:/,
    shell: /^ +#.*\n( +)identified\(\) \{\n[\s\S]*?^\1\}\n|^ +identified ".*\n/gm,
  },
  database: { flags: / --database-url=\S+/g, secrets: /^ +DATABASE_URL\w*:/ },
}

/**
 * A workflow from its template: the lines after `#: PART` are those of a part of the product, up to `#: all`; flags and secrets go with the
 * part that they belong to. The workflow that the others call is this module's own, and gets the module's address.
 */
export function workflowFrom(template: string, { module, staging, production, has }: WorkflowFacts): string {
  const missing = (Object.keys(ofPart) as (keyof typeof ofPart)[]).filter((part) => !has[part])
  let kept = true
  const lines = template.split("\n").flatMap((line) => {
    const mark = /^\s*#: (\w+)$/.exec(line)?.[1]
    if (mark) kept = mark === "all" || has[mark as keyof typeof has]
    return mark || !kept || missing.some((part) => ofPart[part].secrets.test(line)) ? [] : [line]
  })
  const text = missing.reduce(
    (left, part) => left.replace(ofPart[part].flags, "").replace(ofPart[part].shell ?? "", ""),
    lines.join("\n"),
  )
  return (
    text
      .replaceAll('dagger call "${always', 'dagger call -m "$MODULE" "${always')
      .replace(
        "    env:\n      CALL:",
        `    env:\n      # The module that is called; a new release is tried by changing this line.\n      MODULE: ${module}\n      CALL:`,
      )
      // Its secrets have no suffix, whatever its name.
      .replaceAll("$ENVIRONMENT != production ]]", `$ENVIRONMENT != ${production.name} ]]`)
      .replaceAll("environment: staging\n", "environment: STAGING_NAME\n")
      .replaceAll("STAGING_BRANCH", quoted(staging.branch))
      .replaceAll("PRODUCTION_BRANCH", quoted(production.branch))
      .replaceAll("STAGING_NAME", staging.name)
      .replaceAll("PRODUCTION_NAME", production.name)
      // A project with one environment.
      .replaceAll(`[${staging.name}, ${staging.name}]`, `[${staging.name}]`)
      .replaceAll("_STAGING", suffixOf(staging.name))
  )
}

/** Of the environment's secrets. */
const suffixOf = (name: string) => `_${name.toUpperCase().replaceAll("-", "_")}`

/** Between double quotes of YAML; Git allows them in the name of a branch. */
const quoted = (branch: string) => branch.replace(/["\\]/g, "\\$&")
