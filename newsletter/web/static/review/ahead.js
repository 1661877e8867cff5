// What is typed while a card is still being fetched goes into its field: letters meant for a text never decide anything.

const PAUSE_MS = 1000;
let held = null; // what was typed since, and when; `isOver` when the card came or did not

export function hold() {
  held = { text: "", at: Date.now(), isOver: false };
}

// The card is there, and with it the field; without one what was typed is dropped until the hands rest.
export function release(field) {
  if (!held) return;
  const { text } = held;
  if (field) {
    held = null;
    if (!text) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  } else {
    held.isOver = true;
    held.at = Date.now();
  }
}

window.desk.ahead((event) => {
  if (held?.isOver && Date.now() - held.at > PAUSE_MS) held = null;
  if (!held) return false;
  if (event.key === "Escape") held = null;
  if (event.key === "Escape" || event.key === "Tab") return false;
  if (event.key.length === 1) held.text += event.key;
  held.at = Date.now();
  return true;
});
