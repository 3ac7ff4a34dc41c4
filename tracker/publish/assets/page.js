"use strict";
// The page: verdict, findings as cards, the table of all series, keys and theme.

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

// head -----------------------------------------------------------------------------------

function drawHead() {
  fill(document.getElementById("head"),
    h("div.head-line", null, h("h1", null, report.project),
      h("button.theme", { type: "button", onclick: toggleTheme, "aria-label": "Light or dark" }, "◐")),
    h("p.verdict", null, report.verdict[0].toUpperCase() + report.verdict.slice(1)),
    h("p.muted.about", null, report.about.map((text) => h("span", null, text))),
    report.warnings.map((text) => h("p.warning", { role: "note" }, text)));
}

// findings -------------------------------------------------------------------------------

function drawFindings() {
  const section = document.getElementById("findings");
  section.append(h("h2", { id: "findings-title" }, "Findings"));
  if (report.findings.length) section.append(h("div.cards", null, report.findings.map(card)));
  section.append(...report.closing.map((text) => h("p.closing", null, text)));
  if (report.failures.length) {
    section.append(h("h3", null, "Not measured"), h("ul.failures", null, report.failures.map((text) => h("li", null, text))));
  }
}

function card(finding, number) {
  const commit = commitAt(finding.commit);
  const first = finding.effects[0][0];
  const chart = h("div.card-chart");
  const axis = h("div.axis-note");
  const open = () => first >= 0 && showSeries(first, { commit: finding.commit, finding: number });
  if (first >= 0 && report.series[first].at.length) {
    drawLater(chart, () => {
      const drawn = drawChart(chart, report.series[first], { size: "small", height: 120, only: finding.commit });
      if (drawn.cut) axis.textContent = `axis from ${shown(drawn.axis[0], report.series[first].symbol, 3)}, not from zero`;
    });
  }
  return h(`article.card.${finding.tone}`, {
    tabindex: 0, "data-finding": number,
    onclick: (event) => { if (!event.target.closest("a, button")) open(); },
    onkeydown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) open(); },
  },
  h("div.card-head", null, h("span.kind", null, finding.kind), h("span.status", null, [finding.magnitude, finding.status].filter(Boolean).join(" · "))),
  h("h3", null, commitLink(finding.commit), commit.subject && ` ${commit.subject}`),
  h("p.muted", null, `${commit.author} · ${commit.date} · ${finding.ago}`),
  chart, axis,
  effectsOf(finding, number),
  finding.remarks.map((remark) => h("p.muted", null, remark)));
}

function effectsOf(finding, number) {
  const few = finding.effects.slice(0, 4);
  const more = finding.effects.length - few.length;
  return h("ul.effects", null,
    few.map(([series, name, size, between, levels, why, tone]) => h("li", null,
      series < 0 ? h("span.name", null, name) : h("button.name", { type: "button",
        onclick: () => showSeries(series, { commit: finding.commit, finding: number }) }, name),
      size && h(`b.size.${tone}`, null, tidy(size)),
      h("span.detail", null, [levels, tidy(between && `${between} %`), why].filter(Boolean).join("  ·  ")))),
    more > 0 && h("li.muted", null, `and ${more} more: filter the table below`));
}

// table of all series --------------------------------------------------------------------

const COLUMNS = ["Series", "Along the commits", "Last value", "Since first", "Noise", "Smallest change seen"];
const rows = [];
let order = { column: 0, down: false };

function drawTable() {
  const section = document.getElementById("all");
  const filter = h("input", { type: "search", id: "filter", placeholder: "Filter: benchmark, parameter, metric",
    "aria-label": "Filter series", autocomplete: "off", oninput: (event) => filterRows(event.target.value) });
  section.append(h("div.section-head", null, h("h2", { id: "all-title" }, "All series"), filter, h("span.muted", { id: "count" })));
  if (!report.series.length) {
    section.append(h("p.empty", null, "No series: nothing gave a value."));
    filter.hidden = true;
    return;
  }
  const body = h("tbody");
  report.series.forEach((series, index) => {
    const row = seriesRow(series, index);
    rows.push({ row, series, index });
    body.append(row);
  });
  section.append(
    h("table", null, h("thead", null, h("tr", null, COLUMNS.map(heading))), body),
    h("p.muted.axis-note", null, "Spark lines span the range of their own series, not from zero. Since first: last value against the first commit. Noise: standard deviation between the processes of one commit."));
  filterRows("");
}

