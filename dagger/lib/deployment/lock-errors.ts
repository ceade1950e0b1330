import { Verdict } from "../../src/exposed-types.js"
import { DeploymentError } from "../errors.js"

interface Holder {
  owner: string
  run: string
  reason: string
  expires: string
}

const by = ({ owner, run, reason }: Holder) => `${owner || "nobody"}${reason && ` (${reason})`}${run && `, ${run}`}`

export const lockHeld = (lock: string, holder: Holder) =>
  new DeploymentError(
    `Somebody else is deploying to ${lock}.`,
    {
      why: `the lock is held by ${by(holder)} until ${holder.expires}`,
      next: "wait for that run to end, then run the same command again",
    },
    Verdict.Locked,
  )

export const lockLost = (lock: string, holder: Holder | undefined) =>
  new DeploymentError(
    `This run has lost the lock of ${lock}.`,
    {
      why: `it paused for longer than its lease, and the lock went to ${holder ? by(holder) : "nobody"}`,
      next: "look at what is live, then run the same command again",
    },
    Verdict.Locked,
  )

export const overtakenUnlocked = (expired: Date) =>
  new DeploymentError(
    "This run left what is live as it is.",
    {
      why: `the lease of this run ran out at ${expired.toISOString()}, the lock could not be asked for, and the host serves something else by now`,
      next: "look at what is live, then run the same command again",
    },
    Verdict.Locked,
  )
