"use strict";
// Tables that are sorted by a click on a heading and narrowed by typing.

const SERIES_COLUMNS = ["Series", "Along the commits", "Last value", "Since first", "Noise", "Smallest change seen"];

/** A number or word in its column; small screens show the column's title beside it. */
function cell(title, text, kind = "") {
  return h(`td.num${kind}`, { "data-label": title }, text ? tidy(text) : "–");
}

/**
 * A table of entries { row, words, keys }: keys are the numbers (or null) that each column sorts by,
 * undefined where a column does not; the first column's are the order that they came in.
 */
function makeTable(columns, entries) {
  const body = h("tbody", null, entries.map(({ row }) => row));
  let order = { column: 0, down: false };
  const headings = columns.map((title, column) => (entries[0]?.keys[column] === undefined ? h("th", { scope: "col" }, title)
    : h("th", { scope: "col", "aria-sort": column ? "none" : "ascending" }, h("button", { type: "button", onclick: () => sort(column) }, title))));
  function sort(column) {
    order = { column, down: order.column === column ? !order.down : column > 0 };
    const key = ({ keys }) => keys[column];
    const sign = order.down ? -1 : 1;
    const sorted = [...entries].sort((a, b) => (key(a) === null) - (key(b) === null) || sign * (key(a) - key(b)) || a.keys[0] - b.keys[0]);
    body.append(...sorted.map(({ row }) => row));
    headings.forEach((th, number) => {
      if (th.hasAttribute("aria-sort")) th.setAttribute("aria-sort", number === column ? (order.down ? "descending" : "ascending") : "none");
    });
  }
  return h("table", null, h("thead", null, h("tr", null, headings)), body);
}

/**
 * The head of a section with a table: its title, a field that leaves the rows with every word typed,
 * and how many these are. more: further controls; keeps(entry): what they leave; call apply() when they change.
 */
function narrowing(entries, { id = "", title = "", label, placeholder, nouns, more = [], keeps = () => true }) {
  const count = h("span.muted", { id: "count", role: "status" });
  const field = h("input", { type: "search", id: "filter", placeholder, "aria-label": label, autocomplete: "off", oninput: () => apply() });
  field.hidden = !entries.length;
  function apply() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = entries.filter(keeps);
    const shown = new Set(kept.filter((entry) => words.every((word) => entry.words.includes(word))));
    for (const entry of entries) entry.row.hidden = !shown.has(entry);
    count.textContent = !entries.length ? "" : words.length ? `${shown.size} of ${kept.length}` : `${kept.length} ${nouns[Number(kept.length !== 1)]}`;
  }
  apply();
  return { head: h("div.section-head", null, title && h("h2", { id }, title), field, more, count), apply, field };
}

/** A row about a series: its picture, the link or button that opens it, what a click does, what else it is found by. */
function seriesEntry(series, index, { spark, tone, name, open, known = "" }) {
  const detail = [series.metric, series.variant].filter(Boolean).join(" · ");
  const [, , last, since, noise, smallest] = SERIES_COLUMNS;
  const row = h("tr", { onclick: open },
    h("td.series-name", null, name, h("div.muted", null, detail)),
    h("td.spark-cell", null, spark),
    cell(last, series.last),
    cell(since, series.since, tone && `.tone-${tone}`),
    cell(noise, series.noise),
    cell(smallest, series.mde));
  const words = `${series.title} ${series.metric} ${series.variant} ${known}`.toLowerCase();
  return { row, words, keys: [index, undefined, ...series.sort] };
}
