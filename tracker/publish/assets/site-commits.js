"use strict";
// The list of commits that have a page, newest first.

const COLUMNS = ["Commit", "Author", "Date", "Found"];

function rowOf(at, index, unbuildable) {
  const commit = commitAt(at);
  const { label, subject, author, date, told } = commit;
  const found = told.map(([tone, kind]) => h(`b.tone-${tone}`, null, kind));
  if (unbuildable.has(at)) found.push("does not build");
  const row = h("tr", { onclick: (event) => { if (!event.target.closest("a")) location.href = ways.commit(commit); } },
    h("td.series-name.wide", null, h("a", { href: ways.commit(commit) }, h("span.mono", null, label)), ` ${subject}`),
    cell(COLUMNS[1], author), cell(COLUMNS[2], date),
    h("td.num", { "data-label": COLUMNS[3] }, found.length ? found.flatMap((one, number) => (number ? [", ", one] : [one])) : "–"));
  const words = `${commit.sha} ${label} ${subject} ${author} ${date} ${found.map((one) => one.textContent ?? one).join(" ")}`.toLowerCase();
  return { row, words, keys: [index, undefined, undefined, found.length] };
}

async function drawCommits(place) {
  await fetchLine();
  const known = [...report.commits.keys()].filter((at) => commitAt(at).told).reverse();
  const unbuildable = new Set(report.broken.map(([at]) => at));
  const entries = known.map((at, index) => rowOf(at, index, unbuildable));
  const { head, apply, field } = narrowing(entries, { id: "list-title", title: "Newest first", label: "Filter commits",
    placeholder: "Filter: subject, author, date, finding", nouns: ["commit", "commits"] });
  keepInAddress({ filter: field }, apply);
  fill(place, head, entries.length ? makeTable(COLUMNS, entries) : h("p.empty", null, "Nothing is known of any commit."));
}

drawHead("Commits");
const list = section("list");
draw(list);
drawCommits(list);
