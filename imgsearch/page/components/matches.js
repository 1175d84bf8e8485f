// The matches of a search as equal cards. Names are set as text, whatever they hold.
// What a visitor does with a card is told as [what, index]; the card shows it at once, the rest of the page follows.

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
  const name = made("p", "name", card)
  const rank = made("span", "rank", name)
  const called = document.createTextNode("")
  name.append(called)
  const score = made("p", "score", card)
  const place = made("p", "place", card)
  const acts = made("div", "acts", card)
  const why = made("button", "why", acts)
  const search = made("button", "search", acts)
  card.parts = { picture, image, name, rank, called, score, place, why, search, more: thumb("more", acts), less: thumb("less", acts) }
  return card
}

const set = (element, property, value) => { if (element[property] !== value) element[property] = value }

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
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
    // On a phone the explanation is below the cards.
    const place = document.querySelector(`.st-key-${data.explanation}`)
    if (place && place.getBoundingClientRect().top > innerHeight - 80) {
      place.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" })
    }
  }

  data.cards.forEach((card, number) => {
    const element = list.children[number]
    const { picture, image, name, rank, called, score, place, why, search, more, less } = element.parts
    const alt = `Match ${card.rank}: ${card.name}`
    element.classList.toggle("copy", card.copy)
    set(image, "src", card.src)
    set(image, "alt", alt)
    image.className = card.pixels ? "pixels" : ""
    set(picture, "title", "See why this picture was found")
    set(rank, "textContent", String(card.rank))
    set(called, "data", ` ${card.name}`)
    set(name, "title", card.name)
    set(score, "textContent", card.score)
    set(place, "textContent", card.place)
    set(why, "textContent", "Why?")
    set(search, "textContent", "Find similar")
    set(search, "title", "Search with this picture")
    why.setAttribute("aria-label", `Why? ${alt}`)
    search.setAttribute("aria-label", `Search with ${alt}`)
    picture.onclick = why.onclick = () => explain(card)
    search.onclick = () => setTriggerValue("asked", ["search", card.index])
    for (const [button, value, says] of [[more, 1, "More like this"], [less, -1, "Not like this"]]) {
      button.hidden = !data.thumbs
      button.style.display = data.thumbs ? "" : "none"
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
}
