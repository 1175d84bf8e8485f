// Two pictures side by side, zoomed and moved together; arrow keys go to the next pair. Texts are set as text.

const MOST = 12
const STEP = 1.5

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const pair = parentElement.querySelector("#pair")
  const button = (name) => parentElement.querySelector(`#${name}`)
  pair.setAttribute("aria-label", data.label)

  // The same zoom for the next pair: whoever compares collars goes on comparing collars.
  const view = (pair.view ??= { zoom: 1, x: 0, y: 0 })
  const frames = () => [...pair.querySelectorAll(".frame")]

  function draw() {
    const reach = (view.zoom - 1) / 2
    view.x = Math.min(reach, Math.max(-reach, view.x))
    view.y = Math.min(reach, Math.max(-reach, view.y))
    for (const frame of frames()) {
      frame.firstChild.style.transform = `translate(${100 * view.x}%, ${100 * view.y}%) scale(${view.zoom})`
    }
    button("smaller").disabled = button("whole").disabled = view.zoom === 1
    button("larger").disabled = view.zoom === MOST
  }

  // What lies at `place`, in shares of the frame from its middle, stays there.
  function zoom(factor, place = [0, 0]) {
    const next = Math.min(MOST, Math.max(1, view.zoom * factor))
    view.x = place[0] - ((place[0] - view.x) * next) / view.zoom
    view.y = place[1] - ((place[1] - view.y) * next) / view.zoom
    view.zoom = next
    draw()
  }

  function at(event) {
    const edges = event.currentTarget.getBoundingClientRect()
    return [(event.clientX - edges.left) / edges.width - 0.5, (event.clientY - edges.top) / edges.height - 0.5]
  }

  function watch(frame) {
    const fingers = new Map()
    frame.onwheel = (event) => {
      event.preventDefault()
      zoom(Math.exp(-event.deltaY / 400), at(event))
    }
    frame.onpointerdown = (event) => {
      frame.setPointerCapture(event.pointerId)
      fingers.set(event.pointerId, at(event))
    }
    frame.onpointermove = (event) => {
      const before = fingers.get(event.pointerId)
      if (!before) return
      const now = at(event)
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1]
      fingers.set(event.pointerId, now)
      if (other) {
        const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 0.01
        return zoom(apart(now) / apart(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2])
      }
      view.x += now[0] - before[0]
      view.y += now[1] - before[1]
      draw()
    }
    frame.onpointerup = frame.onpointercancel = (event) => fingers.delete(event.pointerId)
    frame.ondblclick = (event) => zoom(view.zoom > 1 ? 0 : 3, at(event))
  }

  if (!pair.children.length) {
    for (let number = 0; number < 2; number += 1) {
      const figure = document.createElement("figure")
      const frame = document.createElement("div")
      const caption = document.createElement("figcaption")
      frame.className = "frame"
      frame.append(document.createElement("img"))
      caption.append(document.createElement("b"), document.createElement("span"))
      figure.append(frame, caption)
      pair.append(figure)
    }
    pair.focus({ preventScroll: true })
  }
  frames().forEach((frame, number) => {
    const { src, alt, pixels, title, note } = data.pictures[number] ?? {}
    frame.parentElement.hidden = !src
    if (!src) return
    const image = frame.firstChild
    if (image.src !== src) image.src = src
    image.alt = alt
    image.className = pixels ? "pixels" : ""
    frame.nextSibling.firstChild.textContent = title
    frame.nextSibling.lastChild.textContent = note
    watch(frame)
  })

  const go = (step) => setTriggerValue("step", step)
  for (const [name, step, says] of [["before", -1, "← Previous"], ["after", 1, "Next →"]]) {
    button(name).textContent = says
    button(name).hidden = data.count < 2
    button(name).disabled = step < 0 ? data.position === 0 : data.position === data.count - 1
    button(name).onclick = () => go(step)
  }
  button("whole").textContent = "Whole"
  button("smaller").onclick = () => zoom(1 / STEP)
  button("larger").onclick = () => zoom(STEP)
  button("whole").onclick = () => zoom(0)
  button("smaller").setAttribute("aria-label", "Zoom out")
  button("larger").setAttribute("aria-label", "Zoom in")
  draw()

  const onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const acts = {
      ArrowLeft: () => button("before").click(), ArrowRight: () => button("after").click(),
      "+": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: () => zoom(0),
    }
    if (!acts[event.key]) return
    event.preventDefault()
    acts[event.key]()
  }
  // Called again with every pair, but listened to once.
  pair.keys?.abort()
  pair.keys = new AbortController()
  addEventListener("keydown", onKey, { signal: pair.keys.signal })
  return () => pair.keys.abort()
}
