// Days logged without network: kept by this browser for the person who typed them, sent once.
// The worker loads this file too: the first part has no page.
"use strict";
const Waiting = (() => {
  const open = () => new Promise((done, fail) => {
    const asked = indexedDB.open("essaim", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("days", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const run = async (mode, work) => {
    const db = await open();
    try {
      return await new Promise((done, fail) => {
        const asked = work(db.transaction("days", mode).objectStore("days"));
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => fail(asked.error);
      });
    } finally { db.close(); }
  };
  return {
    // The key of the form is « rank~person.time.random:signature ».
    add(fields) {
      const key = new Map(fields).get("form_key") || "";
      const user = key.split("~")[1]?.split(".")[0] || "";
      const kept = fields.filter(([name]) => name !== "csrfmiddlewaretoken");
      return user && run("readwrite", (days) => days.put({ key, user, fields: kept, at: Date.now(), state: "waiting", reason: "" }));
    },
    async of(user) { return (await run("readonly", (days) => days.getAll())).filter((day) => day.user === user).sort((a, b) => a.at - b.at); },
    put: (day) => run("readwrite", (days) => days.put(day)),
    remove: (key) => run("readwrite", (days) => days.delete(key)),
  };
})();
if (typeof document !== "undefined") (() => {
  const box = document.getElementById("waiting"), user = document.body.dataset.user;
  if (!box || !user) return;
  const words = box.dataset, list = box.querySelector("ul"), title = box.querySelector("[data-title]");
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";
  const value = (day, name) => new Map(day.fields).get(name) || "";
  const labelled = (day) => document.querySelector(`input[name=mission][value="${CSS.escape(value(day, "mission"))}"]`)?.closest("label")?.textContent.trim();
  const told = (day) => {
    const typed = value(day, "worked_on_other") || value(day, "worked_on");
    const date = typed ? new Date(`${typed}T12:00`).toLocaleDateString(document.documentElement.lang, { weekday: "short", day: "numeric", month: "long" }) : "";
    return [date, labelled(day) || day.label || value(day, "mission_words"), value(day, "subject")].filter(Boolean).join(" · ");
  };
  const button = (name, work) => {
    const made = document.createElement("button");
    made.type = "button"; made.className = "button"; made.textContent = words[name];
    made.addEventListener("click", work);
    return made;
  };
  const send = async (day) => {
    const body = new URLSearchParams(day.fields);
    let answer;
    try {
      answer = await fetch(words.log, { method: "POST", body, redirect: "manual", headers: { "X-Offline-Day": "1", "X-CSRFToken": token() } });
    } catch { return false; }
    if (answer.headers.has("X-Recorded")) { await Waiting.remove(day.key); return true; }
    if (answer.status >= 500) return false;
    if (answer.status === 401 || !answer.status) {
      await Waiting.put({ ...day, reason: words.signin });
      return false;
    }
    await Waiting.put({ ...day, state: "refused", reason: why(await answer.text()) });
    return true;
  };
  const why = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const all = (found) => [...new Set([...page.querySelectorAll(found)].map((one) => one.textContent.replace(/\s+/g, " ").trim()))].filter(Boolean).slice(0, 3).join(" ");
    // The lines of the summary say it all; its title and the fields say it once more.
    return all("main .summary li") || all("main .summary-title") || all("main .error") || page.querySelector("h1")?.textContent.trim() || words.refused;
  };
  // Opened in the form: the server answers with what is to be mended, under the same key.
  const mend = async (day) => {
    await Waiting.put({ ...day, state: "waiting" });
    const form = document.createElement("form");
    form.method = "post"; form.action = words.log;
    for (const [name, typed] of [...day.fields, ["csrfmiddlewaretoken", token()]]) {
      const input = document.createElement("input");
      input.type = "hidden"; input.name = name; input.value = typed;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  };
  const draw = async () => {
    const days = await Waiting.of(user);
    try { localStorage[days.length ? "setItem" : "removeItem"](`essaim-waits-${user}`, "1"); } catch { /* no storage */ }
    // The form alone knows how missions are called: said once, it is told on every page.
    for (const day of days) {
      const label = day.label ? "" : labelled(day);
      if (label) await Waiting.put(Object.assign(day, { label }));
    }
    box.hidden = !days.length;
    title.textContent = days.length === 1 ? words.one : words.many.replace("0", days.length);
    list.replaceChildren(...days.map((day) => {
      const line = document.createElement("li"), text = document.createElement("span"), does = document.createElement("span");
      text.textContent = told(day);
      if (day.reason) text.append(document.createElement("br"), Object.assign(document.createElement("span"), { className: "late", textContent: day.reason }));
      does.className = "row";
      if (day.state === "refused") does.append(button("mend", () => mend(day)));
      does.append(
        button("send", async () => { await send({ ...day, state: "waiting" }); await draw(); }),
        button("remove", async () => { if (confirm(words.sure)) { await Waiting.remove(day.key); await draw(); } }),
      );
      line.append(text, does);
      return line;
    }));
  };
  // The form that mends it stands on this page: it is the one to send.
  const isOpen = (day) => Boolean(document.querySelector(`input[name=form_key][value="${CSS.escape(day.key)}"]`));
  const sendAll = () => {
    const work = async () => {
      for (const day of await Waiting.of(user)) if (day.state === "waiting" && !isOpen(day) && !(await send(day))) break;
      await draw();
    };
    return navigator.locks ? navigator.locks.request("essaim-days", work) : work();
  };
  // A form kept since another day speaks of today's dates again.
  const freshen = () => {
    const chips = [...document.querySelectorAll("[data-date-chips] input[type=radio]")];
    const day = new Date(), iso = (one) => new Date(one.getTime() - one.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
    if (!chips.length || chips[0].value === iso(day)) return;
    for (const [rank, chip] of chips.entries()) {
      while (rank && [0, 6].includes(day.getDay())) day.setDate(day.getDate() - 1);
      chip.value = iso(day);
      const label = chip.closest("label")?.querySelector("span");
      if (rank && label) label.textContent = day.toLocaleDateString(document.documentElement.lang, { weekday: "short", day: "numeric" });
      day.setDate(day.getDate() - 1);
    }
    chips[0].checked = true;
  };
  if ("stale" in document.body.dataset) {
    freshen();
    box.before(Object.assign(document.createElement("p"), { className: "note info", textContent: words.offline }));
  }
  addEventListener("online", sendAll);
  draw().then(() => { if (navigator.onLine) sendAll(); });
})();
