// What was decided waits in this browser, in its order, until the server has it; what it refuses stays here, too.

import { away, awaySince, back, onConnection, onRetry } from "./connection.js";
import { cardUrl, itemOf, page } from "./list.js";
import { announce, markUnsaved, show } from "./notice.js";
import { load, swap } from "./parts.js";

const desk = window.desk;
const TEXTS = ["title", "summary"], AWAY = [502, 503, 504];
const store = `desk-queue-${page.root.dataset.number}-${page.root.dataset.who}`;
let memory = [], flushing = false, isOut = false, afterwards = null;

function read() {
  try {
    return JSON.parse(localStorage.getItem(store)) || [];
  } catch {
    return memory;
  }
}

function write(queue) {
  memory = queue;
  try {
    queue.length ? localStorage.setItem(store, JSON.stringify(queue)) : localStorage.removeItem(store);
  } catch {
    // A full or forbidden store: what waits lives as long as the page does.
  }
  tell();
}

export const waiting = () => read().filter((each) => !each.failed);
export const isSending = () => flushing;
export const remove = (id) => write(read().filter((each) => each.id !== id));
const change = (id, values) => write(read().map((each) => (each.id === id ? { ...each, ...values } : each)));
const fieldOf = (entry, name) => new Map(entry.fields).get(name);
const isText = (entry) => TEXTS.includes(fieldOf(entry, "action"));

export const actionOf = (entry) => fieldOf(entry, "action") || (fieldOf(entry, "do") || "").split(" ")[0];

export function enqueue(url, fields, what) {
  const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  write([...read(), { id, url, fields: fields.filter(([name]) => name !== "csrf"), ...what }]);
  flush();
}

// Does something as soon as nothing waits any more.
export function whenSaved(act) {
  afterwards = act;
  if (!waiting().length && !flushing) settled();
}

function settled() {
  const act = afterwards;
  afterwards = null;
  act?.();
}

export async function flush() {
  if (flushing) return;
  flushing = true;
  try {
    await (navigator.locks ? navigator.locks.request(store, drain) : drain());
  } finally {
    flushing = false;
  }
  if (!waiting().length) settled();
}

async function drain() {
  for (let entry = waiting()[0]; entry; entry = waiting()[0]) {
    const csrf = document.querySelector("input[name=csrf]")?.value || "";
    let answer, text;
    try {
      answer = await desk.post(entry.url, new URLSearchParams([...entry.fields, ["csrf", csrf]]));
      text = await answer.text();
    } catch {
      return away();
    }
    if (AWAY.includes(answer.status)) return away();
    if (answer.status === 401) return signedOut(true);
    if (answer.status === 403 && answer.headers.get("X-Session") === "changed" && (await renew(csrf))) continue;
    back();
    if (answer.ok) {
      remove(entry.id);
      if (!waiting().length) swap(text, answer.headers.get("x-url"), entry.focus);
    } else {
      await refused(entry, answer, text);
    }
  }
}

async function refused(entry, answer, text) {
  const isHtml = (answer.headers.get("content-type") || "").startsWith("text/html");
  if (answer.status === 409 && isHtml && !isText(entry)) {
    remove(entry.id);
    show(text);
  } else {
    change(entry.id, { failed: isHtml ? desk.parsed(text).body.textContent.trim() : text || "The server said nothing more." });
  }
  if (!waiting().length) await load(cardUrl(entry.target || ""), entry.target);
  remark();
}

// The forms of this page get the token of a newer session of the same editor; another editor gets a page of their own.
async function renew(old = "") {
  const answer = await fetch("/desk/session", { headers: { "X-Desk": "1" } });
  signedOut(answer.status === 401);
  if (!answer.ok) return false;
  const session = await answer.json();
  if (session.name !== page.root.dataset.who) location.reload();
  for (const each of document.querySelectorAll("input[name=csrf]")) each.value = session.csrf;
  return session.csrf !== old;
}

function signedOut(value) {
  isOut = value;
  tell();
}

// Each item whose decision was refused says so itself.
export function remark() {
  for (const entry of read().filter((each) => each.failed)) {
    const item = entry.target && itemOf(entry.target);
    if (item) markUnsaved(item);
  }
}

function tell() {
  const failed = read().filter((each) => each.failed).map((entry) => {
    const typed = fieldOf(entry, "value") || "";
    return {
      text: `Not saved: ${entry.words}. ${entry.failed}`,
      typed: isText(entry) ? typed : "",
      again: () => { change(entry.id, { failed: undefined }); flush(); },
      leave: () => { remove(entry.id); load(location.href, entry.target); },
    };
  });
  announce({ since: awaySince(), isOut, count: waiting().length, failed });
}

// The connection is back: what waits goes; when nothing does, one question shows that the server answers.
async function again() {
  if (waiting().length) return flush();
  if (!awaySince()) return;
  try {
    const answer = await fetch("/desk/session");
    AWAY.includes(answer.status) ? away() : back();
  } catch {
    away();
  }
}

onConnection(tell);
onRetry(again);
document.addEventListener("swapped", remark);
document.addEventListener("signed-in", async () => {
  try {
    if (!(await renew())) return;
    document.dispatchEvent(new CustomEvent("renewed"));
    flush();
  } catch {
    away();
  }
});

export function begin() {
  tell();
  remark();
  waiting().length ? flush() : back();
}
