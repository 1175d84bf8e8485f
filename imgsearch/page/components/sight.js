// Tells the server which parts of the page come into view and go out of it. A part that is not drawn keeps the height
// that it had, so that nothing moves.

// A part of which no more than its heading is seen, in pixels, is not looked at.
const EDGE = "-64px 0px"

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const here = parentElement.querySelector("#sight")
  here.heights ??= {}
  here.seen = {}
  for (const [part, { seen }] of Object.entries(data.parts)) here.seen[part] = seen

  here.tell = (entries) => {
    const news = {}
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const part = target.sightPart
      if (!(part in here.seen) || here.seen[part] === isIntersecting) continue
      if (!isIntersecting) here.heights[part] = boundingClientRect.height
      here.seen[part] = news[part] = isIntersecting
    }
    if (Object.keys(news).length) setTriggerValue("seen", news)
  }
  here.watcher?.disconnect()
  here.watcher = new IntersectionObserver((entries) => here.tell(entries), { rootMargin: EDGE })
  for (const [part, { drawn, height }] of Object.entries(data.parts)) {
    const place = document.querySelector(`.st-key-${part}`)
    if (!place) continue
    place.sightPart = part
    place.style.minHeight = drawn ? "" : `${here.heights[part] ?? height}px`
    here.watcher.observe(place)
  }
  return () => here.watcher.disconnect()
}
