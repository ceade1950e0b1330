/** The steps of a deployment and of a rollback, in order. */
export enum Step {
  Branch = "check the branch",
  Check = "run the checks",
  Build = "build",
  Publish = "publish the image",
  Keep = "keep the site in the registry",
  Take = "take what was proven",
  Look = "look at what is live",
  Ask = "ask the live version as the probe will",
  Lock = "take the lock",
  LookAgain = "look again under the lock",
  History = "read the ledger",
  Open = "open the ledger's entry",
  Choose = "choose and check the release to go back to",
  Gates = "check the gates",
  Place = "put the candidate beside the live version",
  Migrate = "migrate the database",
  ProbeCandidate = "probe the candidate",
  LastCheck = "check once more before the switch",
  Switch = "switch",
  ProbeLive = "probe live",
  TakeKept = "take the release from the registry",
  Restore = "put the previous version back",
  ProbeRestored = "probe the previous version",
  Record = "close the ledger's entry",
  Unlock = "release the lock",
  Notify = "notify",
}

/** Wraps each step: the module opens a trace span here, the kill sweep kills the run here. */
export interface Tracer {
  step<Result>(step: Step, act: () => Promise<Result>): Promise<Result>
}

export const noTracer: Tracer = { step: (_step, act) => act() }
