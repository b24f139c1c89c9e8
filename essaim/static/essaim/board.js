// The board: cards move by drag, by the arrows and letters, or from their menu, without leaving it.
// Every move is also a link to a page of its own: nothing here is needed.
(() => {
  "use strict";
  const root = document.getElementById("board");
  const ask = document.getElementById("board-ask");
  const said = document.getElementById("board-said");
  if (!root) return;
  const words = JSON.parse(document.getElementById("board-words")?.textContent || "{}");
  const tell = (text) => { if (said) said.textContent = text; };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const cardOf = (node) => node?.closest?.("[data-card]");
  const titleOf = (card) => card.querySelector(".row-link").textContent;
  const linksOf = (card) => [...card.querySelectorAll("a[data-to]")];
  const headers = { "HX-Request": "true" };

  // One stop of Tab for all the cards, the arrows inside; the menu of the current card stays near.
  let current = null;
  const stops = (card, tab) => {
    for (const node of card.querySelectorAll(".row-link, summary")) node.tabIndex = tab;
  };
  const settle = (card) => {
    if (current && current !== card) stops(current, -1);
    current = card;
    if (card) stops(card, 0);
  };
  const prepare = () => {
    const cards = [...root.querySelectorAll("[data-card]")];
    for (const card of cards) {
      stops(card, -1);
      card.querySelector(".row-link").draggable = false;
      card.draggable = Boolean(card.querySelector(".menu"));
    }
    current = null;
    settle(cards[0] || null);
  };
  const focus = (card) => {
    if (!card) return;
    settle(card);
    card.querySelector(".row-link").focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  root.addEventListener("focusin", (event) => { const card = cardOf(event.target); if (card) settle(card); });

  // -- the answer in place --------------------------------------------------------------------
  const forget = (card) => card.querySelector(".board-refused")?.remove();
  const refuse = (card, html) => {
    forget(card);
    card.insertAdjacentHTML("beforeend", html);
    const box = card.querySelector(".board-refused");
    box?.focus();
    box?.scrollIntoView({ block: "nearest" });
  };
  const complain = (card, text) => {
    forget(card);
    const box = document.createElement("div");
    box.className = "note bad board-refused";
    box.setAttribute("role", "alert");
    box.tabIndex = -1;
    const line = document.createElement("p");
    line.textContent = text;
    box.append(line);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button ghost";
    button.dataset.forget = "";
    button.textContent = words.close;
    box.append(button);
    card.append(box);
    box.focus();
  };
  // Columns are changed one by one: the board keeps the place it was scrolled to.
  const renew = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("board");
    if (!fresh) { location.reload(); return; }
    const now = [...root.querySelectorAll("[data-column]")];
    const then = [...fresh.querySelectorAll("[data-column]")];
    if (now.length === then.length && now.length) now.forEach((column, rank) => column.replaceWith(then[rank]));
    else root.replaceChildren(...fresh.childNodes);
    const facts = document.querySelector(".page-title .facts");
    if (facts) facts.textContent = fresh.dataset.facts;
    tell(fresh.querySelector(".message")?.textContent.trim() || "");
    root.querySelector(".messages")?.remove();
    prepare();
  };
  const reload = async () => {
    const answer = await fetch(location.href, { headers });
    if (answer.ok) renew(await answer.text());
  };

  // -- the move ---------------------------------------------------------------------------------
  const send = async (card, link, why = "") => {
    const key = card.dataset.card;
    const body = new FormData(ask.querySelector("form"));
    body.set("why", why);
    body.set("to", link.dataset.to);
    body.set("effective_on", words.today);
    body.set("seen", card.dataset.stage);
    body.set("board", root.dataset.address);
    forget(card);
    card.classList.add("busy");
    card.setAttribute("aria-busy", "true");
    tell(fill(words.moving, { coop: titleOf(card) }));
    let answer = null, text = "";
    try {
      answer = await fetch(link.href.split("?")[0], { method: "POST", body, headers });
      text = await answer.text();
    } catch { answer = null; }
    card.classList.remove("busy");
    card.removeAttribute("aria-busy");
    if (answer?.headers.has("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
    if (answer?.ok) {
      renew(text);
      const moved = root.querySelector(`[data-card="${key}"]`);
      focus(moved || root.querySelector("[data-card]"));
      moved?.classList.add("moved");
      return;
    }
    if (!answer) complain(card, words.offline);
    else if (answer.status === 409 || answer.status === 422) {
      // Moved by somebody else: its new place is shown, and the reason with it.
      if (text.includes("data-moved")) await reload();
      const there = root.querySelector(`[data-card="${key}"]`);
      if (there) { settle(there); refuse(there, text); } else tell(words.gone);
    } else complain(card, answer.status === 403 ? words.forbidden : answer.status === 404 ? words.gone : words.broken);
  };

  // -- the question -----------------------------------------------------------------------------
  let asked = null;
  const skippedBy = (card, link) => {
    const ahead = linksOf(card).filter((one) => one.dataset.edge === "advance");
    const rank = ahead.indexOf(link);
    return ahead.slice(0, Math.max(rank, 0)).filter((one) => !("optional" in one.dataset));
  };
  const chosen = () => asked.links[Number(ask.querySelector("[data-choices] input:checked")?.value || 0)];
  const judge = () => {
    const link = chosen();
    const back = link.dataset.edge === "go_back";
    const over = back ? [] : skippedBy(asked.card, link);
    const note = ask.querySelector("[data-skipped]");
    note.hidden = !over.length;
    note.querySelector("span").textContent = fill(words.skipped, { stages: over.map((one) => one.textContent).join(", ") });
    ask.querySelector("[data-why]").hidden = !back;
    ask.querySelector("#board-why").required = back;
    ask.querySelector("[data-page]").href = link.href;
  };
  const question = (card, links) => {
    asked = { card, links };
    ask.querySelector("h2").textContent = fill(words.title, { coop: titleOf(card) });
    const box = ask.querySelector("[data-choices]");
    box.replaceChildren(...links.map((link, rank) => {
      const label = document.createElement("label");
      label.className = "chip";
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "stage", value: String(rank), checked: rank === 0 });
      const text = document.createElement("span");
      text.textContent = link.textContent;
      label.append(input, text);
      return label;
    }));
    ask.querySelector("#board-why").value = "";
    judge();
    ask.showModal();
    box.querySelector("input").focus();
  };
  const move = (card, links) => {
    if (card.classList.contains("busy")) return;
    card.querySelector(".menu")?.removeAttribute("open");
    forget(card);
    if (!links.length) { complain(card, linksOf(card).length ? fill(words.none, { coop: titleOf(card) }) : words.paused); return; }
    const [link] = links;
    const plain = links.length === 1 && link.dataset.edge === "advance" && !skippedBy(card, link).length;
    if (plain) send(card, link);
    else question(card, links);
  };
  if (ask) {
    ask.addEventListener("change", judge);
    ask.addEventListener("click", (event) => { if (event.target === ask || event.target.closest("[data-close]")) ask.close(); });
    ask.addEventListener("close", () => { if (asked) { const { card } = asked; asked = null; if (document.contains(card) && !card.classList.contains("busy")) focus(card); } });
    ask.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const { card } = asked, link = chosen(), why = ask.querySelector("#board-why").value;
      card.classList.add("busy");
      ask.close();
      send(card, link, why);
    });
  }
  root.addEventListener("click", (event) => {
    const card = cardOf(event.target);
    if (event.target.closest("[data-forget]")) { forget(card); focus(card); return; }
    const link = event.target.closest("a[data-to]");
    if (!link || !ask || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    move(card, [link]);
  });

  // -- the mouse ----------------------------------------------------------------------------------
  let dragged = null;
  const clear = () => { for (const node of root.querySelectorAll(".drop, .may-drop")) node.classList.remove("drop", "may-drop"); };
  const targets = (card, column) => {
    const stages = column.dataset.stages.split(" ");
    return linksOf(card).filter((link) => stages.includes(link.dataset.to));
  };
  const columnOf = (node) => node.closest?.("[data-column]");
  if (ask) {
    root.addEventListener("dragstart", (event) => {
      const card = cardOf(event.target);
      if (!card || !card.draggable) return;
      dragged = card;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", titleOf(card));
      card.classList.add("dragged");
      for (const column of root.querySelectorAll("[data-column]")) column.classList.toggle("may-drop", column !== columnOf(card) && targets(card, column).length > 0);
    });
    root.addEventListener("dragover", (event) => {
      const column = dragged && columnOf(event.target);
      if (!column) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      for (const other of root.querySelectorAll(".drop")) if (other !== column) other.classList.remove("drop");
      if (column !== columnOf(dragged)) column.classList.add("drop");
    });
    root.addEventListener("drop", (event) => {
      const column = dragged && columnOf(event.target);
      if (!column) return;
      event.preventDefault();
      const card = dragged;
      clear();
      if (column !== columnOf(card)) move(card, targets(card, column));
    });
    root.addEventListener("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; clear(); });
  }

  // -- the keyboard -------------------------------------------------------------------------------
  const inMenu = (event, menu) => {
    const items = [...menu.querySelectorAll("a")];
    const rank = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { menu.open = false; focus(cardOf(menu)); event.stopPropagation(); return true; }
    if (step) { items[(rank + step + items.length) % items.length].focus(); return true; }
    if (event.key === "Home" || event.key === "End") { items.at(event.key === "Home" ? 0 : -1).focus(); return true; }
    if (event.key.length !== 1 || event.key === " ") return false;
    const letter = event.key.toLocaleLowerCase();
    const after = [...items.slice(rank + 1), ...items.slice(0, rank + 1)];
    const plain = (text) => text.trim().normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
    after.find((item) => plain(item.textContent).startsWith(plain(letter)))?.focus();
    return true;
  };
  const beside = (card, step) => {
    const columns = [...root.querySelectorAll("[data-column]")];
    const rank = [...columnOf(card).querySelectorAll("[data-card]")].indexOf(card);
    for (let at = columns.indexOf(columnOf(card)) + step; columns[at]; at += step) {
      const there = columns[at].querySelectorAll("[data-card]");
      if (there.length) return there[Math.min(rank, there.length - 1)];
    }
    return null;
  };
  const onCard = (event, card) => {
    const cards = [...columnOf(card).querySelectorAll("[data-card]")];
    const rank = cards.indexOf(card);
    const menu = card.querySelector(".menu");
    const goes = {
      ArrowDown: () => cards[rank + 1], ArrowUp: () => cards[rank - 1], Home: () => cards[0], End: () => cards.at(-1),
      ArrowRight: () => beside(card, 1), ArrowLeft: () => beside(card, -1),
    }[event.key];
    if (goes) { focus(goes()); return true; }
    if (event.key.toLowerCase() !== "m" || !menu) return false;
    menu.open = true;
    menu.querySelector("a").focus();
    return true;
  };
  root.addEventListener("keydown", (event) => {
    const card = cardOf(event.target);
    if (!card || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(".board-refused")) return;
    const menu = event.target.closest(".menu[open]");
    // An opened menu takes the letters; the page's own shortcuts wait.
    if (menu ? inMenu(event, menu) : onCard(event, card)) { event.preventDefault(); event.stopPropagation(); }
  });
  prepare();
})();
