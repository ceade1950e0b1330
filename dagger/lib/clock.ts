/** The time, replaceable so that tests need not wait. */
export interface Clock {
  now(): Date
  sleep(milliseconds: number): Promise<void>
}

export const wallClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)),
}
