"use strict";
// Light or dark: as the system has it, until the reader chooses; paper is always light.

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function themeButton() {
  return h("button.theme", { type: "button", onclick: toggleTheme, "aria-label": "Light or dark" }, "◐");
}

function toggleTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  redrawCharts();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
let themeBeforePrint;
addEventListener("beforeprint", () => {
  themeBeforePrint = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  [...waiting.keys()].forEach(drawNow);
  redrawCharts();
});
addEventListener("afterprint", () => {
  if (themeBeforePrint) document.documentElement.dataset.theme = themeBeforePrint;
  else delete document.documentElement.dataset.theme;
  redrawCharts();
});
