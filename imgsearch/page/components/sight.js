// Tells the server which parts of the page come into view and go out of it. A part that is not drawn keeps the height
// that it had, so that nothing moves.

// A part of which no more than its heading is seen, in pixels, is not looked at.
const EDGE = "-64px 0px"
// After a click, the server may have set what this tab still has otherwise, and would hear that from it: what is in view
// is told when its answer has come, or after so many milliseconds. Nor is it told while a button is pressed: what is
// drawn then may move the button away, and a click that ends elsewhere is none.
const AFTER_CLICK = 700
const CLICKS = ["pointerdown", "pointerup", "pointercancel", "click", "keydown"]

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const here = parentElement.querySelector("#sight")
  here.heights ??= {}
  here.seen = Object.fromEntries(data.parts.map(({ part, drawn }) => [part, drawn]))
  here.drawn = new Set(data.parts.filter(({ drawn }) => drawn).map(({ part }) => part))
  const wait = (milliseconds) => {
    clearTimeout(here.waiting)
    here.waiting = setTimeout(() => here.tell(), milliseconds)
  }
  const clicked = (event) => {
    if (event.type.startsWith("pointer")) here.pressed = event.type === "pointerdown"
    if (here.waiting) wait(AFTER_CLICK)
  }
  for (const kind of CLICKS) window.addEventListener(kind, clicked, true)
  here.tell = () => {
    here.waiting = null
    if (Object.keys(here.now).every((part) => here.now[part] === here.seen[part])) return
    if (here.pressed) return wait(AFTER_CLICK)
    // All of it: of two messages that the server joins, it hears the last.
    here.seen = { ...here.now }
    setTriggerValue("seen", here.seen)
  }
  here.now = {}
  here.watcher?.disconnect()
  here.watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const part = target.sightPart
      here.now[part] = isIntersecting
      if (here.drawn.has(part) && !isIntersecting) here.heights[part] = boundingClientRect.height
    }
    wait(data.wait)
  }, { rootMargin: EDGE })
  for (const { part, drawn, height } of data.parts) {
    const place = document.querySelector(`.st-key-${part}`)
    if (!place) continue
    place.sightPart = part
    place.style.minHeight = drawn ? "" : `${here.heights[part] ?? height}px`
    here.watcher.observe(place)
  }
  return () => {
    clearTimeout(here.waiting)
    for (const kind of CLICKS) window.removeEventListener(kind, clicked, true)
    here.watcher.disconnect()
  }
}
