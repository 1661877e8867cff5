// What is said above the page: no connection, not saved, overtaken by somebody.

import { retry } from "./connection.js";

export const notice = document.createElement("div");
notice.id = "notice";
notice.setAttribute("role", "alert");
document.getElementById("review").before(notice);

// What the server says, with its forms.
export function show(html) {
  notice.innerHTML = html;
}

export function say(text, parts = [], acts = []) {
  const made = box("bad", text, acts);
  made.append(...parts);
  notice.replaceChildren(made);
}

// The red word at an item of which something is not saved.
export function markUnsaved(item) {
  if (item.querySelector(".unsaved-mark")) return;
  item.classList.add("unsaved");
  const mark = Object.assign(document.createElement("span"), { className: "unsaved-mark", textContent: "not saved" });
  (item.querySelector(".w") || item).append(mark);
}

// Without a clipboard, as on a page without https, the text is chosen for the reader’s own copying.
export const copying = (text) => async ({ target }) => {
  const field = target.closest(".ask").querySelector("textarea");
  try {
    await navigator.clipboard.writeText(text);
    target.textContent = "Copied";
  } catch {
    field?.select();
  }
};

export function announce({ since, isOut, count, failed }) {
  for (const each of notice.querySelectorAll(".waits, .failed")) each.remove();
  const signIn = () => document.dispatchEvent(new CustomEvent("session-ended"));
  if (isOut) notice.prepend(box("waits", `You are signed out. ${waits(count, "you are signed in")}`, [["Sign in", signIn]]));
  if (since) notice.prepend(box("waits", `No connection since ${clock(since)}. ${waits(count, "it is back")}`, [["Try now", retry]]));
  for (const entry of failed) notice.append(unsaved(entry));
}

const clock = (at) => [at.getHours(), at.getMinutes()].map((each) => String(each).padStart(2, "0")).join(":");

function waits(count, until) {
  if (!count) return `Everything is saved; the page goes on when ${until}.`;
  const decisions = count === 1 ? "last decision waits here and goes" : `${count} last decisions wait here and go`;
  return `Your ${decisions} when ${until}.`;
}

function unsaved({ text, typed, again, leave }) {
  const copies = typed ? [["Copy the text", copying(typed)]] : [];
  const made = box("failed bad", text, [["Try again", again], ...copies, ["Leave it", leave]]);
  if (typed) {
    const area = Object.assign(document.createElement("textarea"), { value: typed, readOnly: true, rows: 3 });
    area.setAttribute("aria-label", "What you wrote");
    made.append(area);
  }
  return made;
}

function box(kind, text, acts) {
  const made = document.createElement("div");
  made.className = `ask ${kind}`;
  made.append(Object.assign(document.createElement("p"), { textContent: text }));
  for (const [label, act] of acts) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    button.addEventListener("click", act);
    made.append(button);
  }
  return made;
}
