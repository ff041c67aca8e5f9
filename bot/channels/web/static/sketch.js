// A small drawing of where places lie around the courier: north up, with a scale, without streets.

import { t } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 168;
const EDGE = 30; // room for a pin and its number
const METRES_PER_DEGREE = 111200;

function shape(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

export function drawSketch(venues, me) {
  const points = me ? [...venues, me] : venues;
  if (points.length < 2) return null; // one point alone says nothing about a direction
  const lats = points.map((point) => point.lat);
  const lons = points.map((point) => point.lon);
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lon: (Math.min(...lons) + Math.max(...lons)) / 2 };
  const narrowing = Math.cos((middle.lat * Math.PI) / 180);
  const east = (point) => (point.lon - middle.lon) * narrowing * METRES_PER_DEGREE;
  const north = (point) => (point.lat - middle.lat) * METRES_PER_DEGREE;
  const span = (of) => Math.max(200, ...points.map((point) => 2 * Math.abs(of(point))));
  const scale = Math.min((WIDTH - 2 * EDGE) / span(east), (HEIGHT - 2 * EDGE) / span(north)); // px per m
  const place = (point) => [WIDTH / 2 + east(point) * scale, HEIGHT / 2 - north(point) * scale];

  const sketch = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "sketch", role: "img" });
  const names = venues.map((venue, at) => `${at + 1} ${venue.title}`).join("; ");
  sketch.setAttribute("aria-label", t.sketch(names));
  if (me) {
    const [x, y] = place(me);
    const ring = nice(Math.hypot(WIDTH, HEIGHT) / 5 / scale);
    for (const times of [1, 2, 3]) sketch.append(shape("circle", { cx: x, cy: y, r: ring * times * scale, class: "ring" }));
    for (const venue of venues) {
      const [toX, toY] = place(venue);
      sketch.append(shape("line", { x1: x, y1: y, x2: toX, y2: toY, class: "way" }));
    }
    sketch.append(shape("circle", { cx: x, cy: y, r: 7, class: "me" }));
    sketch.append(shape("text", { x, y: y + 22, class: "label" }, t.you));
  }
  // last first, so that the best one lies on top
  for (const [at, venue] of [...venues.entries()].reverse()) {
    const [x, y] = place(venue);
    sketch.append(shape("circle", { cx: x, cy: y, r: 13, class: "pin" }));
    sketch.append(shape("text", { x, y: y + 5, class: "number" }, String(at + 1)));
  }
  sketch.append(...compass(), ...bar(scale));
  return sketch;
}

function compass() {
  return [
    shape("path", { d: `M${WIDTH - 20} 10 l6 14 -6 -4 -6 4z`, class: "compass" }),
    shape("text", { x: WIDTH - 20, y: 38, class: "label" }, "N"),
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
