// A vote, from the tap until it is counted. It is kept on the phone first, then sent until the server acknowledges it: over
// the page's socket, or by POST where that is down. Sent twice it counts once (voter and revision are the database's key).
//
// One record a poll in localStorage, so that it survives a lock, a reload and a dead network, and all tabs share it:
// {revision} the highest that is known · {counted} the answer that counts · {waiting} one on its way · {draft} half filled
// in · {refused} why the last one was not counted · {elsewhere} another place gave the one that counts · {receipts}
// {claims} what a signing needs · {asked} whose offer was answered · {said} in which words, for /me. No times, and nothing
// that the person did not give. Beside them, for a segment question: the label that this phone's answer to it gave.
import { beside, isOnline, limit, renew, send } from "./socket.js";

const PREFIX = `polling:${document.body.dataset.event}/${document.body.dataset.session}/`;
const PATIENCE = 4_000; // for an acknowledgement
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 6_000;
const TRIED_IN_VAIN = 2; // from then on the person is told that it is stuck

const memory = new Map(); // where storage is forbidden
const listeners = [];
let tries = 0;
let timer = 0;

// Records

export function answerTo(poll) {
  const none = { poll, revision: 0, counted: null, waiting: null, draft: null, refused: null, receipts: {}, claims: {}, asked: [] };
  try {
    return { ...none, ...JSON.parse(stored(PREFIX + poll) ?? "{}") };
  } catch {
    return none;
  }
}

export function allAnswers() {
  let keys = [...memory.keys()];
  try {
    keys = keys.concat(Object.keys(localStorage));
  } catch {
    // forbidden: memory has them
  }
  return keys.filter((key) => key.startsWith(PREFIX)).map((key) => answerTo(key.slice(PREFIX.length)));
}

export function keep(answer) {
  store(PREFIX + answer.poll, answer);
  listeners.forEach((listener) => listener());
}

function store(key, value) {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(key, text);
  } catch {
    memory.set(key, text);
  }
}

function stored(key) {
  try {
    return localStorage.getItem(key) ?? memory.get(key);
  } catch {
    return memory.get(key);
  }
}

// Also when another tab of this phone has changed one.
export function onChange(listener) {
  listeners.push(listener);
  addEventListener("storage", ({ key }) => (key === null || key.startsWith(PREFIX)) && listener());
}

// The server's own word, in the page's first paint, on a poll that is open: what counts, or that nothing does.
export function believe(mine) {
  if (!mine) return;
  const answer = answerTo(mine.poll);
  if (mine.revision === 0 && answer.counted) keep({ poll: mine.poll, waiting: answer.waiting, draft: answer.draft });
  if (mine.revision > answer.revision) {
    keep({ ...answer, revision: mine.revision, counted: { picks: mine.picks, texts: mine.texts } });
  }
}

// Sending

// `by`: the segment question whose label it carries.
export function cast(poll, { picks, texts }, by) {
  const answer = answerTo(poll);
  const revision = Math.max(answer.revision, answer.waiting?.revision ?? 0) + 1;
  const label = labelBy(by);
  const waiting = { id: random(9), revision, picks, texts, claims: claimsFor(texts, answer), label };
  keep({ ...answer, waiting, draft: null, refused: null, elsewhere: false });
  sendNow();
}

export function isStuck() {
  return !isOnline() || tries > TRIED_IN_VAIN;
}

export function sendNow() {
  tries = 0;
  clearTimeout(timer);
  sendWaiting();
}

async function sendWaiting() {
  const waiting = allAnswers().filter((answer) => answer.waiting);
  if (!waiting.length) return;
  tries += 1;
  const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** tries);
  const patience = isOnline() ? PATIENCE : 0;
  timer = setTimeout(sendWaiting, patience + Math.random() * longest); // jitter: a whole hall lost its network at once
  if (tries > TRIED_IN_VAIN) listeners.forEach((listener) => listener());
  for (const answer of waiting) {
    const text = await message(answer);
    if (tries > 1 || !send(text)) post(text);
  }
  if (tries === TRIED_IN_VAIN && isOnline()) renew(); // a socket that looks healthy and acknowledges nothing
}

async function post(text) {
  try {
    const headers = { Accept: "application/json", "Content-Type": "application/json" };
    const response = await fetch(beside("vote"), { method: "POST", headers, body: text, signal: limit(PATIENCE) });
    acknowledged(await response.json());
  } catch {
    // not reached, or cut off before the acknowledgement: it is sent again
  }
}

export function acknowledged(ack) {
  if (ack.type !== "ack" || ack.code === "busy") return;
  if (ack.label) store(labelAt(ack.label.segment), ack.label);
  const answer = answerTo(ack.poll);
  if (answer.waiting?.id !== ack.id) return;
  const { picks, texts, claims } = answer.waiting;
  const after = { ...answer, waiting: null, revision: Math.max(answer.revision, ack.revision ?? 0) };
  const receipts = ack.receipts ?? {};
  if (ack.fate === "counted") {
    Object.assign(after, { counted: { picks, texts }, claims: { ...claims, ...ack.claims }, receipts });
  } else if (ack.fate === "superseded") {
    Object.assign(after, { counted: { picks: ack.picks, texts: {} }, claims: {}, receipts, elsewhere: true });
  } else {
    Object.assign(after, { draft: { picks, texts }, refused: { code: ack.code, message: ack.message } });
  }
  keep(after);
}

// Each text has a claim of its own, the same as long as the text is. Only its hash leaves the phone. On plain http there
// is no crypto.subtle: then none is sent, and the server draws one and returns it.
function claimsFor(texts, { counted, claims }) {
  if (!crypto.subtle) return {};
  const same = (cell) => counted?.texts[cell] === texts[cell] && claims[cell];
  return Object.fromEntries(Object.keys(texts).map((cell) => [cell, same(cell) || random(16)]));
}

// A result can be divided by the answers to a segment question of the event, in whatever room it was. The label names
// nobody: all who gave that answer have the same.
const labelAt = (segment) => `polling:${document.body.dataset.event}//${segment}`;

function labelBy(segment) {
  try {
    const { option, receipt } = JSON.parse(stored(labelAt(segment)));
    return { option, receipt };
  } catch {
    return undefined; // this question is not divided, or the other one was not answered here
  }
}

async function message({ poll, waiting: { id, revision, picks, texts, claims, label } }) {
  const hashes = {};
  for (const [cell, claim] of Object.entries(claims)) hashes[cell] = await sha256(claim);
  return JSON.stringify({ type: "cast", id, poll, revision, picks, texts, claims: hashes, label });
}

async function sha256(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function random(bytes) {
  const raw = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)));
  return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

document.addEventListener("polling:message", ({ detail }) => acknowledged(detail));
document.addEventListener("polling:state", ({ detail }) => detail.online && sendNow());
