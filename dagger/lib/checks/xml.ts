import { reportUnreadable } from "./errors.js"

/** Told of each element as it opens, of the text in it, and as it closes. */
export interface XmlReader {
  open(name: string, attributes: Record<string, string>): void
  text?(text: string): void
  close?(name: string): void
}

/**
 * Reads an XML report of any size, element by element, without a tree of it.
 * Throws when it is empty, cut off or not well-formed; `path` is only for that message.
 */
export async function readXml(report: string, path: string, reader: XmlReader): Promise<void> {
  if (report.trim() === "") throw reportUnreadable(path, "it is empty")
  // saxes: a strict streaming parser of 1 dependency; regular expressions took cut-off reports for whole ones.
  const { SaxesParser } = await import("saxes")
  const parser = new SaxesParser({ position: true })
  parser.on("error", (error) => {
    throw reportUnreadable(path, `it is not well-formed XML (${error.message})`)
  })
  parser.on("opentag", ({ name, attributes }) => reader.open(name, attributes as Record<string, string>))
  parser.on("text", (text) => reader.text?.(text))
  parser.on("cdata", (text) => reader.text?.(text))
  parser.on("closetag", ({ name }) => reader.close?.(name))
  parser.write(report.replace(/^\uFEFF/, "")).close()
}
