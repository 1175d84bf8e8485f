// A picture from the clipboard: Ctrl+V anywhere on the page, or a click on the button.
// The bytes go to the server as they are; what they are is found out there, as for an upload.

const instances = new WeakMap()

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const said = parentElement.querySelector("#said")
  const say = (text) => { said.textContent = text }

  async function send(blob) {
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
    setTriggerValue("picture", btoa(text))
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
      send(blob)
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
          await send(await item.getType(type))
          return
        }
      }
      say(data.no_picture)
    } catch {
      // Not allowed, or not offered outside https: the keyboard always is.
      say(data.use_keyboard)
    }
  }

  const previous = instances.get(parentElement)
  if (previous) document.removeEventListener("paste", previous)
  document.addEventListener("paste", onPaste)
  instances.set(parentElement, onPaste)
  return () => {
    document.removeEventListener("paste", instances.get(parentElement))
    instances.delete(parentElement)
  }
}
