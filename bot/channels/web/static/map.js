// The map dialog: league outlines without tiles, to show stations or to pick a location.
// Leaflet is loaded when it is first needed, so that the first answer never waits for it.

import { items, make } from "./render.js";
import { beside, markOf } from "./mini_map.js";
import { t } from "./texts.js";

const LEAFLET = "/static/leaflet-1.9.4/leaflet";
const NEAR = 10; // a first tap on the whole region zooms in to here
const BANNERS_FROM = 6.5; // zoom at which their seats are shown besides those of the leagues
const LETTER = 13.6; // px; a name's box is estimated, as measuring a hundred would be slow
const DOT = 5;
const HALF = 7; // half the height of a name
const REGION = [[37.4, 97.2], [53.4, 126.1]];

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const part = (id) => document.getElementById(id);

let loading = null;
let map = null;
let layer = null; // the markers of the current use of the dialog
let picked = null;
let finish = null;

function load() {
  loading ??= Promise.all([
    element("link", { rel: "stylesheet", href: `${LEAFLET}.css` }),
    element("script", { src: `${LEAFLET}.js` }),
    json("/static/leagues.geojson"),
    json("/static/towns.json"),
  ]).then(([, , outlines, towns]) => build(outlines, towns));
  loading.catch(() => (loading = null));
  return loading;
}

async function json(url) {
  const got = await fetch(url);
  if (!got.ok) throw new Error(`${url}: ${got.status}`);
  return got.json();
}

function element(tag, attributes) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.onload = resolve;
    node.onerror = reject;
    document.head.append(node);
  });
}

function build(outlines, towns) {
  map = L.map("map", {
    attributionControl: false,
    fadeAnimation: !still.matches,
    zoomAnimation: !still.matches,
    maxBounds: L.latLngBounds(REGION).pad(0.3),
    maxZoom: 15,
    minZoom: 4,
    zoomControl: false,
    zoomSnap: 0.5,
  });
  map.setView([44.5, 113], 5);
  // the corners that the region leaves free: it reaches from the lower left to the upper right
  L.control.zoom({ position: "topleft", zoomInTitle: t.zoom_in, zoomOutTitle: t.zoom_out }).addTo(map);
  L.control.attribution({ prefix: false, position: "bottomright" }).addAttribution(t.credit).addTo(map);
  scale().addTo(map);
  L.geoJSON(outlines, { interactive: false, style: { className: "outline" } }).addTo(map);
  const labels = towns.map(label);
  for (const { marker } of labels) marker.addTo(map);
  map.on("zoomend", () => arrange(labels));
  arrange(labels);
  layer = L.layerGroup().addTo(map);
  map.on("click", (event) => finish && pick(event.latlng));
  part("map").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === part("map") && finish) {
      event.preventDefault();
      pick(map.getCenter());
    }
  });
}

// Leaflet's scale says "km" in every language.
function scale() {
  const Scale = L.Control.Scale.extend({
    _updateMetric(most) {
      const metres = this._getRoundNum(most);
      this._updateScale(this._mScale, t.metres(metres), metres / most);
    },
  });
  return new Scale({ imperial: false, position: "bottomright" });
}

function label([name, lat, lon, isLeague]) {
  const className = isLeague ? "town city" : "town";
  const icon = L.divIcon({ className, html: make("span", "", name), iconSize: [0, 0] });
  const marker = L.marker([lat, lon], { icon, interactive: false, keyboard: false });
  return { marker, isLeague, width: LETTER * name.length };
}

// A name's box around its dot, for each side in order of preference.
const BOXES = {
  right: ({ x, y }, width) => [x + DOT, y - HALF, x + DOT + 4 + width, y + HALF],
  left: ({ x, y }, width) => [x - DOT - 4 - width, y - HALF, x - DOT, y + HALF],
  below: ({ x, y }, width) => [x - width / 2, y + DOT + 5, x + width / 2, y + DOT + 5 + 2 * HALF],
  above: ({ x, y }, width) => [x - width / 2, y - DOT - 5 - 2 * HALF, x + width / 2, y - DOT - 5],
};
const apart = (a, b) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];

