// A set at one's own pace: one question at a time, back and on, and at the end what was answered. Which questions are
// asked (data-only-if) is decided here, by this phone's own answers; nobody else is told.
import { allAnswers, answerTo } from "./vote.js";
import { fillOffer, keepWords, offerFor, showOffer } from "./offer.js";
import { say } from "./question.js";

const END = "the end"; // no question has this id
const root = () => document.getElementById("pace");
const region = () => root().closest("[data-region]");
const steps = () => [...root().querySelectorAll("[data-step]")];
const part = (name) => root().querySelector(`[data-pace-${name}]`);
const isPage = (step) => "page" in step.dataset;
let moved = () => {};
let place = null; // where this tab is, if storage is forbidden

export function onMove(listener) {
  moved = listener;
}

// The poll of the question that is shown, for the line at the foot.
export function here() {
  const shown = root() && steps().find((step) => !step.hidden);
  return shown && !isPage(shown) ? shown.dataset.poll : null;
}

export function refresh() {
  if (!root()) return;
  const path = steps().filter(stands);
  const at = position(path);
  for (const step of steps()) step.hidden = step !== path[at];
  path.forEach(number);
  path.filter((step) => !isPage(step)).forEach((step) => keepWords(step, answerTo(step.dataset.poll)));
  part("end").hidden = at < path.length;
  showEnd(path);
  showWay(path, at);
  showOffer((of) => steps().some((step) => step.dataset.poll === of), region());
}

// Which questions

function stands(step) {
  const asked = isAsked(step);
  const note = step.querySelector("[data-not-asked]");
  if (note) note.hidden = asked;
  return asked || isAnswered(step); // what counts stays in sight, though it would not be asked any more
}

function isAsked(step) {
  return Object.entries(JSON.parse(step.dataset.onlyIf ?? "{}")).every(([question, options]) => {
    const before = stepOf(question);
    return (!before || isAsked(before)) && chosen(question, before).some((option) => options.includes(option));
  });
}

// One that is not open with the others was asked before: its newest round.
function chosen(question, step) {
  const asked = `${root().dataset.set}/${question}/`;
  const { waiting, counted } = step
    ? answerTo(step.dataset.poll)
    : (allAnswers().filter(({ poll }) => poll.startsWith(asked)).sort((a, b) => a.poll.length - b.poll.length || (a.poll < b.poll ? -1 : 1)).at(-1) ?? {});
  return (waiting ?? counted)?.picks ?? [];
}

const stepOf = (question) => steps().find((step) => step.dataset.step === question);

function isAnswered(step) {
  const { waiting, counted } = answerTo(step.dataset.poll);
  return Boolean(waiting ?? counted);
}

// Where this tab is

const key = () => `polling-pace:${document.body.dataset.event}/${document.body.dataset.session}/${steps()[0].dataset.poll}`;

function position(path) {
  const kept = stored();
  if (kept === END) return path.length;
  const all = steps();
  const last = all.findIndex((step) => step.dataset.step === kept);
  if (last >= 0) {
    const next = path.findIndex((step) => all.indexOf(step) >= last); // itself, or the one after it that is asked
    return next < 0 ? path.length : next;
  }
  if (!path.some((step) => !isPage(step) && isAnswered(step))) return 0;
  const open = path.findIndex((step) => !isPage(step) && !isAnswered(step));
  return open < 0 ? path.length : open;
}

function stored() {
  try {
    return sessionStorage.getItem(key()) ?? place;
  } catch {
    return place;
  }
}

function go(where) {
  place = where;
  try {
    sessionStorage.setItem(key(), where);
  } catch {
    // forbidden: until a reload it is known here
  }
  moved();
  scrollTo(0, 0);
  [...steps(), part("end")].find((each) => !each.hidden)?.querySelector("h1").focus({ preventScroll: true });
}

document.addEventListener("click", ({ target }) => {
  const way = target.closest("[data-go]");
  const sign = target.closest("[data-sign]");
  if (sign) return offerToSign(stepOf(sign.dataset.sign));
  if (!way || !root()) return;
  const path = steps().filter(stands);
  const by = { back: -1, on: 1 }[way.dataset.go];
  const to = by ? path[Math.max(0, position(path) + by)] : stepOf(way.dataset.go);
  go(to ? to.dataset.step : END);
});

// To the page

function number(step, at, path) {
  const line = step.querySelector("[data-count]");
  say(line, line.dataset.count.replace("{n}", at + 1).replace("{all}", path.length));
}

function showWay(path, at) {
  const way = part("way");
  const [back, on] = way.querySelectorAll("button");
  way.hidden = false;
  back.hidden = at === 0;
  on.hidden = at === path.length;
  if (on.hidden) return;
  const answer = answerTo(path[at].dataset.poll);
  const done = isPage(path[at]) || isAnswered(path[at]);
  on.classList.toggle("main", done && !answer.draft);
  say(on, on.dataset[answer.draft ? "unsent" : done ? "next" : "skip"]);
}

// What became of each question. Those that were not asked of this phone are not mentioned.
function showEnd(path) {
  const asked = path.filter((step) => !isPage(step));
  for (const line of part("end").querySelectorAll("[data-of]")) {
    const step = asked.find((each) => each.dataset.step === line.dataset.of);
    line.hidden = !step;
    if (!step) continue;
    const { waiting, counted, draft } = answerTo(step.dataset.poll);
    const state = draft ? "unsent" : waiting ? "kept" : counted ? "counted" : "open";
    line.querySelector(".stroke").className = `stroke ${{ kept: "kept", counted: "counted" }[state] ?? ""}`;
    say(line.querySelector("[data-state-word]"), part("end").dataset[state]);
  }
  const left = asked.filter((step) => !isAnswered(step)).length;
  const head = part("end").querySelector("h1");
  const hint = part("end").querySelector("[data-hint]");
  say(head, left ? head.dataset.left : head.dataset.done);
  say(hint, left ? hint.dataset.left.replace("{n}", left) : hint.dataset.done);
  showSignable(asked);
}

// May someone come back to this phone's owner? At the end, and only on what they open.
function showSignable(asked) {
  const lines = asked.map((step) => [step, offerFor(step, answerTo(step.dataset.poll))]).filter(([, offer]) => offer);
  const list = part("sign").querySelector("ul");
  part("sign").hidden = !lines.length;
  const now = JSON.stringify(lines.map(([step, { cell, words }]) => [step.dataset.step, cell, words]));
  if (list.dataset.now === now && list.childElementCount) return;
  list.dataset.now = now;
  list.replaceChildren(...lines.map(([step, { words }]) => {
    const line = part("sign").querySelector("template").content.firstElementChild.cloneNode(true);
    line.querySelector("button").dataset.sign = step.dataset.step;
    line.querySelector("[data-words]").textContent = words;
    return line;
  }));
}

function offerToSign(step) {
  const offer = step && offerFor(step, answerTo(step.dataset.poll));
  if (!offer) return;
  fillOffer(step, offer);
  moved();
  scrollTo(0, 0);
}
