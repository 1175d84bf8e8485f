// A row of pictures to choose from. Names are set as properties, so they are text whatever they hold.

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const strip = parentElement.querySelector("#strip")
  strip.setAttribute("aria-label", data.label)
  strip.classList.toggle("wraps", Boolean(data.wraps))
  const wanted = JSON.stringify(data.items.map((item) => item.id))
  if (strip.dataset.shown !== wanted) {
    strip.dataset.shown = wanted
    strip.replaceChildren(...data.items.map((item) => {
      const button = document.createElement("button")
      const picture = document.createElement("img")
      picture.src = item.src
      picture.alt = item.alt
      picture.title = item.alt
      if (item.pixels) picture.className = "pixels"
      button.type = "button"
      button.dataset.id = item.id
      button.append(picture)
      return button
    }))
  }
  for (const button of strip.children) {
    button.setAttribute("aria-pressed", String(button.dataset.id === data.chosen))
    button.onclick = () => {
      for (const other of strip.children) other.setAttribute("aria-pressed", String(other === button))
      setTriggerValue("picked", button.dataset.id)
    }
  }
}
