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
