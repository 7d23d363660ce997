// The participant's page: what is tapped and typed goes to vote.js, and after every frame what is mine is put into what
// all phones are shown. It knows no question type by name: the form's attributes say what a choice does.
import { allAnswers, answerTo, believe, cast, isStuck, keep, onChange, sendNow } from "./vote.js";
import { isOnline, renew } from "./socket.js";
import "./timer.js";

const ABOUT_THE_ANSWER = new Set(["empty-answer", "unknown-option", "too-many", "exclusive", "too-long", "text-without-option"]);

const region = () => document.getElementById("region-phone");
const form = () => document.getElementById("vote");
const status = document.getElementById("status");
const told = document.getElementById("told").content;
const offers = document.getElementById("offers");
let poll = region().dataset.poll;

// From the thumb

document.addEventListener("change", ({ target }) => {
  if (target.name !== "pick" || target.form !== form()) return;
  tidy(target);
  if ("oneTap" in form().dataset) cast(poll, given());
  else edited();
  target.closest(".other")?.querySelector("[name^='text.']").focus();
});

document.addEventListener("input", ({ target }) => {
  if (target.form === form() && target.name.startsWith("text.")) edited();
});

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  const { picks, texts } = given();
  if (picks.length || Object.keys(texts).length) cast(poll, { picks, texts });
  else complain(form().dataset.empty);
});

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-now]")) {
    renew();
    sendNow();
  } else if (target.closest("[data-seen]")) {
    for (const answer of allAnswers()) if (answer.refused) keep({ ...answer, refused: null });
  }
});

function edited() {
  keep({ ...answerTo(poll), draft: read(), refused: null });
}

// On a slow network a thumb is faster than this module: what it did to the page as painted is its answer, too.
function takeEarly() {
  if (!form() || answerTo(poll).draft) return;
  const picked = picks().some((pick) => pick.checked !== pick.defaultChecked);
  if (!picked && textFields().every((field) => field.value === field.defaultValue)) return;
  if ("oneTap" in form().dataset && picked) cast(poll, given());
  else edited();
}

function read() {
  const texts = {};
  for (const field of textFields()) if (field.value.trim()) texts[cellOf(field)] = field.value;
  return { picks: picks().filter((pick) => pick.checked).map((pick) => pick.value), texts };
}

// Words under an option that is not chosen are kept in the draft, but are no part of the answer.
function given() {
  const answer = read();
  for (const pick of picks()) if (!pick.checked) delete answer.texts[pick.value];
  return answer;
}

const picks = () => [...form().querySelectorAll("[name='pick']")];
const textFields = () => [...form().querySelectorAll("[name^='text.']")];
const cellOf = (field) => field.name.slice("text.".length);
const standsAlone = (pick) => "exclusive" in pick.dataset;

// An exclusive option clears the others, and they clear it.
function tidy(changed) {
  if (!changed.checked || changed.type !== "checkbox") return;
  for (const pick of picks()) {
    if (pick !== changed && (standsAlone(changed) || standsAlone(pick))) pick.checked = false;
  }
}

// To the page

function refresh() {
  const answer = answerTo(poll);
  if (form()) showForm(answer);
  for (const row of region().querySelectorAll("[data-cell]")) {
    row.querySelector(".mine").hidden = !answer.counted?.picks.includes(row.dataset.cell);
  }
  showOffer(answer);
  showStatus(answer);
  keepWords(answer);
}

function showForm({ waiting, counted, draft, refused }) {
  const sent = waiting ?? counted;
  const { picks: chosen, texts } = draft ?? sent ?? { picks: [], texts: {} };
  for (const pick of picks()) pick.checked = chosen.includes(pick.value);
  for (const field of textFields()) {
    const text = texts[cellOf(field)] ?? "";
    if (field.value.trim() !== text.trim()) field.value = text; // setting it moves the caret
  }
  const asSent = sent && String([...chosen].sort()) === String([...sent.picks].sort());
  form().dataset.state = asSent ? (waiting ? "kept" : "counted") : ""; // ink only on what is counted
  form().toggleAttribute("data-edited", Boolean(draft));
  form().querySelector(".send").hidden = Boolean(sent && !draft);
  complain(refused && ABOUT_THE_ANSWER.has(refused.code) ? refused.message : "");
  countDown();
}

function countDown() {
  const most = Number(form().querySelector("[data-most]")?.dataset.most ?? Infinity);
  const chosen = picks().filter((pick) => pick.checked);
  const isFull = chosen.length >= most;
  for (const pick of picks()) pick.disabled = isFull && pick.type === "checkbox" && !pick.checked && !standsAlone(pick);
  const left = form().querySelector("[data-full]");
  if (left) say(left, isFull ? left.dataset.full : chosen.length ? left.dataset.left.replace("{n}", most - chosen.length) : "");
  for (const field of form().querySelectorAll("textarea")) {
    const room = document.getElementById(`left-${cellOf(field)}`);
    say(room, room.dataset.left.replace("{n}", field.maxLength - field.value.length));
  }
  const { dataset } = form().querySelector(".send button");
  const many = picks()[0]?.type === "checkbox" && chosen.length;
  say(form().querySelector(".send button"), many ? (many > 1 ? dataset.some.replace("{n}", many) : dataset.one) : dataset.none);
}

function complain(words) {
  const error = document.getElementById("vote-error");
  error.hidden = !words;
  say(error.querySelector("span"), words);
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words; // a status told twice is read out twice
}

// The line at the foot

