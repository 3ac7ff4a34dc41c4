"use strict";
// A series of a report, in a dialog over the page.

const seriesDialog = document.getElementById("series");

/** Show a series; commit is the one to tell about first, finding the card it came from. */
function showSeries(index, { commit = null, finding = null } = {}) {
  const series = report.series[index];
  viewSeries(seriesDialog, series, {
    commit,
    finding,
    head: h("div.dialog-head", null,
      h("div", null,
        h("h2", { id: "series-title", tabindex: -1, autofocus: true }, breakable(series.title)),
        h("p.muted", null, seriesLine(series))),
      h("button.close", { type: "button", "aria-label": "Close", onclick: () => seriesDialog.close() }, "✕")),
    keys: finding === null ? "Esc closes" : "j next finding, k previous, Esc closes",
    laidOut() {
      if (!seriesDialog.open) seriesDialog.showModal();
      seriesDialog.scrollTop = 0;
    },
  });
  history.replaceState(null, "", `#${series.id}`);
}

seriesDialog.addEventListener("close", () => {
  const finding = openSeries?.finding ?? null;
  closeSeries();
  history.replaceState(null, "", location.pathname + location.search);
  if (finding !== null) focusFinding(finding);
});
seriesDialog.addEventListener("click", (event) => {
  if (event.target === seriesDialog) seriesDialog.close(); // beside the dialog
});
