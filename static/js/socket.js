// The page's one socket: it takes frames in, and keeps coming back. Each page has at most one (docs/decisions/0006).
// Frames are whole states, so that a missed one is healed by the next. Where no WebSocket gets through, the regions are fetched.
//
// It tells the page by events on document: polling:frame (detail: the region as it now stands),
// polling:message (detail: the server's JSON), polling:clock (detail: { now }, the server's own clock in seconds) and
// polling:state (detail: { online }).
const PROTOCOL = "polling.html.v1";
// Network weather ends in one of many codes; only the server's own "no" is final.
const FINAL_CODES = new Set([4401, 4403, 4404]);
const NO_PASS = 4401;
const WAS_IN_AFTER = 2_000;
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 20_000;
const HANDSHAKE_LIMIT = 10_000;
const SETTLED_AFTER = 10_000;
const AWAY_LIMIT = 15_000;
const FETCH_EVERY = 2_000;
const FETCH_AFTER = 2; // sockets that did not open
const OFFLINE_AFTER = 3_000; // a short gap is nobody's trouble

let socket = null;
let failures = 0;
let retryTimer = 0;
let handshakeTimer = 0;
let fetching = false;
let offlineTimer = 0;
let openedAt = 0;
let hiddenAt = document.hidden ? Date.now() : 0;
let doubtful = false;
let ended = false;
let online = true;

// False means "not written"; true does not mean "arrived": only an acknowledgement does.
export function send(text) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(text);
  return true;
}

export function isOnline() {
  return online;
}

// For a sender whose acknowledgement stays out on a socket that looks healthy, and for a person who does not want to wait.
export function renew() {
  if (ended) return;
  failures = 0;
  open();
}

function open() {
  discard();
  openedAt = 0;
  socket = new WebSocket(new URL(document.body.dataset.socket, location.href.replace(/^http/, "ws")), PROTOCOL);
  handshakeTimer = setTimeout(() => lost(1006), HANDSHAKE_LIMIT);
  socket.onopen = opened;
  socket.onmessage = ({ data }) => {
    if (!data.startsWith("{")) return showFrame(data);
    const message = JSON.parse(data);
    tell(message.type === "clock" ? "clock" : "message", message);
  };
  socket.onclose = ({ code }) => lost(code);
}

function opened() {
  clearTimeout(handshakeTimer);
  openedAt = Date.now();
  nowOnline(true);
}

// Taking the handlers off first: a discarded socket must neither deliver nor reconnect.
function discard() {
  clearTimeout(retryTimer);
  clearTimeout(handshakeTimer);
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

function lost(code) {
  discard();
  if (FINAL_CODES.has(code)) {
    stop();
    // A link that was revoked, replaced or has ended: the page says so. Who never was in would ask for ever.
    if (code === NO_PASS && openedAt && Date.now() - openedAt > WAS_IN_AFTER) location.reload();
    return;
  }
  // A server that accepts and falls over at once must not be called ever faster.
  if (openedAt && Date.now() - openedAt > SETTLED_AFTER) failures = 0;
  failures += 1;
  offlineTimer ||= setTimeout(() => nowOnline(false), OFFLINE_AFTER);
  if (failures >= FETCH_AFTER && !fetching) fetchRegions();
  retryWithin(Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - 1)));
}

// Full jitter: a whole hall loses its sockets in the same second.
function retryWithin(limit) {
  clearTimeout(retryTimer);
  retryTimer = setTimeout(open, Math.random() * limit);
}

function nowOnline(is) {
  clearTimeout(offlineTimer);
  offlineTimer = 0;
  online = is;
  tell("state", { online });
}

// The way round for networks that let no WebSocket through. It stops as soon as one opens.
async function fetchRegions() {
  let misses = 0;
  fetching = true;
  while (!ended && socket?.readyState !== WebSocket.OPEN) {
    if (!document.hidden) misses = (await fetchedRegions()) ? 0 : misses + 1;
    await pause(misses ? Math.random() * Math.min(LONGEST_DELAY, FETCH_EVERY * 2 ** misses) : FETCH_EVERY);
  }
  fetching = false;
}

