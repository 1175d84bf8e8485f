// A picture from the clipboard: Ctrl+V anywhere on the page, or a click on the button. A file that the uploader turns
// away, too: the server, which gets its beginning, says in words what it is.
// The bytes go to the server as they are; what they are is found out there, as for an upload.

const BEGINNING = 1024
const instances = new WeakMap()

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const said = parentElement.querySelector("#said")
  const say = (text) => { said.textContent = text }

  async function send(blob, name) {
    if (blob.size > data.largest) {
      say(data.too_large)
      return
    }
    say("")
    const bytes = new Uint8Array(await blob.arrayBuffer())
    let text = ""
    for (let at = 0; at < bytes.length; at += 0x8000) {
      text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
    }
    setTriggerValue("picture", [name, btoa(text)])
  }

  function pictureAmong(items) {
    for (const item of items ?? []) {
      if (item.kind === "file" && item.type.startsWith("image/")) return item.getAsFile()
    }
    return null
  }

  function onPaste(event) {
    const blob = pictureAmong(event.clipboardData?.items)
    if (blob) {
      event.preventDefault()
      send(blob, data.name)
    // The first of the path: seen from the page, a field inside a component is that component.
    } else if (!event.composedPath()[0]?.closest?.("input, textarea, [contenteditable]")) {
      say(data.no_picture)
    }
  }

  parentElement.querySelector("#paste").onclick = async () => {
    try {
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((name) => name.startsWith("image/"))
        if (type) {
          await send(await item.getType(type), data.name)
          return
        }
      }
      say(data.no_picture)
    } catch {
      // Not allowed, or not offered outside https: the keyboard always is.
      say(data.use_keyboard)
    }
  }

  function onFiles(event) {
    if (!event.target.closest?.(data.uploader)) return
    say("")
    const [file, more] = event.dataTransfer?.files ?? event.target.files ?? []
    const kind = file?.name.split(".").pop().toLowerCase()
    if (!file || more || data.taken.includes(kind)) return
    send(file.type.startsWith("image/") ? file : file.slice(0, BEGINNING), file.name)
  }

  instances.get(parentElement)?.abort()
  const stopped = new AbortController()
  document.addEventListener("paste", onPaste, { signal: stopped.signal })
  document.addEventListener("drop", onFiles, { signal: stopped.signal, capture: true })
  document.addEventListener("change", onFiles, { signal: stopped.signal, capture: true })
  instances.set(parentElement, stopped)
  return () => {
    instances.get(parentElement)?.abort()
    instances.delete(parentElement)
  }
}
