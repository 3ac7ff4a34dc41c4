"use strict";
// Charts of a series over the commits: uPlot draws axes, dots and bands; levels, change points,
// events and broken commits are added on its canvas.

const charts = new Set();

/** The columns that uPlot draws, one row a commit: median, low, high, then one a process. */
function columns(series, span) {
  const column = () => new Array(span).fill(null);
  const widest = Math.max(0, ...series.raw.map((offsets) => offsets.length - 2));
  const [median, low, high] = [column(), column(), column()];
  const processes = Array.from({ length: widest }, column);
  series.at.forEach((commit, row) => {
    const [below, above, ...offsets] = series.raw[row];
    const value = series.values[row];
    median[commit] = value;
    low[commit] = value + below * series.grain;
    high[commit] = value + above * series.grain;
    offsets.forEach((offset, process) => { processes[process][commit] = value + offset * series.grain; });
  });
  return { median, low, high, processes };
}

/** Ends of the vertical axis for what is in view; from zero where little is lost by it, or where it is asked for. */
function verticalRange(data, fromZero, [first, last]) {
  const values = [data.low, data.high, ...data.processes].flatMap((column) => column.slice(first, last + 1)).filter((value) => value !== null);
  if (!values.length) return [0, 1];
  let low = values.reduce((a, b) => Math.min(a, b));
  let high = values.reduce((a, b) => Math.max(a, b));
  if (low === high) {
    const room = Math.abs(low) * 0.05 || 1;
    [low, high] = [low - room, high + room];
  }
  const room = (high - low) * 0.12;
  const positive = low >= 0;
  if (positive && (fromZero || low < high * 0.3)) return [0, high + room];
  if (!positive && high <= 0 && (fromZero || -high < -low * 0.3)) return [low - room, 0];
  return [low - room, high + room];
}

/** Whether an axis with these ends leaves zero out. */
function cutsZero([low, high]) {
  return low > 0 || high < 0;
}

/**
 * Draw a series into an element.
 * size: "big" has axes, raw processes and all marks; "small" is for cards; "spark" for tables.
 * only: the commit of the one change point to mark; all of them without it.
 * span: how many commits there are; broken: those that do not build; view: the first and the last to show, all without it.
 * onHover(commit or null, left, top), onSelect(first, last, with Shift), onClick(commit) are for the big one.
 */
function drawChart(element, series, { size, height, only = null, fromZero = false, span = report.commits.length, broken = report.broken, view = null, onHover, onSelect, onClick }) {
  const big = size === "big";
  const spark = size === "spark";
  const [first, last] = view ?? [0, span - 1];
  const data = columns(series, span);
  const range = verticalRange(data, fromZero, [first, last]);
  const dot = big ? 6 : 4;
  const invisible = { stroke: "transparent", points: { show: false } };
  const shownProcesses = big ? data.processes : [];
  const few = series.at.filter((commit) => commit >= first && commit <= last).length < 80;
  const options = {
    width: Math.max(element.clientWidth, 60),
    height,
    // small ones have no axis below, whose room the text of the lowest tick could reach into
    padding: spark ? [3, 3, 3, 3] : big ? [26, 18, 0, 0] : [10, 8, 7, 0],
    legend: { show: false },
    cursor: big
      ? { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } }
      : { show: false },
    select: { show: big },
    scales: {
      x: { time: false, range: [first - 0.6, last + 0.6] },
      y: { range: () => range },
    },
    axes: [
      { show: big, stroke: () => colour("muted"), grid: { show: false }, gap: 12, size: 44, space: 92,
        ticks: { stroke: () => colour("line"), size: 4 }, font: "12px system-ui, sans-serif",
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
        values: (_, at) => at.map((index) => (report.commits[index] ? commitAt(index).label : "")) },
      { show: !spark, stroke: () => colour("muted"), grid: { stroke: () => colour("line"), width: 1 },
        ticks: { show: false }, font: "12px system-ui, sans-serif", space: big ? 44 : 30,
        size: axisWidth,
        values: (_, at) => at.map((value) => axisText(value, at, series.symbol)) },
    ],
    series: [
      {},
      { stroke: () => colour("soft"), width: 1, spanGaps: false,
        points: { show: !spark || few, size: spark ? 2.5 : few ? dot : dot / 2 + 0.5, fill: () => colour("ink"), stroke: () => colour("ink"), width: 0 } },
      invisible,
      invisible,
      ...shownProcesses.map(() => ({
        paths: () => null,
        points: { show: true, size: few ? 4 : 2.5, width: 0, fill: () => colour("dots"), stroke: () => colour("dots") },
      })),
    ],
    bands: [{ series: [3, 2], fill: () => colour("band") }],
    hooks: {
      drawAxes: big ? [(plot) => drawEvents(plot)] : [],
      draw: [(plot) => drawLevels(plot, series, size), ...(spark ? [] : [(plot) => drawChanges(plot, series, big, only)]),
        (plot) => drawBroken(plot, [...broken, ...series.failed], size)],
      setCursor: onHover ? [(plot) => onHover(plot.cursor.idx ?? null, plot.cursor.left, plot.cursor.top)] : [],
      setSelect: onSelect ? [(plot) => selected(plot, onSelect)] : [],
    },
  };
  const rows = Array.from({ length: span }, (_, index) => index);
  const chart = new uPlot(options, [rows, data.median, data.low, data.high, ...shownProcesses], element);
  if (onClick) chart.over.addEventListener("click", () => onClick(chart.cursor.idx ?? null));
  return { chart, cut: cutsZero(range), axis: range, destroy: keepDrawn(chart, element, height) };
}

