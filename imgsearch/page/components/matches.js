// The matches of a search as equal cards. Names are set as text, whatever they hold.
// What a visitor does with a card is told as [what, index]; the card shows it at once, the rest of the page follows.

// Streamlit's own bar covers this much of the top, in pixels.
const HEADER = 64
// Milliseconds after which a new explanation is surely drawn.
const FOLLOWED = 3000
const THUMB = "M7 11v9H4v-9zM7 11l4-8c1.5 0 2.4 1 2.2 2.4L12.6 9H18a2 2 0 0 1 2 2.4l-1.3 7A2 2 0 0 1 16.7 20H7"

function made(tag, className, parent) {
  const element = document.createElement(tag)
  element.className = className
  parent.append(element)
  if (tag === "button") element.type = "button"
  return element
}

function thumb(className, parent) {
  const button = made("button", `thumb ${className}`, parent)
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  drawing.setAttribute("viewBox", "0 0 24 24")
  drawing.setAttribute("aria-hidden", "true")
  path.setAttribute("d", THUMB)
  drawing.append(path)
  button.append(drawing)
  return button
}

function emptyCard() {
  const card = document.createElement("li")
  const picture = made("button", "picture", card)
  const image = made("img", "", picture)
  picture.setAttribute("aria-haspopup", "dialog")
  const name = made("p", "name", card)
  const rank = made("span", "rank", name)
  const kind = made("button", "kind", name)
  const score = made("p", "score", card)
  const place = made("p", "place", card)
  const acts = made("div", "acts", card)
  const why = made("button", "why", acts)
  const search = made("button", "search", acts)
  const thumbs = made("span", "thumbs", acts)
  card.parts = { picture, image, rank, kind, score, place, why, search, more: thumb("more", thumbs), less: thumb("less", thumbs) }
  return card
}

const set = (element, property, value) => { if (element[property] !== value) element[property] = value }

// Keeps the explanation that was asked for in view while the page above it still changes; whoever scrolls is let go.
function follow(list, key) {
  list.following?.abort()
  const place = document.querySelector(`.st-key-${key}`)
  if (!place) return
  const following = new AbortController()
  const { signal } = following
  list.following = following
  const keep = () => {
    const { top } = place.getBoundingClientRect()
    // Where the card is still in view with it, nothing moves.
    if (top < HEADER || top > 0.7 * innerHeight) {
      place.style.scrollMarginTop = `${HEADER}px`
      place.scrollIntoView({ block: "start" })
    }
  }
  const watcher = new ResizeObserver(keep)
  watcher.observe(list)
  watcher.observe(place)
  for (let above = place.parentElement; above && above !== document.body; above = above.parentElement) watcher.observe(above)
  signal.addEventListener("abort", () => watcher.disconnect())
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    addEventListener(kind, () => following.abort(), { signal, passive: true })
  }
  setTimeout(() => following.abort(), FOLLOWED)
  keep()
}

const buttons = (card) => [...card.querySelectorAll("button")]

// One Tab stop leads to a card, the next ones to what can be done with it; arrow keys walk among the cards.
function walk(list) {
  const enter = (card) => {
    for (const other of list.children) for (const button of buttons(other)) button.tabIndex = other === card ? 0 : -1
  }
  list.walked ??= list.addEventListener("focusin", (event) => list.enter(event.target.closest("li"))) ?? true
  list.enter = enter
  list.onkeydown = (event) => {
    const card = event.target.closest("li")
    const at = [...list.children].indexOf(card)
    const columns = [...list.children].filter((other) => other.offsetTop === list.children[0].offsetTop).length
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -at, End: list.children.length - 1 - at }
    const next = event.key in steps ? list.children[at + steps[event.key]] : null
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const [now, then] = [buttons(card), buttons(next)]
    then[Math.max(0, now.indexOf(event.target))].focus()
  }
  return enter
}

// An answer that arrives while the mouse is pressed may move the button away from under it: that is a click, too.
function hold(list) {
  list.onpointerdown = (event) => {
    const button = event.target.closest("button")
    if (!button || event.pointerType !== "mouse" || event.button !== 0) return
    const { left, right, top, bottom } = button.getBoundingClientRect()
    const released = new AbortController()
    const release = (up) => {
      released.abort()
      const stayed = up.clientX > left && up.clientX < right && up.clientY > top && up.clientY < bottom
      if (up.type === "pointerup" && stayed && !button.contains(up.composedPath()[0])) button.click()
    }
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, release, { signal: released.signal })
  }
}

