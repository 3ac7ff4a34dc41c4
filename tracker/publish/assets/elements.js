"use strict";
// Small things that the other scripts build with. Text only ever enters the page as text.

const report = JSON.parse(document.getElementById("report").textContent);

/** A commit by its index, with names for its fields. */
function commitAt(index) {
  const [sha, label, subject, author, date, url, told] = report.commits[index];
  return { sha, label, subject: subject === label ? "" : subject, author, date, url, told };
}

/** An element: h("p.note", { title: "..." }, "text", child). Falsy children are left out. */
function h(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  fill(element, ...children);
  return element;
}

/** Put children into an element, in place of what is there. */
function fill(element, ...children) {
  element.replaceChildren(...children.flat(2).filter((child) => child || child === 0));
}

/** A name that may be long: lines end where its parts do, before they end inside of a word. */
function breakable(name) {
  const parts = name.split(/(?<=[._/,:+])(?![._/,:+\d])|(?<=\w)(?=\[)|(?<=\p{Ll})(?=\p{Lu})/u);
  return parts.flatMap((part, number) => (number ? [h("wbr"), part] : [part]));
}

/** What people call a commit, as a link where there is one; the page's script says where `ways` lead. */
function commitLink(index) {
  const commit = commitAt(index);
  const name = h("span.mono", null, commit.label);
  const href = ways.commit(commit);
  return href ? h("a", { href, rel: "noreferrer", title: commit.sha }, name) : name;
}

/** Minus signs as typography wants them, and short units that stay with their number. */
function tidy(text) {
  return text.replace(/(^|[\s[,])-(?=[\d∞])/g, "$1−").replace(/(\d) (?=\S{1,2}$)/g, "$1\u00a0");
}

/** A sentence begins with a capital. */
function capitalised(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/** A number in the unit of its series. */
function shown(value, symbol, digits = 4) {
  const text = value.toLocaleString("en", { maximumSignificantDigits: digits });
  return tidy(symbol ? `${text} ${symbol}` : text);
}

/** The value of a colour of the page's theme: canvases cannot use variables. */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Names and values as a list. */
function factList(facts) {
  return h("dl", null, facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}
