"use strict";
// The page of a comparison: its tables are there already, the curves are drawn.

document.getElementById("head").append(themeButton());
drawCurves();
