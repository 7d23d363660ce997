// Each frame brings what the server knows, and it doesn't know which "more" is open or what is chosen in it.
const opened = new Set();
const chosen = new Map();

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches?.("details[id]")) return;
    if (target.open) opened.add(target.id);
    else opened.delete(target.id);
  },
  true, // it doesn't bubble
);

document.addEventListener("change", ({ target }) => {
  if (target.matches("select[id]")) chosen.set(target.id, target.value);
});

document.addEventListener("polling:frame", ({ detail: region }) => {
  for (const details of region?.querySelectorAll("details[id]") ?? []) {
    if (details.open !== opened.has(details.id)) details.open = opened.has(details.id);
  }
  for (const select of region?.querySelectorAll("select[id]") ?? []) {
    const value = chosen.get(select.id);
    if (value && [...select.options].some((option) => option.value === value)) select.value = value;
  }
});
