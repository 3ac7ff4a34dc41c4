"use strict";
// The page of a report: verdict, findings as cards, the table of all series.

const ways = {
  commit: (commit) => commit.url,
  load: (index) => report.series[index],
  open: (index, at) => showSeries(index, at),
  opener: (index, text, at) => h("button.name", { type: "button", onclick: () => showSeries(index, at) }, breakable(text)),
  more: (finding) => `and ${finding.more} more: filter the table below`,
  walk(step) {
    const number = nextFinding(openSeries ? openSeries.finding : focusedFinding(), step);
    const { commit, effects } = report.findings[number];
    const first = effects[0][0];
    if (openSeries && first !== null) showSeries(first, { commit, finding: number });
    else focusFinding(number);
  },
};

function drawHead() {
  fill(document.getElementById("head"),
    h("div.head-line", null, h("h1", null, report.project), themeButton()),
    h("p.verdict", null, capitalised(report.verdict)),
    h("p.muted.about", null, report.about.map((text) => h("span", null, text))),
    report.warnings.map((text) => h("p.warning", { role: "note" }, text)));
}

function drawTable() {
  const entries = report.series.map((series, index) => {
    const spark = h("div.spark");
    drawLater(spark, () => series.at.length && drawChart(spark, series, { size: "spark", height: 36 }));
    return seriesEntry(series, index, { spark, tone: series.changes.at(-1)?.[4] ?? "",
      name: h("button", { type: "button" }, breakable(series.title)), open: () => showSeries(index), known: series.facts.flat().join(" ") });
  });
  const { head } = narrowing(entries, { id: "all-title", title: "All series", label: "Filter series",
    placeholder: "Filter: benchmark, parameter, metric", nouns: ["series", "series"] });
  document.getElementById("all").append(head, ...(entries.length
    ? [makeTable(SERIES_COLUMNS, entries),
      h("p.muted.axis-note", null, "Spark lines span the range of their own series, not from zero. Since first: last value against the first commit. Noise: standard deviation between the processes of one commit.")]
    : [h("p.empty", null, "No series: nothing gave a value.")]));
}

function drawMore() {
  const section = document.getElementById("more");
  if (report.events.length) {
    section.append(h("h2", null, "Environment and machine"), h("ul", null, report.events.map(([commit, kind, text]) =>
      h("li", null, `${kind} changed at `, commitLink(commit), `: ${text}`))));
  }
  section.append(h("details", null, h("summary", null, "How it was measured"), factList(report.facts)));
}

drawHead();
drawFindings();
drawCurves();
drawTable();
drawMore();
const linked = report.series.findIndex((series) => `#${series.id}` === location.hash);
if (linked >= 0) showSeries(linked);
