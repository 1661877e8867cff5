// Keys of the preview and approve pages: whatever carries data-key is followed or pressed by that key, unless another
// script of the desk did so already.
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
})();
