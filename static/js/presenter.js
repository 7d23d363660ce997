// The big screen: its keys, its size and theme, and a screen that stays awake. A clicker's keys take the next step only
// where this browser also has the moderator's or the organiser's pass; the server knows, and writes the address down.
import { give } from "./command.js";

const page = document.documentElement;
const said = document.getElementById("said");
const HINT = 5_000;
const IDLE = 3_000;

const KEYS = {
  f: fullScreen,
  d: darkOrLight,
  "+": larger,
  "=": larger, // the same key without shift
  "-": smaller,
  ArrowRight: () => step("forward"),
  ArrowDown: () => step("forward"),
  PageDown: () => step("forward"),
  ArrowLeft: () => step("back"),
  ArrowUp: () => step("back"),
  PageUp: () => step("back"),
};

addEventListener("keydown", (event) => {
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (!event.repeat) act();
});

document.querySelector("[data-tools]").addEventListener("click", (event) => {
  const key = event.target.closest("button")?.value;
  if (key) KEYS[key]();
});

function step(direction) {
  const url = document.body.dataset.command;
  const screen = document.getElementById("region-screen");
  if (!screen) return; // the hall's lobby has no steps
  const verb = screen.dataset[direction];
  if (!url) hint(said.dataset.noPass);
  else if (!verb) hint(said.dataset.noStep);
  else give(url, { verb, based_on: screen.dataset.basedOn });
}

let hintTimer = 0;
function hint(words) {
  said.textContent = words;
  clearTimeout(hintTimer);
  hintTimer = setTimeout(() => (said.textContent = ""), HINT);
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else page.requestFullscreen?.().catch(() => {}); // refused where the browser or a policy forbids it
}

function darkOrLight() {
  const dark = page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  page.dataset.theme = dark ? "light" : "dark";
  keep("theme", page.dataset.theme);
}

function larger() {
  page.dataset.zoom = "1";
  keep("zoom", "1");
}

function smaller() {
  delete page.dataset.zoom;
  keep("zoom", "");
}

// Storage may be forbidden; then the screen merely forgets at the next start.
function keep(name, value) {
  try {
    localStorage.setItem(`polling-screen-${name}`, value);
  } catch {}
}

function kept(name) {
  try {
    return localStorage.getItem(`polling-screen-${name}`);
  } catch {
    return null;
  }
}

if (kept("theme")) page.dataset.theme = kept("theme");
if (kept("zoom")) page.dataset.zoom = kept("zoom");

let idleTimer = 0;
function pointed() {
  page.dataset.pointer = "";
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => delete page.dataset.pointer, IDLE);
}
page.dataset.scripted = "";
addEventListener("pointermove", pointed);
pointed();

// Only on https or localhost, and lost whenever the page is hidden.
function stayAwake() {
  if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {});
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
