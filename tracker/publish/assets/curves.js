"use strict";
// Scaling curves: throughput, latency and memory against the size of a call, on a logarithmic axis.

function drawCurves() {
  const section = document.getElementById("scaling");
  if (!report.curves.length) return;
  section.append(h("h2", { id: "scaling-title" }, "Scaling"),
    ...report.curves.map((curve) => curveCard(curve, (series) => showSeries(series, { commit: curve.commit }))));
}

/** A curve with its charts and its table; open(series): what a click on a size does, where it leads to a series. */
function curveCard(curve, open) {
  const [now, then] = curve.labels;
  const chart = (name, draw, entries) => {
    const place = h("div.curve-chart");
    drawLater(place, () => draw(place, curve));
    return h("figure", null, h("figcaption", null, name), place,
      h("div.legend", null, entries.map(([kind, text]) => h("span", null, h(`i.${kind}`), text))));
  };
  const has = (data) => data.columns[0].some((value) => value !== null);
  return h("article.curve", null,
    h("h3", null, curve.title),
    h("p.muted", null, curve.told.map((text) => h("span", null, text))),
    h("div.curve-charts", null,
      chart(["Throughput,", curve.throughput.symbol, "a second"].filter(Boolean).join(" "), drawThroughput,
        [["l-now", now], then !== now && ["l-then", then], ["l-linear", "linear"], ["l-band", "interval"]].filter(Boolean)),
      has(curve.latency) && chart(`Latency of a call, ${curve.latency.symbol}`, drawLatency,
        [["l-now", "p50"], ["l-p95", "p95"], ["l-p99", "p99"]]),
      has(curve.memory) && chart(`${capitalised(curve.memory_metric)}, ${curve.memory.symbol}`, drawMemory, [["l-now", now]])),
    h("details", null, h("summary", null, `Table of ${curve.sizes.length} sizes`),
      h("table.curve-table", null,
        h("thead", null, h("tr", null, curve.head.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", null, curve.rows.map(([series, ...cells]) => h("tr", {
          onclick: () => series !== null && open(series) },
        cells.map((text, column) => h("td.num", { "data-label": curve.head[column] },
          column ? text && tidy(text) : series === null ? text : h("button.name", { type: "button" }, text)))))))));
}

function drawThroughput(element, curve) {
  const [now, low, high, before, linear] = curve.throughput.columns;
  const top = 1.15 * Math.max(...[...high, ...before].filter((value) => value !== null));
  sizedChart(element, curve, [now, low, high, before, linear], top, [
    strokeOf("ink", 2), hidden(), hidden(), strokeOf("good", 1.5, [6, 4]), strokeOf("soft", 1, [2, 3], false)],
  [{ series: [3, 2], fill: () => colour("band") }]);
}

function drawLatency(element, curve) {
  const [p50, p95, p99] = curve.latency.columns;
  sizedChart(element, curve, [p50, p95, p99], 1.1 * Math.max(...p99), [strokeOf("ink", 2), strokeOf("note", 1.5), strokeOf("bad", 1.5)]);
}

function drawMemory(element, curve) {
  const [held] = curve.memory.columns;
  sizedChart(element, curve, [held], 1.1 * Math.max(...held), [strokeOf("ink", 2)]);
}

function strokeOf(name, width, dash = [], dots = true) {
  return { stroke: () => colour(name), width, dash, spanGaps: false,
    points: { show: dots, size: 6, fill: () => colour(name), stroke: () => colour(name), width: 0 } };
}

function hidden() {
  return { stroke: "transparent", points: { show: false } };
}

/** A chart from zero to `top` over the sizes of a curve, with its knee and its end. */
function sizedChart(element, curve, columns, top, series, bands = []) {
  const height = 220;
  const sizes = curve.sizes;
  const room = 2 ** 0.25;
  const axis = { stroke: () => colour("muted"), font: "12px system-ui, sans-serif" };
  const chart = new uPlot({
    width: Math.max(element.clientWidth, 60),
    height,
    padding: [14, 10, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, distr: 3, log: 2, range: [sizes[0] / room, sizes[sizes.length - 1] * room] },
      y: { range: [0, top] },
    },
    axes: [
      { ...axis, size: 34, splits: () => sizes, filter: (_, splits) => splits, grid: { show: false }, ticks: { stroke: () => colour("line"), size: 4 },
        values: (_, at) => at.map((size) => shown(size, "", 4)) },
      { ...axis, grid: { stroke: () => colour("line"), width: 1 }, ticks: { show: false }, space: 34,
        size: axisWidth,
        values: (_, at) => at.map((value) => axisText(value, at, "")) },
    ],
    series: [{}, ...series],
    bands,
    hooks: { drawAxes: [(plot) => drawEnd(plot, curve)] },
  }, [sizes, ...columns], element);
  keepDrawn(chart, element, height);
}

/** The knee as a dashed line; what does not work as an area of another colour. */
function drawEnd(plot, curve) {
  onCanvas(plot, (context, unit, place) => {
    context.font = `${11 * unit}px system-ui, sans-serif`;
    if (curve.end !== null) {
      const [end, words] = curve.end;
      const last = Math.max(...curve.sizes.filter((size) => size < end));
      const left = (place.x(last) + place.x(end)) / 2;
      context.fillStyle = colour("bad-soft");
      context.fillRect(left, place.top, place.right - left, place.bottom - place.top);
      context.fillStyle = colour("bad");
      context.textAlign = "right";
      context.fillText(words, place.right - 4 * unit, place.top + 13 * unit);
    }
    if (curve.knee !== null) {
      const x = place.x(curve.knee);
      context.strokeStyle = context.fillStyle = colour("note");
      context.lineWidth = unit;
      context.setLineDash([5 * unit, 4 * unit]);
      line(context, x, place.top, x, place.bottom);
      context.textAlign = "left";
      writeBeside(context, unit, place, x, "knee");
    }
  });
}
