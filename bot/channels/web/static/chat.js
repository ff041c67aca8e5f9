// The page: sends what the courier does over the connection, and renders what comes back.

import { watchKeyboard } from "./keyboard.js";
import { Connection, newId, recall, remember } from "./connection.js";
import { LogView } from "./log_view.js";
import { choosePlace, viewPlaces } from "./map.js";
import { answer, make, mine } from "./render.js";
import { fill, language, t } from "./texts.js";

const LONGEST_TEXT = 2000; // characters; well below the size at which the service closes the socket
const KEPT = 40; // entries of the conversation that survive a reload of this tab
const SLOW = 500; // ms after which a pending message is marked

const part = (id) => document.getElementById(id);
const log = part("log");
const words = part("words");
const hint = part("hint");

fill(document);

const view = new LogView(log, part("newer"));
const bubbles = new Map(); // message id → the courier's bubble
const pressed = new Map(); // message id → the chip that waits for its answer
let history = [];
let me = null; // the last shared point; in memory only
let working = null;
let connection = null;

const act = { press, view: (venues) => viewPlaces(venues, me, press) };

// --- the conversation ---

function keep(entry) {
  history.push(entry);
  if (history.length > KEPT) history.shift();
  remember("sessionStorage", "yizhan.story", history);
}

// A file's bytes would fill the tab's storage; its link stays.
const withoutBytes = (message) => (message.kind === "document" ? { ...message, data: "" } : message);

function addMine(text, id) {
  const bubble = mine(text);
  bubbles.set(id, bubble);
  log.insertBefore(bubble, working);
  view.toEnd();
}

function addAnswer(messages) {
  if (!messages.length) return null;
  const bubble = answer(messages, act, me);
  log.insertBefore(bubble, working);
  return bubble;
}

function showWorking(on) {
  if (on && !working) {
    const follow = view.isAtEnd();
    working = make("p", "working", t.working);
    log.append(working);
    if (follow) view.toEnd();
  } else if (!on && working) {
    working.remove();
    working = null;
  }
}

// --- actions of the courier ---

function say(frame, shown) {
  const id = newId();
  addMine(shown, id);
  keep({ id, mine: shown });
  connection.send(frame, id);
  setTimeout(refresh, SLOW + 20);
  return id;
}

function sayText(text) {
  say({ type: "text", text: text.toWellFormed ? text.toWellFormed() : text }, text);
}

function press(button, chip) {
  if (chip && [...pressed.values()].includes(chip)) return; // a double tap
  pressed.set(say({ type: "press", action: button.action }, button.label), chip);
  chip?.setAttribute("aria-busy", "true");
}

function sendPlace(point) {
  me = { lat: point.lat, lon: point.lon };
  say({ type: "location", ...me }, point.name || t.my_location);
}

function locate() {
  if (!window.isSecureContext || !navigator.geolocation) return choose(t.insecure);
  const label = part("locate").querySelector("span");
  const done = () => {
    part("locate").removeAttribute("aria-busy");
    label.textContent = t.locate;
  };
  part("locate").setAttribute("aria-busy", "true");
  label.textContent = t.locating;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      done();
      sendPlace({ lat: coords.latitude, lon: coords.longitude });
    },
    (error) => {
      done();
      choose(error.code === error.PERMISSION_DENIED ? t.denied : t.no_fix);
    },
    { enableHighAccuracy: true, maximumAge: 60000, timeout: 12000 },
  );
}

async function choose(note) {
  const place = await choosePlace(note);
  if (place?.adcode) say({ type: "press", action: `near.place:${place.adcode}` }, place.name);
  else if (place) sendPlace(place);
}

// Nothing of the conversation stays on the page; what the service says after that stands alone.
function clear() {
  history = [];
  me = null;
  bubbles.clear();
  pressed.clear();
  showWorking(false);
  log.replaceChildren();
  view.showNewer(null);
  part("sheet").close();
}

// --- the connection ---

function answered(id) {
  bubbles.get(id)?.querySelector(".fate").replaceChildren();
  pressed.get(id)?.removeAttribute("aria-busy");
  pressed.delete(id);
  showWorking(false);
}

connection = new Connection(language, {
  answer(id, messages, erased) {
    answered(id);
    if (erased) connection.startAnew();
    else keep({ messages: messages.map(withoutBytes) });
    view.reveal(addAnswer(messages));
  },
  notice(messages) {
    keep({ messages: messages.map(withoutBytes) });
    const wasAtEnd = view.isAtEnd();
    const bubble = addAnswer(messages);
    if (bubble) view.arrived(bubble, wasAtEnd);
  },
  erased: clear,
  refused(id, frame) {
    answered(id);
    const fate = bubbles.get(id)?.querySelector(".fate");
    if (!fate) return;
    const again = make("button", "quiet", t.again);
    again.type = "button";
    again.addEventListener("click", () => {
      const { type, text, action, lat, lon } = frame;
      say(JSON.parse(JSON.stringify({ type, text, action, lat, lon })), bubbles.get(id).querySelector("p").textContent);
      fate.replaceChildren();
    });
    fate.replaceChildren(t.failed, again);
  },
  state(name, waiting) {
    const text = name !== "open" && waiting ? t.with_queue(t[name], waiting) : t[name];
    const status = part("status");
    status.dataset.state = name;
    if (status.textContent !== text) status.textContent = text;
    if (name !== "open") refresh();
  },
});

// Shows which messages still wait, and why; quick answers never flash.
function refresh() {
  const open = part("status").dataset.state === "open";
  for (const [id, bubble] of bubbles) {
    const waits = connection?.isWaiting(id);
    if (waits) bubble.querySelector(".fate").textContent = open ? t.sending : t.queued;
  }
  showWorking(Boolean(open && connection?.queue.length));
}

// --- controls ---

function grow() {
  words.style.height = "auto";
  words.style.height = `${words.scrollHeight + 2}px`;
}

function warn() {
  const length = words.value.trim().length;
  hint.textContent = length > LONGEST_TEXT ? t.too_long(length, LONGEST_TEXT) : "";
  words.setAttribute("aria-invalid", String(length > LONGEST_TEXT));
  return length > LONGEST_TEXT;
}

words.addEventListener("input", () => {
  grow();
  warn();
});
words.addEventListener("keydown", (event) => {
  // while an input method is composing, Enter chooses a word
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    part("composer").requestSubmit();
  }
});
part("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = words.value.trim();
  words.focus();
  if (!text || warn()) return;
  words.value = "";
  grow();
  sayText(text);
});
part("locate").addEventListener("click", () => locate());
part("choose").addEventListener("click", () => choose());
for (const example of t.examples) {
  const button = make("button", "quiet", example);
  button.type = "button";
  button.addEventListener("click", () => sayText(example));
  const item = make("li");
  item.append(button);
  part("examples").append(item);
}

watchKeyboard(log, view);
history = recall("sessionStorage", "yizhan.story") || []; // the connection has dropped another visitor's
for (const entry of history) {
  if (entry.mine) addMine(entry.mine, entry.id);
  else addAnswer(entry.messages);
}
refresh();
view.settle();
log.setAttribute("aria-live", "polite"); // from here on: what was restored is not read out
const start = new URLSearchParams(location.search).get("start") || "";
const code = /^[A-Za-z0-9_-]{0,64}$/.test(start) ? start : "";
if (code || (!history.length && !connection.queue.length)) {
  connection.send({ type: "arrive", code });
  // a link says what to show once, not at each reload
  if (code) window.history.replaceState(null, "", location.pathname);
}
if (window.matchMedia("(pointer: fine)").matches) words.focus();
