// A name under one answer, without leaving the page. The form goes out without credentials, so that no cookie of
// whatever path reaches /sign; the page that answers is put where the form was. Without this module the same forms
// and pages work by themselves.
import { forgetDetails, keepDetails, keptDetails } from "./details.js";
import { keepLink } from "./links.js";

export { offerAsKept } from "./details.js";

document.addEventListener("submit", onSubmit);
document.addEventListener("click", onClick);
keepShown(document);
offerToKeep(document);

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("action") !== "/sign") return;
  if (event.submitter?.hasAttribute("formaction")) return; // "save a key": a page of its own
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
  keepShown(place, form);
  offerToKeep(place);
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

// Signed: the private link is shown once; the phone keeps it as well, if it may. And the details, as the tick says.
function keepShown(place, form) {
  const shown = place.querySelector("[data-private-key]");
  if (!shown) return;
  const { privateKey, of } = shown.dataset;
  if (keepLink({ key: privateKey, of, answer: shown.querySelector(".answer").textContent })) {
    shown.querySelector("[data-kept]").hidden = false;
  }
  const tick = form?.querySelector("[data-keep] input");
  if (tick?.checked) keepDetails(form);
  else if (tick) forgetDetails(form.elements.event.value);
}

// The tick shows what this phone keeps now: nothing, until someone ticks it.
function offerToKeep(place) {
  const form = place.querySelector("form#signing");
  if (!form) return;
  const keep = form.querySelector("[data-keep]");
  const details = keptDetails(form.elements.event.value);
  keep.hidden = false;
  keep.querySelector("input").checked = Boolean(details);
  for (const [name, value] of Object.entries(details ?? {})) {
    const field = form.elements[name];
    if (field && !field.value) field.value = value;
  }
}
