import { vi } from "vitest"

/** Netlify's client waits on the wall clock: five seconds after a broken connection. Here it waits 20 ms. */
export function shortWaits(): Disposable {
  const real = globalThis.setTimeout
  const hurried = ((act: () => void, ms = 0) => real(act, ms >= 900 && ms <= 5000 ? 20 : ms)) as typeof setTimeout
  const spy = vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried)
  return { [Symbol.dispose]: () => spy.mockRestore() }
}
