// The map dialog: league outlines without tiles, to show stations or to pick a location.
// Leaflet is loaded when it is first needed, so that the first answer never waits for it.

import { MapLabels } from "./map_labels.js";
import { beside, markOf } from "./mini_map.js";
import { Places } from "./places.js";
import { items, make } from "./render.js";
import { t } from "./texts.js";

const LEAFLET = "/static/leaflet-1.9.4/leaflet";
const NEAR = 8; // zoom at which a chosen place still has its neighbours around it: there are no streets
const NEAR_KM = 10; // further from a town than this, the distance is said besides its name
const BORDER_KM = 30; // as far from a town, a point outside of the outlines is refused
const REGION = [[37.4, 97.2], [53.4, 126.1]];

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const part = (id) => document.getElementById(id);

let loading = null;
let map = null;
let places = null;
let layer = null; // the markers of the current use of the dialog
let picked = null; // {lat, lon, name} of a point, or {adcode, name} of a town
let finish = null;

function load() {
  loading ??= Promise.all([
    element("link", { rel: "stylesheet", href: `${LEAFLET}.css` }),
    element("script", { src: `${LEAFLET}.js` }),
    json("/static/leagues.geojson"),
    json("/static/places.json"),
  ]).then(([, , outlines, rows]) => {
    places = new Places(rows, outlines);
    build(outlines);
  });
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

function build(outlines) {
  map = L.map("map", {
    attributionControl: false,
    fadeAnimation: !still.matches,
    zoomAnimation: !still.matches,
    maxBounds: L.latLngBounds(REGION).pad(0.02),
    maxBoundsViscosity: 1,
    maxZoom: 15,
    minZoom: 3,
    zoomControl: false,
    zoomSnap: 0.5,
  });
  map.setView([44.5, 113], 5);
  // the corners that the region leaves free: it reaches from the lower left to the upper right
  L.control.zoom({ position: "topleft", zoomInTitle: t.zoom_in, zoomOutTitle: t.zoom_out }).addTo(map);
  L.control.attribution({ prefix: false, position: "bottomright" }).addAttribution(t.credit).addTo(map);
  scale().addTo(map);
  L.geoJSON(outlines, { interactive: false, style: { className: "outline" } }).addTo(map);
  const labels = new MapLabels(map, places.seats);
  layer = L.layerGroup().addTo(map);
  const tap = (latlng) => {
    if (!finish) return;
    const town = labels.at(latlng);
    if (town) pickTown(town);
    else pickPoint({ lat: Number(latlng.lat.toFixed(5)), lon: Number(latlng.lng.toFixed(5)) });
  };
  map.on("click", (event) => tap(event.latlng));
  map.on("moveend", stayInside);
  part("map").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === part("map")) {
      event.preventDefault();
      tap(map.getCenter());
    }
  });
}

// The region is a crescent: closer than the whole of it, the middle of the map lies inside.
function stayInside() {
  const { lat, lng } = map.getCenter();
  const center = { lat, lon: lng };
  if (map.getZoom() <= map.getMinZoom() || places.isInside(center)) return;
  const { place, km } = places.nearest(center);
  if (km > BORDER_KM) map.panTo([place.lat, place.lon], { animate: false });
}

function showRegion() {
  const zoom = map.getBoundsZoom(REGION);
  map.setMinZoom(zoom);
  map.fitBounds(REGION, { animate: false });
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

function pin(point, text, className, interactive = false) {
  const icon = L.divIcon({ className: `pin-icon ${className}`, html: make("span", "", text), iconSize: [32, 32] });
  return L.marker(point, { icon, interactive, keyboard: false });
}

function pickTown(place) {
  const name = places.fullName(place);
  take({ adcode: place.adcode, name }, place, t.picked_town(name));
}

function pickPoint(point) {
  const { place, km } = places.nearest(point);
  if (km > BORDER_KM && !places.isInside(point)) {
    part("sheet-point").textContent = t.outside;
    return;
  }
  const name = t.around(place.name);
  take({ ...point, name }, point, t.picked(name, km < NEAR_KM ? 0 : Math.round(km)));
}

function take(choice, { lat, lon }, said) {
  picked = choice;
  layer.clearLayers();
  layer.addLayer(pin([lat, lon], "", "here"));
  const closer = map.getZoom() < NEAR;
  if (closer || choice.adcode) map.setView([lat, lon], closer ? NEAR : map.getZoom(), { animate: !still.matches });
  part("sheet-point").textContent = said;
  part("sheet-confirm").disabled = false;
}

// The leagues as buttons; a league's banners after it was chosen.
function offer(league = null) {
  const nodes = (league ? places.banners(league) : places.leagues()).map((place) =>
    button(place.name.length > 5 ? place.short : place.name, () => (league ? pickTown(place) : enter(place))),
  );
  if (league) nodes.unshift(button(t.all_leagues, leave, "quiet"));
  part("sheet-places").replaceChildren(...nodes);
  part("sheet-places").scrollTop = 0;
  map.invalidateSize(false); // fewer buttons leave it more room
}

function enter(league) {
  offer(league);
  const towns = [league, ...places.banners(league)].map(({ lat, lon }) => [lat, lon]);
  // no town lies below the buttons for the zoom, or above the scale
  const room = { paddingTopLeft: [112, 24], paddingBottomRight: [64, 44] };
  map.fitBounds(L.latLngBounds(towns), { animate: false, maxZoom: NEAR, ...room });
  part("sheet-places").children[1].focus();
}

function leave() {
  offer();
  showRegion();
  part("sheet-places").firstElementChild.focus();
}

function button(label, press, className = "") {
  const node = make("button", className, label);
  node.type = "button";
  node.addEventListener("click", press);
  return node;
}

async function open(title, note, venues, press) {
  const sheet = part("sheet");
  part("sheet-title").textContent = title;
  part("sheet-note").textContent = note;
  part("sheet-places").replaceChildren();
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
  return sheet.open;
}

// The chosen {lat, lon, name} or {adcode, name}, or null when the sheet is closed without one.
export function choosePlace(note) {
  return new Promise((resolve) => {
    finish = (choice) => {
      finish = null;
      resolve(choice);
    };
    open(t.pick_title, note || t.pick_note, []).then((shown) => {
      if (!shown) return;
      offer();
      showRegion();
      part("sheet-places").firstElementChild.focus();
    });
  });
}

export async function viewPlaces(venues, shared, press) {
  const me = beside(venues, shared);
  const close = (more) => {
    part("sheet").close();
    press(more);
  };
  const note = t.view_note + (venues.some((venue) => venue.more) ? t.view_tap : t.view_way);
  if (!(await open(t.view_title, note, venues, close))) return;
  map.invalidateSize(false);
  map.setMinZoom(map.getBoundsZoom(REGION));
  for (const [at, venue] of venues.entries()) {
    const station = pin([venue.lat, venue.lon], markOf(venue, at), "station", Boolean(venue.more));
    if (venue.more) station.on("click", () => close(venue.more));
    layer.addLayer(station);
  }
  if (me) layer.addLayer(pin([me.lat, me.lon], t.you, "here"));
  const points = [...venues, ...(me ? [me] : [])].map((point) => [point.lat, point.lon]);
  map.fitBounds(L.latLngBounds(points).pad(0.4), { animate: false, maxZoom: 14 });
  part("map").focus();
}

part("sheet-close").addEventListener("click", () => part("sheet").close());
part("sheet-confirm").addEventListener("click", () => {
  const choice = picked;
  if (finish) finish(choice);
  part("sheet").close();
});
part("sheet").addEventListener("close", () => finish && finish(null));
