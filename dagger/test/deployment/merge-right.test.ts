import { describe, expect, it } from "vitest"
import { type MergeFacts, MergeWay, mergeRight, type OwnProtection } from "../../lib/deployment/merge-right.js"

const facts = (over: Partial<MergeFacts> = {}): MergeFacts => ({
  ...{ branch: "main", exists: true, isArchived: false, mayPush: true, isAdministrator: false, rules: [] },
  own: undefined,
  ...over,
})
const own = (over: Partial<OwnProtection> = {}): OwnProtection => ({
  ...{ checks: [], reviews: 0, isLinear: false, isLocked: false, holdsAdministrators: false },
  ...over,
})

describe("a commit comes into a branch", () => {
  it.each([
    ["directly where nothing stands against it", facts(), MergeWay.Direct, ""],
    ["directly where GitHub does not say what the token may", facts({ mayPush: undefined }), MergeWay.Direct, ""],
    ["directly past rules about other things", facts({ rules: ["deletion", "non_fast_forward"] }), MergeWay.Direct, ""],
    [
      "directly for an administrator whom the protection does not hold",
      facts({ isAdministrator: true, own: own({ reviews: 2, checks: ["ci"], isLocked: true }) }),
      MergeWay.Direct,
      "",
    ],
    [
      "by a pull request where the protection holds administrators too",
      facts({ isAdministrator: true, own: own({ reviews: 2, holdsAdministrators: true }) }),
      MergeWay.PullRequest,
      "its protection asks for 2 approving reviews",
    ],
    [
      "by a pull request where rules and protection ask for one, with every reason once",
      facts({
        rules: ["pull_request", "merge_queue", "pull_request"],
        own: own({ checks: ["ci", "e2e"], isLinear: true }),
      }),
      MergeWay.PullRequest,
      "a ruleset takes changes by pull request alone, a ruleset takes changes by its merge queue alone, its protection asks for ci, e2e, which a new merge commit has not had, its protection takes no merge commits",
    ],
    [
      "not at all where it is locked",
      facts({ own: own({ isLocked: true }) }),
      MergeWay.None,
      "main takes no commits: it is locked",
    ],
    ["not at all in an archived repository", facts({ isArchived: true }), MergeWay.None, "the repository is archived"],
    ["not at all where it is missing", facts({ exists: false }), MergeWay.None, "the repository has no branch main"],
  ])("%s", (_, known, way, why) => {
    expect(mergeRight(known)).toEqual({ way, why })
  })
})
