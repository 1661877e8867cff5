// Keys of the preview and approve pages: whatever carries data-key is followed or pressed by that key, unless another
// script of the desk did so already. The letters of a subject are counted while it is typed.
"use strict";

(() => {
  const isOff = () => /(?:^|;\s*)desk-keys=off/.test(document.cookie);
  const isTyping = (at) => at.closest("input, textarea, select, [contenteditable]") !== null;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (isOff() || isTyping(event.target) || event.key.length !== 1) return;
    const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!found) return;
    event.preventDefault();
    found.click();
  });

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
