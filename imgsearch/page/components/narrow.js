// Lists to choose from, where the window is so narrow that Streamlit closes the sidebar. Names are set as text.

const narrow = matchMedia("(max-width: 768px)")

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const row = parentElement.querySelector("#row")

  function draw() {
    row.hidden = !narrow.matches
    row.replaceChildren(...(narrow.matches ? data.lists : []).map((list) => {
      const label = document.createElement("label")
      const select = document.createElement("select")
      for (const [value, title] of list.options) select.add(new Option(title, value, false, value === list.value))
      select.onchange = () => setTriggerValue("chosen", [list.name, select.value])
      label.append(document.createTextNode(list.label), select)
      return label
    }))
  }

  draw()
  row.stopped?.abort()
  row.stopped = new AbortController()
  narrow.addEventListener("change", draw, { signal: row.stopped.signal })

  // After a choice, the sidebar is in the way of what it changed. Streamlit closes it, where it covers the page, when
  // the mouse goes down or a finger taps beside it.
  if (row.settled !== undefined && row.settled !== data.settled) {
    row.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, composed: true }))
  }
  row.settled = data.settled
  return () => row.stopped.abort()
}
