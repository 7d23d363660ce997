// The participant's page: after every frame what is mine is put into what all phones are shown, and the line at the foot
// says how it stands. What is tapped and typed is question.js's, a set at one's own pace is pace.js's.
import { allAnswers, answerTo, believe, isStuck, keep, onChange, sendNow } from "./vote.js";
import { isOnline, renew } from "./socket.js";
import { ABOUT_THE_ANSWER, forms, isOneTap, pollOf, showForm, takeEarly } from "./question.js";
import { fillOffer, isOffering, isShown, keepWords, offerFor, showOffer } from "./offer.js";
import "./timer.js";

const region = () => document.getElementById("region-phone");
const status = document.getElementById("status");
const told = document.getElementById("told").content;
let poll = region().dataset.poll;
let pace = null; // pace.js, from the first set on that is open as a whole; undefined: it could not be had

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-now]")) {
    renew();
    sendNow();
  } else if (target.closest("[data-seen]")) {
    for (const answer of allAnswers()) if (answer.refused) keep({ ...answer, refused: null });
  }
});

function refresh() {
  for (const form of forms()) showForm(form, answerTo(pollOf(form)));
  if (region().dataset.stage === "own-pace") showStatus(atOwnPace());
  else showStatus(asAsked());
}

// The question that all are at.
function asAsked() {
  const answer = answerTo(poll);
  for (const row of region().querySelectorAll("[data-cell]")) {
    row.querySelector(".mine").hidden = !answer.counted?.picks.includes(row.dataset.cell);
  }
  const offer = !isOffering() && offerFor(region(), answer);
  if (offer) fillOffer(region(), offer);
  showOffer((of) => region().dataset.stage !== "question" || of === poll, region());
  keepWords(region(), answer);
  return answer;
}

// Until pace.js is here the first question stands alone. Where it never comes, all stand under each other.
function atOwnPace() {
  document.getElementById("pace").toggleAttribute("data-waits", pace === null);
  if (pace === null) {
    import("./pace.js").then((module) => module.onMove(refresh) ?? module, () => undefined).then((module) => {
      pace = module;
      refresh();
    });
  }
  pace?.refresh();
  const here = pace?.here();
  return here ? answerTo(here) : null;
}

// The line at the foot

function showStatus(answer) {
  const all = allAnswers();
  const late = all.find(({ refused }) => refused && !ABOUT_THE_ANSWER.has(refused.code));
  if (late) tell(late.counted ? "earlier" : "refused", late);
  else if (all.some(({ waiting }) => waiting)) tell(isStuck() ? "kept" : "sending");
  else tell(isOnline() ? standing(answer) : "off");
}

function standing(answer) {
  if (isShown() || !answer) return ""; // an offer says itself that the answer counts
  const { counted, draft, elsewhere } = answer;
  const { stage } = region().dataset;
  if (!["question", "own-pace"].includes(stage)) return counted && ["closed", "result"].includes(stage) ? "final" : "wait";
  const form = forms().find((each) => pollOf(each) === answer.poll);
  if (draft || (!counted && !(form && isOneTap(form)))) return ""; // the send button stands there
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
[].concat(JSON.parse(document.body.dataset.mine) ?? []).forEach(believe);
forms().forEach(takeEarly);
refresh();
sendNow();
