// Renders messages. Every text is set by textContent: no message can become markup.

import { drawMiniMap, markOf } from "./mini_map.js";
import { pieces } from "./phones.js";
import { t } from "./texts.js";

const SAFE_LINKS = new Set(["https:", "http:", "tel:"]);
const WITHOUT_APPS = /MicroMessenger|\bQQ\//; // browsers of WeChat and QQ, which open no other app
const SHORT_PROMPT = 24; // characters

export function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

export function mine(text) {
  const bubble = make("article", "mine");
  bubble.append(make("span", "unseen", t.said_by_me), make("p", "", text), make("span", "fate"));
  return bubble;
}

// act: {press(button, node), view(venues)}; me: the courier's last point, or null. A request for
// a location is not rendered: the button for it is always visible, and one is enough.
export function answer(messages, act, me) {
  const bubble = make("article", "theirs");
  bubble.append(make("span", "unseen", t.said_by_bot));
  const shown = []; // on the mini map
  for (let at = 0; at < messages.length; at += 1) {
    const message = messages[at];
    if (message.kind === "words") {
      bubble.append(...words(message, act));
    } else if (message.kind === "venue") {
      const venues = [message];
      while (messages[at + 1]?.kind === "venue" && !messages[at].choices) venues.push(messages[(at += 1)]);
      bubble.append(places(venues, bubble.textContent, act, me));
      shown.push(...venues);
      if (messages[at].choices) bubble.append(choices(messages[at].choices, act));
    } else if (message.kind === "document") {
      bubble.append(file(message));
    }
  }
  if (shown.length) offerMap(bubble, shown, act);
  return bubble;
}

// A chip that opens the map, which stands in for the mini map where a screen is too small for both.
function offerMap(bubble, venues, act) {
  bubble.classList.add("with-places");
  const chip = make("button", "chip map-chip", t.map);
  chip.type = "button";
  chip.addEventListener("click", () => act.view(venues));
  bubble.querySelector(".chips")?.append(chip);
}

function words(message, act) {
  const paragraphs = [...message.paragraphs];
  const last = paragraphs.at(-1);
  const isPrompt = message.choices && !message.choices.numbered && last && !last.links.length;
  const prompt = isPrompt && last.text.length <= SHORT_PROMPT ? paragraphs.pop().text : "";
  const nodes = paragraphs.map((paragraph) => {
    const links = paragraph.links.map(link).filter(Boolean);
    const block = make("div", links.length ? "card" : "paragraph");
    let text = paragraph.text;
    const end = text.indexOf("\n");
    if (links.length && end > 0) {
      block.append(make("h3", "", text.slice(0, end))); // a place's first line is its name
      text = text.slice(end + 1);
    }
    if (text) block.append(callable(text));
    if (links.length) {
      const row = make("div", "links");
      row.append(...links);
      block.append(row);
      if (links.length === 1 && end < 0) block.classList.add("brief"); // beside its text
    }
    return block;
  });
  if (message.choices) nodes.push(choices(message.choices, act, prompt));
  return nodes;
}

// A paragraph in which phone numbers can be tapped.
function callable(text) {
  const block = make("p");
  for (const { text: piece, phone } of pieces(text)) {
    if (!phone) {
      block.append(piece);
      continue;
    }
    const node = make("a", "phone", piece);
    node.href = `tel:${phone}`;
    block.append(node);
  }
  return block;
}

function link({ label, url }) {
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  if (!SAFE_LINKS.has(parsed.protocol)) return null;
  if (parsed.host === "uri.amap.com" && WITHOUT_APPS.test(navigator.userAgent)) {
    parsed.search = parsed.search.replace("&callnative=1", "&callnative=0");
  }
  const node = make("a", "link", label);
  node.href = parsed.href;
  if (parsed.protocol !== "tel:") {
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
  return node;
}

// prompt: a question that is short enough to stand beside its chips, or ""
function choices({ rows, numbered }, act, prompt = "") {
  if (numbered) {
    const list = make("ol", "numbered");
    for (const { label, number } of rows.flat()) {
      const item = make("li", "", label);
      item.value = number;
      list.append(item);
    }
    return list;
  }
  const block = make("div", "choices");
  if (prompt) block.append(make("p", "prompt", prompt));
  const groups = rows.map((row) => {
    const group = make("div", "chips");
    group.setAttribute("role", "group");
    for (const button of row) {
      const chip = make("button", "chip", button.label);
      chip.type = "button";
      chip.addEventListener("click", () => act.press(button, chip));
      group.append(chip);
    }
    return group;
  });
  block.append(...groups);
  return block;
}

function places(venues, text, act, me) {
  const card = make("section", "places-card");
  const miniMap = drawMiniMap(venues, me, act.press);
  if (miniMap) card.append(miniMap);
  // the text before mostly names the places already: the mini map then stands alone
  if (!miniMap || !venues.every((venue) => text.includes(venue.title))) {
    const list = make("ol", "venues");
    list.append(...items(venues));
    card.append(list);
  }
  const larger = make("button", "quiet", t.open_map);
  larger.type = "button";
  larger.addEventListener("click", () => act.view(venues));
  card.append(larger);
  return card;
}

// press: what a tap on a place does, where it has a meaning
export function items(venues, press) {
  return venues.map((venue, at) => {
    const item = make("li");
    item.dataset.mark = markOf(venue, at);
    const pressed = press && venue.more;
    const body = make(pressed ? "button" : "div");
    body.append(make("strong", "", venue.title), make("span", "", venue.address));
    if (pressed) {
      body.type = "button";
      body.addEventListener("click", () => press(venue.more));
    }
    item.append(body);
    return item;
  });
}

function file({ name, media_type: type, data, link: online }) {
  const card = make("div", "card file");
  if (!data) {
    // kept without its bytes over a reload
    const node = link(online);
    card.append(node || make("p", "", name));
    return card;
  }
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  if (/^image\/(png|jpeg|gif|webp)$/.test(type)) {
    const picture = make("img");
    picture.src = url;
    picture.alt = name;
    card.append(picture);
  }
  const save = make("a", "link", t.download(name));
  save.href = url;
  save.download = name;
  card.append(save);
  return card;
}
