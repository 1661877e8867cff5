// Parts of the page that the server sends anew, and the scripts they need.

import { away, awaySince, retry } from "./connection.js";
import { itemOf, page, stand } from "./list.js";

const desk = window.desk;
const WEIGH_MS = 3500;
const brought = new Set([...document.scripts].map((each) => each.getAttribute("src")));
let weighing = 0;

export const swap = (html, url, focus) => put(desk.parsed(html), url, focus);

// Somebody who types is not disturbed: the page stays until the next answer.
function isTyping() {
  const field = document.activeElement;
  return desk.isField(field) && page.root.contains(field) && field.type !== "search";
}

export function put(fresh, url, focus) {
  const root = fresh.getElementById("review");
  if (!root || isTyping()) return;
  const open = [...page.root.querySelectorAll("details[id][open]")].map((each) => each.id);
  const find = document.getElementById("q")?.value;
  document.querySelector(".status")?.replaceWith(document.adoptNode(fresh.querySelector(".status")));
  page.root.replaceWith(document.adoptNode(root));
  page.root = root;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (find) document.getElementById("q").value = find;
  for (const script of root.querySelectorAll("script[src]")) bring(script.getAttribute("src"));
  if (url) history.replaceState(null, "", url);
  document.dispatchEvent(new CustomEvent("swapped"));
  const item = focus && itemOf(focus);
  page.cursor = item ? focus : root.dataset.at;
  item ? stand(item) : (document.getElementById("card") || document.getElementById("main")).focus();
  desk.say(document.querySelector(".status").innerText.replace(/\n/g, ", "));
}

export async function load(url, focus) {
  try {
    const answer = await desk.get(url);
    if (!answer.ok) return false;
    swap(await answer.text(), answer.headers.get("x-url"), focus);
    if (awaySince()) retry();
    return true;
  } catch {
    away();
    return false;
  }
}

export function bring(src) {
  if (brought.has(src)) return Promise.resolve();
  brought.add(src);
  return new Promise((done) => document.head.append(Object.assign(document.createElement("script"), { src, onload: done })));
}

// The mail is weighed while one goes on: the meter asks again until it is current.
export function weigh(tries = 3) {
  clearTimeout(weighing);
  if (!tries || !page.root.querySelector("#weight[data-old]")) return;
  weighing = setTimeout(async () => {
    try {
      const answer = await desk.get(page.root.querySelector("#weight").dataset.url);
      const fresh = answer.ok && desk.parsed(await answer.text()).getElementById("weight");
      if (fresh) page.root.querySelector("#weight").replaceWith(document.adoptNode(fresh));
    } catch {
      return;
    }
    weigh(tries - 1);
  }, WEIGH_MS);
}
