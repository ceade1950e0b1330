import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { GitHubStandIn } from "../../stand-ins/github.js"

/**
 * A `gh` for tests, since the real one talks to https://api.github.com alone: it takes the few commands of the pages, word by word, and
 * refuses any other. What it was asked to store the caller gives to the stand-in.
 */
export function ghIn(folder: string, token: string) {
  const [program, asked] = [join(folder, "gh"), join(folder, "gh-asked")]
  writeFileSync(
    program,
    `#!/usr/bin/env bash
set -euo pipefail
place='repos/[{]owner[}]/[{]repo[}]/environments/([a-z-]+)'
case "$*" in
"auth token") echo "${token}" ;;
"api --silent --method PUT repos/"*)
  [[ $5 =~ ^$place$ ]] || exit 64
  case "\${*:6}" in
  "") echo "environment \${BASH_REMATCH[1]}" >>"${asked}" ;;
  "--field deployment_branch_policy[protected_branches]=false --field deployment_branch_policy[custom_branch_policies]=true")
    echo "custom \${BASH_REMATCH[1]}" >>"${asked}" ;;
  *) exit 64 ;;
  esac ;;
"api --silent --method POST repos/"*" --field name="*)
  [[ $5 =~ ^$place/deployment-branch-policies$ && $# == 7 ]] || exit 64
  echo "policy \${BASH_REMATCH[1]} \${7#name=}" >>"${asked}" ;;
"secret set "[A-Z]*" --env "*)
  [[ $# == 5 && $(cat) ]] || exit 64
  echo "secret $5 $3" >>"${asked}" ;;
"workflow run "*.yml)
  grep -q "^  workflow_dispatch:" ".github/workflows/$3" || exit 64
  echo "✓ Created workflow_dispatch event for $3 at main" ;;
*) echo "unknown command: gh $*" >&2; exit 64 ;;
esac
`,
  )
  chmodSync(program, 0o755)
  const policies = new Set<string>()
  let read = 0
  return {
    /** Gives the stand-in what it was asked to make since the last time, as GitHub would: a secret needs its environment. */
    tell(gitHub: GitHubStandIn): void {
      const lines = existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n") : []
      for (const [what, place = "", name = ""] of lines.slice(read).map((line) => line.split(" "))) {
        if (what === "environment") gitHub.environment(place, [])
        if (what === "custom") policies.add(place)
        if (what === "policy") {
          if (!policies.has(place)) throw new Error(`${place} takes no rules of its own`)
          gitHub.environment(place, ["branch_policy"])
        }
        if (what === "secret") gitHub.secret(place, name, new Date().toISOString())
      }
      read = lines.length
    },
  }
}
