// What this phone keeps of an event, beside its private links: the answers as vote.js recorded them, and the details.
import { forgetLinks, keptLinks } from "./links.js";

const RECORD = /^polling:([^/]+)\/([^/]+)\/([^/]+\/[^/]+\/\d+)$/;

// The answers that can still be signed from here: counted, with the receipt or the claim that proves it.
export function unsignedAnswers() {
  const signed = new Set(keptLinks().map(({ of }) => of));
  return records()
    .flatMap(signable)
    .filter((answer) => !signed.has([answer.event, answer.session, answer.poll, answer.cell].join("/")));
}

function signable({ event, session, poll, counted, receipts = {}, claims = {}, said }) {
  if (!counted || (said?.until && said.until < today())) return [];
  const texts = Object.entries(counted.texts).filter(([cell]) => claims[cell]);
  const picks = counted.picks.filter((cell) => receipts[cell] && !(cell in counted.texts));
  const about = { event, session, poll, question: said?.question ?? poll };
  return [
    ...texts.map(([cell, words]) => ({ ...about, cell, words, claim: claims[cell], receipt: "" })),
    ...picks.map((cell) => ({ ...about, cell, words: said?.words[cell] ?? cell, claim: "", receipt: receipts[cell] })),
  ];
}

// The events of which this phone keeps anything: id → title.
export function keptEvents() {
  const events = new Map(keptLinks().map(({ of }) => [of.split("/")[0], ""]));
  for (const name of names()) {
    const event = name.match(/^polling:([^/]+)\//)?.[1];
    if (event && !events.has(event)) events.set(event, "");
  }
  for (const { event, said } of records()) if (said) events.set(event, said.event);
  return events;
}

export function forgetEvent(event) {
  for (const name of names()) if (name.startsWith(`polling:${event}/`)) localStorage.removeItem(name);
  forgetLinks(({ of }) => of.startsWith(`${event}/`));
}

function records() {
  return names().flatMap((name) => {
    const found = name.match(RECORD);
    if (!found) return [];
    const [, event, session, poll] = found;
    try {
      return [{ ...JSON.parse(localStorage.getItem(name)), event, session, poll }];
    } catch {
      return [];
    }
  });
}

function names() {
  try {
    return Object.keys(localStorage);
  } catch {
    return []; // forbidden
  }
}

// As the phone's own calendar has it; the server has the last word.
function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
