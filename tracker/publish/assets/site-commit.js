"use strict";
// The page of a commit: what was found, what changed, and what every series did there.

const [here, before, after] = report.commits.map((row, at) => row && commitAt(at));

function neighbour(commit, text) {
  return commit && h("a", { href: `${commit.sha}.html`, title: commit.subject }, text, " ", h("span.mono", null, commit.label));
}

function changes() {
  if (!report.changes.length) return h("p.muted", null, `No change was seen in ${report.count} series.`);
  const columns = ["Series", "Change", "95 % interval", "Levels"];
  const entries = report.changes.map(([key, name, size, between, levels, tone], index) => {
    const row = h("tr", null, h("td.series-name", null, key === null ? breakable(name) : seriesLink(key, name, here.sha)),
      cell(columns[1], size, `.tone-${tone}`), cell(columns[2], between && `${between} %`), cell(columns[3], levels));
    return { row, keys: [index] };
  });
  return h("div", null, makeTable(columns, entries), h("p.muted.axis-note", null, `${report.changes.length} of ${report.count} series changed.`,
    report.again && " What was measured again in pairs has the size found then; charts show the values of the history."));
}

async function drawEvery(place) {
  fill(place, h("p.muted", null, "…"));
  const [rows, names] = await Promise.all([fetchData(`commits/${here.sha}.js`), fetchData("data/series.js")]);
  const columns = ["Series", "Before and here", "Difference"];
  const entries = rows.filter(([id]) => names[id]).map(([id, levels, difference, ratio], index) => {
    const [key, name] = names[id];
    const row = h("tr", null, h("td.series-name", null, seriesLink(key, name, here.sha)), cell(columns[1], levels), cell(columns[2], difference));
    return { row, words: name.toLowerCase(), keys: [index, undefined, ratio] };
  });
  const { head } = narrowing(entries, { label: "Filter series", placeholder: "Filter: benchmark, parameter, metric", nouns: ["series", "series"] });
  fill(place, head, makeTable(columns, entries),
    h("p.muted.axis-note", null, "A difference of two measured values, most of them noise: what changed stands above."));
}

drawHead([here.label, here.subject].filter(Boolean).join(" "),
  h("p.muted.about", null, [here.author, report.when].map((text) => h("span", null, text)), h("span.mono", null, here.sha),
    here.url && h("span", null, h("a", { href: here.url, rel: "noreferrer" }, "source"))),
  h("p.neighbours", null, neighbour(before, "← before"), neighbour(after, "after →")));
draw(
  report.findings.length > 0 && section("findings", "Findings", h("div.cards", null, report.findings.map(card))),
  section("changes", "What changed", changes()),
  report.failures.length > 0 && section("failed", "Not measured", h("ul.failures", null, report.failures.map((text) => h("li", null, text)))),
  report.here.length > 0 && section("events", "Environment and machine", h("ul", null, report.here.map(([kind, text]) => h("li", null, `${kind} changed here: ${text}`)))),
  report.count > 0 && folded("every", `All ${report.count.toLocaleString("en")} series at this commit`, drawEvery));
