// What the organiser announces can be put away on a phone. It stays away for this message, here and in other rooms; a new
// one comes again. Without this module it just stands.
const KEY = "polling-notice-read";

function read() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // storage that is forbidden
  }
}

function tend(notice) {
  const button = notice?.querySelector("[data-put-away]");
  if (!button) return;
  const name = `${document.body.dataset.event} ${notice.dataset.number}`;
  button.hidden = false;
  notice.toggleAttribute("data-away", read() === name);
  button.onclick = () => {
    try {
      sessionStorage.setItem(KEY, name);
    } catch {
      // then only until the next frame
    }
    notice.toggleAttribute("data-away", true);
    document.querySelector("main")?.focus({ preventScroll: true });
  };
}

document.addEventListener("polling:frame", ({ detail }) => detail.id === "region-notice" && tend(detail));
tend(document.getElementById("region-notice"));
