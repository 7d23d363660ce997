// The text that was chosen last stands large on the big screen. Frames hold texts in an order that tells nothing, so
// this screen remembers for itself which one came last; a reload forgets it.
let before = texts();
let newest = null;

document.addEventListener("polling:frame", ({ detail: region }) => {
  if (region.id !== "region-screen") return;
  const now = texts();
  newest = now.findLast((text) => !before.includes(text)) ?? newest;
  before = now;
  if (newest !== null) enlarge(newest);
});

function places() {
  return [...document.querySelectorAll("#quotes .lead span, #quotes li span")];
}

function texts() {
  return places().map((place) => place.textContent);
}

function enlarge(text) {
  const [lead, ...others] = places();
  const place = others.find((other) => other.textContent === text);
  if (!place) return;
  place.textContent = lead.textContent;
  lead.textContent = text;
}
