// The query, and a rectangle on it: drag with the mouse or a finger, or use the arrow keys.
// The rectangle is given in shares of the picture: [left, top, right, bottom], or [] for all of it.

const SMALLEST = 0.06
const STEP = 0.05
// Pixels: a shorter way is a click.
const TAP = 5
// Across for one down: a finger that goes more steeply scrolls the page.
const ACROSS = 0.6

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const frame = parentElement.querySelector("#frame")
  const picture = parentElement.querySelector("#picture")
  const box = parentElement.querySelector("#box")
  const said = parentElement.querySelector("#said")

  if (picture.src !== data.src) picture.src = data.src
  picture.alt = data.alt
  picture.className = data.pixels ? "pixels" : ""
  picture.style.setProperty("--share", data.width / Math.max(data.width, data.height))
  picture.style.aspectRatio = `${data.width} / ${data.height}`
  frame.setAttribute("aria-label", data.label)

  const clamp = (value) => Math.min(1, Math.max(0, value))
  const round = (value) => Math.round(value * 1000) / 1000

  function draw(area) {
    box.hidden = !area
    if (!area) return
    const [left, top, right, bottom] = area
    box.style.left = `${100 * left}%`
    box.style.top = `${100 * top}%`
    box.style.width = `${100 * (right - left)}%`
    box.style.height = `${100 * (bottom - top)}%`
  }

  function settle(area) {
    const whole = !area || area[2] - area[0] < SMALLEST || area[3] - area[1] < SMALLEST
    const next = whole ? null : area.map(round)
    frame.area = next
    draw(next)
    said.textContent = next ? data.part : data.whole
    if (JSON.stringify(next) !== JSON.stringify(data.box ?? null)) setTriggerValue("box", next ?? [])
  }

  function at(event) {
    const edges = frame.getBoundingClientRect()
    return [clamp((event.clientX - edges.left) / edges.width), clamp((event.clientY - edges.top) / edges.height)]
  }

  frame.area = data.box ?? null
  draw(frame.area)

  let start = null
  let finger = null
  frame.onpointerdown = (event) => {
    if (event.button > 0) return
    start = at(event)
    finger = { x: event.clientX, y: event.clientY, across: null }
    frame.setPointerCapture(event.pointerId)
  }
  const reach = (event) => {
    const end = at(event)
    return [Math.min(start[0], end[0]), Math.min(start[1], end[1]), Math.max(start[0], end[0]), Math.max(start[1], end[1])]
  }
  frame.onpointermove = (event) => { if (start) draw(reach(event)) }
  // Left alone, the browser scrolls, and takes the finger away by a pointercancel.
  frame.ontouchmove = (event) => {
    const { clientX, clientY } = event.touches[0]
    finger.across ??= Math.abs(clientX - finger.x) > ACROSS * Math.abs(clientY - finger.y)
    if (finger.across) event.preventDefault()
  }
  frame.onpointerup = (event) => {
    if (!start) return
    const area = reach(event)
    const from = start
    start = null
    const end = at(event)
    const edges = frame.getBoundingClientRect()
    if (Math.hypot((end[0] - from[0]) * edges.width, (end[1] - from[1]) * edges.height) < TAP) {
      draw(frame.area)
      return setTriggerValue("tapped", true)
    }
    settle(area)
  }
  frame.onpointercancel = () => { start = null; draw(frame.area) }

  let waiting = 0
  frame.onkeydown = (event) => {
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }
    if (event.key === "Escape") return settle(null)
    if (event.key === "Enter") return setTriggerValue("tapped", true)
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    let [left, top, right, bottom] = frame.area ?? [0.2, 0.2, 0.8, 0.8]
    if (event.shiftKey) {
      right = clamp(Math.max(left + SMALLEST, right + move[0]))
      bottom = clamp(Math.max(top + SMALLEST, bottom + move[1]))
    } else {
      const across = Math.min(1 - right, Math.max(-left, move[0]))
      const down = Math.min(1 - bottom, Math.max(-top, move[1]))
      left += across; right += across; top += down; bottom += down
    }
    frame.area = [left, top, right, bottom]
    draw(frame.area)
    clearTimeout(waiting)
    waiting = setTimeout(() => settle(frame.area), 400)
  }
  return () => clearTimeout(waiting)
}
