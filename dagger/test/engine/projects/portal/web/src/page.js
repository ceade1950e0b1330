const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The first page. */
export const page = (title) => `<!doctype html><title>${escaped(title)}</title><h1>${escaped(title)}</h1>\n`
