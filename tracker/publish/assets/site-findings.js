"use strict";
// The page of all findings.

drawHead(capitalised(report.verdict));
draw(h("section", { id: "findings", "aria-labelledby": "findings-title" }),
  report.here.length > 0 && section("events", "Environment and machine", h("ul", null, report.here.map(([[sha, label], kind, text]) =>
    h("li", null, `${kind} changed at `, h("a", { href: `commits/${sha}.html` }, h("span.mono", null, label)), `: ${text}`)))),
  report.findings.length > 0 && h("p.keys.muted", null, "j next finding, k previous, Enter opens"));
drawFindings();
