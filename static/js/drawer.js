// The drawer above the moderator's buttons: it closes after what was done in it, by a tap beside it, and by Escape.
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
