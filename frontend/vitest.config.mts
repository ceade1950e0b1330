import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const standIns = fileURLToPath(new URL("./test/docusaurus", import.meta.url))

export default defineConfig({
  // Docusaurus resolves these by its own webpack aliases.
  resolve: {
    alias: [
      { find: /^@docusaurus\/(Link|useBaseUrl|useDocusaurusContext)$/, replacement: `${standIns}/$1.tsx` },
      { find: "@theme/Layout", replacement: `${standIns}/Layout.tsx` },
    ],
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    unstubGlobals: true,
    unstubEnvs: true,
    reporters: ["default", ["junit", { outputFile: "coverage/junit.xml" }]],
    coverage: {
      provider: "v8",
      include: ["src/**/*.{ts,tsx}", "plugins/**/*.ts"],
      reporter: ["text", "lcovonly"],
      thresholds: { lines: 90 },
    },
  },
})
