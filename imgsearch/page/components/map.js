// Pictures of a gallery as points: a thumbnail under the pointer, an outline drawn with mouse or finger.
// Places are shares of the map, 0 to 1, from the top left. Names are set as text.

const REACH = 14
// Across a dot in pixels: as many as there are leave it room, within these bounds.
const SMALLEST_DOT = 3
const LARGEST_DOT = 12
const MOST_CORNERS = 200

function bytes(text) {
  const raw = atob(text)
  const array = new Uint8Array(raw.length)
  for (let i = 0; i < raw.length; i += 1) array[i] = raw.charCodeAt(i)
  return array
}

export default function (component) {
  const { parentElement, data, setStateValue, setTriggerValue } = component
  const canvas = parentElement.querySelector("#map")
  const stage = parentElement.querySelector("#stage")
  const near = parentElement.querySelector("#near")
  const tile = parentElement.querySelector("#tile")
  const name = parentElement.querySelector("#name")
  const legend = parentElement.querySelector("#legend")

  const style = getComputedStyle(parentElement.host ?? parentElement)
  const value = (property) => style.getPropertyValue(property).trim()
  const colours = value("--st-chart-categorical-colors").split(",")
  const text = value("--st-text-color")
  const ground = value("--st-background-color")
  const accent = value("--st-primary-color")
  const pale = getComputedStyle(canvas).color

  const places = new Uint16Array(bytes(data.places).buffer)
  const kinds = new Uint16Array(bytes(data.kinds).buffer)
  const count = kinds.length
  const dot = Math.min(LARGEST_DOT, Math.max(SMALLEST_DOT, 150 / Math.sqrt(count)))
  canvas.dataset.dot = dot
  canvas.setAttribute("aria-label", data.alt)
  tile.style.backgroundImage = `url("${data.sheet}")`
  tile.style.backgroundSize = `${data.columns * 84}px auto`

  // Where there are more kinds than colours, those that matter most have one.
  const ranked = data.names.length > colours.length ? data.order : data.names.map((_, kind) => kind)
  const colourOf = new Map(ranked.slice(0, colours.length).map((kind, place) => [kind, colours[place]]))

  let shown = canvas.kind ?? null
  legend.setAttribute("aria-label", data.legend)
  legend.replaceChildren(...ranked.map((kind) => {
    const button = document.createElement("button")
    const dot = document.createElement("i")
    dot.style.background = colourOf.get(kind) ?? pale
    button.type = "button"
    button.append(dot, document.createTextNode(data.names[kind]))
    button.setAttribute("aria-pressed", String(shown === kind))
    button.onclick = () => {
      shown = shown === kind ? null : kind
      canvas.kind = shown
      for (const other of legend.children) other.setAttribute("aria-pressed", String(other === button && shown !== null))
      draw()
    }
    return button
  }))

  let width = 0
  let height = 0
  let outline = data.outline ?? null
  let drawing = false

  const x = (share) => share * width
  const y = (share) => share * height

  function ring(place, radius, colour, label) {
    const [left, top] = [x(place[0]), y(place[1])]
    const pen = canvas.getContext("2d")
    pen.beginPath()
    pen.arc(left, top, radius, 0, 2 * Math.PI)
    pen.fillStyle = ground
    pen.globalAlpha = 0.75
    pen.fill()
    pen.globalAlpha = 1
    pen.lineWidth = 2.5
    pen.strokeStyle = colour
    pen.stroke()
    if (label) {
      pen.fillStyle = text
      pen.font = `600 ${radius > 9 ? 12 : 10}px ${value("--st-font")}`
      pen.textAlign = "center"
      pen.textBaseline = "middle"
      pen.fillText(label, left, top + 0.5)
    }
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1
    width = stage.clientWidth
    height = Math.round(Math.min(width * 0.75, 480))
    if (width === 0) return
    canvas.width = width * ratio
    canvas.height = height * ratio
    canvas.style.height = `${height}px`
    const pen = canvas.getContext("2d")
    pen.scale(ratio, ratio)
    pen.clearRect(0, 0, width, height)
    // Those of a colour lie over the others.
    for (let turn = 0; turn < 2 * count; turn += 1) {
      const i = turn % count
      if (colourOf.has(kinds[i]) !== turn >= count) continue
      pen.globalAlpha = shown === null || kinds[i] === shown ? 0.6 : 0.08
      pen.fillStyle = colourOf.get(kinds[i]) ?? (kinds[i] === shown ? text : pale)
      pen.beginPath()
      pen.arc(x(places[2 * i] / 65535), y(places[2 * i + 1] / 65535), dot / 2, 0, 2 * Math.PI)
      pen.fill()
    }
    pen.globalAlpha = 1
    for (const match of [...data.matches].reverse()) ring(match, 8, colours[1], String(match[2]))
    if (data.query) ring(data.query, 11, accent, "★")
    if (outline && outline.length > 1) {
      pen.beginPath()
      outline.forEach((corner, i) => (i ? pen.lineTo(x(corner[0]), y(corner[1])) : pen.moveTo(x(corner[0]), y(corner[1]))))
      pen.closePath()
      pen.lineWidth = 2
      pen.setLineDash([5, 4])
      pen.strokeStyle = text
      pen.stroke()
      pen.setLineDash([])
      pen.globalAlpha = 0.08
      pen.fillStyle = text
      pen.fill()
      pen.globalAlpha = 1
    }
  }

  function at(event) {
    const edges = canvas.getBoundingClientRect()
    const clamp = (share) => Math.min(1, Math.max(0, share))
    return [clamp((event.clientX - edges.left) / edges.width), clamp((event.clientY - edges.top) / edges.height)]
  }

  function show(place) {
    let best = -1
    let least = REACH * REACH
    for (let i = 0; i < count; i += 1) {
      if (shown !== null && kinds[i] !== shown) continue
      const across = x(places[2 * i] / 65535 - place[0])
      const down = y(places[2 * i + 1] / 65535 - place[1])
      const distance = across * across + down * down
      if (distance < least) {
        least = distance
        best = i
      }
    }
    near.hidden = best < 0
    if (best < 0) return -1
    tile.style.backgroundPosition = `-${(best % data.columns) * 84}px -${Math.floor(best / data.columns) * 84}px`
    name.textContent = data.names[kinds[best]] ?? ""
    const left = x(places[2 * best] / 65535) + 14
    const top = y(places[2 * best + 1] / 65535) + 14
    near.style.left = `${left + 110 > width ? left - 130 : left}px`
    near.style.top = `${top + 120 > height ? Math.max(0, top - 140) : top}px`
    return best
  }

  canvas.onpointerdown = (event) => {
    if (event.button > 0) return
    drawing = true
    outline = [at(event)]
    canvas.setPointerCapture(event.pointerId)
  }
  canvas.onpointermove = (event) => {
    const place = at(event)
    if (!drawing) return void show(place)
    const last = outline[outline.length - 1]
    if (Math.hypot(x(place[0] - last[0]), y(place[1] - last[1])) > 4) {
      outline.push(place)
      near.hidden = true
      draw()
    }
  }
  canvas.onpointerup = (event) => {
    if (!drawing) return
    drawing = false
    if (outline.length < 5) {
      const chosen = show(at(event))
      // A click on a point shows it; one beside all points takes the outline away.
      outline = chosen < 0 ? null : (data.outline ?? null)
      if (chosen >= 0) setTriggerValue("chosen", chosen)
    } else {
      const step = Math.ceil(outline.length / MOST_CORNERS)
      outline = outline.filter((_, i) => i % step === 0).map((corner) => corner.map((share) => Math.round(share * 10000) / 10000))
    }
    draw()
    if (JSON.stringify(outline) !== JSON.stringify(data.outline ?? null)) setStateValue("outline", outline)
  }
  canvas.onpointercancel = () => { drawing = false; outline = data.outline ?? null; draw() }
  canvas.onpointerleave = () => { if (!drawing) near.hidden = true }

  canvas.watcher?.disconnect()
  canvas.watcher = new ResizeObserver(draw)
  canvas.watcher.observe(stage)
  draw()
  return () => canvas.watcher?.disconnect()
}
