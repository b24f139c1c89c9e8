// Comforts of a list: without this file every line is a link, every tick a box.
(() => {
  "use strict";
  const IN = ":is(#rows, [data-list]) tbody > tr";
  const all = () => [...document.querySelectorAll(IN)];
  const rowOf = (node) => node.closest?.(IN);
  const box = (row) => row.querySelector(".tick input");
  const boxes = () => all().map(box).filter((found) => found && !found.disabled);
  const link = (row) => row.querySelector(".row-link, th a") || box(row) || row.querySelector("a");

  // -- what is ticked: how many, how much, all of this page, a range ------------------------------
  const written = (sum, unit) => {
    const words = document.documentElement.lang || "fr";
    const style = unit === "days" ? { maximumFractionDigits: 2 } : { style: "currency", currency: "EUR" };
    const text = new Intl.NumberFormat(words, style).format(sum);
    return unit === "days" ? `${text}\u00a0${words.startsWith("fr") ? "j" : "d"}` : text;
  };
  const tell = () => {
    const here = boxes();
    const ticked = here.filter((one) => one.checked);
    for (const one of document.querySelectorAll("[data-tick-all] input")) {
      one.checked = ticked.length > 0 && ticked.length === here.length;
      one.indeterminate = ticked.length > 0 && !one.checked;
    }
    for (const told of document.querySelectorAll("[data-ticked]")) {
      const { none, one, many, unit } = told.dataset;
      const figures = ticked.map((box) => Number(box.dataset.figure)).filter((n) => Number.isFinite(n));
      const sum = unit && ticked.length && figures.length === ticked.length
        ? ` · ${written(figures.reduce((a, b) => a + b, 0), unit)}` : "";
      const count = ticked.length === 0 ? none : ticked.length === 1 ? one : `${ticked.length} ${many}`;
      if (told.textContent !== count + sum) told.textContent = count + sum;
    }
  };
  const tick = (one, on) => {
    if (!one || one.checked === on) return;
    one.checked = on;
    one.dispatchEvent(new Event("change", { bubbles: true }));
  };
  let last = null;
  document.addEventListener("click", (event) => {
    const one = event.target;
    if (!one.matches?.(`${IN} .tick input`)) return;
    const here = boxes();
    if (event.shiftKey && last && here.includes(last)) {
      const [from, to] = [here.indexOf(last), here.indexOf(one)].sort((a, b) => a - b);
      for (const other of here.slice(from, to + 1)) tick(other, one.checked);
    }
    last = one;
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("[data-tick-all]")) {
      const on = event.target.checked;
      for (const one of boxes()) one.checked = on;
    } else if (!event.target.matches?.(".tick input")) return;
    tell();
  });
  // Boxes that a browser ticks again when one comes back are counted too.
  addEventListener("pageshow", tell);
  document.addEventListener("htmx:afterSwap", tell);
  for (const one of document.querySelectorAll("[data-tick-all]")) one.hidden = false;
  for (const one of document.querySelectorAll("[data-list-keys]")) one.hidden = false;
  tell();

  // -- the keyboard: focus really moves, so that Enter, Tab and readers behave as ever ------------
  const on = () => document.body.dataset.shortcuts !== "off";
  let anchor = -1, reach = -1;
  const extend = (rows, from, to) => {
    if (reach !== from || anchor < 0) anchor = from;
    else for (let n = Math.min(anchor, from); n <= Math.max(anchor, from); n += 1) tick(box(rows[n]), false);
    for (let n = Math.min(anchor, to); n <= Math.max(anchor, to); n += 1) tick(box(rows[n]), true);
    reach = to;
  };
  const move = (event, row) => {
    const rows = all();
    const from = row ? rows.indexOf(row) : -1;
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: rows.length - 1 }[event.key];
    const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!next) return false;
    if (event.shiftKey && row) extend(rows, from, rows.indexOf(next));
    else anchor = -1;
    // From a box to a box, from a line to a line.
    const target = event.target === (row && box(row)) ? box(next) : link(next);
    target?.focus();
    return Boolean(target);
  };
  const handled = (event, row) => {
    const ticking = row && event.target === box(row);
    if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      const idle = event.target === document.body || event.target.id === "main";
      return row ? move(event, row) : idle && on() && event.key === "ArrowDown" && move(event, null);
    }
    if (!row) return false;
    if (event.key === "Home" || event.key === "End") return move(event, row);
    if (event.key === " " && event.target === link(row) && !ticking && box(row)) {
      tick(box(row), !box(row).checked);
      return true;
    }
    // Enter on a box would press the first button of the form.
    if (event.key === "Enter" && ticking) { row.querySelector(".row-link, th a")?.click(); return true; }
    const key = event.key.toLowerCase();
    if (!on() || event.shiftKey || key.length !== 1 || key === " ") return false;
    const way = row.querySelector(`[data-row-key="${CSS.escape(key)}"]`);
    way?.click();
    return Boolean(way);
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const busy = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog, details[open]";
    if (event.target.closest?.(busy) || document.querySelector("dialog[open]")) return;
    if (handled(event, rowOf(event.target))) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
})();