function showStatus(answer) {
  const all = allAnswers();
  const late = all.find(({ refused }) => refused && !ABOUT_THE_ANSWER.has(refused.code));
  if (late) tell(late.counted ? "earlier" : "refused", late);
  else if (all.some(({ waiting }) => waiting)) tell(isStuck() ? "kept" : "sending");
  else tell(isOnline() ? standing(answer) : "off");
}

function standing({ counted, draft, elsewhere }) {
  if (!offers.hidden) return ""; // it says itself that the answer counts
  const { stage } = region().dataset;
  if (stage !== "question") return counted && ["closed", "result"].includes(stage) ? "final" : "wait";
  if (draft || (!counted && !("oneTap" in form().dataset))) return ""; // the send button stands there
  return counted ? (elsewhere ? "superseded" : "counted") : "ask";
}

function tell(state, late) {
  status.hidden = !state;
  if (!state) return;
  const line = told.querySelector(`[data-told='${state}']`).cloneNode(true);
  if (late) line.querySelector("strong + span").append(...detailsOf(late));
  if (status.firstElementChild?.outerHTML !== line.outerHTML) status.replaceChildren(line);
}

function detailsOf({ refused, counted, draft }) {
  const why = counted && refused.code === "poll-not-open" ? "" : refused.message;
  const text = Object.values(draft?.texts ?? {})[0];
  return [why, text ? `“${text}”` : ""].filter(Boolean).map((words) => ` ${words}`);
}

// After an answer is counted: may someone come back to you on it? Asked once, with what this phone keeps of it to sign with.
// The offer gives way to a new question and comes back after it.

function showOffer(answer) {
  if (!offers.firstElementChild) makeOffer(answer);
  const { stage } = region().dataset;
  const shows = Boolean(offers.firstElementChild) && (stage !== "question" || poll === offers.dataset.poll);
  const appears = shows && offers.hidden;
  offers.hidden = !shows;
  region().hidden = shows;
  if (appears) offers.querySelector("h1").focus();
}

// What can be signed here, by the working groups that it goes to: an offer for each choice of them, and cell → words.
const offered = () => [...document.querySelectorAll("template.offered")].map((offer) => [offer, JSON.parse(offer.dataset.cells)]);

function makeOffer(answer) {
  if (!answer.counted || answer.waiting || answer.draft) return;
  for (const [offer, words] of offered()) {
    const cell = Object.keys(words).find((each) => maySign(each, answer));
    if (cell) return fillOffer(offer, cell, words[cell], answer);
  }
}

function fillOffer(offer, cell, words, answer) {
  const signing = import("./sign.js");
  signing.catch(() => {});
  const text = answer.counted.texts[cell];
  const section = offer.content.firstElementChild.cloneNode(true);
  section.dataset.cell = cell;
  section.querySelector(".answer").textContent = text ?? words;
  const yes = section.querySelector("[data-answer='yes']");
  const { elements } = yes;
  elements.cell.value = cell;
  elements.claim.value = text ? answer.claims[cell] : "";
  elements.receipt.value = text ? "" : answer.receipts[cell];
  const button = yes.querySelector("button");
  button.disabled = true; // until it says what a tap on it does
  const ready = signing.then(({ offerAsKept }) => offerAsKept(yes, section.querySelector("[data-as-kept]")));
  ready.catch(() => {}).then(() => (button.disabled = false));
  section.addEventListener("submit", (event) => {
    const { target: asked } = event;
    const no = asked.dataset.answer === "no";
    event.preventDefault();
    if (!no && !isOnline()) return;
    if (no) offers.replaceChildren();
    const done = no ? offered().flatMap(([, all]) => Object.keys(all)) : [cell];
    keep({ ...answerTo(answer.poll), asked: [...answer.asked, ...done] });
    if (!no) signing.then(({ send }) => send(asked), () => asked.submit()); // without it, a page of its own
  });
  offers.dataset.poll = answer.poll;
  offers.replaceChildren(section);
}

// Counted, not asked before, and there is something to sign it with. An 'other' is asked about once its words are in.
function maySign(cell, { counted, asked, claims, receipts }) {
  if (asked.includes(cell)) return false;
  if (counted.texts[cell]) return Boolean(claims[cell]);
  return counted.picks.includes(cell) && Boolean(receipts[cell]) && !document.getElementById(`text-${cell}`);
}

// For the page of what is held of me, which can sign later: in which words, and until when.
function keepWords(answer) {
  const found = offered();
  if (answer.said || !found.length || !(answer.waiting || answer.counted)) return;
  const [{ dataset }] = found[0];
  const words = Object.assign({}, ...found.map(([, all]) => all));
  keep({ ...answer, said: { event: document.body.dataset.title, question: dataset.question, until: dataset.until, words } });
}

function newFrame() {
  if (region().dataset.poll !== poll) {
    ({ poll } = region().dataset);
    scrollTo(0, 0);
    const title = region().querySelector("h1").textContent.trim();
    document.title = `${title} · ${document.body.dataset.title}`;
    if (document.activeElement === document.body) region().querySelector("h1[tabindex]")?.focus({ preventScroll: true });
  }
  refresh();
}

document.addEventListener("polling:frame", newFrame);
document.addEventListener("polling:state", refresh);
document.addEventListener("polling:signed", refresh);
onChange(refresh);
document.documentElement.dataset.live = "";
believe(JSON.parse(document.body.dataset.mine));
takeEarly();
refresh();
sendNow();