// Names never lie over each other or over a dot; where there is no room, the dot stands alone.
function arrange(labels) {
  const zoom = map.getZoom();
  const shown = labels.filter(({ isLeague }) => isLeague || zoom >= BANNERS_FROM);
  const dots = shown.map(({ marker }) => map.project(marker.getLatLng(), zoom));
  const taken = dots.map(({ x, y }) => [x - DOT, y - DOT, x + DOT, y + DOT]);
  for (const { marker } of labels) marker.getElement().dataset.side = "hidden";
  for (const [at, { marker, width }] of shown.entries()) {
    const others = taken.filter((_, index) => index !== at);
    const free = (side) => others.every((box) => apart(box, BOXES[side](dots[at], width)));
    const side = Object.keys(BOXES).find(free);
    if (side) taken.push(BOXES[side](dots[at], width));
    marker.getElement().dataset.side = side || "none";
  }
}

function pin(point, text, className, interactive = false) {
  const icon = L.divIcon({ className: `pin-icon ${className}`, html: make("span", "", text), iconSize: [32, 32] });
  return L.marker(point, { icon, interactive, keyboard: false });
}

function pick(latlng) {
  picked = { lat: Number(latlng.lat.toFixed(5)), lon: Number(latlng.lng.toFixed(5)) };
  layer.clearLayers();
  layer.addLayer(pin([picked.lat, picked.lon], "", "here"));
  if (map.getZoom() < NEAR) map.setView(latlng, NEAR, { animate: !still.matches });
  part("sheet-point").textContent = t.picked(picked.lat.toFixed(3), picked.lon.toFixed(3));
  part("sheet-confirm").disabled = false;
}

async function open(title, note, venues, press) {
  const sheet = part("sheet");
  part("sheet-title").textContent = title;
  part("sheet-note").textContent = note;
  part("sheet-list").replaceChildren(...items(venues, press));
  part("sheet-point").textContent = venues.length ? "" : t.nothing_picked;
  part("sheet-confirm").hidden = venues.length > 0;
  part("sheet-confirm").disabled = true;
  picked = null;
  if (!sheet.open) sheet.showModal();
  try {
    await load();
  } catch {
    part("sheet-note").textContent = t.map_failed;
    return false;
  }
  layer.clearLayers();
  map.invalidateSize(false);
  part("map").focus();
  return sheet.open;
}

// The chosen point, or null when the sheet is closed without one.
export function choosePlace(note) {
  return new Promise((resolve) => {
    finish = (point) => {
      finish = null;
      resolve(point);
    };
    open(t.pick_title, note || t.pick_note, []).then((shown) => {
      if (shown) map.fitBounds(REGION, { animate: false });
    });
  });
}

export async function viewPlaces(venues, shared, press) {
  const me = beside(venues, shared);
  const leave = (more) => {
    part("sheet").close();
    press(more);
  };
  const note = t.view_note + (venues.some((venue) => venue.more) ? t.view_tap : t.view_way);
  if (!(await open(t.view_title, note, venues, leave))) return;
  for (const [at, venue] of venues.entries()) {
    const station = pin([venue.lat, venue.lon], markOf(venue, at), "station", Boolean(venue.more));
    if (venue.more) station.on("click", () => leave(venue.more));
    layer.addLayer(station);
  }
  if (me) layer.addLayer(pin([me.lat, me.lon], t.you, "here"));
  const points = [...venues, ...(me ? [me] : [])].map((point) => [point.lat, point.lon]);
  map.fitBounds(L.latLngBounds(points).pad(0.4), { animate: false, maxZoom: 14 });
}

part("sheet-close").addEventListener("click", () => part("sheet").close());
part("sheet-confirm").addEventListener("click", () => {
  const point = picked;
  if (finish) finish(point);
  part("sheet").close();
});
part("sheet").addEventListener("close", () => finish && finish(null));
