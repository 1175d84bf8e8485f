// Number keys choose among the options of a control of Streamlit, wherever the focus is, but in a field to type in.

const TYPED_IN = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range])"

export default function (component) {
  const { data, parentElement } = component
  const here = parentElement.querySelector("#keys")

  function press(event) {
    if (!/^[1-9]$/.test(event.key) || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return
    // The first of the path: seen from the page, a field inside a component is that component.
    if (event.composedPath()[0]?.closest?.(TYPED_IN) || document.querySelector("[role=dialog]")) return
    document.querySelectorAll(`.st-key-${data.control} input`)[Number(event.key) - 1]?.click()
  }

  here.stopped?.abort()
  here.stopped = new AbortController()
  document.addEventListener("keydown", press, { signal: here.stopped.signal })
  return () => here.stopped.abort()
}
