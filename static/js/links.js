// The private links that this phone was given: [{key, answer}], in localStorage and nowhere else.
const KEPT = "polling:signed";

export function keptLinks() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    return []; // storage is forbidden, or someone else wrote there
  }
}

export function keepLink(key, answer) {
  return store([...keptLinks().filter((link) => link.key !== key), { key, answer }]);
}

export function forgetLink(key) {
  store(keptLinks().filter((link) => link.key !== key));
}

function store(links) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(links));
    return true;
  } catch {
    return false;
  }
}
