// A private link's key stands after its #, which no server log and no referrer sees. It is taken out of the address
// bar and sent in the form. Beside it stands what this phone keeps: signed answers, unsigned ones, details.
import { forgetEvent, keptEvents, unsignedAnswers } from "./answers.js";
import { forgetDetails, keptDetails } from "./details.js";
import { forgetLinks, keptLinks } from "./links.js";
import "./sign.js";

const form = document.querySelector("form[data-key]");
const withdrawn = document.querySelector("[data-withdrawn]");

if (withdrawn) {
  const keys = withdrawn.dataset.withdrawn.split(" ");
  forgetLinks(({ key }) => keys.includes(key));
}

if (form) {
  showPhone();
  addEventListener("hashchange", openFragment); // a link opened while this page is
  openFragment();
}

function openFragment() {
  const key = location.hash.slice(1);
  if (!key) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  open(key);
}

function open(key) {
  form.elements.key.value = key;
  form.requestSubmit();
}

function showPhone() {
  list("[data-kept]", "ul", keptLinks(), (item, { key, answer }) => {
    item.querySelector("span").textContent = answer;
    item.querySelector("button").addEventListener("click", () => open(key));
  });
  showAll();
  list("[data-unsigned]", "[data-list]", unsignedAnswers(), showUnsigned);
  list("[data-phone]", "[data-list]", [...keptEvents()], showEvent);
}

// Fills a section with a copy of its template for each value; without values it isn't there.
function list(selector, place, values, fill) {
  const section = document.querySelector(`section${selector}`);
  const copies = values.map((value) => {
    const copy = section.querySelector("template").content.firstElementChild.cloneNode(true);
    fill(copy, value);
    return copy;
  });
  section.querySelector(place).replaceChildren(...copies);
  section.hidden = !values.length;
}

function showAll() {
  const all = document.querySelector("[data-all]");
  const links = keptLinks();
  all.hidden = links.length < 2;
  for (const old of all.querySelectorAll("input")) old.remove();
  for (const { key } of links) {
    all.append(Object.assign(document.createElement("input"), { type: "hidden", name: "key", value: key }));
  }
}

function showUnsigned(item, answer) {
  const { question, words, ...proof } = answer;
  item.querySelector("[data-question]").textContent = question;
  item.querySelector(".answer").textContent = words;
  const { elements } = item.querySelector("form");
  for (const [name, value] of Object.entries(proof)) elements[name].value = value;
}

function showEvent(item, [event, title]) {
  const details = keptDetails(event);
  if (details) {
    item.querySelector("[data-details]").hidden = false;
    item.querySelector("[data-words]").textContent = Object.values(details).filter(Boolean).join(", ");
  }
  item.querySelector("[data-title]").textContent = title;
  item.addEventListener("click", ({ target }) => {
    const { forget } = target.dataset;
    if (!forget) return;
    if (forget === "details") forgetDetails(event);
    else forgetEvent(event);
    showPhone();
    document.querySelector("[data-forgotten]").hidden = false;
  });
}
