// Sends commands: from the moderator's forms, and for the big screen's clicker (presenter.js).
// A press is one command with an id of its own, so that it can be sent again until it is answered.
const REST = 1_000; // a double tap must not do two things
const TRIES = 5;
const PATIENCE = 4_000;

const said = document.getElementById("said");
const resting = new Set();

document.addEventListener("submit", (event) => {
  const form = event.target.closest('form[action$="/command"], form[action$="/send"]');
  if (!form) return;
  event.preventDefault();
  const pressed = event.submitter;
  if (pressed?.getAttribute("aria-disabled") === "true") return;
  const fields = Object.fromEntries(new FormData(form));
  if (pressed?.name) fields[pressed.name] = pressed.value;
  give(form.getAttribute("action"), fields);
});

export async function give(url, fields) {
  const rests = fields.idea ?? "step";
  if (resting.has(rests)) return;
  rest(rests, true);
  say("");
  const [answer] = await Promise.all([sent(url, { ...fields, id: newId() }), pause(REST)]);
  if (answer === null) say(said.dataset.lost);
  else say(answer.type === "done" ? "" : answer.message);
  if (answer?.type === "done") document.dispatchEvent(new CustomEvent("polling:done", { detail: answer }));
  rest(rests, false);
}

async function sent(url, fields) {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const answer = await tried(url, fields);
    if (answer) return answer;
    if (attempt === 2) say(said.dataset.trying);
    if (attempt < TRIES) await pause(500 * attempt + Math.random() * 500);
  }
  return null;
}

async function tried(url, fields) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(fields),
      signal: stop.signal,
    });
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return isJson && response.status < 500 ? await response.json() : null;
  } catch {
    return null; // not reached, or cut off: the same id may be sent again
  } finally {
    clearTimeout(timer);
  }
}

function rest(what, rests) {
  if (rests) resting.add(what);
  else resting.delete(what);
  document.body.toggleAttribute("data-resting", resting.has("step"));
}

function say(words) {
  said.textContent = words;
}

function pause(time) {
  return new Promise((done) => setTimeout(done, time));
}

// A page on plain http has no randomUUID.
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
