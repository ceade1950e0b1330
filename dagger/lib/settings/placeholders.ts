/** What init writes for what nobody knows. */
export const placeholders = { owner: "OWNER", name: "REPOSITORY" }

/** Whether the address of a repository at GitHub still has one. */
export const hasPlaceholder = (source: string): boolean =>
  new RegExp(`^https://[^/]+/(?:${placeholders.owner}/|[^/]+/${placeholders.name}$)`).test(source)
