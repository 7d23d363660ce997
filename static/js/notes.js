// The moderator's note on the question that the room is at. Saved a moment after the last key; kept in this browser until the
// server has it. Two moderators don't write over each other: what the other wrote is shown, to be taken in.
const form = document.getElementById("notes");
const field = form.elements.text;
const state = document.getElementById("note-state");
const other = document.getElementById("note-other");
const WAIT = 800;
const AGAIN = 4_000;

let poll = "";
let saved = { text: "", revision: 0 };
let timer = 0;

const key = () => `polling:note:${form.getAttribute("action")}:${poll}`;

function say(words) {
  if (state.textContent !== words) state.textContent = words;
}

function draft(text) {
  try {
    if (text === undefined) return localStorage.getItem(key());
    if (text === null) localStorage.removeItem(key());
    else localStorage.setItem(key(), text);
  } catch {
    // no storage: the field itself keeps it
  }
  return null;
}

async function ask(options) {
  const url = options ? form.getAttribute("action") : `${form.getAttribute("action")}?poll=${encodeURIComponent(poll)}`;
  const response = await fetch(url, { headers: { Accept: "application/json" }, ...options });
  const isNote = response.headers.get("content-type")?.startsWith("application/json");
  if (!isNote || ![200, 409].includes(response.status)) throw new Error(response.status);
  return response.json();
}

async function load() {
  clearTimeout(timer);
  const wanted = document.getElementById("region-now")?.dataset.poll ?? "";
  if (wanted === poll) return;
  if (poll) await save();
  poll = wanted;
  form.hidden = !poll;
  if (!poll) return;
  field.value = draft() ?? "";
  other.hidden = true;
  say(form.dataset.hint);
  const asked = poll;
  try {
    const note = await ask();
    if (asked !== poll) return;
    saved = note;
    const mine = draft();
    if (mine === null) field.value = note.text;
    else if (mine !== note.text) save();
  } catch {
    if (asked === poll) say(form.dataset.lost);
  }
}

async function save() {
  clearTimeout(timer);
  const [asked, text] = [poll, field.value.trim()];
  if (!asked || text === saved.text) return draft(null);
  try {
    const body = new URLSearchParams({ poll: asked, text, revision: saved.revision });
    const note = await ask({ method: "POST", body });
    if (asked !== poll) return;
    saved = note;
    if (note.message) return clash(note);
    other.hidden = true;
    if (field.value.trim() === text) draft(null);
    say(form.dataset.saved);
  } catch {
    if (asked !== poll) return;
    say(form.dataset.lost);
    timer = setTimeout(save, AGAIN);
  }
}

function clash(note) {
  say(note.message);
  other.hidden = false;
  other.querySelector("span + span").textContent = note.text;
}

other.querySelector("button").addEventListener("click", () => {
  field.value = [saved.text, field.value.trim()].filter(Boolean).join("\n");
  other.hidden = true;
  save();
});

field.addEventListener("input", () => {
  draft(field.value);
  say(form.dataset.saving);
  clearTimeout(timer);
  if (other.hidden) timer = setTimeout(save, WAIT);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
field.addEventListener("blur", () => other.hidden && save());
document.addEventListener("polling:frame", load);
load();
