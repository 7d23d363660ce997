// A name under one answer, without leaving the page. The form goes out without credentials, so that no cookie of
// whatever path reaches /sign; the page that answers is put where the form was. Without this module the same forms
// and pages work by themselves.
import { keepLink } from "./links.js";

document.addEventListener("submit", onSubmit);
document.addEventListener("click", onClick);
keepShown(document);

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("action") !== "/sign") return;
  event.preventDefault();
  send(form, event.submitter);
}

export async function send(form, submitter) {
  const fields = new URLSearchParams(new FormData(form, submitter));
  rest(form, true);
  try {
    const response = await fetch("/sign", { method: "POST", body: fields, credentials: "omit" });
    show(form, new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    rest(form, false);
    const off = form.querySelector("[data-off]");
    if (off) off.hidden = false;
  }
}

// One tap is one sending.
function rest(form, resting) {
  for (const button of form.querySelectorAll("button")) button.disabled = resting;
}

function show(form, page) {
  const answered = page.querySelector("main");
  const place = placeFor(form);
  if (place.matches("main")) document.querySelector("header").replaceWith(document.adoptNode(page.querySelector("header")));
  place.replaceChildren(...document.adoptNode(answered).childNodes);
  keepShown(place);
  scrollTo(0, 0);
  (place.querySelector("[autofocus]") ?? place.querySelector("h1"))?.focus();
}

// On a room's page the offer stays, out of sight, until the signing is over: meanwhile that page goes on by itself.
function placeFor(form) {
  const offer = form.closest(".offer:not([data-signing])");
  if (!offer) return form.closest("[data-signing], main");
  const place = offer.cloneNode(false);
  place.dataset.signing = "";
  offer.hidden = true;
  offer.after(place);
  return place;
}

function onClick(event) {
  const signing = event.target.closest("[data-close]")?.closest("[data-signing]");
  if (!signing) return;
  event.preventDefault();
  signing.previousElementSibling.remove();
  signing.remove();
  document.dispatchEvent(new CustomEvent("polling:signed"));
}

// The private link is shown once; the phone keeps it as well, if it may.
function keepShown(place) {
  const shown = place.querySelector("[data-private-key]");
  if (!shown || !keepLink(shown.dataset.privateKey, shown.querySelector(".answer").textContent)) return;
  shown.querySelector("[data-kept]").hidden = false;
}
