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
  return h("a.name", { href: seriesPage(key, sha) }, text);
}

/** What files of series call a commit. */
function short(sha) {
  return sha.slice(0, 12);
}

// what is fetched ------------------------------------------------------------------------

const fetching = new Map();

/** A JSON file of the site; asked for once. */
function fetchJson(path) {
  if (!fetching.has(path)) fetching.set(path, askFor(path));
  return fetching.get(path);
}

async function askFor(path) {
  const answer = await fetch(ROOT + path).catch(() => { throw new Error(`${path} cannot be read`); });
  if (!answer.ok) throw new Error(`${path} cannot be read: ${answer.status} ${answer.statusText}`);
  return answer.json();
}

let lineOf = null; // a promise of: short SHA -> index into report.commits

/** All commits, in place of those that the page came with; findings then name theirs by the new index. */
function fetchLine() {
  lineOf ??= fetchJson("data/commits.json").then(({ commits, events, broken }) => {
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
  const path = `series/${key.split("/")[1]}.json`;
  if (!placed.has(path)) placed.set(path, Promise.all([fetchJson(path), fetchLine()]).then(([series, index]) => place(series, index)));
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

addEventListener("unhandledrejection", ({ reason }) => {
  const hint = location.protocol === "file:" ? " Pages opened as files cannot fetch others: python -m http.server shows this site." : "";
  document.getElementById("main").prepend(h("p.warning", { role: "alert" }, `${reason.message}.${hint}`));
});

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

// the theme that was chosen holds on every page
const chosenTheme = localStorage.getItem("tracker-theme");
if (chosenTheme) document.documentElement.dataset.theme = chosenTheme;
addEventListener("pagehide", () => {
  const { theme } = document.documentElement.dataset;
  if (theme) localStorage.setItem("tracker-theme", theme);
});
