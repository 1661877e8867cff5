// The desk works without this file; with it, keys and live parts do. Other scripts of the desk listen for
// "session-ended" to keep what was typed, for "signed-in" to go on, and for "swapped" when parts of a page changed.
"use strict";

window.desk = (() => {
  const SPEAK_MS = 10000;
  const root = document.documentElement;
  root.classList.add("script");
  const areOff = /(?:^|;\s*)desk-keys=off/.test(document.cookie);
  const handlers = [], first = [];
  let said = "", saidAt = 0, waiting = 0, prefix = 0;

  // Sends a form as a person would, and gives the answer. An ended session is told to whoever listens.
  async function send(form, submitter) {
    // A field of the name “action” would hide the form’s own property.
    return post(form.getAttribute("action"), new FormData(form, submitter), form);
  }

  async function post(url, body, form) {
    const answer = await fetch(url, { method: "POST", body, headers: { "X-Desk": "1" }, credentials: "same-origin" });
    return look(answer, form);
  }

  async function get(url) {
    return look(await fetch(url, { headers: { "X-Desk": "1" }, credentials: "same-origin" }));
  }

  function look(answer, form) {
    if (answer.status === 401 && answer.headers.get("X-Session") === "ended") {
      document.dispatchEvent(new CustomEvent("session-ended", { detail: { form } }));
    }
    return answer;
  }

  // Says something to screen readers: politely, at most once in ten seconds, the newest only.
  function say(text) {
    said = text;
    if (waiting) return;
    waiting = setTimeout(() => {
      waiting = 0;
      saidAt = Date.now();
      live.className = "vh";
      live.textContent = said;
    }, Math.max(0, saidAt + SPEAK_MS - Date.now()));
  }

  // Answers a key at once, for eyes and ears, until the next key.
  function tell(text) {
    live.className = "told";
    live.replaceChildren(text);
  }

  const live = document.createElement("p");
  live.className = "vh";
  live.setAttribute("role", "status");
  // A page without a card ends what cards.js keeps from the page before it.
  addEventListener("load", () => { try { sessionStorage.removeItem("desk-sent"); } catch { /* no storage, nothing kept */ } });
  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(live);
    const nav = document.querySelector(".top nav"), place = nav?.querySelector("[aria-current]");
    if (place) nav.scrollLeft = place.offsetLeft - nav.offsetLeft - 40; // on phones the places do not all fit
    quieten();
    name();
  });

  // The status line changes with every act; the live region above says so less often.
  function quieten() {
    const line = document.querySelector(".status");
    line?.setAttribute("role", "region");
    line?.setAttribute("aria-label", "How the issue stands");
  }

  // What a key does stands at the button it presses; screen readers are told, too.
  function name() {
    if (areOff) return;
    for (const each of document.querySelectorAll("[data-key]")) {
      const key = each.dataset.key;
      each.setAttribute("aria-keyshortcuts", key === "/" || key === "?" ? key : key.toUpperCase().replace("SHIFT", "Shift"));
    }
  }

  function isField(target) {
    return target.closest?.("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])");
  }

  function wordOf(event) {
    if (event.key === " ") return "Space";
    return event.shiftKey && /^[A-Z]$/.test(event.key) ? "Shift+" + event.key : event.key;
  }

  // Presses what has this key, inside `within` first. Gives the element, or null.
  function press(key, within) {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const found = within?.querySelector(wanted) || document.querySelector(wanted);
    if (!found) return null;
    for (let at = found.closest("details"); at; at = at.parentElement.closest("details")) {
      if (!(found.localName === "summary" && found.parentElement === at)) at.open = true;
    }
    if (found.localName === "summary") {
      // What is open already, such as a guessed date, is gone into; only without a field the key closes it again.
      const details = found.parentElement;
      const fields = [...details.querySelectorAll("input:not([type=hidden]), textarea")];
      details.open = fields.length ? true : !details.open;
      // Fields that are folded away further down come after the button before them.
      const field = fields.find((each) => each.checkVisibility()) || (fields.length ? details.querySelector("button") : null);
      (field || found).focus();
      if (field?.localName === "textarea" || field?.type === "text") field.setSelectionRange(field.value.length, field.value.length);
    } else if (isField(found)) {
      found.focus();
      found.select?.();
    } else {
      found.click();
    }
    return found;
  }

  const PLACES = { r: "Review", s: "Sources", p: "Preview", b: "Subscribers", d: "Deliveries", a: "Archive" };

  function jump(key) {
    const links = [...document.querySelectorAll(".top nav a")], found = links.find((each) => each.textContent.trim() === PLACES[key]);
    if (found) found.click();
    else tell(PLACES[key] ? `${PLACES[key]}: not there yet.` : `“g ${key}” leads nowhere. “?” shows all keys.`);
  }

  async function help() {
    const dialog = opened("keys-dialog", "All keys");
    try {
      const page = parsed(await (await fetch("/desk/keys")).text());
      const table = page.querySelector("#all-keys table");
      if (!table) throw new Error("no table");
      dialog.querySelector(".inside").replaceChildren(table, link("/desk/keys", "Switch keys off for good"));
    } catch {
      dialog.querySelector(".inside").textContent = "The keys cannot be loaded now. The bar at the foot of the page has the usual ones.";
    }
  }

  function link(url, text) {
    const made = document.createElement("a");
    made.href = url;
    made.textContent = text;
    return made;
  }

  function parsed(html) {
    return new DOMParser().parseFromString(html, "text/html");
  }

  // An open dialog with a title and a way out; focus goes back where it was when it closes.
  function opened(id, title) {
    document.getElementById(id)?.remove();
    const back = document.activeElement;
    const dialog = document.createElement("dialog");
    dialog.id = id;
    dialog.innerHTML = `<h2 id="${id}-title" tabindex="-1"></h2><div class="inside"></div><form method="dialog"><button>Close</button></form>`;
    dialog.querySelector("h2").textContent = title;
    dialog.setAttribute("aria-labelledby", `${id}-title`);
    dialog.addEventListener("close", () => {
      dialog.remove();
      // Who is quick stands somewhere else by now.
      if (document.activeElement === document.body && back?.isConnected) back.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("h2").focus();
    return dialog;
  }

  const isIn = async () => (await fetch("/desk/session")).ok;

  // The session ended: the sign-in form opens over the page, and the page stays as it is.
  async function signIn() {
    if (document.getElementById("sign-in-dialog")) return;
    const dialog = opened("sign-in-dialog", "You are signed out");
    const inside = dialog.querySelector(".inside");
    const who = document.querySelector(".me [data-name]")?.dataset.name || "";
    const show = (page, note) => {
      const words = document.createElement("p");
      words.textContent = note;
      const forms = page ? [...page.querySelectorAll("main form")] : [];
      const other = link("/desk/sign-in", "Sign in in another tab, then close this");
      other.target = "_blank";
      inside.replaceChildren(words, ...forms, other);
      const name = inside.querySelector("input[name=name]");
      if (name) name.value ||= who;
      (name?.value ? inside.querySelector("input[type=password]") : inside.querySelector("input:not([type=hidden])"))?.focus();
    };
    inside.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const answer = await fetch(event.target.getAttribute("action"), { method: "POST", body: new FormData(event.target, event.submitter) });
        const page = parsed(await answer.text());
        if (await isIn()) dialog.close();
        else show(page, (page.querySelector("[role=alert]") || page.querySelector("h1"))?.textContent || "That did not work. Try again.");
      } catch {
        show(null, "No connection. Your work stays here; try again when it is back.");
      }
    });
    dialog.addEventListener("close", () => document.dispatchEvent(new CustomEvent("signed-in")));
    try {
      const page = parsed(await (await fetch("/desk/sign-in")).text());
      (await isIn()) ? dialog.close() : show(page, "Sign in again: your work stays behind this.");
    } catch {
      show(null, "No connection. Your work stays here.");
    }
  }
  document.addEventListener("session-ended", signIn);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    live.className = "vh";
    const field = isField(event.target);
    if (field && event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.form) {
      event.preventDefault();
      field.form.requestSubmit(field.form.querySelector("button:not([type=button])"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (field) {
      if (event.key === "Escape" && handlers.some((handle) => handle("Escape", event))) event.preventDefault();
      return;
    }
    if (areOff) return;
    if (first.some((take) => take(event))) return void event.preventDefault();
    const key = wordOf(event);
    if (prefix && Date.now() - prefix < 2000) {
      prefix = 0;
      jump(key);
      event.preventDefault();
    } else if (key === "g") {
      prefix = Date.now();
    } else if (key === "?") {
      event.preventDefault();
      help();
    } else if (handlers.some((handle) => handle(key, event)) || (key.length === 1 || key.startsWith("Shift+")) && press(key)) {
      event.preventDefault();
    }
  });

  document.addEventListener("swapped", () => { quieten(); name(); });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('a[data-key="?"]') && !event.defaultPrevented) {
      event.preventDefault();
      help();
    }
  });

  return { send, post, get, say, tell, press, parsed, onKey: (handle) => handlers.push(handle), ahead: (take) => first.push(take), isField };
})();
