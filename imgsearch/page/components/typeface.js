// Gives the page its typeface, once.

export default function (component) {
  const { family, address, weights } = component.data
  if ([...document.fonts].some((face) => face.family === family)) return
  document.fonts.add(new FontFace(family, `url(${address})`, { weight: weights }))
}
