// A private link's key stands after its #, which no server log and no referrer sees. It is taken out of the address
// bar and sent in the form; the links that this phone kept are offered beside it.
import { forgetLink, keptLinks } from "./links.js";

const form = document.querySelector("form[data-key]");
const kept = document.querySelector("section[data-kept]");
const withdrawn = document.querySelector("[data-withdrawn]");

if (withdrawn) forgetLink(withdrawn.dataset.withdrawn);

if (kept) {
  const links = keptLinks();
  const line = kept.querySelector("template").content;
  for (const link of links) {
    const item = line.cloneNode(true);
    item.querySelector("span").textContent = link.answer;
    item.querySelector("button").addEventListener("click", () => open(link.key));
    kept.querySelector("ul").append(item);
  }
  kept.hidden = links.length === 0;
}

if (form) {
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
