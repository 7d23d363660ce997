// After an answer is counted: may someone come back to you on it? Asked once, with what this phone keeps of it to sign with.
// An offer gives way to a new question and comes back after it.
import { answerTo, keep } from "./vote.js";
import { isOnline } from "./socket.js";

const place = document.getElementById("offers");

// What can be signed in a part of the page, by the working groups that it goes to: an offer for each choice of them, and
// cell → words.
const offered = (part) => [...part.querySelectorAll("template.offered")].map((offer) => [offer, JSON.parse(offer.dataset.cells)]);

export const isOffering = () => Boolean(place.firstElementChild);
export const isShown = () => !place.hidden;

// The first of an answer's cells that can be signed and was not asked about.
export function offerFor(part, answer) {
  if (!answer.counted || answer.waiting || answer.draft) return null;
  for (const [offer, words] of offered(part)) {
    const cell = Object.keys(words).find((each) => maySign(part, each, answer));
    if (cell) return { offer, cell, words: answer.counted.texts[cell] ?? words[cell], answer };
  }
  return null;
}

// While another question is open it waits out of sight. `instead`: what it stands in the place of.
export function showOffer(stands, instead) {
  const shows = isOffering() && stands(place.dataset.poll);
  const appears = shows && place.hidden;
  place.hidden = !shows;
  instead.hidden = shows;
  if (appears) place.querySelector("h1").focus();
}

export function fillOffer(part, { offer, cell, words, answer }) {
  const signing = import("./sign.js");
  signing.catch(() => {});
  const section = offer.content.firstElementChild.cloneNode(true);
  section.dataset.cell = cell;
  section.querySelector(".answer").textContent = words;
  const yes = section.querySelector("[data-answer='yes']");
  const { elements } = yes;
  const text = answer.counted.texts[cell];
  elements.cell.value = cell;
  elements.claim.value = text ? answer.claims[cell] : "";
  elements.receipt.value = text ? "" : answer.receipts[cell];
  const button = yes.querySelector("button");
  button.disabled = true; // until it says what a tap on it does
  const ready = signing.then(({ offerAsKept }) => offerAsKept(yes, section.querySelector("[data-as-kept]")));
  ready.catch(() => {}).then(() => (button.disabled = false));
  const all = offered(part).flatMap(([, cells]) => Object.keys(cells));
  section.addEventListener("submit", (event) => {
    const { target: asked } = event;
    const no = asked.dataset.answer === "no";
    event.preventDefault();
    if (!no && !isOnline()) return;
    if (no) place.replaceChildren();
    keep({ ...answerTo(answer.poll), asked: [...answer.asked, ...(no ? all : [cell])] });
    if (!no) signing.then(({ send }) => send(asked), () => asked.submit()); // without it, a page of its own
  });
  place.dataset.poll = answer.poll;
  place.replaceChildren(section);
}

// Counted, not asked before, and there is something to sign it with. An 'other' is asked about once its words are in.
function maySign(part, cell, { counted, asked, claims, receipts }) {
  if (asked.includes(cell)) return false;
  if (counted.texts[cell]) return Boolean(claims[cell]);
  return counted.picks.includes(cell) && Boolean(receipts[cell]) && !part.querySelector(`[name="text.${cell}"]`);
}

// For the page of what is held of me, which can sign later: in which words, and until when.
export function keepWords(part, answer) {
  const found = offered(part);
  if (answer.said || !found.length || !(answer.waiting || answer.counted)) return;
  const [{ dataset }] = found[0];
  const words = Object.assign({}, ...found.map(([, all]) => all));
  keep({ ...answer, said: { event: document.body.dataset.title, question: dataset.question, until: dataset.until, words } });
}
