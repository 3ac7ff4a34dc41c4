"use strict";
// Findings as cards, and the keys that walk through them. The page's script says where `ways` lead:
// load(key) to a series or a promise of it, open(key, at) and opener(key, text, at) to its page,
// more(finding) to the series that a card leaves out, walk(step) to another finding.

function drawFindings() {
  const section = document.getElementById("findings");
  section.append(h("h2", { id: "findings-title" }, "Findings"));
  if (report.findings.length) section.append(h("div.cards", null, report.findings.map(card)));
  section.append(...report.closing.map((text) => h("p.closing", null, text)));
  if (report.failures.length) {
    section.append(h("h3", { id: "failures" }, "Not measured"), h("ul.failures", null, report.failures.map((text) => h("li", null, text))));
  }
}

function card(finding, number) {
  const commit = commitAt(finding.commit);
  const first = finding.effects[0][0];
  const chart = h("div.card-chart");
  const axis = h("div.axis-note");
  const open = () => first !== null && ways.open(first, { commit: finding.commit, finding: number });
  if (first !== null) {
    drawLater(chart, async () => {
      const series = await ways.load(first);
      if (!series.at.length) return;
      const drawn = drawChart(chart, series, { size: "small", height: 120, only: finding.commit });
      if (drawn.cut) axis.textContent = `axis from ${shown(drawn.axis[0], series.symbol, 3)}, not from zero`;
    });
  }
  return h(`article.card.${finding.tone}`, {
    tabindex: 0, "data-finding": number,
    onclick: (event) => { if (!event.target.closest("a, button")) open(); },
    onkeydown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) open(); },
  },
  h("div.card-head", null, h("span.kind", null, finding.kind), h("span.status", null, [finding.magnitude, finding.status].filter(Boolean).join(" · "))),
  h("h3", null, commitLink(finding.commit), commit.subject && ` ${commit.subject}`),
  h("p.muted", null, [commit.author, commit.date, finding.ago].filter(Boolean).join(" · ")),
  chart, axis,
  effectsOf(finding, number),
  finding.remarks.map((remark) => h("p.muted", null, remark)));
}

function effectsOf(finding, number) {
  const entry = ([series, name, size, between, levels, why, tone, points = []]) => h("li", null,
    series === null ? h("span.name", null, breakable(name)) : ways.opener(series, name, { commit: finding.commit, finding: number }),
    size && h(`b.size.${tone}`, null, tidy(size)),
    h("span.detail", null, [levels, tidy(between && `${between} %`), why].filter(Boolean).join("  ·  ")),
    points.length > 0 && h("details.points", { onclick: (event) => event.stopPropagation() },
      h("summary", null, `${points.length} points`), h("ul.effects", null, points.map(entry))));
  return h("ul.effects", null,
    finding.effects.map(entry),
    finding.more > 0 && h("li.muted", null, ways.more(finding)));
}

function focusFinding(number) {
  const found = document.querySelector(`[data-finding="${number}"]`);
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

/** The number of the finding whose card has the focus, or null. */
function focusedFinding() {
  return document.activeElement?.closest("[data-finding]")?.dataset.finding ?? null;
}

/** The number of the finding so many steps from here; from nowhere the first or the last. */
function nextFinding(here, step) {
  const last = report.findings.length - 1;
  return here === null ? (step > 0 ? 0 : last) : Math.min(last, Math.max(0, Number(here) + step));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=search], select")) return;
  if (event.key === "j" && report.findings.length) ways.walk(1);
  else if (event.key === "k" && report.findings.length) ways.walk(-1);
  else if (event.key === "/") { document.getElementById("filter")?.focus(); event.preventDefault(); }
});
