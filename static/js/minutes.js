// Minutes that run: what a question and its set have used, and how far the session is ahead of its plan or behind. By the
// server's own clock, which is told when the page is made and at each opening of the socket (as for timer.js).
const EVERY = 5_000;
const MINUTE = 60;

let ahead = 0; // of the page's own clock, in seconds

const now = () => performance.now() / 1000 + ahead;

function learn(told, at = performance.now() / 1000) {
  ahead = told - at;
  tick();
}

function tick() {
  for (const run of document.querySelectorAll("[data-since][data-used]")) {
    const used = Number(run.dataset.used) + Math.max(0, now() - run.dataset.since);
    say(run.querySelector("[data-minutes]"), `${Math.round(used / MINUTE)}`);
  }
  for (const course of document.querySelectorAll("[data-course]")) place(course);
}

function place(course) {
  const { since, earliest, latest, until, behind, ahead: early, onTime } = course.dataset;
  const elapsed = Math.max(0, Number(until ?? now()) - since);
  const late = Math.floor((elapsed - latest) / MINUTE);
  const left = until === undefined ? Math.floor((earliest - elapsed) / MINUTE) : Math.floor((latest - elapsed) / MINUTE);
  course.dataset.stands = late > 0 ? "behind" : left > 0 ? "ahead" : "on-time";
  say(course, late > 0 ? behind.replace("{}", late) : left > 0 ? early.replace("{}", left) : onTime);
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

document.addEventListener("polling:clock", ({ detail }) => learn(detail.now));
document.addEventListener("polling:frame", tick);
document.addEventListener("visibilitychange", tick);
setInterval(tick, EVERY);
learn(Number(document.body.dataset.clock), (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0) / 1000);
