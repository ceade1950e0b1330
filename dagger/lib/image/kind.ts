/** What a registry keeps of a project. */
export type Kind = "image" | "site" | "cache"
