import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    // Left to itself it keeps one processor free, which of two is half.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: ["dagger/test/!(engine|browser)/**/*.test.ts", "dagger/test/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      // The pages that the pipeline writes, in Chromium.
      {
        test: { name: "browser", include: ["dagger/test/browser/*.test.ts"], testTimeout: 30_000, hookTimeout: 30_000 },
      },
      // Through `dagger call` on a running engine, two files at once: a call waits more than it works.
      {
        test: {
          name: "engine",
          include: ["dagger/test/engine/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
        },
      },
    ],
  },
})