/** Keep a chart as wide as its element, and in the colours of the theme, until what this gives is called. */
function keepDrawn(chart, element, height) {
  charts.add(chart);
  const sizes = new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width && width !== chart.width) chart.setSize({ width, height });
  });
  sizes.observe(element);
  return () => { sizes.disconnect(); charts.delete(chart); chart.destroy(); };
}

/** Room for the texts of a vertical axis. */
function axisWidth(_, texts) {
  return 14 + 6.8 * Math.max(0, ...(texts || []).map((text) => text.length));
}

/** A tick of the vertical axis: as many decimals as its neighbours need, and the unit. */
function axisText(value, all, symbol) {
  const gap = all.length > 1 ? Math.abs(all[1] - all[0]) : Math.abs(value) || 1;
  const isWhole = (steps) => Math.abs(steps - Math.round(steps)) < 1e-3;
  let decimals = 0;
  while (decimals < 8 && !isWhole(gap * 10 ** decimals)) decimals += 1;
  const text = value.toLocaleString("en", { minimumFractionDigits: value ? decimals : 0, maximumFractionDigits: decimals });
  return tidy(symbol.length <= 5 && symbol ? `${text} ${symbol}` : text);
}

function selected(plot, onSelect) {
  if (plot.select.width < 6) return;
  const commit = (left) => Math.round(plot.posToVal(left, "x"));
  onSelect(commit(plot.select.left), commit(plot.select.left + plot.select.width), plot.cursor.event?.shiftKey ?? false);
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
}

