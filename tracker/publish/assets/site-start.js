"use strict";
// The start page: verdict, what was found last, a row for each benchmark.

const COLUMNS = ["Benchmark", "Along the commits", "Last value", "Since first", "Last change"];

function newsLine({ kind, tone, commit, status, effects, more }, number) {
  const [[series, name, size]] = effects;
  const { sha, label, subject, date } = commitAt(commit);
  return h(`li.${tone}`, { "data-finding": number, tabindex: -1 },
    h("span.kind", null, kind), h("b.size.num", null, tidy(size)),
    h("span", null, series === null ? breakable(name) : ways.opener(series, name, { commit }), more > 0 || effects.length > 1 ? h("span.muted", null, ` and ${more + effects.length - 1} more`) : ""),
    h("span.where", null, h("a", { href: ways.commit(commitAt(commit)), title: sha }, h("span.mono", null, label)), ` ${subject}`),
    h("span.muted", null, `${date} · ${status}`));
}

function rowOf(told, index) {
  const { page, benchmark, metric, leads, id, which, of, last, since, change, spark, sort, words } = told;
  const [size, tone, label] = change ?? ["", "", ""];
  const href = `benchmarks/${page}.html#${id}`;
  const detail = [metric, which, of > 1 && `1 of ${of} series`].filter(Boolean).join(" · ");
  const row = h("tr", { onclick: (event) => { if (!event.target.closest("a")) location.href = href; } },
    h("td.series-name", null, h("a", { href }, breakable(benchmark)), h("div.muted", null, breakable(detail))),
    h("td.spark-cell", null, sparkOf(spark)),
    cell(COLUMNS[2], last),
    cell(COLUMNS[3], since),
    h(`td.num${tone && `.tone-${tone}`}`, { "data-label": COLUMNS[4] }, size ? tidy(size) : "–", label && h("div.muted.mono", null, label)));
  return { row, metric, leads, words, keys: [index, undefined, ...sort] };
}

async function drawBenchmarks(place) {
  const entries = (await fetchData("data/benchmarks.js")).map(rowOf);
  const metrics = [...new Set(entries.map(({ metric }) => metric))].sort();
  const metric = h("select", { "aria-label": "Metric", onchange: () => apply() },
    h("option", { value: "leading" }, "one row a benchmark"), h("option", { value: "every" }, "every metric"),
    metrics.map((name) => h("option", { value: `only ${name}` }, name)));
  const keeps = (entry) => ({ leading: entry.leads, every: true })[metric.value] ?? metric.value === `only ${entry.metric}`;
  const { head, apply, field } = narrowing(entries, { id: "benchmarks-title", title: "Benchmarks", label: "Filter benchmarks",
    placeholder: "Filter: benchmark, parameter, metric", nouns: ["row", "rows"], more: metrics.length > 1 ? [metric] : [], keeps });
  keepInAddress({ filter: field, metric }, apply);
  fill(place, head, ...(entries.length
    ? [makeTable(COLUMNS, entries),
      h("p.muted.axis-note", null, "A row shows the series of its benchmark that changed last. Spark lines span the range of their own series, not from zero. Since first: last value against the first commit.")]
    : [h("p.empty", null, "No series: nothing gave a value.")]));
}

drawHead(capitalised(report.verdict),
  h("p.muted.about", null, report.about.map((text) => h("span", null, text))),
  report.warnings.map((text) => h("p.warning", { role: "note" }, text)));
const benchmarks = section("benchmarks");
draw(
  section("findings", "Findings",
    report.findings.length > 0 && h("ul.news", null, report.findings.map(newsLine)),
    report.of > report.findings.length && h("p", null, h("a", { href: "findings.html" }, `All ${report.of} findings`)),
    report.closing.map((text) => h("p.closing", null, text)),
    report.failed && h("p", null, "Not measured: ", h("a", { href: "findings.html#failures" }, report.failed))),
  benchmarks,
  h("details", null, h("summary", null, "How it was measured"), factList(report.facts)));
drawBenchmarks(benchmarks);
