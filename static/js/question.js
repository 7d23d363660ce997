// One question's form: what is tapped and typed in it, and what it shows of this phone's answer. It knows no question type
// by name: the form's attributes say what a choice does. In a set at one's own pace several stand in the page.
import { answerTo, cast, keep } from "./vote.js";

export const ABOUT_THE_ANSWER = new Set(["empty-answer", "unknown-option", "too-many", "exclusive", "too-long", "text-without-option"]);

export const forms = () => [...document.querySelectorAll("form.vote")];
export const pollOf = (form) => form.elements.namedItem("poll").value;
export const isOneTap = (form) => "oneTap" in form.dataset;

const formOf = ({ form }) => (form?.matches(".vote") ? form : null);
const picks = (form) => [...form.querySelectorAll("[name='pick']")];
const textFields = (form) => [...form.querySelectorAll("[name^='text.']")];
const cellOf = (field) => field.name.slice("text.".length);
const standsAlone = (pick) => "exclusive" in pick.dataset;

// From the thumb

document.addEventListener("change", ({ target }) => {
  const form = target.name === "pick" && formOf(target);
  if (!form) return;
  tidy(form, target);
  if (isOneTap(form)) send(form);
  else edited(form);
  target.closest(".other")?.querySelector("[name^='text.']").focus();
});

document.addEventListener("input", ({ target }) => {
  const form = target.name?.startsWith("text.") && formOf(target);
  if (form) edited(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".vote")) return;
  event.preventDefault();
  const { picks, texts } = given(form);
  if (picks.length || Object.keys(texts).length) send(form);
  else complain(form, form.dataset.empty);
});

function send(form) {
  cast(pollOf(form), given(form), form.dataset.by);
}

function edited(form) {
  keep({ ...answerTo(pollOf(form)), draft: read(form), refused: null });
}

// On a slow network a thumb is faster than this module: what it did to the page as painted is its answer, too.
export function takeEarly(form) {
  if (answerTo(pollOf(form)).draft) return;
  const picked = picks(form).some((pick) => pick.checked !== pick.defaultChecked);
  if (!picked && textFields(form).every((field) => field.value === field.defaultValue)) return;
  if (isOneTap(form) && picked) send(form);
  else edited(form);
}

function read(form) {
  const texts = {};
  for (const field of textFields(form)) if (field.value.trim()) texts[cellOf(field)] = field.value;
  return { picks: picks(form).filter((pick) => pick.checked).map((pick) => pick.value), texts };
}

// Words under an option that is not chosen are kept in the draft, but are no part of the answer.
function given(form) {
  const answer = read(form);
  for (const pick of picks(form)) if (!pick.checked) delete answer.texts[pick.value];
  return answer;
}

// An exclusive option clears the others, and they clear it.
function tidy(form, changed) {
  if (!changed.checked || changed.type !== "checkbox") return;
  for (const pick of picks(form)) {
    if (pick !== changed && (standsAlone(changed) || standsAlone(pick))) pick.checked = false;
  }
}

// To the page

export function showForm(form, { waiting, counted, draft, refused }) {
  const sent = waiting ?? counted;
  const { picks: chosen, texts } = draft ?? sent ?? { picks: [], texts: {} };
  for (const pick of picks(form)) pick.checked = chosen.includes(pick.value);
  for (const field of textFields(form)) {
    const text = texts[cellOf(field)] ?? "";
    if (field.value.trim() !== text.trim()) field.value = text; // setting it moves the caret
  }
  const asSent = sent && String([...chosen].sort()) === String([...sent.picks].sort());
  form.dataset.state = asSent ? (waiting ? "kept" : "counted") : ""; // ink only on what is counted
  form.toggleAttribute("data-edited", Boolean(draft));
  form.querySelector(".send").hidden = Boolean(sent && !draft);
  complain(form, refused && ABOUT_THE_ANSWER.has(refused.code) ? refused.message : "");
  countDown(form);
}

function countDown(form) {
  const most = Number(form.querySelector("[data-most]")?.dataset.most ?? Infinity);
  const chosen = picks(form).filter((pick) => pick.checked);
  const isFull = chosen.length >= most;
  for (const pick of picks(form)) pick.disabled = isFull && pick.type === "checkbox" && !pick.checked && !standsAlone(pick);
  const left = form.querySelector("[data-full]");
  if (left) say(left, isFull ? left.dataset.full : chosen.length ? left.dataset.left.replace("{n}", most - chosen.length) : "");
  for (const field of form.querySelectorAll("textarea")) {
    const room = field.closest(".field").querySelector("[data-left]");
    say(room, room.dataset.left.replace("{n}", field.maxLength - field.value.length));
  }
  const button = form.querySelector(".send button");
  const many = picks(form)[0]?.type === "checkbox" && chosen.length;
  const { dataset } = button;
  say(button, many ? (many > 1 ? dataset.some.replace("{n}", many) : dataset.one) : dataset.none);
}

function complain(form, words) {
  const error = form.querySelector(".error");
  error.hidden = !words;
  say(error.querySelector("span"), words);
}

export function say(element, words) {
  if (element.textContent !== words) element.textContent = words; // a status told twice is read out twice
}
