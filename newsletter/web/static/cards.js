// Cards of the desk: whose a card is, and that nothing typed into it is lost. Without this file the forms work the same.
"use strict";

(() => {
  if (window.deskCards) return;
  window.deskCards = true;

  const BEAT = 30000;
  const KEY = "unsaved ";
  const SENT = "desk-sent"; // the form of a card that the page before this one sent
  let here = null; // the card this page sits at: { url, csrf, page }

  const card = () => document.getElementById("card");
  const typedIn = (form) => [...form.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), textarea:not([readonly])")].filter((each) => each.name);
  const formsOf = (element) => [...element.querySelectorAll("form[method=post]")].filter((form) => typedIn(form).length);
  // A field of the name “action” would hide the form’s own property.
  const actionOf = (form) => new URL(form.getAttribute("action") || "", location.href).pathname;
  const pathOf = (form) => KEY + actionOf(form);

  function remember(form) {
    const fields = {};
    for (const each of typedIn(form)) if (each.value !== each.defaultValue) fields[each.name] = each.value;
    try {
      if (Object.keys(fields).length) localStorage.setItem(pathOf(form), JSON.stringify({ fields, at: Date.now() }));
      else localStorage.removeItem(pathOf(form));
    } catch (fault) { /* a browser without storage: the form itself still holds the text */ }
  }

  function remembered(form) {
    try {
      const found = JSON.parse(localStorage.getItem(pathOf(form)));
      return found && typeof found.fields === "object" ? found : null;
    } catch (fault) { return null; }
  }

  function forget(form) {
    try { localStorage.removeItem(pathOf(form)); } catch (fault) { /* see remember */ }
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function say(element, text, ...buttons) {
    const line = element.querySelector(".unsaved");
    if (!line) return;
    line.replaceChildren(text, " ", ...buttons);
    line.hidden = false;
  }

  function clockOf(at) {
    const time = new Date(at);
    return [time.getHours(), time.getMinutes()].map((each) => String(each).padStart(2, "0")).join(":");
  }

  function putBack(form, found) {
    for (const each of typedIn(form)) if (each.name in found.fields) each.value = found.fields[each.name];
    for (let at = form; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const first = typedIn(form).find((each) => each.name in found.fields);
    if (first) first.focus();
  }

  async function copy(text) {
    try { await navigator.clipboard.writeText(text); return true; } catch (fault) { return false; }
  }

  // A form that was sent and led on to its card arrived; what came back as an error page or at the sign-in did not.
  function arrived() {
    let sent = null;
    try {
      sent = sessionStorage.getItem(SENT);
      sessionStorage.removeItem(SENT);
      if (sent && performance.getEntriesByType("navigation")[0]?.redirectCount) localStorage.removeItem(KEY + sent);
    } catch (fault) { /* see remember */ }
  }

  // What was typed and never arrived is offered again; what the page shows as stored is forgotten.
  function offer(element) {
    for (const form of formsOf(element)) {
      const found = remembered(form);
      if (!found || form.querySelector(".wrong")) continue;
      const fields = typedIn(form).filter((each) => each.name in found.fields);
      if (fields.every((each) => found.fields[each.name].trim() === each.defaultValue.trim())) { forget(form); continue; }
      const hide = () => { element.querySelector(".unsaved").hidden = true; };
      const text = Object.values(found.fields).join(" ");
      say(element, `Not saved, from ${clockOf(found.at)}: “${text.length > 60 ? `${text.slice(0, 59)}…` : text}”`,
        button("Put it back", () => { putBack(form, found); hide(); }),
        button("Copy", async (event) => { if (await copy(Object.values(found.fields).join("\n\n"))) event.target.textContent = "Copied"; }),
        button("Throw away", () => { forget(form); hide(); }));
      return;
    }
  }

  async function send(at, fields, options) {
    const body = new URLSearchParams({ csrf: at.csrf, page: at.page, ...fields });
    return fetch(`${at.url}/hold`, { method: "POST", body, headers: { "X-Desk": "1" }, credentials: "same-origin", ...options });
  }

  // It is said at the top of the card, and whoever was writing in it stands there now: nothing in it can be sent any more.
  function lose(element, editor) {
    const wasIn = element.contains(document.activeElement);
    element.removeAttribute("data-mine");
    element.classList.add("lost");
    const typed = formsOf(element).map(remembered).filter(Boolean).flatMap((found) => Object.values(found.fields));
    for (const each of element.querySelectorAll("form button, form input:not([type=hidden]), form select")) each.disabled = true;
    for (const each of element.querySelectorAll("form textarea")) each.readOnly = true;
    const line = element.querySelector(".unsaved");
    element.querySelector("header")?.after(line);
    const look = Object.assign(document.createElement("a"), { href: element.dataset.url, className: "b", textContent: "See how it stands" });
    const copies = typed.length ? [button("Copy", async (event) => { if (await copy(typed.join("\n\n"))) event.target.textContent = "Copied"; })] : [];
    const kept = typed.length ? " What you typed and did not save is kept in this browser." : "";
    say(element, `${editor} took this card over.${kept}`, ...copies, look);
    line.tabIndex = -1;
    if (wasIn) line.focus();
  }

  async function beat() {
    const element = card();
    if (!here || !element || !element.hasAttribute("data-mine")) return;
    try {
      const answer = await send(here, {});
      if (answer.status === 401) { document.dispatchEvent(new CustomEvent("session-ended", { detail: {} })); return; }
      if (!answer.ok) return;
      const found = await answer.json();
      if (!found.mine && card() === element) lose(element, found.editor);
    } catch (fault) { /* no connection: the next beat tries again */ }
  }

  function leave() {
    if (here) send(here, { leave: "1" }, { keepalive: true }).catch(() => {});
    here = null;
  }

  // A card appears when the page is loaded, and when another part of the desk puts a new one in its place.
  function arrive() {
    const element = card();
    const url = element && element.hasAttribute("data-mine") ? element.dataset.url : null;
    if (here && here.url !== url) leave();
    if (!element || element.dataset.met) return;
    element.dataset.met = "1";
    const token = document.querySelector("input[name=csrf]");
    if (url && token) {
      here = { url, csrf: token.value, page: Math.random().toString(36).slice(2) }; // a name for each stay
      beat();
      setTimeout(beat, 3000); // the page before this one may have given the card back after we took it
    }
    offer(element);
  }

  function swapOriginal(form) {
    for (const each of form.querySelectorAll("[data-original]")) {
      const before = each.value;
      each.value = each.dataset.original;
      each.dataset.original = before;
    }
    remember(form);
  }

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.closest("#card") && form.getAttribute("method") === "post") remember(form);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest ? event.target.closest(".text-form") : null;
    if (!form || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.go"));
    } else if (event.altKey && event.code === "KeyO") {
      event.preventDefault();
      swapOriginal(form);
    } else if (event.key === "Escape") {
      event.preventDefault();
      const details = form.closest("details");
      if (details) { details.open = false; details.querySelector("summary").focus(); }
    }
  });

  document.addEventListener("toggle", (event) => {
    if (!event.target.open || !event.target.matches(".edit")) return;
    const first = event.target.querySelector("input:not([type=hidden]), textarea");
    // Who is quick types in another field of it by now.
    const there = document.activeElement;
    if (first && (there.localName === "summary" || !event.target.contains(there))) first.focus();
  }, true);

  document.addEventListener("submit", (event) => {
    // Who sends a form of the card comes back to it: no other editor sits down in between.
    if (event.defaultPrevented || !actionOf(event.target).startsWith(`${here?.url}/`)) return;
    here = null;
    try { sessionStorage.setItem(SENT, actionOf(event.target)); } catch (fault) { /* see remember */ }
  });
  document.addEventListener("saved", (event) => forget(event.detail.form));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => { if (event.persisted && card()) { delete card().dataset.met; arrive(); } });
  setInterval(beat, BEAT);
  arrived();
  new MutationObserver(arrive).observe(document.documentElement, { childList: true, subtree: true });
  arrive();
})();
