export interface Item {
  name: string
  cents: number
  count: number
}

/** In cents. */
export const total = (items: Item[]): number => items.reduce((sum, { cents, count }) => sum + cents * count, 0)
