import { availableParallelism, cpus, totalmem } from "node:os"

/** Seconds of the clock that something takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return (performance.now() - began) / 1000
}

export const median = (values: number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN

/** The day and the machine, as each part of the page about performance names them. */
export const machine = () =>
  `${new Date().toISOString().slice(0, 10)}: ${availableParallelism()} processors (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}`
