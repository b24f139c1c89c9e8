// A photo is not taken twice: a form that comes back without its file finds it in this browser.
"use strict";
(() => {
  const HOUR = 3600000;
  const inputs = [...document.querySelectorAll("form input[type=file]:not([multiple])")];
  // The signed key of the form belongs to one person and one sending.
  const place = (input) => `${input.form.elements.form_key?.value}#${inputs.indexOf(input)}`;
  const run = (work) => new Promise((done, fail) => {
    const asked = indexedDB.open("essaim-files", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "place" });
    asked.onerror = () => fail(asked.error);
    asked.onsuccess = () => {
      const db = asked.result, change = db.transaction("files", "readwrite"), answer = work(change.objectStore("files"));
      db.onversionchange = () => db.close();
      change.oncomplete = () => { db.close(); done(answer.result); };
      change.onerror = () => { db.close(); fail(change.error); };
    };
  });
  for (const input of inputs) {
    input.addEventListener("change", () => {
      const [file] = input.files;
      run((files) => file ? files.put({ place: place(input), file, at: Date.now() }) : files.delete(place(input))).catch(() => {});
    });
  }
  const lost = document.querySelector("[data-files-lost]");
  const back = async () => {
    for (const kept of await run((files) => files.getAll())) {
      const input = inputs.find((one) => place(one) === kept.place);
      if (!input && Date.now() - kept.at > HOUR) await run((files) => files.delete(kept.place));
      // A file that was itself refused stays out.
      if (!input || !lost || input.files.length || input.closest(".has-error")) continue;
      const held = new DataTransfer();
      held.items.add(kept.file);
      input.files = held.files;
      lost.textContent = `${lost.dataset.filesLost} ${kept.file.name}`;
    }
  };
  back().catch(() => {});
})();
