// Marked pictures; a click takes a mark back. Names are set as text, whatever they hold.

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  parentElement.querySelector("#marked").replaceChildren(...data.items.map((item) => {
    const place = document.createElement("li")
    const button = document.createElement("button")
    const picture = document.createElement("img")
    const says = item.more ? "More like this" : "Not like this"
    button.type = "button"
    button.setAttribute("aria-label", `${says} ×. Take back the mark of ${item.name}`)
    button.title = `Take this mark back: ${item.name}`
    button.onclick = () => setTriggerValue("taken_back", item.index)
    picture.src = item.src
    picture.alt = item.name
    picture.className = item.pixels ? "pixels" : ""
    button.append(picture, `${says} ×`)
    place.append(button)
    return place
  }))
}
