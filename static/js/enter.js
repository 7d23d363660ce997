// A link's key stands after its #, which no server log and no referrer sees. Here it is exchanged for a pass,
// and taken out of the address bar and the history before anything else happens.
const form = document.querySelector("form[data-enter]");

function takeKey() {
  const key = location.hash.slice(1);
  if (!key || !(form || /^[\w-]{43}$/.test(key))) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  if (!form) return; // this browser has its pass already
  form.elements.key.value = key;
  form.requestSubmit();
}

takeKey();
addEventListener("hashchange", takeKey); // the link opened once more in the same tab
