/** Lets at most `limit` of the things that it is given go on at once; the others wait for their turn, first come, first served. */
export function turns(limit: number): <Result>(act: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let going = 0
  return async (act) => {
    if (going >= limit) await new Promise<void>((turn) => waiting.push(turn))
    else going++
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      // A turn is handed on as it is; it is given back when nobody waits.
      if (next) next()
      else going--
    }
  }
}
