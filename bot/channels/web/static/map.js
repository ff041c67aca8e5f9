// The map sheet: league outlines without tiles, to show stations or to choose a place by hand.
// Leaflet is loaded when it is first needed, so that the first answer never waits for it.

import { items, make } from "./show.js";
import { t } from "./texts.js";

const LEAFLET = "/static/leaflet-1.9.4/leaflet";
const NEAR = 10; // a first tap on the whole region zooms in to here
const REGION = [[37.4, 97.2], [53.4, 126.1]];

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const part = (id) => document.getElementById(id);

let loading = null;
let map = null;
let layer = null; // what belongs to the present use of the sheet
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
  L.control.zoom({ position: "bottomright" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  L.geoJSON(outlines, { interactive: false, style: { className: "outline" } }).addTo(map);
  L.control.attribution({ prefix: false, position: "topright" }).addAttribution(t.credit).addTo(map);
  for (const town of towns) label(town).addTo(map);
  const crowd = () => part("map").classList.toggle("close", map.getZoom() >= 7.5);
  map.on("zoomend", crowd);
  crowd();
  layer = L.layerGroup().addTo(map);
  map.on("click", (event) => finish && pick(event.latlng));
  part("map").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === part("map") && finish) {
      event.preventDefault();
      pick(map.getCenter());
    }
  });
}

// A seat with its name; those of banners appear when there is room for them.
function label([name, lat, lon, isLeague]) {
  const className = isLeague ? "town city" : "town";
  const icon = L.divIcon({ className, html: make("span", "", name), iconSize: [0, 0] });
  return L.marker([lat, lon], { icon, interactive: false, keyboard: false });
}

function pin(point, text, className) {
  const icon = L.divIcon({ className: `pin-icon ${className}`, html: make("span", "", text), iconSize: [32, 32] });
  return L.marker(point, { icon, interactive: false, keyboard: false });
}

function pick(latlng) {
  picked = { lat: Number(latlng.lat.toFixed(5)), lon: Number(latlng.lng.toFixed(5)) };
  layer.clearLayers();
  layer.addLayer(pin([picked.lat, picked.lon], "", "here"));
  if (map.getZoom() < NEAR) map.setView(latlng, NEAR, { animate: !still.matches });
  part("sheet-point").textContent = t.picked(picked.lat.toFixed(3), picked.lon.toFixed(3));
  part("sheet-confirm").disabled = false;
}

async function open(title, note, venues) {
  const sheet = part("sheet");
  part("sheet-title").textContent = title;
  part("sheet-note").textContent = note;
  part("sheet-list").replaceChildren(...items(venues));
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

export async function viewPlaces(venues, me) {
  if (!(await open(t.view_title, t.view_note, venues))) return;
  for (const [at, venue] of venues.entries()) {
    layer.addLayer(pin([venue.lat, venue.lon], String(at + 1), "station"));
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
