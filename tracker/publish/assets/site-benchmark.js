"use strict";
// The page of a benchmark: one of its series in full, and all of them to choose from.

const viewed = section("series");
const choices = report.choices.map(([name, values], column) => {
  const options = values.map((value, index) => h("option", { value: index }, value));
  return h("select", { onchange: (event) => choose(column, Number(event.target.value)), "aria-label": name }, options);
});

/** More series than this are listed when somebody wants to see them. */
const MANY = 200;
let now = null; // the series that is shown, or is on its way
let entries = []; // the rows of all series, once they are drawn

/** What a series is called where the benchmark has its name in the head. */
function nameOf({ which, title }) {
  return breakable(which || title);
}

/** The sizes that findings have from pairs of processes, where chart and changes have those of the history. */
function againLine({ again }) {
  const told = again.map(([size, between, label]) => tidy(`${size} ${between && `${between} %`} at ${label}`));
  return told.length > 0 && h("p.muted", null, `Measured again in pairs: ${told.join("; ")}. Below are the values of the history.`);
}

/** The key of one of the page's series. */
function keyOf({ id }) {
  return `${location.pathname.split("/").at(-1).replace(/\.html$/, "")}/${id}`;
}

/** Another value of one choice: the series that has it and is most like the present one. */
function choose(column, value) {
  const alike = ({ chosen }) => chosen.filter((other, index) => other === now.chosen[index]).length;
  const having = report.series.filter(({ chosen }) => chosen[column] === value);
  go(having.reduce((best, one) => (alike(one) > alike(best) ? one : best)));
}

/** Show what a reader chose; the way back leads to the series before. */
function go(entry) {
  if (entry !== now) history.pushState(null, "", `#${entry.id}`);
  show(entry);
}

/** Show a series; commit: the short SHA of the one to tell about first. */
async function show(entry, commit = null) {
  now = entry;
  choices.forEach((select, column) => { select.value = entry.chosen[column]; });
  markShown();
  history.replaceState(null, "", `#${entry.id}${commit === null ? "" : `.${commit}`}`);
  const [series, index] = await Promise.all([fetchSeries(keyOf(entry)), fetchLine()]);
  if (now !== entry) return; // another was chosen meanwhile
  viewSeries(viewed, series, { commit: index.get(commit) ?? null, head: h("div.series-head", null,
    h("h2", { id: "series-title" }, nameOf(entry)), h("p.muted", null, seriesLine(series)), againLine(entry)) });
}

/** Show what the address names: a series, and perhaps a commit of it. */
function showAddressed() {
  const [id, commit = null] = location.hash.slice(1).split(".");
  show(report.series.find((one) => one.id === id) ?? report.series[0], commit);
}

function entryOf(series, index) {
  const open = (event) => { event.preventDefault(); go(series); scrollTo({ top: 0 }); };
  return seriesEntry(series, index, { spark: sparkOf(series.spark), tone: series.tone, name: h("a", { href: `#${series.id}` }, nameOf(series)), open });
}

function markShown() {
  entries.forEach(({ row }, index) => {
    const shown = report.series[index] === now;
    row.classList.toggle("shown", shown);
    row.querySelector("a").ariaCurrent = shown ? "true" : null;
  });
}

function drawAll(place, title = "") {
  entries = report.series.map(entryOf);
  const { head } = narrowing(entries, { id: "all-title", title, label: "Filter series",
    placeholder: "Filter: parameter, metric", nouns: ["series", "series"] });
  fill(place, head, makeTable(SERIES_COLUMNS, entries));
  markShown();
}

function allSeries() {
  const count = report.series.length;
  if (count > MANY) return folded("all", `All ${count.toLocaleString("en")} series of the benchmark`, drawAll);
  const place = section("all");
  if (count > 1) drawAll(place, "All series of the benchmark");
  return count > 1 && place;
}

drawHead(breakable(report.benchmark),
  choices.length > 0 && h("div.choices", null, choices.map((select, column) => h("label", null, h("span.muted", null, report.choices[column][0]), select))));
const openSize = (id) => { location.hash = id; scrollTo({ top: 0 }); };
draw(viewed, report.curves.length > 0 && section("scaling", "Scaling", report.curves.map((curve) => curveCard(curve, openSize))),
  allSeries());
addEventListener("hashchange", showAddressed);
showAddressed();
