// The drawer above the moderator's buttons: it closes after what was done in it, by a tap beside it, and by Escape.
// And wherever the page was scrolled to: at another question it begins at its top.
const drawer = () => document.getElementById("drawer");

function close() {
  const open = drawer();
  if (open?.open) open.open = false;
}

document.addEventListener("submit", ({ target }) => drawer()?.contains(target) && target.checkValidity() && close());

document.addEventListener("click", ({ target }) => drawer()?.contains(target) || close());

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !drawer()?.open) return;
  close();
  drawer().querySelector("summary").focus();
});

const main = document.querySelector("main");
let question = title();

function title() {
  return document.getElementById("question")?.textContent;
}

document.addEventListener("polling:frame", () => {
  if (title() === question) return;
  question = title();
  if (!main.contains(document.activeElement) || document.activeElement === main) main.scrollTo(0, 0);
});

// What another moderator did, or the timer: said for a moment. What this page did itself it shows anyway.
const heard = document.getElementById("heard");
const OWN_ANSWER = 1_500; // the answer to a press comes after the frame that shows it
const HEARD = 7_000;
const own = new Set();
let seen = revision();
let fading = 0;

function revision() {
  return Number(document.querySelector("#region-actions [name=based_on]")?.value);
}

document.addEventListener("polling:done", ({ detail }) => own.add(detail.revision));

document.addEventListener("polling:frame", ({ detail: region }) => {
  const now = revision();
  if (region?.id !== "region-actions" || now === seen) return;
  seen = now;
  setTimeout(() => now === seen && !own.has(now) && hear(now), OWN_ANSWER);
});

async function hear(made) {
  try {
    const response = await fetch(`${location.pathname}/done?revision=${made}`, { headers: { Accept: "application/json" } });
    const { message } = await response.json();
    if (!response.ok || made !== seen) return;
    heard.textContent = message;
    clearTimeout(fading);
    fading = setTimeout(() => (heard.textContent = ""), HEARD);
  } catch {} // it only tells what the page shows
}