async function fetchedRegions() {
  try {
    const response = await fetch(beside("regions"), { cache: "no-store", signal: limit(HANDSHAKE_LIMIT) });
    if (!response.ok) return false;
    tell("clock", { now: Number(response.headers.get("Polling-Clock")) });
    const regions = parsed(await response.text()).querySelectorAll("[data-region]");
    regions.forEach(show);
    if (!online || offlineTimer) nowOnline(true);
    return true;
  } catch {
    return false;
  }
}

// The address of what stands beside the socket: the same page's regions, or where it posts to.
export function beside(name) {
  return document.body.dataset.socket.replace(/\/socket(?=\?|$)/, `/${name}`);
}

export function pause(time) {
  return new Promise((done) => setTimeout(done, time));
}

export function limit(time) {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), time);
  return stop.signal;
}

function wake() {
  if (ended || document.hidden) return;
  const away = hiddenAt ? Date.now() - hiddenAt : 0;
  hiddenAt = 0;
  // After a long sleep or a change of network a socket may say OPEN and be dead.
  if (socket && away < AWAY_LIMIT && !doubtful) return;
  doubtful = false;
  discard();
  failures = 0;
  retryWithin(FIRST_DELAY);
}

function onVisibility() {
  if (document.hidden) hiddenAt = Date.now();
  else wake();
}

function onOnline() {
  doubtful = true;
  wake();
}

function stop() {
  ended = true;
  discard();
  nowOnline(false);
}

function tell(what, detail) {
  document.dispatchEvent(new CustomEvent(`polling:${what}`, { detail }));
}

function showFrame(html) {
  const fresh = parsed(html).firstElementChild;
  if (fresh) show(fresh);
}

function parsed(html) {
  const template = document.createElement("template");
  // Text around a region would pile up beside it, one node a frame.
  template.innerHTML = html.trim();
  return template.content;
}

function show(fresh) {
  const shown = fresh.id && document.getElementById(fresh.id);
  if (!shown || isOlder(fresh.dataset, shown.dataset)) return;
  // Asked each time: htmx may arrive late from its network, or never. Another poll's form inherits nothing.
  if (fresh.dataset.poll !== shown.dataset.poll) shown.replaceWith(fresh);
  else if (window.htmx) morph(shown, fresh);
  else replaceKeepingInput(shown, fresh);
  tell("frame", document.getElementById(fresh.id));
}

// The page is the record of what is shown, so first paint and frames share one rule.
function isOlder(fresh, shown) {
  return fresh.epoch === shown.epoch && Number(fresh.revision) < Number(shown.revision);
}

// The page has changed when swap() returns; its promise only tells of failure.
function morph(shown, fresh) {
  window.htmx
    .swap({ text: fresh.outerHTML, target: shown, sourceElement: shown, swap: "outerMorph ignoreTitle:true" })
    .catch(() => shown.isConnected && replaceKeepingInput(shown, fresh));
}

function replaceKeepingInput(shown, fresh) {
  const focused = shown.contains(document.activeElement) ? document.activeElement : null;
  const caret = focused && [focused.selectionStart, focused.selectionEnd];
  for (const field of shown.querySelectorAll("input[id], textarea[id]")) {
    const twin = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (!twin) continue;
    if (field.checked !== field.defaultChecked) twin.checked = field.checked;
    if (field.value !== field.defaultValue) twin.value = field.value;
  }
  shown.replaceWith(fresh);
  const heir = focused?.id ? document.getElementById(focused.id) : null;
  heir?.focus({ preventScroll: true });
  // Radios and buttons have no caret and answer null.
  if (heir && caret[0] != null) heir.setSelectionRange(...caret);
}

if (document.body.dataset.socket) {
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("online", onOnline);
  addEventListener("offline", () => nowOnline(false));
  addEventListener("pageshow", wake);
  addEventListener("pagehide", discard); // an open socket keeps the page out of the back/forward cache
  open();
}
