// Marked items: how many they are stands on every button that is about all of them.

import { page } from "./list.js";

const marked = new Set();

export const otherMarks = (id) => [...marked].filter((each) => each !== id);

export function recount() {
  for (const each of page.root.querySelectorAll("input[name=marked]")) each.checked = marked.has(each.value);
  for (const each of page.root.querySelectorAll("li[data-id]")) each.classList.toggle("marked", marked.has(each.dataset.id));
  const bar = document.getElementById("rows"), number = page.root.querySelectorAll("input[name=marked]:checked").length;
  if (!bar) return;
  bar.classList.toggle("some", number > 0);
  for (const button of bar.querySelectorAll("[data-bulk]")) button.textContent = `${button.dataset.bulk} ${number}`;
  const to = bar.querySelector("select").selectedOptions[0];
  if (to?.value) bar.querySelector('[value="bulk move"]').textContent = `Move ${number} to ${to.textContent}`;
}

export function clearMarks() {
  marked.clear();
  recount();
}

document.addEventListener("change", ({ target }) => {
  if (target.name === "marked") marked[target.checked ? "add" : "delete"](target.value);
  if (target.name === "marked" || target.closest?.("#rows")) recount();
});
document.addEventListener("swapped", recount);
