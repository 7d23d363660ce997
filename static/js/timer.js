// Clocks that run down: every element with data-ends, by the server's own clock, which is told when the page is made and
// at each opening of the socket. So it does not matter how wrong this phone's clock is. Each second moves what is seen;
// a screen reader is told at a few moments only.
const SOON = 15;
const MINUTE = 60;

let ahead = 0; // of the page's own clock, which never jumps, in seconds
let timer = 0;
let asleep = null;

const seconds = () => performance.now() / 1000;

function learn(now, at = seconds()) {
  ahead = now - at;
  tick();
}

function tick() {
  clearTimeout(timer);
  const clocks = [...document.querySelectorAll("[data-ends]")].map((clock) => [clock, clock.dataset.ends - seconds() - ahead]);
  clocks.forEach(([clock, left]) => show(clock, Math.max(0, Math.ceil(left))));
  const running = clocks.map(([, left]) => left).filter((left) => left > 0);
  if (running.length) timer = setTimeout(tick, Math.min(...running.map((left) => 1000 * (left - Math.ceil(left) + 1))) + 5);
}

function show(clock, left) {
  const total = Number(clock.dataset.seconds);
  const state = left === 0 ? "over" : left <= Math.min(SOON, total / 2) ? "soon" : "running";
  clock.dataset.ticks = state;
  say(clock.querySelector("[data-left]") ?? clock, `${Math.floor(left / MINUTE)}:${String(left % MINUTE).padStart(2, "0")}`);
  const word = clock.querySelector("[data-word]");
  if (word) say(word, word.dataset[state]);
  const bar = clock.querySelector("progress");
  if (bar) bar.value = Math.min(left, total);
  const told = clock.querySelector("[data-told]");
  const moment = state !== "running" ? state : left <= MINUTE && total > MINUTE ? "minute" : "";
  if (told) say(told, told.dataset[moment] ?? "");
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

// The page's clock may stand still while a phone sleeps, the phone's own does not.
function onVisibility() {
  const now = { date: Date.now(), page: performance.now() };
  if (!document.hidden && asleep) {
    const missed = (now.date - asleep.date - (now.page - asleep.page)) / 1000;
    if (missed > 0 && missed < 2 * MINUTE) ahead += missed; // more than that, and the socket opens anew
  }
  asleep = document.hidden ? now : null;
  tick();
}

document.addEventListener("polling:clock", ({ detail }) => learn(detail.now));
document.addEventListener("polling:frame", tick);
document.addEventListener("visibilitychange", onVisibility);
// The page was made when its first byte came.
learn(Number(document.body.dataset.clock), (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0) / 1000);
