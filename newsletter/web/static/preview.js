// The letters of a subject are counted while it is typed. Keys are the business of desk.js.
"use strict";

(() => {
  // Letters are counted as the program counts them: an emoji is one, though JavaScript has it as two.
  function count(line) {
    const letters = [...document.getElementById(line.dataset.counts).value.trim().replace(/\s+/g, " ")];
    const most = Number(line.dataset.phones);
    const number = line.querySelector("[data-count]"), shown = line.querySelector("[data-shown]");
    number.textContent = number.textContent.replace(/^\d+/, String(letters.length));
    const first = letters.slice(0, most - 1).join("").trimEnd();
    shown.textContent = letters.length <= most ? letters.join("") : `${first}…`;
  }

  for (const line of document.querySelectorAll("[data-counts]")) {
    document.getElementById(line.dataset.counts).addEventListener("input", () => count(line));
  }
})();
