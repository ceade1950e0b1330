/** The steps of a deployment and of a rollback, in the order they come. */
export enum Step {
  Lock = "take the lock",
  Look = "look at what is live",
  Gates = "check the gates",
  Place = "put the candidate beside the live version",
  Migrate = "migrate the database",
  ProbeCandidate = "probe the candidate",
  Switch = "switch",
  ProbeLive = "probe live",
  Restore = "put the previous version back",
  ProbeRestored = "probe the previous version",
  Record = "record",
  Unlock = "release the lock",
}

/** Told around each step: the module opens a trace span here, the kill sweep pulls the plug here. */
export interface Journal {
  step<Result>(step: Step, act: () => Promise<Result>): Promise<Result>
}

export const silentJournal: Journal = { step: (_step, act) => act() }
