import { expect, test } from "@playwright/test"

test("an empty basket says so", async ({ page }) => {
  await page.goto("/")
  await expect(page.locator("#total")).toHaveText("Your basket is empty.")
})
