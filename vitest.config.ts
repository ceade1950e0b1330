import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { include: ["dagger/test/**/*.test.ts"], testTimeout: 20_000 },
})
