// The connection to the service: a queue that sends one message at a time, in order, and repeats each
// under its own id until it is answered. It survives a lost connection and a reload of the page.

const FIRST_WAIT = 800; // ms before the first reconnection; doubles up to LONGEST_WAIT
const LONGEST_WAIT = 30000;
const ANSWER_TIMEOUT = 20000; // ms without a frame after which the socket counts as dead
const MAX_ATTEMPTS = 5; // connections lost during one message before it is reported as failed

export function newId() {
  // crypto.randomUUID() exists on HTTPS only
  const hex = randomHex();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function randomHex() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A private window may refuse storage: then nothing survives a reload, and everything else works.
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

// The secret by which the service knows this browser.
const VISITOR = "yizhan.visitor";
// Names, in the browser and in each of its tabs, the conversation that was answered since the visitor's
// data was last deleted; a tab with another name than the browser holds what is deleted.
const CONVERSATION = "yizhan.conversation";
const OF_TAB = ["yizhan.story", "yizhan.queue", CONVERSATION]; // what a tab keeps over a reload

function knownVisitor() {
  const known = recall("localStorage", VISITOR);
  return /^[0-9a-f]{32}$/.test(known) ? known : null;
}

function remove(storage, key) {
  try {
    window[storage].removeItem(key);
  } catch {
    // refused
  }
}

// Whether the tab holds a conversation that was deleted.
function isDeleted() {
  const before = recall("sessionStorage", CONVERSATION);
  return before !== null && before !== recall("localStorage", CONVERSATION);
}

function emptyTab() {
  for (const key of OF_TAB) remove("sessionStorage", key);
}

export class Connection {
  // on: {answer(id, messages, erased), notice(messages), refused(id, frame), state(name, waiting),
  // erased()}; the last when what this page shows was deleted, here, in another tab or elsewhere
  constructor(language, on) {
    this.language = /^[A-Za-z0-9-]{2,35}$/.test(language) ? language : "zh-CN";
    this.on = on;
    // a tab that was closed, and opened again after its data had been deleted elsewhere
    if (isDeleted()) emptyTab();
    this.visitor = null;
    this.conversation = recall("sessionStorage", CONVERSATION);
    this.queue = recall("sessionStorage", "yizhan.queue") || [];
    this.notices = new Set();
    this.attempts = new Map();
    this.failures = 0;
    this.ready = false;
    window.addEventListener("online", () => this.reconnectNow());
    window.addEventListener("offline", () => this.reportState());
    // storage events come from other tabs only; a frozen page gets none and looks when it wakes up
    window.addEventListener("storage", ({ key, newValue }) => {
      if (key === null || (key === VISITOR && newValue === null)) this.startAnew();
      else if (key === CONVERSATION && newValue === null && this.conversation) this.empty();
    });
    window.addEventListener("pageshow", ({ persisted }) => {
      if (!persisted || !isDeleted()) return;
      if (this.visitor === knownVisitor()) this.empty();
      else this.startAnew();
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.reconnectNow());
    this.connect();
  }

  identify() {
    this.visitor = knownVisitor() || this.visitor || randomHex();
    remember("localStorage", VISITOR, this.visitor);
    return this.visitor;
  }

  // From the first answer on there is something to empty.
  nameConversation() {
    const known = recall("localStorage", CONVERSATION) || this.conversation || randomHex();
    if (known === this.conversation) return;
    this.conversation = known;
    remember("localStorage", CONVERSATION, known);
    remember("sessionStorage", CONVERSATION, known);
  }

  // Nothing of the conversation that this page, or another tab, shows is stored any longer.
  compare(conversation) {
    const shows = this.conversation || recall("localStorage", CONVERSATION);
    if (!shows) return;
    if (conversation === "none") this.startAnew();
    else if (conversation === "cleared") this.empty();
  }

  // Forgets all that this browser's tabs hold, and stays the same visitor.
  empty() {
    const known = recall("localStorage", CONVERSATION);
    // which tells the other tabs, unless they have begun another one
    if (!this.conversation || this.conversation === known) remove("localStorage", CONVERSATION);
    this.conversation = null;
    emptyTab();
    this.queue = [];
    this.attempts.clear();
    this.inFlight = null;
    this.on.erased();
    this.reportState();
  }

  // Forgets the visitor, too, and connects as somebody new.
  startAnew() {
    const known = this.visitor;
    this.visitor = null;
    if (known === knownVisitor()) remove("localStorage", VISITOR);
    this.empty();
    if (!known) return; // the socket that is on its way has not said who this is
    const socket = this.socket;
    clearTimeout(this.watchdog);
    this.ready = false;
    this.connect(); // whatever the old socket still says is ignored
    socket?.close();
  }

  send(frame, id = newId()) {
    this.queue.push({ v: 1, id, ...frame });
    this.saveQueue();
    this.flush();
    this.reconnectNow();
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
    this.reportState();
    socket.onopen = () => {
      this.startWatchdog();
      socket.send(JSON.stringify({ v: 1, type: "hello", visitor: this.identify(), language: this.language }));
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (socket === this.socket) this.closed();
    };
  }

  receive(frame) {
    clearTimeout(this.watchdog);
    if (frame.type === "erased") {
      this.compare(frame.conversation);
    } else if (frame.type === "ready") {
      this.compare(frame.conversation);
      if (!this.visitor) return; // a new socket is on its way
      this.ready = true;
      this.failures = 0;
      this.inFlight = null;
      this.flush();
    } else if (frame.type === "answer") {
      this.nameConversation();
      this.complete(frame.to, () => this.on.answer(frame.to, frame.messages, Boolean(frame.erased)));
    } else if (frame.type === "notice") {
      if (!this.notices.has(frame.id)) this.on.notice(frame.messages);
      this.notices.add(frame.id);
      // a hidden page acknowledges nothing: the service repeats the notice with the next answer
      if (!document.hidden) this.socket.send(JSON.stringify({ v: 1, type: "got", id: frame.id }));
    } else if (frame.type === "error") {
      this.handleError(frame);
    }
    this.reportState();
  }

  handleError(frame) {
    if (frame.code === "version") {
      this.outdated = true;
      this.socket.close();
    } else if (frame.retry_after) {
      this.inFlight = null;
      this.timer = setTimeout(() => this.flush(), frame.retry_after * 1000 + 200);
    } else if (frame.to) {
      this.complete(frame.to, (sent) => this.on.refused(frame.to, sent));
    } else {
      this.socket.close();
    }
  }

  complete(id, report) {
    const known = this.queue.find((frame) => frame.id === id);
    if (this.inFlight === id) this.inFlight = null;
    this.queue = this.queue.filter((frame) => frame.id !== id);
    this.saveQueue();
    this.attempts.delete(id);
    if (known) report(known);
    this.flush();
  }

  flush() {
    if (!this.ready || this.inFlight || !this.queue.length) return;
    this.inFlight = this.queue[0].id;
    this.socket.send(JSON.stringify(this.queue[0]));
    this.startWatchdog();
  }

  startWatchdog() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      this.socket.close();
      this.closed();
    }, ANSWER_TIMEOUT);
  }

  closed() {
    clearTimeout(this.watchdog);
    clearTimeout(this.timer);
    this.ready = false;
    this.socket = null;
    this.failures += 1;
    this.countAttempt();
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
    // jitter, or all pages would reconnect in the same second after a restart
    if (!this.outdated) this.timer = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2));
    this.reportState();
  }

  countAttempt() {
    const id = this.inFlight;
    this.inFlight = null;
    if (!id) return;
    const attempts = (this.attempts.get(id) || 0) + 1;
    this.attempts.set(id, attempts);
    if (attempts >= MAX_ATTEMPTS) this.complete(id, (sent) => this.on.refused(id, sent));
  }

  reconnectNow() {
    if (!this.socket && !this.outdated && navigator.onLine) this.connect();
  }

  saveQueue() {
    remember("sessionStorage", "yizhan.queue", this.queue);
    this.reportState();
  }

  reportState() {
    let state = "open";
    if (this.outdated) state = "outdated";
    else if (!this.ready) state = !navigator.onLine ? "offline" : this.failures ? "broken" : "connecting";
    this.on.state(state, this.queue.length);
  }
}
