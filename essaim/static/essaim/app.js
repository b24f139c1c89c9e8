// Comforts only: every page works without this file.
(() => {
  "use strict";
  const body = document.body;
  const on = () => body.dataset.shortcuts !== "off";

  // Menus: one open at a time, Escape and a click elsewhere close it.
  const close = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.menu") && event.target.open) close(event.target);
  }, true);

  // The rest of a page comes by itself: each part of the answer takes the place of its name.
  for (const place of document.querySelectorAll("[data-rest]")) {
    fetch(place.dataset.rest, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok && !answer.headers.has("HX-Redirect") ? answer.text() : ""))
      .then((text) => {
        const parts = new DOMParser().parseFromString(text, "text/html").body.children;
        for (const part of [...parts]) document.getElementById(part.id)?.replaceWith(part);
      })
      .catch(() => { /* the links beside lead to the same */ });
  }

  // What is chosen may tell more beside it: the place named is filled with the answer.
  document.addEventListener("change", (event) => {
    const asking = event.target.closest?.("[data-ask]");
    if (!asking || !event.target.name) return;
    const asked = new URLSearchParams({ [event.target.name]: event.target.value });
    asking.dataset.last = asked;
    fetch(`${asking.dataset.ask}?${asked}`, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok && !answer.headers.has("HX-Redirect") ? answer.text() : ""))
      .then((text) => { if (asking.dataset.last === `${asked}`) document.getElementById(asking.dataset.into).innerHTML = text; })
      .catch(() => { /* told after saving */ });
  });

  // A form is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // A date typed wins over a chip; a chip clears the date.
  document.addEventListener("change", (event) => {
    const chips = event.target.closest?.("[data-date-chips]");
    if (!chips) return;
    const other = chips.querySelector("input[type=date]");
    if (event.target.type === "radio") other.value = "";
    else if (other.value) for (const radio of chips.querySelectorAll("input[type=radio]")) radio.checked = radio.value === other.value;
  });
  // Words typed in a search box win over a candidate.
  document.addEventListener("input", (event) => {
    const pick = event.target.matches?.(".pick input[type=search]") && event.target.closest(".pick");
    if (pick && event.target.value) for (const radio of pick.querySelectorAll("input[type=radio]")) radio.checked = false;
  });
  document.addEventListener("change", (event) => {
    const pick = event.target.matches?.(".pick input[type=radio]") && event.target.closest(".pick");
    if (pick) pick.querySelector("input[type=search]").value = "";
  });
  // Rows that scroll sideways show the one chosen.
  const show = (root) => {
    for (const one of root.querySelectorAll(".chip > input:checked, .chips:not(:has(:checked)) > .chip-other > input:not([value='']), :is(.tabs, .segmented, .chips, .stepper) > [aria-current]")) {
      const row = one.closest(".pick, .chips, .tabs, .segmented, .stepper"), box = one.closest(".chip, .chip-other") || one;
      if (row && row.scrollWidth > row.clientWidth) row.scrollLeft += box.getBoundingClientRect().left - row.getBoundingClientRect().left - 32;
    }
    root.querySelector("[data-focus]")?.focus();
  };
  // A link to a folded part of the page unfolds it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const fold = link && document.getElementById(link.hash.slice(1));
    if (fold?.matches("details")) fold.open = true;
  });
  show(document);
  document.addEventListener("htmx:afterSwap", (event) => show(event.target));

  // Shortcuts; single letters can be switched off.
  const go = { p: "/coops/", f: "/facturation/", j: "/journees/", c: "/coops/" };
  let waiting = 0;
  const typing = (node) => node.closest?.("input, textarea, select, [contenteditable]");
  const follow = (key) => {
    // The page itself comes first.
    const one = `[data-key="${CSS.escape(key)}"]`, link = document.querySelector(`main ${one}`) || document.querySelector(one);
    if (link) link.click();
    return Boolean(link);
  };
  const letter = (key) => {
    const chosen = Date.now() - waiting < 1200 && go[key];
    waiting = 0;
    if (chosen) {
      const link = document.querySelector(`.rail a[href^="${chosen}"]`);
      if (link) link.click();
      return Boolean(link);
    }
    if (key === "g") { waiting = Date.now(); return true; }
    return follow(key);
  };
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (key === "escape") {
      const open = document.querySelector("details.menu[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && key === "enter") {
      const form = event.target.closest?.("form") || document.querySelector("main form:has([data-save])");
      const save = form?.querySelector("[data-save], button:not([type=button])");
      if (save) { event.preventDefault(); save.click(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && key === "k") {
      if (follow("/")) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !on() || typing(event.target)) return;
    if (key === "/") {
      const box = document.querySelector("main input[type=search]");
      if (box) { event.preventDefault(); box.focus(); return; }
    }
    if (letter(key)) event.preventDefault();
  });
  // The palette: a combobox over the list the server answers with.
  const palette = document.getElementById("palette");
  if (palette?.showModal) {
    const box = palette.querySelector("[role=combobox]");
    const list = palette.querySelector("[role=listbox]");
    const told = palette.querySelector("[role=status]");
    const options = () => [...list.querySelectorAll("[role=option]")];
    let chosen = -1, timer = 0, asking = null, back = null;
    const choose = (index) => {
      const found = options();
      chosen = found.length ? (index + found.length) % found.length : -1;
      found.forEach((option, rank) => { option.id = `palette-${rank}`; option.setAttribute("aria-selected", String(rank === chosen)); });
      if (chosen < 0) box.removeAttribute("aria-activedescendant");
      else { box.setAttribute("aria-activedescendant", found[chosen].id); found[chosen].scrollIntoView({ block: "nearest" }); }
    };
    const ask = async () => {
      asking?.abort();
      asking = new AbortController();
      try {
        const answer = await fetch(`${palette.dataset.url}?${new URLSearchParams({ q: box.value })}`, { signal: asking.signal, headers: { "HX-Request": "true" } });
        if (answer.headers.has("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        list.innerHTML = await answer.text();
        const count = options().length;
        told.textContent = count ? count === 1 ? told.dataset.one : `${count} ${told.dataset.many}` : told.dataset.none;
        box.setAttribute("aria-expanded", String(count > 0));
        choose(0);
      } catch (error) {
        // Without an answer the form still leads to the search page.
        if (error.name !== "AbortError") { list.textContent = ""; choose(0); }
      }
    };
    const open = () => {
      if (palette.open) return;
      back = document.activeElement;
      close();
      palette.showModal();
      box.select();
      box.focus();
      ask();
    };
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-palette]");
      if (!button || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open();
    });
    palette.addEventListener("close", () => { asking?.abort(); clearTimeout(timer); back?.focus?.(); });
    palette.addEventListener("click", (event) => {
      if (event.target === palette || event.target.closest("[data-close]")) palette.close();
    });
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { event.preventDefault(); choose(chosen + step); return; }
      if (event.key === "Home" && event.ctrlKey) { event.preventDefault(); choose(0); return; }
      if (event.key === "Enter" && chosen >= 0 && !event.isComposing) {
        event.preventDefault();
        options()[chosen].click();
      }
    });
  }

  // The sheet of keys, over the page.
  document.addEventListener("click", async (event) => {
    let sheet = document.getElementById("keys-sheet");
    if (sheet?.open) { if (event.target === sheet || event.target.closest("[data-close]")) sheet.close(); return; }
    const opener = event.target.closest?.("[data-sheet]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const held = document.activeElement;
    try {
      const answer = await fetch(opener.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.headers.has("HX-Redirect")) throw new Error(String(answer.status));
      sheet?.remove();
      body.insertAdjacentHTML("beforeend", await answer.text());
      sheet = document.getElementById("keys-sheet");
      close();
      sheet.addEventListener("close", () => (held === body || opener.contains(held) ? document.getElementById("main") : held)?.focus({ preventScroll: true }));
      sheet.showModal();
    } catch { location.assign(opener.href); }
  });

  // The switch of the shortcuts posts by itself; the page stays.
  for (const form of document.querySelectorAll("[data-toggle-shortcuts]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button"), data = new FormData(form, button);
      button.disabled = true;
      try {
        const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" }, redirect: "error" });
        if (!answer.ok) throw new Error(String(answer.status));
      } catch { location.assign(form.action); return; }
      body.dataset.shortcuts = data.get("shortcuts");
      for (const other of document.querySelectorAll("[data-toggle-shortcuts] button")) {
        const label = other.querySelector("span");
        other.value = on() ? "off" : "on";
        label.textContent = on() ? label.dataset.on : label.dataset.off;
      }
      button.disabled = false;
    });
  }

  // The worker keeps the form of days for want of network; what waits is shown on every page.
  if (body.dataset.worker && navigator.serviceWorker) {
    addEventListener("load", () => { navigator.serviceWorker.register(body.dataset.worker).catch(() => {}); });
  }
  try {
    if (localStorage.getItem(`essaim-waits-${body.dataset.user}`) && !document.querySelector("script[src*='offline']")) {
      document.head.append(Object.assign(document.createElement("script"), { src: document.getElementById("waiting").dataset.script }));
    }
  } catch { /* no storage */ }
})();
