"use strict";
// The theme that a reader chose holds on every page, as far as the browser remembers anything; set
// before anything is drawn.

{
  const remembered = (act) => { try { return act(localStorage); } catch { return null; } };
  const { dataset } = document.documentElement;
  const chosen = remembered((storage) => storage.getItem("tracker-theme"));
  if (chosen) dataset.theme = chosen;
  addEventListener("pagehide", () => {
    if (dataset.theme) remembered((storage) => storage.setItem("tracker-theme", dataset.theme));
  });
}
