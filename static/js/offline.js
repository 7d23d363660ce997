// Says when the page has lost the server: what it shows may be old. The line is empty as long as all is well.
const line = document.getElementById("offline");

document.addEventListener("polling:state", ({ detail }) => {
  line.textContent = detail.online ? "" : line.dataset.words;
  document.documentElement.toggleAttribute("data-offline", !detail.online);
});
