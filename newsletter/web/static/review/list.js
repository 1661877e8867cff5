// The list of the review page: where it is, which items it has, and at which of them somebody stands.

export const page = { root: document.getElementById("review"), cursor: "" };

export const items = () => [...page.root.querySelectorAll("main li[data-id]")].filter((each) => each.offsetParent);
export const itemOf = (id) => page.root.querySelector(`main li[data-id="${CSS.escape(id)}"]`);
export const titleOf = (id) => itemOf(id)?.querySelector("h3")?.textContent.trim() || "the item";
export const cardUrl = (id) => `${page.root.dataset.base}?at=${encodeURIComponent(id)}`;
export const isClosed = () => page.root.hasAttribute("data-closed");

export function here() {
  const focused = document.activeElement?.closest?.("#review main li[data-id]");
  return focused || (page.cursor && itemOf(page.cursor)) || page.root.querySelector("li.here") || null;
}

// Goes to an item; false when there is none.
export function stand(item) {
  if (!item) return false;
  page.cursor = item.dataset.id;
  const under = item.closest("details");
  if (under) under.open = true;
  (item.querySelector("#card") || item.querySelector("h3 a") || item).focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
  return true;
}

export function move(step) {
  const all = items(), at = all.indexOf(here());
  stand(all[Math.min(all.length - 1, Math.max(0, at + step))] || all[0]);
}

export function neighbour(id) {
  const all = items(), at = all.findIndex((each) => each.dataset.id === id);
  return (all[at + 1] || all[at - 1])?.dataset.id || "";
}
