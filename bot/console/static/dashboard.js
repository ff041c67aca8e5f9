"use strict";

// Charts over the tables of the dashboard. Without this file the tables say the same.
// Tooltips are drawn on the canvas ("richText"): as HTML they would need style attributes, which
// the policy forbids.
(() => {
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const charts = new Map();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 40rem)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const palette = { good: "good", warn: "chart-warn", bad: "bad", plain: "focus", soft: "soft" };

  function option(spec) {
    const lies = spec.kind === "bars" || spec.kind === "stacked_bars";
    const stacked = spec.kind === "stacked" || spec.kind === "stacked_bars";
    const ink = colour("ink"), soft = colour("soft"), line = colour("line");
    const labels = {
      type: "category", data: spec.labels, inverse: lies,
      axisLabel: { color: soft, width: 110, overflow: lies ? "truncate" : "none", hideOverlap: true,
        formatter: (text) => text.replace(/^\d{4}-/, "") },
      axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
    };
    const values = { type: "value", minInterval: 1, axisLabel: { color: soft, hideOverlap: true }, splitLine: { lineStyle: { color: line } } };
    return {
      animation: !still.matches,
      aria: { enabled: false },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      grid: { left: 8, right: 16, top: narrow.matches ? 64 : 40, bottom: 8, containLabel: true },
      legend: { top: 0, left: 0, textStyle: { color: ink } },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true,
        axisPointer: { type: spec.kind === "line" ? "line" : "shadow" },
        backgroundColor: colour("card"), borderColor: line, textStyle: { color: ink },
        formatter: (points) => [points[0].name, ...points.map((one) =>
          `${one.seriesName} ${one.value === null || one.value === undefined ? spec.few : one.value.toLocaleString()}`)].join("\n"),
      },
      xAxis: lies ? values : labels,
      yAxis: lies ? labels : values,
      series: spec.series.map((one) => ({
        name: one.name, data: one.values,
        type: spec.kind === "line" ? "line" : "bar",
        stack: stacked ? "all" : undefined,
        barMaxWidth: 28, symbolSize: 6, showSymbol: spec.labels.length <= 31, connectNulls: false,
        itemStyle: { color: colour(palette[one.colour]) },
      })),
    };
  }

  function draw() {
    for (const place of document.querySelectorAll("[data-chart]")) {
      const name = place.dataset.chart;
      place.hidden = false;
      charts.get(name)?.dispose();
      const chart = echarts.init(place, null, { renderer: "canvas" });
      chart.setOption(option(specs[name]));
      charts.set(name, chart);
    }
  }

  function save(canvas, name) {
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${name}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/png");
  }

  // The map is SVG with colours of its own, so the picture is the same in both schemes.
  function saveMap(svg, name) {
    const image = new Image();
    const source = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }));
    image.onload = () => {
      const { width, height } = svg.viewBox.baseVal;
      const canvas = document.createElement("canvas");
      canvas.width = width * 2;
      canvas.height = height * 2;
      const context = canvas.getContext("2d");
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(source);
      save(canvas, name);
    };
    image.width = svg.viewBox.baseVal.width * 2;
    image.height = svg.viewBox.baseVal.height * 2;
    image.src = source;
  }

  draw();
  for (const details of document.querySelectorAll(".picture .numbers")) {
    if (details.closest(".picture").querySelector(".chart, svg")) details.open = false;
  }
  for (const button of document.querySelectorAll("[data-png]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const name = button.dataset.png;
      if (name === "map") return saveMap(document.querySelector("svg.outline"), name);
      save(charts.get(name).renderToCanvas({ pixelRatio: 2, backgroundColor: colour("card") }), name);
    });
  }
  for (const media of [dark, narrow]) media.addEventListener("change", draw);
  new ResizeObserver(() => charts.forEach((chart) => chart.resize())).observe(document.querySelector("main"));
})();
