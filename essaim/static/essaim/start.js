// The numbers that follow the one typed, shown as it is typed.
const told = document.querySelector("[data-number-example]");
const typed = document.getElementById("id_number");

function next(text, year) {
  const found = /^(.*?)(\d+)$/.exec(text.trim());
  if (!found || found[2].length > 15) return null;
  let [, head, digits] = found;
  if (!head.includes(year) && digits.startsWith(year) && digits.length > 4) {
    head += digits.slice(0, 4);
    digits = digits.slice(4);
  }
  const width = digits.startsWith("0") ? digits.length : 0;
  const write = (n) => String(n).padStart(width, "0");
  const after = head + write(Number(digits) + 1);
  if (!head.includes(year)) return after;
  return `${after}, ${head.replace(year, String(Number(year) + 1))}${write(1)}…`;
}

function show() {
  const words = next(typed.value, told.dataset.year);
  told.hidden = !words;
  told.querySelector("output").textContent = words ?? "";
}

if (told && typed) {
  typed.addEventListener("input", show);
  show();
}
