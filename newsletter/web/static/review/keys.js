// The keys of the list. Every one presses what also stands on the page as a button.

import { act, undo } from "./acts.js";
import { hold, release } from "./ahead.js";
import { awaySince } from "./connection.js";
import { cardUrl, here, isClosed, itemOf, move, page, stand } from "./list.js";
import { clearMarks, otherMarks } from "./marks.js";
import { step } from "./order.js";
import { load } from "./parts.js";
import { enqueue } from "./queue.js";

const desk = window.desk;
const ACTS = { a: "keep", x: "drop", z: "snooze" };
const WRITING = ["e", "d", "n"];
const READING = ["j", "k", "o", "Enter", "w", "v", "c", "ArrowDown", "ArrowUp"];
const EVERYWHERE = { j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1), u: undo };
const OF_AN_ITEM = { "+": (item) => step(item, -1), "-": (item) => step(item, 1), m: join, h: (item) => act("pin", item), o: enter };

desk.onKey((key, event) => {
  if (key === "Escape") return leave();
  if (isClosed() && !READING.includes(key)) return false;
  if (key in EVERYWHERE) return EVERYWHERE[key](), true;
  const item = here();
  if (!item) return false;
  const isOpen = item.classList.contains("here");
  if (key in ACTS) return decideOn(item, key, isOpen), true;
  if (key in OF_AN_ITEM) return OF_AN_ITEM[key](item), true;
  if (key === "Enter" && item === event.target) return enter(item), true;
  if (key === "Space") return mark(item, event);
  if (/^[1-9]$/.test(key)) return send(item, key), true;
  if (key.length !== 1 || !"esdnwvc".includes(key)) return false;
  isOpen ? pressIn(item, key) : openFor(item, key);
  return true;
});

async function openFor(item, key) {
  if (WRITING.includes(key)) hold();
  const done = await open(item), found = done && pressIn(itemOf(item.dataset.id), key);
  if (!done) desk.tell(awaySince() ? "No connection: this card opens when it is back." : "This card does not open now.");
  release(found && desk.isField(document.activeElement) ? document.activeElement : null);
}

function decideOn(item, key, isOpen) {
  if (item.hasAttribute("aria-busy")) desk.tell("It is being saved.");
  else if (!(isOpen && desk.press(key, item))) act(ACTS[key], item);
}

const open = (item) => load(cardUrl(item.dataset.id), item.dataset.id);

function enter(item) {
  item.classList.contains("here") ? stand(item) : open(item);
}

function pressIn(item, key) {
  const found = item?.querySelector(`[data-key="${key}"]`);
  found ? desk.press(key, item) : desk.tell(MISSING[key] || "Another editor is at this card.");
  return found;
}
const MISSING = {
  s: "This story is of one piece: there is nothing to split.",
  v: "This item has no address of its own.",
  c: "Nobody discusses this item anywhere.",
};

function leave() {
  const field = document.activeElement, details = field.closest("details");
  if (details) details.open = false;
  field.blur();
  stand(here());
  return true;
}

function mark(item, event) {
  if (event.target.matches("button, summary, input")) return false;
  item.querySelector("input[name=marked]")?.click();
  return true;
}

function join(item) {
  const { id } = item.dataset, others = otherMarks(id);
  if (!others.length && item.querySelector('[data-key="m"]')) return desk.press("m", item);
  if (others.length !== 1) return desk.tell("Mark one other item first, with Space.");
  clearMarks();
  const fields = [["action", "merge"], ["target", id], ["value", others[0]], ["seen", page.root.dataset.seen]];
  enqueue(`${page.root.dataset.base}act`, fields, { targets: [], target: id, focus: id, words: "one story" });
}

function send(item, digit) {
  const section = page.root.querySelector(`.rail a[data-digit="${digit}"]`)?.dataset.section;
  if (!section) return desk.tell(`There is no section ${digit}.`);
  if (section === page.root.dataset.section) return desk.tell("It stands in this section already.");
  act("move", item, [["value", section]]);
}
