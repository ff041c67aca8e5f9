// The leagues and banners of the region, by which a point on the map gets its name.

const KM_PER_DEGREE = 111.2;

export class Places {
  // rows: [adcode, adcode of the league, name, short name, lat, lon], leagues first
  constructor(rows, outlines) {
    this.all = rows.map(([adcode, league, name, short, lat, lon]) => ({
      adcode, league, name, short, lat, lon, isLeague: adcode === league,
    }));
    this.outlines = outlines;
    // several districts lie at the point of their city: there the city is named
    const seats = new Map();
    for (const place of this.all) {
      const key = `${place.lat},${place.lon}`;
      if (!seats.has(key)) seats.set(key, place);
    }
    this.seats = [...seats.values()];
  }

  leagues() {
    return this.all.filter((place) => place.isLeague);
  }

  banners(league) {
    return this.all.filter((place) => place.league === league.adcode && !place.isLeague);
  }

  // 呼和浩特市新城区: a banner with its league, as several bear one name.
  fullName(place) {
    if (place.isLeague) return place.name;
    return this.all.find(({ adcode }) => adcode === place.league).name + place.name;
  }

  // The nearest seat, and how far it is in km.
  nearest({ lat, lon }) {
    const narrowing = Math.cos((lat * Math.PI) / 180);
    const km = (place) => KM_PER_DEGREE * Math.hypot(place.lat - lat, (place.lon - lon) * narrowing);
    const place = this.seats.reduce((best, one) => (km(one) < km(best) ? one : best));
    return { place, km: km(place) };
  }

  // Within one of the leagues' outlines.
  isInside({ lat, lon }) {
    return this.outlines.features.some(({ geometry }) => {
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      return polygons.some((rings) => rings.reduce((odd, ring) => odd !== crosses(ring, lat, lon), false));
    });
  }
}

// Whether a line from the point to the east crosses the ring an odd number of times.
function crosses(ring, lat, lon) {
  let odd = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at, at += 1) {
    const [x1, y1] = ring[before];
    const [x2, y2] = ring[at];
    if (y1 > lat !== y2 > lat && lon < x1 + ((lat - y1) / (y2 - y1)) * (x2 - x1)) odd = !odd;
  }
  return odd;
}