function heading(text, column) {
  if (column === 1) return h("th", { scope: "col" }, text);
  return h("th", { scope: "col", "aria-sort": column ? "none" : "ascending" },
    h("button", { type: "button", onclick: () => sortRows(column) }, text));
}

function seriesRow(series, index) {
  const spark = h("div.spark");
  drawLater(spark, () => series.at.length && drawChart(spark, series, { size: "spark", height: 36 }));
  const tone = series.changes.length ? series.changes[series.changes.length - 1][4] : "";
  const detail = [series.metric, series.variant].filter(Boolean).join(" · ");
  const cell = (label, text, kind = "") => h(`td.num${kind}`, { "data-label": label }, text ? tidy(text) : "–");
  return h("tr", { onclick: () => showSeries(index) },
    h("td.series-name", null, h("button", { type: "button" }, series.title), h("div.muted", null, detail)),
    h("td.spark-cell", null, spark),
    cell(COLUMNS[2], series.last),
    cell(COLUMNS[3], series.since, tone && `.tone-${tone}`),
    cell(COLUMNS[4], series.noise),
    cell(COLUMNS[5], series.mde));
}

/** Every word of the filter has to be somewhere in the name, parameters, metric or variant. */
function filterRows(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let visible = 0;
  for (const { row, series } of rows) {
    const name = `${series.title} ${series.metric} ${series.variant} ${series.facts.flat().join(" ")}`.toLowerCase();
    row.hidden = !words.every((word) => name.includes(word));
    visible += !row.hidden;
  }
  document.getElementById("count").textContent = words.length ? `${visible} of ${rows.length}` : `${rows.length} series`;
}

function sortRows(column) {
  order = { column, down: order.column === column ? !order.down : column > 0 };
  const key = ({ series, index }) => (column ? series.sort[column - 2] : index);
  const sign = order.down ? -1 : 1;
  rows.sort((a, b) => (key(a) === null) - (key(b) === null) || sign * (key(a) - key(b)) || a.index - b.index);
  document.querySelector("#all tbody").append(...rows.map(({ row }) => row));
  document.querySelectorAll("#all th[aria-sort]").forEach((th, number) => {
    const mine = number === (column ? column - 1 : 0);
    th.setAttribute("aria-sort", mine ? (order.down ? "descending" : "ascending") : "none");
  });
}

// the rest -------------------------------------------------------------------------------

function drawMore() {
  const section = document.getElementById("more");
  if (report.events.length) {
    section.append(h("h2", null, "Environment and machine"), h("ul", null, report.events.map(([commit, kind, text]) =>
      h("li", null, `${kind} changed at `, commitLink(commit), `: ${text}`))));
  }
  section.append(h("details", null, h("summary", null, "How it was measured"), factList(report.facts)));
}

// keys and theme -------------------------------------------------------------------------

function focusFinding(number) {
  const found = document.querySelector(`[data-finding="${number}"]`);
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function walkFindings(step) {
  if (!report.findings.length) return;
  const here = openSeries ? openSeries.finding : document.activeElement?.closest("[data-finding]")?.dataset.finding ?? null;
  const last = report.findings.length - 1;
  const next = here === null || here === undefined ? (step > 0 ? 0 : last) : Math.min(last, Math.max(0, Number(here) + step));
  const finding = report.findings[next];
  if (openSeries && finding.effects[0][0] >= 0) showSeries(finding.effects[0][0], { commit: finding.commit, finding: next });
  else focusFinding(next);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=search], select")) return;
  if (event.key === "j") walkFindings(1);
  else if (event.key === "k") walkFindings(-1);
  else if (event.key === "/") { document.getElementById("filter")?.focus(); event.preventDefault(); }
});

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggleTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  redrawCharts();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
let themeBeforePrint;
addEventListener("beforeprint", () => {
  themeBeforePrint = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  [...waiting.keys()].forEach(drawNow);
  redrawCharts();
});
addEventListener("afterprint", () => {
  if (themeBeforePrint) document.documentElement.dataset.theme = themeBeforePrint;
  else delete document.documentElement.dataset.theme;
  redrawCharts();
});

drawHead();
drawFindings();
drawTable();
drawMore();
const linked = report.series.findIndex((series) => `#${series.id}` === location.hash);
if (linked >= 0) showSeries(linked);
