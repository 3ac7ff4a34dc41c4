"use strict";
// One series in full: the big chart, what stands at a commit, and two commits compared.

let openSeries = null; // { series, drawn, ... } while one is in view

/**
 * Show a series in a place of the page. commit: the one to tell about first; finding: the number of
 * the card it came from; head: what stands above it; keys: what the keys do; laidOut: called when all
 * is in its place, before the chart is drawn into the width that it has there.
 */
function viewSeries(place, series, { commit = null, finding = null, head, keys = "", laidOut = () => {} }) {
  closeSeries();
  openSeries = { series, finding, view: null, fromZero: false, drawn: null,
    chartPlace: h("div.chart", { role: "img", "aria-label": chartLabel(series) }), tip: h("div.tip", { hidden: true, role: "status" }), note: h("span.axis-note"),
    readout: h("div.readout", { "aria-live": "polite" }), comparison: h("div.comparison", { "aria-live": "polite" }) };
  const { chartPlace, tip, note, readout, comparison } = openSeries;
  const zero = h("input", { type: "checkbox", onchange: (event) => { openSeries.fromZero = event.target.checked; drawOpen(); } });
  openSeries.zero = h("label.zero", null, zero, "start at zero");
  fill(place, head,
    series.at.length
      ? h("div", null, h("div.chart-bar", null, note, openSeries.zero, zoomButtons()), h("div.chart-frame", null, chartPlace, tip), legend(series))
      : h("p.empty", null, "No commit gave a value."),
    readout,
    series.at.length > 1 && compareControls(series, comparison),
    comparison,
    changesOf(series),
    series.failures.length > 0 && h("div", null, h("h3", null, "Failures"), h("ul", null, series.failures.map((text) => h("li", null, text)))),
    h("details", null, h("summary", null, "How it was measured"), factList(series.facts)),
    h("p.keys.muted", null, ["+ − 0 zoom, ← → move", keys].filter(Boolean).join(", ")));
  laidOut();
  drawOpen();
  tellCommit(commit ?? series.changes[0]?.[0] ?? series.at[series.at.length - 1] ?? null);
}

/** What the chart shows, for those who do not see it; values of single commits are told by a comparison. */
function chartLabel(series) {
  const values = [`${series.at.length} commits`, `last ${series.last}`, series.since && `${series.since} since the first`];
  return `${series.title} ${series.metric}: ${values.filter(Boolean).join(", ")}`;
}

function seriesLine(series) {
  const better = { lower: "lower is better", higher: "higher is better", none: "" }[series.better];
  const unit = series.symbol ? `in ${series.symbol}` : "";
  return [`${series.metric} ${unit}`.trim(), series.variant, better, series.noise && `noise ${series.noise}`,
    `smallest change seen: ${series.mde}`].filter(Boolean).join(" · ");
}

function drawOpen() {
  const { series, chartPlace, note, fromZero, view } = openSeries;
  if (!series.at.length) return;
  openSeries.drawn?.destroy();
  const height = Math.max(240, Math.min(420, innerHeight * 0.46));
  openSeries.drawn = drawChart(chartPlace, series, {
    size: "big", height, fromZero, view, onHover: hover, onClick: (commit) => commit !== null && tellCommit(commit),
    onSelect: (first, last, zooming) => (zooming ? zoomTo(first, last) : compare(first, last)),
  });
  const { cut, axis } = openSeries.drawn;
  note.textContent = cut ? `The axis starts at ${shown(axis[0], series.symbol, 3)}, not at zero.` : "The axis starts at zero.";
  openSeries.zero.hidden = !cut && !fromZero;
  const [first, last] = inView();
  const ends = { out: view === null, all: view === null, in: last - first < NARROWEST, earlier: first <= 0, later: last >= report.commits.length - 1 };
  for (const [name, reached] of Object.entries(ends)) openSeries.zoom[name].disabled = reached;
}

// zoom -----------------------------------------------------------------------------------

/** Commits on either side of which no closer look is given. */
const NARROWEST = 4;

/** Indices of the first and the last commit that the chart shows. */
function inView() {
  return openSeries.view ?? [0, report.commits.length - 1];
}

