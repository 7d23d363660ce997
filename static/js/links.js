// The private links that this phone was given: [{key, of, answer}], in localStorage and nowhere else. {of} says which
// answer: "event/session/set/question/round/cell".
const KEPT = "polling:signed";

export function keptLinks() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    return []; // storage is forbidden, or someone else wrote there
  }
}

export function keepLink(link) {
  return store([...keptLinks().filter(({ key }) => key !== link.key), link]);
}

export function forgetLinks(wanted) {
  store(keptLinks().filter((link) => !wanted(link)));
}

function store(links) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(links));
    return true;
  } catch {
    return false;
  }
}
