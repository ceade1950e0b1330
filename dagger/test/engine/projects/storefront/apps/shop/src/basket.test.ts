import { expect, it } from "vitest"
import { basket } from "./basket"

it("says what is in it", () => {
  expect(basket([])).toBe("Your basket is empty.")
  expect(basket([{ name: "tea", cents: 250, count: 2 }])).toBe("1 items, 5.00 €")
})