/** Show these commits and those between; not fewer than make a picture, and none that does not exist. */
function zoomTo(first, last) {
  const all = report.commits.length - 1;
  const middle = (first + last) / 2;
  const half = Math.max(Math.abs(last - first), Math.min(NARROWEST, all)) / 2;
  const from = Math.round(Math.min(Math.max(0, middle - half), Math.max(0, all - 2 * half)));
  const to = Math.min(all, Math.round(from + 2 * half));
  openSeries.view = from === 0 && to === all ? null : [from, to];
  drawOpen();
}

function zoomBy(factor) {
  const [first, last] = inView();
  const grown = ((last - first) * (factor - 1)) / 2;
  zoomTo(first - grown, last + grown);
}

function moveBy(share) {
  const [first, last] = inView();
  const step = Math.trunc((last - first) * share) || Math.sign(share);
  zoomTo(first + step, last + step);
}

const ZOOMS = {
  out: ["−", "Zoom out", () => zoomBy(2)],
  in: ["+", "Zoom in", () => zoomBy(0.5)],
  earlier: ["‹", "Earlier commits", () => moveBy(-0.5)],
  later: ["›", "Later commits", () => moveBy(0.5)],
  all: ["All", "All commits", () => zoomTo(0, report.commits.length - 1)],
};
const ZOOM_KEYS = { "+": "in", "-": "out", 0: "all", ArrowLeft: "earlier", ArrowRight: "later" };

