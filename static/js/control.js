// The organiser's board: the clock and the ages of what was last done run in the browser, by the server's own clock, so that
// no row is sent anew for them. And a press that needs no page of its own leaves the board where it is.
const said = document.getElementById("said");
const clock = document.getElementById("clock");
const seconds = () => performance.now() / 1000;
const pageMade = (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0) / 1000;

let ahead = Number(document.body.dataset.clock) - pageMade; // of the page's own clock, which never jumps
let timer = 0;

function tick() {
  clearTimeout(timer);
  const now = seconds() + ahead;
  const figures = document.getElementById("region-figures");
  const rooms = document.getElementById("region-sessions");
  const today = Math.floor(now - figures.dataset.midnight);
  const pair = [Math.floor(today / 3600) % 24, Math.floor(today / 60) % 60].map((part) => String(part).padStart(2, "0"));
  say(clock, pair.join(figures.dataset.now[2]));
  for (const age of rooms.querySelectorAll("[data-since]")) {
    const minutes = Math.floor((now - age.dataset.since) / 60);
    say(age, minutes > 0 ? rooms.dataset.ago.replace("{minutes}", minutes) : rooms.dataset.just);
  }
  timer = setTimeout(tick, 1000 * (1 - (now % 1)));
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

document.addEventListener("polling:clock", ({ detail }) => {
  ahead = detail.now - seconds();
  tick();
});
document.addEventListener("polling:frame", tick);
document.addEventListener("visibilitychange", () => document.hidden || tick());

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-quiet]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  say(said, "");
  try {
    const fields = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: fields });
    if (!answer.ok) say(said, (await answer.json()).message);
  } catch {
    say(said, said.dataset.lost);
  }
  button.removeAttribute("aria-disabled");
});

tick();
