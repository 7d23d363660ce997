// The details that someone told this phone to keep, for an event: {name, email, organisation, phone}. In localStorage
// and nowhere else, and only after a tick. With them an answer can be signed in one tap.
const at = (event) => `polling:${event}/details`;
const ASKED = ["name", "email", "organisation", "phone"];

export function keptDetails(event) {
  try {
    return JSON.parse(localStorage.getItem(at(event)));
  } catch {
    return null; // storage is forbidden, or someone else wrote there
  }
}

export function keepDetails({ elements }) {
  const details = Object.fromEntries(ASKED.map((name) => [name, elements[name]?.value.trim() ?? ""]));
  try {
    localStorage.setItem(at(elements.event.value), JSON.stringify(details));
  } catch {
    // then there is nothing to forget
  }
}

export function forgetDetails(event) {
  try {
    localStorage.removeItem(at(event));
  } catch {
    // forbidden: nothing was kept
  }
}

// The form that says yes sends them at once: its button says as whom, and the note beside it with what.
export function offerAsKept(form, note) {
  const details = keptDetails(form.elements.event.value);
  if (!details) return;
  // The private link's key is drawn here, so that what is sent again after a lost answer is one signing.
  const added = Object.entries({ ...details, key: newKey() }).map(([name, value]) => {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
    return field;
  });
  const button = form.querySelector("[data-as]");
  const words = button.querySelector("span");
  const before = words.textContent;
  words.textContent = button.dataset.as.replace("{name}", () => details.name);
  note.querySelector("span").textContent = ASKED.map((name) => details[name]).filter(Boolean).join(", ");
  note.hidden = false;
  note.querySelector("button").addEventListener("click", () => {
    for (const field of added) field.remove();
    words.textContent = before;
    note.hidden = true;
    button.focus();
  });
}

function newKey() {
  const raw = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)));
  return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
