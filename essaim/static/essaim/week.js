// The grid of a week: arrows move, totals follow what is typed, changed cells say so.
(() => {
  "use strict";
  const form = document.querySelector("[data-week]");
  if (!form) return;
  const rows = [...form.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td[class*=d]:not(.week-sum)")]);
  const input = (cell) => cell?.querySelector("input");
  const fractions = { "¼": .25, "½": .5, "¾": .75, "1/4": .25, "1/2": .5, "3/4": .75 };
  const read = (cell) => {
    const box = input(cell);
    const text = (box ? box.value : cell.querySelector(".week-kept a")?.firstChild?.textContent || "").replace(/\s/g, "");
    const value = fractions[text] ?? Number(text.replace(",", "."));
    return Number.isFinite(value) ? value : 0;
  };
  const write = (value) => String(Math.round(value * 100) / 100).replace(".", ",");
  const add = () => {
    const days = Array(7).fill(0);
    for (const cells of rows) {
      const values = cells.map(read);
      values.forEach((value, rank) => { days[rank] += value; });
      cells[0].parentElement.querySelector("[data-week-line]").textContent = write(values.reduce((a, b) => a + b, 0));
    }
    for (const box of form.querySelectorAll("[data-week-day]")) {
      box.textContent = write(days[box.dataset.weekDay]);
      box.classList.toggle("late", days[box.dataset.weekDay] > 1.5);
    }
    form.querySelectorAll("thead .on-phone").forEach((box, rank) => { box.firstChild.textContent = `${write(days[rank])}\u00a0`; });
    for (const box of form.querySelectorAll("[data-week-total]")) box.textContent = write(days.reduce((a, b) => a + b, 0));
  };
  const tint = (box) => box.closest("td").classList.toggle("changed", box.value.trim() !== box.defaultValue.trim());

  form.addEventListener("input", (event) => {
    if (!event.target.matches(".cell-input")) return;
    tint(event.target);
    add();
  });
  form.addEventListener("focusin", (event) => { if (event.target.matches(".cell-input")) event.target.select(); });
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -9], End: [0, 9] };
  form.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step || !event.target.matches(".cell-input") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = rows.findIndex((cells) => cells.includes(event.target.closest("td")));
    const cells = rows[row];
    let [y, x] = [row, cells.indexOf(event.target.closest("td"))];
    if (Math.abs(step[1]) === 9) {
      const open = cells.filter(input);
      event.preventDefault();
      input(open.at(step[1] < 0 ? 0 : -1)).focus();
      return;
    }
    for (y += step[0], x += step[1]; rows[y]?.[x]; y += step[0], x += step[1]) {
      if (!input(rows[y][x])) continue;
      event.preventDefault();
      input(rows[y][x]).focus();
      return;
    }
    event.preventDefault();
  });
})();
