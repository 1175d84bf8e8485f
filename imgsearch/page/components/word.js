// A field for a word. Names to suggest come when it is first looked at: until then the page does without them.

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const field = parentElement.querySelector("#word")
  const list = parentElement.querySelector("#names")
  parentElement.querySelector("#label").textContent = data.label
  field.placeholder = data.placeholder
  field.maxLength = data.longest
  if (field.dataset.shown !== data.word) {
    field.dataset.shown = data.word
    field.value = data.word
  }
  if (list.childElementCount === 0 && data.names) {
    list.replaceChildren(...data.names.split("\n").map((name) => {
      const option = document.createElement("option")
      option.value = name
      return option
    }))
  }

  const send = () => {
    field.dataset.shown = field.value
    setTriggerValue("typed", field.value)
  }
  field.onfocus = () => {
    if (list.childElementCount === 0) setTriggerValue("looked", true)
  }
  field.onkeydown = (event) => {
    if (event.key === "Enter") send()
  }
  // A name that is chosen from the list arrives all at once, not as a key.
  field.oninput = (event) => {
    if (!(event instanceof InputEvent) || event.inputType === "insertReplacementText") send()
  }
}
