// Says when the browser has lost the network, or the server is away; what needs the server then looks so.

const GRACE = 1500
// Milliseconds: a connection that is back sooner was never missed.

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const note = parentElement.querySelector("#offline")
  note.stop?.()

  // A component is not told whether the server is there. Streamlit writes it on the page for tests of its own.
  const app = document.querySelector("[data-test-connection-state]")
  const connected = () => !app || app.dataset.testConnectionState === "CONNECTED"
  let away = false
  let waiting = 0

  function show() {
    note.hidden = !away
    note.textContent = !away ? "" : navigator.onLine ? data.no_server : data.no_network
    // Streamlit greys its own controls. The style sheets of this page's components look at these two.
    const root = document.documentElement.style
    root.setProperty("--imgsearch-shade", away ? "0.4" : "1")
    root.setProperty("--imgsearch-pointer", away ? "none" : "auto")
  }

  function tell() {
    clearTimeout(waiting)
    const missed = !navigator.onLine || !connected()
    if (!missed || away || !navigator.onLine) settle(missed)
    else waiting = setTimeout(() => settle(true), GRACE)
  }

  function settle(missed) {
    if (missed === away) return show()
    away = missed
    show()
    dialogs.disconnect()
    // A server that was started anew does not know this page: it draws it by its address, and says what is gone.
    if (!away) setTriggerValue("back", true)
    if (away) dialogs.observe(document.body, { childList: true, subtree: true })
  }

  // After some seconds Streamlit opens a dialog for programmers, about a terminal. It is closed as a visitor would close
  // it, by Escape: the note says what a visitor can use.
  const closed = new WeakSet()
  const dialogs = new MutationObserver(() => {
    for (const dialog of document.querySelectorAll("[role=dialog]")) {
      if (!closed.has(dialog) && dialog.textContent.includes(data.dialog)) close(dialog, 20)
    }
  })

  function close(dialog, tries) {
    closed.add(dialog)
    if (!dialog.isConnected || tries === 0) return
    dialog.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", code: "Escape", bubbles: true, cancelable: true }))
    requestAnimationFrame(() => close(dialog, tries - 1))
  }

  const state = new MutationObserver(tell)
  if (app) state.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] })
  addEventListener("offline", tell)
  addEventListener("online", tell)
  tell()
  note.stop = () => {
    clearTimeout(waiting)
    state.disconnect()
    dialogs.disconnect()
    removeEventListener("offline", tell)
    removeEventListener("online", tell)
  }
  return note.stop
}
