// The order of a list: one place up or down by key, or anywhere by hand. The script for dragging comes with the mouse.

import { isClosed, page, stand } from "./list.js";
import { bring } from "./parts.js";
import { enqueue, isSending, remove, waiting } from "./queue.js";

export function step(item, way) {
  const list = item.parentElement;
  const other = way < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!list.matches("[data-sort]") || !other) return;
  way < 0 ? other.before(item) : other.after(item);
  stand(item);
  reorder(item.dataset.id);
}

function reorder(id) {
  const { section, at, base } = page.root.dataset;
  const ids = [...page.root.querySelectorAll("[data-sort] > li[data-id]")].map((each) => ["id", each.dataset.id]);
  if (!isSending()) for (const each of waiting().filter((one) => one.url.endsWith("/order"))) remove(each.id);
  const what = { targets: [], target: id, focus: id, words: "the new order" };
  enqueue(`${base}order`, [["section", section], ["next", at], ...ids], what);
}

function sortable() {
  if (!window.Sortable) return;
  const onEnd = (event) => event.oldIndex !== event.newIndex && reorder(event.item.dataset.id);
  const options = { handle: ".w", filter: "input, button", preventOnFilter: false, animation: 0, onEnd };
  for (const list of page.root.querySelectorAll("[data-sort]")) new window.Sortable(list, options);
  for (const each of page.root.querySelectorAll("[data-sort] > .item .w")) each.title = "Drag to another place in the list";
}

document.addEventListener("pointerover", async function bringDrag(event) {
  if (!event.target.closest?.("[data-sort]") || isClosed()) return;
  document.removeEventListener("pointerover", bringDrag);
  await bring(page.root.dataset.sortable);
  sortable();
});
document.addEventListener("swapped", sortable);
