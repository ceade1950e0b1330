import { pageStyle } from "./page-style.js"
import { escaped } from "./untrusted.js"

/**
 * One self-contained page: no script, no font, no network. Well-formed as XML when its body is.
 * @param body HTML; whatever is untrusted in it is escaped already.
 * @param style what it needs beside the styles of all pages.
 */
export const page = (title: string, body: string, style = "") => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>${escaped(title)}</title>
<style>${pageStyle}${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`

/** A text as it stands on a terminal, as a page. */
export const textPage = (title: string, text: string) =>
  page(
    title,
    `<h1>${escaped(title)}</h1>\n<pre>${escaped(text)}</pre>`,
    "pre { white-space: pre-wrap; font: .9rem/1.5 ui-monospace, monospace }\n",
  )

/** Untrusted text for a page, with long hashes shortened so that it fits a phone; a pointer on one shows all of it. */
export const hashed = (text: string) =>
  escaped(text).replace(
    /(?:sha256:)?[0-9a-f]{40,64}/g,
    (hash) => `<code title="${hash}">${hash.slice(0, hash.startsWith("s") ? 19 : 12)}</code>`,
  )
