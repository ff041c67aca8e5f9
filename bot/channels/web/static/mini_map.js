// A small map of the places around the courier: north up, with a scale, without streets.

import { t } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 168;
const EDGE = { x: 44, y: 30 }; // room for a pin besides the compass and above the scale
const PIN = 13;
const TAP_RADIUS = 24;
const METRES_PER_DEGREE = 111200;
const FAR = 100000; // m: at this distance the courier is not drawn beside the places

function shape(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

// The courier's point where it belongs to these places, else null: a typed town may lie anywhere.
export function beside(venues, me) {
  const metres = (venue) =>
    METRES_PER_DEGREE *
    Math.hypot(venue.lat - me.lat, (venue.lon - me.lon) * Math.cos((me.lat * Math.PI) / 180));
  return me && Math.min(...venues.map(metres)) < FAR ? me : null;
}

// The label of a pin: the number that the text gives the place, which may begin at 4.
export const markOf = (venue, at) => venue.mark || String(at + 1);

export function drawMiniMap(venues, shared, press) {
  const me = beside(venues, shared);
  const points = me ? [...venues, me] : venues;
  if (points.length < 2) return null; // one point alone shows no direction
  const lats = points.map((point) => point.lat);
  const lons = points.map((point) => point.lon);
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lon: (Math.min(...lons) + Math.max(...lons)) / 2 };
  const narrowing = Math.cos((middle.lat * Math.PI) / 180);
  const east = (point) => (point.lon - middle.lon) * narrowing * METRES_PER_DEGREE;
  const north = (point) => (point.lat - middle.lat) * METRES_PER_DEGREE;
  const span = (of) => Math.max(200, ...points.map((point) => 2 * Math.abs(of(point))));
  const scale = Math.min((WIDTH - 2 * EDGE.x) / span(east), (HEIGHT - 2 * EDGE.y) / span(north)); // px per m
  const place = (point) => [WIDTH / 2 + east(point) * scale, HEIGHT / 2 - north(point) * scale];

  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "sketch", role: "img" });
  const names = venues.map((venue, at) => `${markOf(venue, at)} ${venue.title}`).join(t.and);
  svg.setAttribute("aria-label", t.sketch(names));
  const middles = apart(venues.map(place), me && place(me));
  if (me) svg.append(...around(place(me), middles, scale));
  // tap areas below all pins; the buttons under the text do the same
  const taps = venues.map((venue, at) => shape("circle", { cx: middles[at][0], cy: middles[at][1], r: TAP_RADIUS, class: "tap" }));
  const pins = venues.map((venue, at) => {
    const [x, y] = middles[at];
    const pin = shape("g", { class: "pin" });
    pin.append(shape("circle", { cx: x, cy: y, r: PIN }));
    pin.append(shape("text", { x, y: y + 5, class: "number" }, markOf(venue, at)));
    return pin;
  });
  for (const [at, { more }] of venues.entries()) {
    if (!more) continue;
    for (const node of [taps[at], pins[at]]) {
      node.classList.add("open");
      node.addEventListener("click", () => press(more, pins[at]));
    }
  }
  // last first, so that the best one lies on top
  svg.append(...taps.reverse(), ...pins.reverse(), ...compass(), ...bar(scale));
  return svg;
}

function around([x, y], middles, scale) {
  const ring = nice(Math.hypot(WIDTH, HEIGHT) / 5 / scale);
  const rings = [1, 2, 3].map((times) => shape("circle", { cx: x, cy: y, r: ring * times * scale, class: "ring" }));
  const ways = middles.map(([x2, y2]) => shape("line", { x1: x, y1: y, x2, y2, class: "way" }));
  const below = middles.filter(([, other]) => other > y).length;
  const label = shape("text", { x, y: 2 * below > middles.length ? y - 13 : y + 22, class: "label" }, t.you);
  return [...rings, ...ways, shape("circle", { cx: x, cy: y, r: 7, class: "me" }), label];
}

// Pins that would hide one another or the courier, moved aside as little as shows them all.
function apart(middles, still) {
  const moved = middles.map(([x, y]) => [x, y]);
  for (let round = 0; round < 12; round += 1) {
    for (const [at, one] of moved.entries()) {
      for (const other of [...(still ? [still] : []), ...moved.slice(0, at)]) {
        const gap = Math.hypot(one[0] - other[0], one[1] - other[1]);
        const lack = (other === still ? PIN + 9 : 2 * PIN + 3) - gap;
        if (lack <= 0) continue;
        const [x, y] = gap ? [(one[0] - other[0]) / gap, (one[1] - other[1]) / gap] : [1, 0];
        one[0] = Math.min(WIDTH - EDGE.x, Math.max(EDGE.x, one[0] + x * lack));
        one[1] = Math.min(HEIGHT - EDGE.y, Math.max(EDGE.y, one[1] + y * lack));
      }
    }
  }
  return moved;
}

function compass() {
  return [
    shape("path", { d: `M${WIDTH - 18} 10 l6 14 -6 -4 -6 4z`, class: "compass" }),
    shape("text", { x: WIDTH - 18, y: 38, class: "label" }, t.north),
  ];
}

function bar(scale) {
  const metres = nice(70 / scale);
  const length = metres * scale;
  return [
    shape("path", { d: `M12 ${HEIGHT - 16} v6 h${length} v-6`, class: "bar" }),
    shape("text", { x: 12 + length + 8, y: HEIGHT - 9, class: "label start" }, t.metres(metres)),
  ];
}

// the largest of 1, 2, 5 × 10^n that is not above the value
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([5, 2, 1].find((step) => step * power <= value) || 1);
}
