// A run goes on by itself. When the network is lost the page says so, and tries again by itself.
(() => {
  "use strict";
  const box = document.getElementById("lost");
  if (!box) return;
  const told = box.querySelector("[data-lost]");
  const wait = box.querySelector("[data-wait]");
  const WAITS = [2, 4, 8, 15, 30];
  let missed = 0, left = 0, clock = 0;
  const form = () => document.querySelector("#run form[hx-post]");
  const stop = () => { clearInterval(clock); clock = 0; };
  const again = () => { stop(); wait.textContent = ""; form()?.requestSubmit(); };
  const found = () => { stop(); missed = 0; box.hidden = true; told.textContent = ""; };
  const lose = (words) => {
    if (!form()) return;
    stop();
    left = WAITS[Math.min(missed, WAITS.length - 1)];
    missed += 1;
    box.hidden = false;
    if (told.textContent !== words) told.textContent = words;
    const say = () => { wait.textContent = `${wait.dataset.words} ${left} s.`; };
    say();
    clock = setInterval(() => { left -= 1; if (left > 0) say(); else again(); }, 1000);
  };
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => lose(told.dataset.words));
  }
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500) lose(told.dataset.server);
    else location.reload();
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) found(); });
  addEventListener("offline", () => lose(told.dataset.words));
  addEventListener("online", again);
  box.querySelector("[data-again]").addEventListener("click", again);
})();