function draw(parentElement, data, setTriggerValue) {
  const list = parentElement.querySelector("#matches")
  list.setAttribute("aria-label", data.label)
  list.style.setProperty("--least", `${data.least}px`)
  while (list.children.length > data.cards.length) list.lastElementChild.remove()
  while (list.children.length < data.cards.length) list.append(emptyCard())

  function show(index) {
    data.cards.forEach((card, number) => {
      const element = list.children[number]
      element.classList.toggle("shown", card.index === index)
      element.parts.why.setAttribute("aria-pressed", String(card.index === index))
    })
  }

  function explain(card) {
    show(card.index)
    setTriggerValue("asked", ["why", card.index])
    follow(list, data.explanation)
  }

  data.cards.forEach((card, number) => {
    const element = list.children[number]
    const { picture, image, rank, kind, score, place, why, search, more, less } = element.parts
    const alt = `Match ${card.rank}: ${card.name}`
    element.classList.toggle("copy", card.copy)
    element.classList.toggle("right", card.right)
    set(image, "src", card.src)
    set(image, "alt", alt)
    image.className = card.pixels ? "pixels" : ""
    set(picture, "title", "Enlarge")
    set(rank, "textContent", String(card.rank))
    set(kind, "textContent", card.name)
    set(kind, "title", card.kind ? `Show only ${card.name}` : card.name)
    set(kind, "disabled", !card.kind)
    set(score, "textContent", card.score)
    set(place, "textContent", card.place)
    set(why, "textContent", "Why?")
    set(search, "textContent", "Find similar")
    set(search, "title", "Search with this picture")
    why.setAttribute("aria-label", `Why? ${alt}`)
    search.setAttribute("aria-label", `Find similar: ${alt}`)
    why.onclick = () => explain(card)
    picture.onclick = () => setTriggerValue("asked", ["large", card.index])
    if (card.kind) kind.setAttribute("aria-label", `Show only ${card.name}: match ${card.rank}`)
    else kind.removeAttribute("aria-label")
    kind.onclick = () => setTriggerValue("asked", ["only", card.index])
    search.onclick = () => {
      setTriggerValue("asked", ["search", card.index])
      document.querySelector(`.st-key-${data.query}`)?.scrollIntoView({ block: "center" })
    }
    for (const [button, value, says] of [[more, 1, "More like this"], [less, -1, "Not like this"]]) {
      set(button, "title", says)
      button.setAttribute("aria-label", `${says}: ${alt}`)
      button.setAttribute("aria-pressed", String(card.mark === value))
      button.onclick = () => {
        const off = button.getAttribute("aria-pressed") === "true"
        more.setAttribute("aria-pressed", "false")
        less.setAttribute("aria-pressed", "false")
        button.setAttribute("aria-pressed", String(!off))
        setTriggerValue("asked", [off ? "neither" : value > 0 ? "more" : "less", card.index])
      }
    }
  })
  show(data.selected)
  hold(list)
  const enter = walk(list)
  const focused = list.getRootNode().activeElement
  enter(list.contains(focused) ? focused.closest("li") : list.children[0])

  // The first ones are no news.
  const news = data.cards.map((card) => card.index).join()
  const said = parentElement.querySelector("#said")
  if (list.news !== undefined && list.news !== news) said.textContent = data.says
  list.news = news
}

// The cards stand in the page, in a hidden element: as data of this component they would come a frame later.
export default function ({ parentElement, data, setTriggerValue }) {
  // Looked for from here: when the page is laid out anew, another of that name may still stand in it, and this component
  // may have been taken off it before it begins.
  const place = parentElement.host.closest(`.st-key-${data.told}`)
  if (!place) return
  const read = () => {
    const cards = place.querySelector("[data-cards]")?.dataset.cards
    if (!cards || cards === place.drawn) return
    place.drawn = cards
    draw(parentElement, JSON.parse(cards), setTriggerValue)
  }
  place.drawn = null
  place.watcher?.disconnect()
  place.watcher = new MutationObserver(read)
  place.watcher.observe(place, { subtree: true, childList: true })
  read()
  return () => place.watcher.disconnect()
}
