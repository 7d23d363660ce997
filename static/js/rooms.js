// Choosing a room: what is chosen stays chosen while the seats change, and a room that fills up meanwhile says so. Where
// rules lead, they are applied here, to the phone's own answers; the server is asked for the room and not told why.
import { keep, records } from "./where.js";

const { event: EVENT, rules: RULES } = document.body.dataset;
const form = () => document.querySelector("#region-rooms form");
const choices = () => [...form().querySelectorAll("[name='room']")];

// On a slow network a thumb is faster than this module: what it chose on the page as painted stays chosen.
let chosen = (form() && choices().find(({ checked }) => checked)?.value) || "";

document.addEventListener("change", ({ target }) => {
  if (target.name !== "room") return;
  chosen = target.value;
  complain("");
  refresh();
});

function refresh() {
  if (!form() || !choices().length) return;
  for (const choice of choices()) choice.checked = choice.value === chosen && !choice.disabled;
  const mine = choices().find(({ value }) => value === chosen);
  if (mine?.disabled) {
    chosen = "";
    complain(document.getElementById("room-error").dataset.full);
  }
  const button = form().querySelector(".send button");
  if (!button) return;
  button.dataset.plain ??= button.textContent;
  const name = mine && !mine.disabled ? mine.closest("label").querySelector(".name > span").textContent : "";
  button.textContent = name ? button.dataset.go.replace("{room}", name) : button.dataset.plain;
}

function complain(words) {
  const error = document.getElementById("room-error");
  error.hidden = !words;
  error.querySelector("span").textContent = words;
}

// The first rule that fits one of the answers that counted here.
function fitting() {
  for (const { answer, question, options, room } of JSON.parse(RULES || "[]")) {
    const picked = picksFor(answer).find((option) => option in options);
    if (picked) return { room, question, answer: options[picked] };
  }
  return null;
}

function picksFor(answer) {
  const all = records(`polling:${EVENT}/`).filter(({ name }) => name.replace(/^polling:[^/]+\/[^/]+\//, "").startsWith(`${answer}/`));
  return all.find(({ counted }) => counted)?.counted.picks ?? [];
}

function applyRules() {
  const found = fitting();
  const choice = found && choices().find(({ value }) => value === found.room);
  if (!choice || choice.disabled) return;
  keep(`polling:${EVENT}//where/because`, found);
  chosen = found.room;
  refresh();
  form().requestSubmit();
}

document.addEventListener("polling:frame", refresh);
document.documentElement.dataset.live = "";
refresh();
if (form() && document.getElementById("room-error")?.hidden) applyRules();
