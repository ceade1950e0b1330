import { render, screen, waitFor, within } from "@testing-library/react"
import userEvent from "@testing-library/user-event"
import { describe, expect, it } from "vitest"
import Root from "../src/theme/Root"
import { config, json, network, silent } from "./backend"

const opener = () => screen.getByRole("button", { name: "Ask a question" })
const field = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Your question" })
const log = () => screen.getByRole("log", { name: "Conversation" })

async function opened() {
  const user = userEvent.setup()
  render(<Root>page</Root>)
  await user.click(opener())
  await waitFor(() => expect(screen.getByRole<HTMLButtonElement>("button", { name: "Ask" }).disabled).toBe(false))
  return user
}

describe("the question box", () => {
  it("is on every page, closed, and asks the network for nothing until it is opened", () => {
    const { requests } = network()
    render(<Root>page</Root>)
    expect(screen.getByText("page")).toBeTruthy()
    expect(opener().getAttribute("aria-expanded")).toBe("false")
    expect(screen.queryByRole("dialog")).toBeNull()
    expect(requests).toEqual([])
  })

  it("puts the cursor into the field when opened", async () => {
    network()
    await opened()
    expect(screen.getByRole("dialog", { name: "Ask the book" })).toBeTruthy()
    expect(document.activeElement).toBe(field())
  })

  it("closes on Escape and gives the focus back to its button", async () => {
    network()
    const user = await opened()
    await user.keyboard("{Escape}")
    expect(screen.queryByRole("dialog")).toBeNull()
    expect(document.activeElement).toBe(opener())
  })

  it("closes by its close button, and by the button that opened it", async () => {
    network()
    const user = await opened()
    await user.click(screen.getByRole("button", { name: "Close" }))
    expect(screen.queryByRole("dialog")).toBeNull()
    await user.click(opener())
    await user.click(opener())
    expect(screen.queryByRole("dialog")).toBeNull()
  })

  it("asks the backend named in config.json and shows the answer with links to its chapters", async () => {
    const sources = [{ slug: "sensing-and-perception", title: "Sensing and Perception" }]
    const { questions } = network({ chat: () => json({ answer: "Noise.", sources }) })
    const user = await opened()
    await user.type(field(), "  What is bias? {Enter}")

    expect(await within(log()).findByText("Noise.")).toBeTruthy()
    expect(questions()).toEqual([
      { address: "https://api.example.org/chat", method: "POST", body: { question: "What is bias?" } },
    ])
    const link = within(log()).getByRole("link", { name: "Sensing and Perception" })
    expect(link.getAttribute("href")).toBe("/docs/sensing-and-perception")
    expect(field().value).toBe("")
  })

  it("is asked by mouse as well as by keyboard", async () => {
    network()
    const user = await opened()
    await user.type(field(), "Here?")
    await user.click(screen.getByRole("button", { name: "Ask" }))
    expect(await within(log()).findByText("You asked: Here?")).toBeTruthy()
    expect(document.activeElement).toBe(field())
  })

  it("shows markup from the backend as text", async () => {
    const answer = '<img src=x onerror="alert(1)"><b>bold</b>'
    network({ chat: () => json({ answer, sources: [{ slug: "javascript:alert(1)", title: "<i>t</i>" }] }) })
    const user = await opened()
    await user.type(field(), "Hm?{Enter}")

    expect(await within(log()).findByText(answer)).toBeTruthy()
    expect(log().querySelector("img, b, i")).toBeNull()
    expect(within(log()).getByRole("link").getAttribute("href")).toBe("/docs/javascript%3Aalert(1)")
  })

  it("asks for a question when the field holds only spaces, and sends nothing", async () => {
    const { questions } = network()
    const user = await opened()
    await user.type(field(), "   {Enter}")
    expect(screen.getByRole("alert").textContent).toBe("Type a question first.")
    expect(field().getAttribute("aria-invalid")).toBe("true")
    expect(questions()).toEqual([])
    await user.type(field(), "a")
    expect(screen.queryByRole("alert")).toBeNull()
  })

  it("starts a new line on Shift+Enter", async () => {
    const { questions } = network()
    const user = await opened()
    await user.type(field(), "one{Shift>}{Enter}{/Shift}two")
    expect(field().value).toBe("one\ntwo")
    expect(questions()).toEqual([])
  })

  it("keeps the question after a failure, so that asking again takes one key", async () => {
    let refuses = true
    network({ chat: () => (refuses ? json({}, 503) : json({ answer: "Now.", sources: [] })) })
    const user = await opened()
    await user.type(field(), "When?{Enter}")
    expect((await screen.findByRole("alert")).textContent).toContain("unavailable (503)")
    expect(field().value).toBe("When?")

    refuses = false
    await user.type(field(), "{Enter}")
    expect(await within(log()).findByText("Now.")).toBeTruthy()
    expect(screen.queryByRole("alert")).toBeNull()
  })

  it("says that it is waiting, sends no second question meanwhile, and can be cancelled", async () => {
    const { questions } = network({ chat: (_body, init) => silent("", init) })
    const user = await opened()
    await user.type(field(), "Slow?{Enter}")
    expect(within(log()).getByText("Looking through the chapters…")).toBeTruthy()
    await user.type(field(), "{Enter}")
    expect(questions()).toHaveLength(1)

    await user.click(screen.getByRole("button", { name: "Cancel" }))
    await waitFor(() => expect(within(log()).queryByText("Looking through the chapters…")).toBeNull())
    expect(screen.queryByRole("alert")).toBeNull()
    expect(field().value).toBe("Slow?")
  })

  it("gives up the open question when the visitor leaves the site", async () => {
    let given: AbortSignal | null | undefined
    network({
      chat: (_body, init) => {
        given = init.signal
        return silent("", init)
      },
    })
    const user = userEvent.setup()
    const { unmount } = render(<Root>page</Root>)
    await user.click(opener())
    await user.type(field(), "Slow?{Enter}")
    unmount()
    expect(given?.aborted).toBe(true)
  })

  it("says what is wrong with config.json, and works once it is repaired", async () => {
    let settings: unknown = { environment: "staging" }
    network({ settings: () => json(settings) })
    const user = userEvent.setup()
    render(<Root>page</Root>)
    await user.click(opener())
    const alert = await screen.findByRole("alert")
    expect(alert.textContent).toContain('config.json is malformed: "apiUrl" must be an http or https address')
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Ask" }).disabled).toBe(true)

    settings = { ...config, environment: "staging" }
    await user.click(within(alert).getByRole("button", { name: "Try again" }))
    expect(await screen.findByText("staging")).toBeTruthy()
    expect(screen.queryByRole("alert")).toBeNull()
  })

  it("waits for the one config.json it asked for when it is closed and opened meanwhile", async () => {
    let arrive: (settings: Response) => void = () => undefined
    const { requests } = network({ settings: () => new Promise((resolve) => (arrive = resolve)) })
    const user = userEvent.setup()
    render(<Root>page</Root>)
    await user.click(opener())
    await user.keyboard("{Escape}")
    await user.click(opener())
    expect(requests).toHaveLength(1)

    arrive(json(config))
    await waitFor(() => expect(screen.getByRole<HTMLButtonElement>("button", { name: "Ask" }).disabled).toBe(false))
  })

  it("keeps the conversation when it is closed and opened again, and reads config.json once", async () => {
    const { requests } = network()
    const user = await opened()
    await user.type(field(), "Here?{Enter}")
    await within(log()).findByText("You asked: Here?")
    await user.keyboard("{Escape}")
    await user.click(opener())
    expect(within(log()).getByText("You asked: Here?")).toBeTruthy()
    expect(requests.filter(({ address }) => address === "/config.json")).toHaveLength(1)
  })
})
