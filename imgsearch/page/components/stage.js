// The query and its rankings side by side, in large type. Names are set as text, whatever they hold.

function made(tag, className, parent, text = "") {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  parent.append(element)
  if (tag === "button") element.type = "button"
  return element
}

function show(image, picture) {
  image.src = picture.src
  image.alt = picture.alt
  image.className = picture.pixels ? "pixels" : ""
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const find = (id) => parentElement.querySelector(`#${id}`)
  const { query, rankings } = data
  const whole = find("whole")
  whole.className = "picture"
  whole.title = "Enlarge"
  whole.onclick = () => setTriggerValue("asked", ["query", 0, 0])
  show(find("picture"), query)
  find("title").textContent = query.title
  find("called").textContent = query.name
  find("note").textContent = data.note
  find("leave").textContent = data.leave
  find("leave").onclick = () => setTriggerValue("asked", ["leave", 0, 0])

  const stage = find("stage")
  stage.querySelectorAll("section").forEach((section) => section.remove())
  rankings.forEach(({ title, count, cards }, number) => {
    const section = made("section", "", stage)
    made("h2", "", section, title)
    made("p", "count", section, count)
    const list = made("ol", "", section)
    list.setAttribute("aria-label", `Matches by ${title}`)
    for (const card of cards) {
      const item = made("li", card.right ? "right" : "", list)
      const picture = made("button", "picture", item)
      picture.title = "Enlarge"
      picture.onclick = () => setTriggerValue("asked", ["large", number, card.index])
      show(made("img", "", picture), card)
      made("span", "rank", picture, String(card.rank)).ariaHidden = "true"
      if (card.right) made("span", "tick", picture, "✓").ariaHidden = "true"
      made("p", "name", item, card.name)
      made("p", "score", item, card.score)
    }
  })

  const said = find("said")
  const says = rankings.map(({ title, count }) => `${title}: ${count}`).join("; ")
  if (stage.says !== undefined && stage.says !== says) said.textContent = says
  stage.says = says
}
