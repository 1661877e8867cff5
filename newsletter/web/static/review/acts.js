// An act is shown at once and then queued; undo takes back what still waits before it asks the server.

import { awaySince } from "./connection.js";
import { itemOf, items, neighbour, page, stand, titleOf } from "./list.js";
import { clearMarks } from "./marks.js";
import { actionOf, enqueue, remove, waiting, whenSaved } from "./queue.js";

const SHOWN = { keep: ["✓", "kept", "kept"], drop: ["×", "dropped", "dropped"], snooze: ["×", "put off", "dropped"], restore: ["✓", "kept", "kept"] };
const ADVANCING = ["keep", "drop", "snooze", "move"];
const painted = new Map(); // items as they were before an act was shown on them

function unpaint(id) {
  itemOf(id)?.replaceWith(painted.get(id) || itemOf(id));
  painted.delete(id);
}

function paint(item, action) {
  const shown = SHOWN[action];
  if (!item || !shown) return;
  const title = item.querySelector("h3")?.textContent || "";
  if (!painted.has(item.dataset.id)) painted.set(item.dataset.id, item.cloneNode(true));
  if (item.classList.contains("here")) {
    const row = document.createElement("div");
    row.innerHTML = '<div class="w"><span class="st"><b aria-hidden="true"></b> </span></div><div><h3></h3><p>saving …</p></div>';
    row.querySelector("h3").textContent = title;
    item.replaceChildren(...row.childNodes);
  }
  item.className = `item ${shown[2]}`;
  const state = item.querySelector(".st");
  state.className = `st ${shown[2]}`;
  state.firstElementChild.textContent = shown[0];
  state.lastChild.textContent = ` ${shown[1]}`;
  item.setAttribute("aria-busy", "true");
  item.tabIndex = -1;
}

// The next open one in the order of worth, without those that are decided already and only wait to be saved.
function nextAfter(targets) {
  const gone = new Set([...targets, ...waiting().flatMap((each) => each.targets || [])]);
  const order = (page.root.dataset.open || "").split(" ").filter(Boolean);
  const last = Math.max(-1, ...targets.map((each) => order.indexOf(each)));
  return order.slice(last + 1).find((each) => !gone.has(each)) || order.find((each) => !gone.has(each)) || "";
}

// What a form wants: the action, whether it is about all that is marked, and what it is done to.
function wanted(fields) {
  const values = new Map(fields), [verb, ...rest] = (values.get("do") || "").split(" "), isBulk = verb === "bulk";
  const targets = fields.filter(([name]) => name === (isBulk ? "marked" : "target")).map(([, value]) => value);
  if (!isBulk && verb) targets.push(rest.join(" "));
  return { action: isBulk ? rest.join(" ") : values.get("action") || verb, isBulk, targets };
}

// The fields that are sent: without what the list’s form holds for other acts.
function sent(fields, { action, isBulk }) {
  const has = (name) => fields.some(([each]) => each === name);
  const left = fields.filter(([name]) => (isBulk || name !== "marked") && (name !== "value" || action === "move" || !has("do")));
  return document.querySelector("#rows [name=below]") && !has("below") ? [...left, ["below", "1"]] : left;
}

export function decide(url, fields, { stays = false } = {}) {
  const wish = wanted(fields), { action, targets } = wish, goesOn = ADVANCING.includes(action);
  let kept = sent(fields, wish), focus = page.cursor;
  if (goesOn) {
    const next = stays ? page.root.dataset.at : nextAfter(targets);
    if (next && !targets.includes(next)) kept = [...kept.filter(([name]) => name !== "next"), ["next", next]];
    focus = stays ? neighbour(targets[0]) : next;
  }
  for (const each of targets) paint(itemOf(each), action);
  if (goesOn) stand(itemOf(focus) || items().find((each) => each.matches(".open, .warning")) || itemOf(targets[0]));
  const what = targets.length === 1 ? `“${titleOf(targets[0])}”` : `${targets.length} items`;
  if (wish.isBulk) clearMarks();
  enqueue(url, kept, { targets, target: targets[0], focus, words: `${action} ${what}` });
}

export function act(action, item, more = []) {
  const data = page.root.dataset;
  decide(`${data.base}act`, [["do", `${action} ${item.dataset.id}`], ["seen", data.seen], ["section", data.section], ...more]);
}

export function undo() {
  const queue = waiting(), last = queue[queue.length - 1];
  if (last && (awaySince() || queue.length > 1)) {
    remove(last.id);
    for (const each of last.targets || []) unpaint(each);
    stand(itemOf(last.target) || items()[0]);
  } else {
    whenSaved(() => window.desk.press("u") || window.desk.tell("There is nothing of yours to take back."));
  }
}

// What waits is shown as decided on every new state of the page, too.
export function repaint() {
  painted.clear();
  for (const entry of waiting()) for (const each of entry.targets || []) paint(itemOf(each), actionOf(entry));
}
document.addEventListener("swapped", repaint);
