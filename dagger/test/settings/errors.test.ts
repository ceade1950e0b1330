import { expect, it } from "vitest"
import { malformedSettings, unknownEnvironment } from "../../lib/settings/errors.js"

const message = (error: Error) => error.message

it("names the known environments for an unknown one", () => {
  expect(message(unknownEnvironment("prod", ["staging", "production"]))).toMatchInlineSnapshot(`
    "The settings have no environment "prod".
      why: they describe staging, production
      next: give one of these names, or add an environment to the settings"
  `)
})

it("lists every mistake of the settings, each on a line", () => {
  expect(
    message(malformedSettings(["image.titel: unknown", "budgets.tests: give whole seconds"])),
  ).toMatchInlineSnapshot(`
    "The settings have 2 mistakes.
      why: these do not fit:
        image.titel: unknown
        budgets.tests: give whole seconds
      next: correct them in delivery.json; docs/deployment/reference/settings.md describes every key"
  `)
})