/** Run drawing code in the pixels of the canvas, with one CSS pixel as `unit`. */
function onCanvas(plot, draw) {
  const context = plot.ctx;
  context.save();
  draw(context, uPlot.pxRatio || devicePixelRatio, {
    x: (index) => plot.valToPos(index, "x", true),
    y: (value) => plot.valToPos(value, "y", true),
    top: plot.bbox.top,
    bottom: plot.bbox.top + plot.bbox.height,
    left: plot.bbox.left,
    right: plot.bbox.left + plot.bbox.width,
    shows: (index) => index >= plot.scales.x.min && index <= plot.scales.x.max,
  });
  context.restore();
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** Text at the foot of a vertical line, on the side that has room for it, unless other text is there; where it ends. */
function writeBeside(context, unit, place, x, text, taken) {
  const { width } = context.measureText(text);
  const start = x + width + 8 * unit > place.right ? x - width - 4 * unit : x + 4 * unit;
  if (start < taken) return taken;
  context.fillText(text, start, place.bottom - 6 * unit);
  return start + width + 6 * unit;
}

/** A horizontal line for each level, from its first commit to its last; slanted ones where it drifts. */
function drawLevels(plot, series, size) {
  onCanvas(plot, (context, unit, place) => {
    context.beginPath();
    context.rect(place.left, place.top, place.right - place.left, place.bottom - place.top);
    context.clip(); // a level may reach beyond what is in view
    context.lineWidth = (size === "big" ? 2.5 : 1.75) * unit;
    context.strokeStyle = colour("level");
    const end = series.at.length ? series.at[series.at.length - 1] : 0;
    series.levels.forEach(([start, value], number) => {
      const next = series.levels[number + 1];
      const slide = next && series.drifts.find(([, to]) => to === next[0]);
      const last = slide ? slide[0] - 0.4 : next ? Math.max(start, ...series.at.filter((commit) => commit < next[0])) : end;
      line(context, place.x(start - 0.4), place.y(value), place.x(last + 0.4), place.y(value));
    });
    for (const [from, to, before, after] of series.drifts) {
      line(context, place.x(from), place.y(before), place.x(to), place.y(after));
    }
  });
}

/** A mark at each change point, in the big chart with its size. */
function drawChanges(plot, series, big, only) {
  onCanvas(plot, (context, unit, place) => {
    context.font = `600 ${12 * unit}px system-ui, sans-serif`;
    context.textAlign = "center";
    let taken = -Infinity;
    for (const [commit, size, , , tone] of series.changes) {
      if ((only !== null && commit !== only) || !place.shows(commit - 0.5)) continue;
      const x = place.x(commit - 0.5);
      context.strokeStyle = context.fillStyle = colour(tone);
      context.lineWidth = 1.5 * unit;
      line(context, x, place.top, x, place.bottom);
      if (!big) continue;
      const text = `${tone === "bad" ? "▲" : tone === "good" ? "▼" : "◆"} ${tidy(size)}`;
      const half = context.measureText(text).width / 2;
      const middle = Math.min(Math.max(x, place.left + half), place.right - half);
      if (middle - half < taken) continue;
      taken = middle + half + 6 * unit;
      context.fillText(text, middle, place.top - 8 * unit);
    }
  });
}

/** Dashed lines where the environment or the machine changed. */
function drawEvents(plot) {
  onCanvas(plot, (context, unit, place) => {
    context.strokeStyle = context.fillStyle = colour("event");
    context.lineWidth = unit;
    context.font = `${11 * unit}px system-ui, sans-serif`;
    context.textAlign = "left";
    context.setLineDash([5 * unit, 4 * unit]);
    let taken = -Infinity;
    for (const [commit, kind] of report.events) {
      if (!place.shows(commit - 0.5)) continue;
      const x = place.x(commit - 0.5);
      line(context, x, place.top, x, place.bottom);
      taken = writeBeside(context, unit, place, x, kind, taken);
    }
  });
}

/** Ticks below the chart: commits that do not build, and commits where the benchmark fails. */
function drawBroken(plot, broken, size) {
  onCanvas(plot, (context, unit, place) => {
    context.strokeStyle = colour("bad");
    context.lineWidth = (size === "big" ? 3 : 2) * unit;
    const length = size === "big" ? 8 : -5;
    for (const [commit] of broken) {
      if (!place.shows(commit)) continue;
      line(context, place.x(commit), place.bottom, place.x(commit), place.bottom + length * unit);
    }
  });
}

/** Draw all charts again, after the theme changed. */
function redrawCharts() {
  for (const chart of charts) chart.redraw(false, true);
}

// charts that wait until they come into sight ---------------------------------------------

const lazily = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) drawNow(entry.target);
}, { rootMargin: "300px" });
const waiting = new Map(); // element -> function that draws its chart

function drawLater(element, draw) {
  waiting.set(element, draw);
  lazily.observe(element);
}

function drawNow(element) {
  lazily.unobserve(element);
  waiting.get(element)?.();
  waiting.delete(element);
}
