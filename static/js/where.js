// Where this phone belongs. Its page's region says when people were called elsewhere (data-call, the number of the
// sending, and data-go); the phone goes by itself, unless it has followed that call or came in under it. It never leaves
// while an answer is on its way, nor while a name is being typed; what was half typed is kept, and the next page says so.
//
// Each tab keeps for itself {session, call}: where it is, and the highest call that it has followed or come in under.
import { allAnswers } from "./vote.js";
import { isOnline, limit, pause } from "./socket.js";

const { event: EVENT, session: SESSION } = document.body.dataset;
const KEPT = `polling:${EVENT}//where`;
const SPREAD = 1_500; // a whole hall goes at once
const PATIENCE = 8_000; // for an acknowledgement
const LOOK = 250;
const PROBE_LIMIT = 4_000;

const region = () => document.querySelector("[data-region='phone'], [data-region='rooms']");
const call = () => Number(region().dataset.call ?? 0);

let going = 0; // the call that is being followed

export function kept(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // forbidden: then each page is a first arrival
  }
}

// A room's own code goes straight in, whatever was called before. A page that is shown again is no arrival, nor is one
// that this phone was led to, by a call or by the list of rooms: what was called on the way there still counts.
function arrive() {
  const before = kept(KEPT);
  const known = before?.call ?? 0;
  const isLed = before && (before.session === SESSION || before.led || !before.session);
  keep(KEPT, { session: SESSION, call: isLed ? known : Math.max(known, call()) });
}

function look() {
  if (call() > Math.max(going, kept(KEPT)?.call ?? 0)) follow(call(), region().dataset.go);
}

async function follow(number, address) {
  going = number;
  const since = Date.now();
  await pause(Math.random() * SPREAD);
  while (going === number && (isSigning() || (isBusy() && Date.now() - since < PATIENCE))) await pause(LOOK);
  while (going === number && !(await isReachable())) await pause(LOOK + Math.random() * SPREAD);
  if (going !== number || call() < number) return; // called somewhere else meanwhile, or back
  leave(number);
  location.assign(address);
}

function leave(number) {
  keep(KEPT, { session: SESSION, call: number, led: true });
  const left = leftBehind();
  if (left) keep(`${KEPT}/left`, { ...left, room: document.querySelector(".top .room, .top > :nth-child(2)").textContent.trim(), href: location.pathname });
}

// What someone would miss: words that were not sent, or that an answer did not count.
function leftBehind() {
  for (const { draft, refused, waiting } of allAnswers()) {
    const typed = Object.values(draft?.texts ?? waiting?.texts ?? {}).find(Boolean);
    if (typed || refused || waiting) return { words: typed ?? "", refused: refused?.message ?? "" };
  }
  return null;
}

function isBusy() {
  return allAnswers().some(({ waiting, refused }) => waiting || refused);
}

// Names and addresses are kept nowhere until they are sent: nobody is taken away from them.
function isSigning() {
  return Boolean(document.querySelector("[data-signing] form"));
}

// A page that can't be fetched would leave nothing but the browser's own complaint.
async function isReachable() {
  if (!isOnline()) return false;
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: limit(PROBE_LIMIT) })).ok;
  } catch {
    return false;
  }
}

// What the page before this one left to be told.

function tellLeft() {
  const note = document.getElementById("left");
  const left = kept(`${KEPT}/left`);
  if (!note || !left || left.href === location.pathname) return;
  note.querySelector("[data-room]").textContent = note.querySelector("[data-room]").dataset.room.replace("{room}", left.room);
  note.querySelector("[data-words]").textContent = [left.refused, left.words && `“${left.words}”`].filter(Boolean).join(" ");
  note.querySelector("a").href = left.href;
  show(note, `${KEPT}/left`);
}

// Which answer of one's own led here, where a rule did.
function tellBecause() {
  const note = document.getElementById("because");
  const because = kept(`${KEPT}/because`);
  if (!note || because?.room !== SESSION) return;
  const words = note.querySelector("[data-words]");
  words.textContent = words.dataset.words.replace("{answer}", because.answer).replace("{question}", because.question);
  show(note, `${KEPT}/because`);
}

function show(note, key) {
  note.hidden = false;
  note.querySelector("button").addEventListener("click", () => {
    note.hidden = true;
    keep(key, null);
  });
}

// A room that moved into this one may have asked the same; what this phone answered there counts there, and is not
// asked again.

function answeredBefore() {
  const note = document.getElementById("answered-before");
  if (!note) return;
  const [set, question] = region().dataset.poll.split("/");
  const from = (region().dataset.moved ?? "").split(" ").find((session) => session && hasCounted(session, `${set}/${question}`));
  const here = allAnswers().some((answer) => answer.poll === region().dataset.poll && (answer.counted || answer.waiting));
  const is = Boolean(from) && !here && region().dataset.stage === "question";
  document.body.toggleAttribute("data-answered-before", is);
  note.hidden = !is;
  if (is) for (const name of note.querySelectorAll("[data-from]")) name.hidden = name.dataset.from !== from;
}

function hasCounted(session, asked) {
  const prefix = `polling:${EVENT}/${session}/${asked}/`;
  return records(prefix).some(({ counted }) => counted);
}

// This phone's own records of answers, whatever room they were given in (vote.js), newest round first.
export function records(prefix) {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    const round = (name) => Number(name.slice(name.lastIndexOf("/") + 1));
    return names.sort((a, b) => round(b) - round(a)).map((name) => ({ name, ...JSON.parse(localStorage.getItem(name)) }));
  } catch {
    return []; // forbidden, or someone else wrote there
  }
}

// The line about a call stands in the region, which gives way to an offer to sign: then it stands above that.
function lineAbove() {
  const place = document.getElementById("called");
  if (!place) return;
  const line = region().hidden ? region().querySelector(".called") : null;
  if (place.textContent !== (line?.textContent ?? "")) place.replaceChildren(...(line ? [line.cloneNode(true)] : []));
}

function refresh() {
  lineAbove();
  answeredBefore();
  look();
}

arrive();
tellLeft();
tellBecause();
document.addEventListener("polling:frame", refresh);
addEventListener("pageshow", ({ persisted }) => persisted && (going = 0));
setInterval(lineAbove, 1_000);
refresh();
