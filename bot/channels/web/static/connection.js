// The line to the service: one message at a time, in order, each repeated under its own id until it
// is answered. What is not answered yet survives a lost connection and a reload of the page.

const FIRST_WAIT = 800; // ms before the first reconnection; doubles up to LONGEST_WAIT
const LONGEST_WAIT = 30000;
const ANSWER_WAIT = 20000; // a socket that is silent for longer while we wait is taken for dead
const MOST_TRIES = 5; // connections lost over one message before it is given back to the courier

export function newId() {
  // crypto.randomUUID() exists on HTTPS only
  const hex = randomHex();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function randomHex() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A private window may refuse storage: then the page forgets, and everything else works.
export function recall(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key));
  } catch {
    return null;
  }
}

export function remember(storage, key, value) {
  try {
    window[storage].setItem(key, JSON.stringify(value));
  } catch {
    // refused or full
  }
}

function visitor() {
  let known = recall("localStorage", "yizhan.visitor");
  if (!/^[0-9a-f]{32}$/.test(known)) {
    known = randomHex();
    remember("localStorage", "yizhan.visitor", known);
  }
  return known;
}

export class Line {
  // on: {answer(id, messages), notice(messages), refused(id, frame), state(name, waiting)}
  constructor(language, on) {
    this.language = /^[A-Za-z0-9-]{2,35}$/.test(language) ? language : "zh-CN";
    this.on = on;
    this.queue = recall("sessionStorage", "yizhan.queue") || [];
    this.notices = new Set();
    this.tries = new Map();
    this.failures = 0;
    this.ready = false;
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.tell());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    this.connect();
  }

  send(frame, id = newId()) {
    this.queue.push({ v: 1, id, ...frame });
    this.changed();
    this.flush();
    this.hurry();
    return id;
  }

  isWaiting(id) {
    return this.queue.some((frame) => frame.id === id);
  }

  connect() {
    clearTimeout(this.timer);
    const url = new URL("/chat/ws", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    this.tell();
    socket.onopen = () => {
      this.watch();
      socket.send(JSON.stringify({ v: 1, type: "hello", visitor: visitor(), language: this.language }));
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.take(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  take(frame) {
    clearTimeout(this.watchdog);
    if (frame.type === "ready") {
      this.ready = true;
      this.failures = 0;
      this.inFlight = null;
      this.flush();
    } else if (frame.type === "answer") {
      this.settle(frame.to, () => this.on.answer(frame.to, frame.messages));
    } else if (frame.type === "notice") {
      if (!this.notices.has(frame.id)) this.on.notice(frame.messages);
      this.notices.add(frame.id);
      // what nobody looks at is not acknowledged: the service says it again at the next message
      if (!document.hidden) this.socket.send(JSON.stringify({ v: 1, type: "got", id: frame.id }));
    } else if (frame.type === "error") {
      this.fault(frame);
    }
    this.tell();
  }

  fault(frame) {
    if (frame.code === "version") {
      this.outdated = true;
      this.socket.close();
    } else if (frame.retry_after) {
      this.inFlight = null;
      this.timer = setTimeout(() => this.flush(), frame.retry_after * 1000 + 200);
    } else if (frame.to) {
      this.settle(frame.to, (sent) => this.on.refused(frame.to, sent));
    } else {
      this.socket.close();
    }
  }

  settle(id, tell) {
    const known = this.queue.find((frame) => frame.id === id);
    if (this.inFlight === id) this.inFlight = null;
    this.queue = this.queue.filter((frame) => frame.id !== id);
    this.changed();
    this.tries.delete(id);
    if (known) tell(known);
    this.flush();
  }

  flush() {
    if (!this.ready || this.inFlight || !this.queue.length) return;
    this.inFlight = this.queue[0].id;
    this.socket.send(JSON.stringify(this.queue[0]));
    this.watch();
  }

  watch() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      this.socket.close();
      this.lost();
    }, ANSWER_WAIT);
  }

  lost() {
    clearTimeout(this.watchdog);
    clearTimeout(this.timer);
    this.ready = false;
    this.socket = null;
    this.failures += 1;
    this.giveUp();
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
    // spread out, or all pages would come back in the same second after a restart
    if (!this.outdated) this.timer = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2));
    this.tell();
  }

  giveUp() {
    const id = this.inFlight;
    this.inFlight = null;
    if (!id) return;
    const tries = (this.tries.get(id) || 0) + 1;
    this.tries.set(id, tries);
    if (tries >= MOST_TRIES) this.settle(id, (sent) => this.on.refused(id, sent));
  }

  hurry() {
    if (!this.socket && !this.outdated && navigator.onLine) this.connect();
  }

  changed() {
    remember("sessionStorage", "yizhan.queue", this.queue);
    this.tell();
  }

  tell() {
    let state = "open";
    if (this.outdated) state = "outdated";
    else if (!this.ready) state = !navigator.onLine ? "offline" : this.failures ? "broken" : "connecting";
    this.on.state(state, this.queue.length);
  }
}
