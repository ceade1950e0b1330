/** How a commit may be merged into a branch. */
export enum MergeWay {
  /** By a merge through the interface. */
  Direct = "direct merge",
  /** By a pull request that a person merges. */
  PullRequest = "pull request",
  /** Not at all with this token. */
  None = "none",
}

/** How a commit may be merged into a branch, and what forbids a direct merge; `why` is "" where nothing does. */
export interface MergeRight {
  way: MergeWay
  why: string
}

/** What is known of a branch and of the token before a merge. */
export interface MergeFacts {
  branch: string
  exists: boolean
  isArchived: boolean
  /** `undefined` where GitHub does not say. */
  mayPush: boolean | undefined
  isAdministrator: boolean
  /** Types of the rules that hold for this token. */
  rules: string[]
  /** The branch's own protection; `undefined` when it has none. */
  own: OwnProtection | undefined
}

export interface OwnProtection {
  checks: string[]
  /** Approvals asked for; 0 also where the token may not know. */
  reviews: number
  /** Whether merge commits are forbidden, and whether nobody may push; `false` also where the token may not know. */
  isLinear: boolean
  isLocked: boolean
  /** Whether administrators are held to it. */
  holdsAdministrators: boolean
}

/** Rules that keep a merge commit out, and pull requests of a workflow too where they are `locks`. */
const locks: Record<string, string> = { update: "a ruleset lets nobody update it" }
const gates: Record<string, string> = {
  pull_request: "a ruleset takes changes by pull request alone",
  merge_queue: "a ruleset takes changes by its merge queue alone",
  required_status_checks: "a ruleset asks for checks, which a new merge commit has not had",
  required_linear_history: "a ruleset takes no merge commits",
}

/** Whether a commit may be merged into a branch, as far as can be known before it is tried. */
export function mergeRight(facts: MergeFacts): MergeRight {
  const { branch, exists, isArchived, mayPush, isAdministrator, rules, own } = facts
  const none = (why: string): MergeRight => ({ way: MergeWay.None, why })
  if (isArchived) return none("the repository is archived")
  if (!exists) return none(`the repository has no branch ${branch}`)
  if (mayPush === false) return none("the token may not write to the repository")
  const held = own && (!isAdministrator || own.holdsAdministrators) ? own : undefined
  const locked = rules.flatMap((type) => locks[type] ?? [])
  if (held?.isLocked) locked.push("it is locked")
  if (locked.length > 0) return none(`${branch} takes no commits: ${locked.join(", ")}`)
  const why = [
    ...new Set(rules.flatMap((type) => gates[type] ?? [])),
    ...(held && held.reviews > 0 ? [`its protection asks for ${held.reviews} approving reviews`] : []),
    ...(held && held.checks.length > 0
      ? [`its protection asks for ${held.checks.join(", ")}, which a new merge commit has not had`]
      : []),
    ...(held?.isLinear ? ["its protection takes no merge commits"] : []),
  ]
  return why.length > 0 ? { way: MergeWay.PullRequest, why: why.join(", ") } : { way: MergeWay.Direct, why: "" }
}
