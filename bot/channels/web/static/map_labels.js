// The names of towns on the map: placed so that none hides another, and found again under a tap.

import { make } from "./render.js";

const BANNERS_FROM = 6.5; // zoom at which their seats are shown besides those of the leagues
const LETTER = 0.8; // rem; a name's box is estimated, as measuring a hundred would be slow
const DOT = 5; // px
const REACH = 14; // px beside a name at which a thumb still means it

// A name's box around its dot, for each side in order of preference; `h`: its height.
const BOXES = {
  right: ({ x, y }, w, h) => [x + DOT, y - h / 2, x + DOT + 4 + w, y + h / 2],
  left: ({ x, y }, w, h) => [x - DOT - 4 - w, y - h / 2, x - DOT, y + h / 2],
  below: ({ x, y }, w, h) => [x - w / 2, y + DOT + 5, x + w / 2, y + DOT + 5 + h],
  above: ({ x, y }, w, h) => [x - w / 2, y - DOT - 5 - h, x + w / 2, y - DOT - 5],
};
const dotBox = ({ x, y }) => [x - DOT, y - DOT, x + DOT, y + DOT];
const apart = (a, b) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
const away = ([left, top, right, bottom], { x, y }) =>
  Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));

export class MapLabels {
  constructor(map, places) {
    this.map = map;
    this.letter = LETTER * parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.labels = places.map((place) => {
      const className = place.isLeague ? "town city" : "town";
      const icon = L.divIcon({ className, html: make("span", "", place.short), iconSize: [0, 0] });
      const marker = L.marker([place.lat, place.lon], { icon, interactive: false, keyboard: false }).addTo(map);
      return { place, marker, width: this.letter * place.short.length, boxes: [] };
    });
    map.on("zoomend", () => this.arrange());
    this.arrange();
  }

  // Names never lie over each other or over a dot; where there is no room, the dot stands alone.
  arrange() {
    const zoom = this.map.getZoom();
    const shown = this.labels.filter(({ place }) => place.isLeague || zoom >= BANNERS_FROM);
    const dots = shown.map(({ marker }) => this.map.project(marker.getLatLng(), zoom));
    const taken = dots.map(dotBox);
    for (const one of this.labels) {
      one.marker.getElement().dataset.side = "hidden";
      one.boxes = [];
    }
    for (const [at, one] of shown.entries()) {
      const others = taken.filter((_, index) => index !== at);
      const free = (side) => others.every((box) => apart(box, BOXES[side](dots[at], one.width, this.letter)));
      const side = Object.keys(BOXES).find(free);
      one.boxes = [dotBox(dots[at])];
      if (side) {
        const box = BOXES[side](dots[at], one.width, this.letter);
        taken.push(box);
        one.boxes.push(box);
      }
      one.marker.getElement().dataset.side = side || "none";
    }
  }

  // The place whose name or dot lies under a tap, or null.
  at(latlng) {
    const point = this.map.project(latlng, this.map.getZoom());
    const gap = ({ boxes }) => Math.min(...boxes.map((box) => away(box, point)));
    const best = this.labels.reduce((one, other) => (gap(other) < gap(one) ? other : one));
    return gap(best) <= REACH ? best.place : null;
  }
}
