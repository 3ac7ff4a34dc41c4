"use strict";
// What all pages of a site share: where they lead, what they fetch and when, their head.

const ROOT = document.documentElement.dataset.root;

const ways = {
  // only commits of which something is known have a page
  commit: (commit) => (commit.told ? `${ROOT}commits/${commit.sha}.html` : commit.url),
  load: (key) => fetchSeries(key),
  open: (key, { commit }) => { location.href = seriesPage(key, commitAt(commit).sha); },
  opener: (key, text, { commit }) => seriesLink(key, text, commitAt(commit).sha),
  more: (finding) => h("a", { href: `${ways.commit(commitAt(finding.commit))}#changes` }, `and ${finding.more} more`),
  walk: (step) => focusFinding(nextFinding(focusedFinding(), step)),
};

/** The address of a series "page/id" that tells of a commit first. */
function seriesPage(key, sha) {
  const [page, id] = key.split("/");
  return `${ROOT}benchmarks/${page}.html#${id}.${short(sha)}`;
}

function seriesLink(key, text, sha) {
  return h("a.name", { href: seriesPage(key, sha) }, breakable(text));
}

/** What files of series call a commit. */
function short(sha) {
  return sha.slice(0, 12);
}

// what is fetched ------------------------------------------------------------------------

const asked = new Map(); // path -> a promise of what is there
const answers = new Map(); // path -> who waits for it

/** Values of the site; asked for once. They come as scripts, which pages on a disk may load as well. */
function fetchData(path) {
  if (!asked.has(path)) asked.set(path, askFor(path));
  return asked.get(path);
}

function askFor(path) {
  return new Promise((resolve) => {
    answers.set(path, resolve);
    const over = () => { if (answers.has(path)) warn(`${path} cannot be read: the site may just have been replaced; load the page again.`); };
    document.head.append(h("script", { src: ROOT + path, onload: over, onerror: over }));
  });
}

/** What each file of values calls. */
function tell(path, values) {
  answers.get(path)(values);
  answers.delete(path);
}

function warn(text) {
  document.getElementById("main").prepend(h("p.warning", { role: "alert" }, text));
}

let lineOf = null; // a promise of: short SHA -> index into report.commits

/** All commits, in place of those that the page came with; findings then name theirs by the new index. */
function fetchLine() {
  lineOf ??= fetchData("data/commits.js").then(({ commits, events, broken }) => {
    const index = new Map(commits.map(([sha], at) => [short(sha), at]));
    const own = report.commits;
    for (const finding of report.findings) {
      const commit = own[finding.commit];
      finding.commit = index.get(short(commit[0])) ?? commits.push(commit) - 1;
    }
    report.commits = commits;
    report.events = named(events, index);
    report.broken = named(broken, index);
    return index;
  });
  return lineOf;
}

/** Rows that begin with a commit: its index in place of its short SHA; without commits that are not known. */
function named(rows, index) {
  return rows.filter(([commit]) => index.has(commit)).map(([commit, ...rest]) => [index.get(commit), ...rest]);
}

const placed = new Map();

/** The series "page/id" with its values, its commits named by their index. */
function fetchSeries(key) {
  const path = `series/${key.split("/")[1]}.js`;
  if (!placed.has(path)) placed.set(path, Promise.all([fetchData(path), fetchLine()]).then(([series, index]) => place(series, index)));
  return placed.get(path);
}

function place(series, index) {
  const known = series.at.map((commit) => index.has(commit));
  const ofKnown = (column) => column.filter((_, row) => known[row]);
  return { ...series,
    at: ofKnown(series.at).map((commit) => index.get(commit)),
    values: ofKnown(series.values),
    raw: ofKnown(series.raw),
    levels: named(series.levels, index),
    changes: named(series.changes, index),
    drifts: series.drifts.filter(([from, to]) => index.has(from) && index.has(to))
      .map(([from, to, before, after, change]) => [index.get(from), index.get(to), before, after, ...named([change], index)]),
    failed: named(series.failed, index) };
}

// what pages look like -------------------------------------------------------------------

/** The head of a page: ways to the others, its title, lines below it. */
function drawHead(title, ...lines) {
  const { page } = document.documentElement.dataset;
  const way = (name, path, text) => h("a", { href: ROOT + path, "aria-current": name === page && "page" }, text);
  fill(document.getElementById("head"),
    h("div.head-line", null,
      h("nav.ways", { "aria-label": "Site" }, way("start", "index.html", report.project), way("findings", "findings.html", "Findings"),
        way("commits", "commits.html", "Commits"), h("a", { href: `${ROOT}feed.xml`, type: "application/atom+xml" }, "Feed")),
      themeButton()),
    h("h1.verdict", null, title), lines);
}

/** A section of the page, with its heading unless the content brings one. */
function section(id, title, ...content) {
  return h("section", { id, "aria-labelledby": `${id}-title` }, title && h("h2", { id: `${id}-title` }, title), content);
}

/** Keep what a reader chose in the address: a way back finds it again, and it can be sent to others. */
function keepInAddress(controls, apply) {
  const told = new URLSearchParams(location.hash.slice(1));
  const kept = Object.entries(controls).map(([name, control]) => ({ name, control, usual: control.value }));
  for (const { name, control, usual } of kept) {
    control.value = told.get(name) ?? usual;
    if (control.selectedIndex === -1) control.value = usual; // a choice that is there no longer
    control.addEventListener("input", keep);
    control.addEventListener("change", keep);
  }
  function keep() {
    const chosen = kept.filter(({ control, usual }) => control.value !== usual).map(({ name, control }) => [name, control.value]);
    history.replaceState(null, "", chosen.length ? `#${new URLSearchParams(chosen)}` : location.pathname + location.search);
  }
  apply();
}

/** A part of the page that is drawn when somebody wants to see it. */
function folded(id, title, drawInto) {
  const place = h("div");
  return h("details.folded", { id, ontoggle: (event) => { if (event.target.open && !place.firstChild) drawInto(place); } },
    h("summary", null, title), place);
}

function draw(...sections) {
  fill(document.getElementById("main"), sections);
}

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The small picture of a series, of a letter for each value; drawn when it comes into sight. */
function sparkOf(letters) {
  const spark = h("div.spark");
  const values = [...letters].map((letter) => LETTERS.indexOf(letter));
  const series = { at: [...values.keys()], values, raw: values.map(() => [0, 0]), grain: 0, symbol: "", levels: [], changes: [], drifts: [], failed: [] };
  if (values.length) drawLater(spark, () => drawChart(spark, series, { size: "spark", height: 36, span: values.length, broken: [] }));
  return spark;
}
