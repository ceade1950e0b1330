import { type Item, total } from "prices"

/** What the page says of a basket. */
export function basket(items: Item[]): string {
  if (items.length === 0) return "Your basket is empty."
  return `${items.length} items, ${(total(items) / 100).toFixed(2)} €`
}