function zoomButtons() {
  openSeries.zoom = {};
  for (const [name, [text, label, act]] of Object.entries(ZOOMS)) {
    openSeries.zoom[name] = h("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
  }
  return h("div.zoom", { role: "group", "aria-label": "Zoom" }, Object.values(openSeries.zoom));
}

document.addEventListener("keydown", (event) => {
  if (!openSeries?.drawn || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
  const name = ZOOM_KEYS[event.key];
  if (!name) return;
  event.preventDefault();
  if (!openSeries.zoom[name].disabled) ZOOMS[name][2]();
});

function legend(series) {
  const entry = (kind, text) => h("span", null, h(`i.${kind}`), text);
  return h("div.legend", null,
    entry("l-dot", "one process"), entry("l-median", "median of a commit"),
    entry("l-band", "its interval (95 %; under 6 processes their range)"),
    series.levels.length > 0 && entry("l-level", "level"),
    (report.broken.length > 0 || series.failed.length > 0) && entry("l-broken", "no value: broken commit"),
    report.events.length > 0 && entry("l-event", "environment or machine changed"));
}

/** What is known about a series at a commit: lines of text. */
function standing(series, index) {
  const row = series.at.indexOf(index);
  const lines = [];
  if (row >= 0) {
    const [below, above, ...raw] = series.raw[row];
    const value = series.values[row];
    const ends = [value + below * series.grain, value + above * series.grain];
    const digits = series.mde === "any change" ? 15 : 4;
    lines.push(shown(value, series.symbol, digits));
    if (below || above) lines.push(`interval ${shown(ends[0], "")} to ${shown(ends[1], series.symbol)}`);
    lines.push(raw.length === 1 ? "1 process" : `${raw.length} processes`);
  }
  for (const [commit, state, reason] of series.failed) if (commit === index) lines.push(`${state}: ${reason}`);
  for (const [commit, reason] of report.broken) if (commit === index) lines.push(`does not build: ${reason}`);
  if (!lines.length) lines.push("not measured");
  for (const [commit, kind, text] of report.events) if (commit === index) lines.push(`${kind} changed here: ${text}`);
  return lines;
}

function hover(index, left, top) {
  const { tip, series, chartPlace } = openSeries;
  tip.hidden = index === null || left < 0;
  if (tip.hidden) return;
  const commit = commitAt(index);
  const [first, ...rest] = standing(series, index);
  fill(tip, h("b", null, first), ...rest.map((text) => h("div", null, text)),
    h("div.mono", null, commit.label), commit.subject && h("div", null, commit.subject),
    h("div.muted", null, `${commit.author} · ${commit.date}`));
  const over = openSeries.drawn.chart.over.getBoundingClientRect();
  const frame = chartPlace.getBoundingClientRect();
  const x = over.left - frame.left + left;
  const beside = x + 16 + tip.offsetWidth < frame.width ? x + 16 : Math.max(0, x - 16 - tip.offsetWidth);
  tip.style.transform = `translate(${beside}px, ${Math.max(0, top - 20)}px)`;
}

function tellCommit(index) {
  if (index === null) return;
  const commit = commitAt(index);
  const [first, ...rest] = standing(openSeries.series, index);
  fill(openSeries.readout,
    h("div", null, commitLink(index), commit.subject && h("span", null, ` ${commit.subject}`),
      h("span.muted", null, ` ${commit.author} · ${commit.date}`)),
    h("div", null, h("b", null, first), ...rest.map((text) => h("span.muted", null, ` · ${text}`))));
}

function compareControls(series, place) {
  const choice = (label, chosen) => h("select", { "aria-label": label, onchange: () => compare(Number(from.value), Number(to.value)) },
    series.at.map((index) => h("option", { value: index, selected: index === chosen }, commitAt(index).label)));
  const from = choice("first commit", series.at[0]);
  const to = choice("second commit", series.at[series.at.length - 1]);
  openSeries.choices = [from, to];
  return h("div.compare-bar", null, h("span", null, "Compare"), from, h("span", null, "with"), to,
    h("button", { type: "button", onclick: () => compare(Number(from.value), Number(to.value)) }, "Compare"),
    h("span.muted.hint", null, "or drag over the chart; with Shift, a drag zooms"));
}

/** Two commits of the open series, side by side; each moves to the nearest one with values. */
function compare(first, last) {
  const { series, comparison, choices } = openSeries;
  const nearest = (index) => series.at.reduce((best, at) => (Math.abs(at - index) < Math.abs(best - index) ? at : best));
  const ends = [first, last].map(nearest);
  choices.forEach((select, side) => { select.value = ends[side]; });
  const [before, after] = ends.map((index) => interval(series, series.at.indexOf(index)));
  fill(comparison,
    h("div.versus", null, side(ends[0], before, series), h("div.arrow", null, changeText(before, after, series)), side(ends[1], after, series)),
    h("p", null, clarity(before, after)),
    h("p.muted", null, countBetween(ends)),
    h("button", { type: "button", onclick: () => zoomTo(...ends) }, "Zoom to these"));
}

function interval(series, row) {
  const value = series.values[row];
  return { value, low: value + series.raw[row][0] * series.grain, high: value + series.raw[row][1] * series.grain,
    processes: series.raw[row].length - 2 };
}

function side(index, at, series) {
  return h("div.side", null, h("div", null, commitLink(index)), h("b", null, shown(at.value, series.symbol)),
    h("div.muted", null, `${shown(at.low, "")} to ${shown(at.high, series.symbol)}, ${at.processes} processes`));
}

function signed(ratio) {
  return `${ratio > 0 ? "+" : ""}${tidy((100 * ratio).toFixed(1))} %`;
}

function changeText(before, after, series) {
  if (!before.value) return "";
  const ratio = (after.value - before.value) / Math.abs(before.value);
  const tone = !ratio || series.better === "none" ? "note" : (ratio > 0) === (series.better === "lower") ? "bad" : "good";
  return h(`b.tone-${tone}`, null, signed(ratio));
}

function clarity(before, after) {
  if (before.low <= 0 || after.low <= 0) return "";
  const ends = `${signed(after.low / before.high - 1)} to ${signed(after.high / before.low - 1)}`;
  const apart = after.low > before.high || after.high < before.low;
  return apart
    ? `The intervals of the two commits lie apart: the change is ${ends}.`
    : `The intervals of the two commits overlap: anything from ${ends} is possible, and so is no change.`;
}

function countBetween([first, last]) {
  const between = Math.max(0, Math.abs(last - first) - 1);
  return between ? `${between} ${between === 1 ? "commit lies" : "commits lie"} between them.` : "";
}

function changesOf(series) {
  if (!series.changes.length && !series.drifts.length) {
    return h("p.muted", null, series.mde.startsWith("too few") ? "Too few values to see any change."
      : `No change found; the smallest that would have been seen: ${series.mde}.`);
  }
  const row = ([commit, size, between, levels, tone], where) =>
    h("li", null, h(`b.tone-${tone}`, null, tidy(size)), h("span.muted.num", null, tidy(between)), h("span.num", null, levels), where);
  return h("div", null, h("h3", null, "Changes"), h("ul.changes", null,
    series.changes.map((change) => row(change, h("span", null, commitLink(change[0]), ` ${commitAt(change[0]).subject}`))),
    series.drifts.map(([from, to, , , change]) => row(change, h("span", null, "slowly, from ", commitLink(from), " to ", commitLink(to))))));
}

function closeSeries() {
  openSeries?.drawn?.destroy();
  openSeries = null;
}
