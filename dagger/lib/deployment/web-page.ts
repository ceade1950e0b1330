import type { DefaultTreeAdapterTypes } from "parse5"

/** What a probe wants to know of a page. */
export interface WebPage {
  /** As a browser shows it; `undefined` without one. */
  title: string | undefined
  /** What links count from, where the page says so; "" otherwise. */
  base: string
  /** What the page's elements lead to and load, as it is written. */
  links: string[]
}

const linking = new Set(["a", "area", "link", "script", "img", "source"])

/**
 * Reads a page as a browser does: what stands in comments, scripts, templates and text fields is no link.
 * https://html.spec.whatwg.org/multipage/parsing.html
 */
export async function readWebPage(html: string): Promise<WebPage> {
  // parse5: the standard's own algorithm, of 1 dependency. Its 30 ms of loading are spent only where a page is judged.
  const { parse } = await import("parse5")
  const page: WebPage = { title: undefined, base: "", links: [] }
  // Not by recursion: a page may be nested deeper than the stack. A template's content is no child of it.
  const left: DefaultTreeAdapterTypes.Node[] = [parse(html)]
  for (let node = left.pop(); node; node = left.pop()) {
    if ("tagName" in node) look(node, page)
    if ("childNodes" in node) left.push(...node.childNodes.toReversed())
  }
  return page
}

function look(element: DefaultTreeAdapterTypes.Element, page: WebPage): void {
  const { tagName, namespaceURI } = element
  const value = (name: string) => element.attrs.find((one) => one.name === name)?.value
  // A drawing has titles of its own.
  if (tagName === "title" && namespaceURI.endsWith("/xhtml")) page.title ??= spaced(textOf(element))
  else if (tagName === "base") page.base ||= value("href")?.trim() ?? ""
  else if (linking.has(tagName)) {
    for (const link of [value("href"), value("src")]) if (link !== undefined) page.links.push(link)
  }
}

const textOf = (element: DefaultTreeAdapterTypes.Element) =>
  element.childNodes.map((child) => ("value" in child ? child.value : "")).join("")

/** Each run of white space as one space; those that don't break a line too. */
export const spaced = (text: string) => text.replace(/\s+/g, " ").trim()
