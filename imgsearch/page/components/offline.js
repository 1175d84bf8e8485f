// Says when the browser has lost the network.

export default function (component) {
  const { parentElement, data } = component
  const note = parentElement.querySelector("#offline")
  // Called again with every change of the data, but listened to once.
  note.tell ??= () => {
    note.hidden = navigator.onLine
    note.textContent = navigator.onLine ? "" : data.says
  }
  note.tell()
  addEventListener("offline", note.tell)
  addEventListener("online", note.tell)
  return () => {
    removeEventListener("offline", note.tell)
    removeEventListener("online", note.tell)
  }
}
