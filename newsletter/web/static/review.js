// The review page: a decision is shown at once and saved behind. What could not be saved waits in this browser,
// in its order, and goes when it can. Every key presses what also stands on the page as a button.
"use strict";

(() => {
  const desk = window.desk;
  const RETRY_MS = 5000, WEIGH_MS = 3500;
  const SHOWN = { keep: ["✓", "kept", "kept"], drop: ["×", "dropped", "dropped"], snooze: ["×", "put off", "dropped"],
    restore: ["✓", "kept", "kept"] };
  const ADVANCING = ["keep", "drop", "snooze", "move"];
  const TEXTS = ["title", "summary"];
  let root = document.getElementById("review");
  if (!root) return;
  const store = `desk-queue-${root.dataset.number}-${root.dataset.who}`;
  const marked = new Set();
  let cursor = root.dataset.at, flushing = false, offlineSince = null, wantsUndo = false, retry = 0, weighing = 0;

  const notice = document.createElement("div");
  notice.id = "notice";
  notice.setAttribute("role", "alert");
  root.before(notice);

  // --- what waits in this browser
  function read() {
    try {
      return JSON.parse(localStorage.getItem(store)) || [];
    } catch {
      return memory;
    }
  }
  let memory = [];
  function write(queue) {
    memory = queue;
    try {
      queue.length ? localStorage.setItem(store, JSON.stringify(queue)) : localStorage.removeItem(store);
    } catch {
      // A full or forbidden store: what waits lives as long as the page does.
    }
    announce();
  }
  const waiting = () => read().filter((each) => !each.failed);
  const remove = (id) => write(read().filter((each) => each.id !== id));
  const change = (id, values) => write(read().map((each) => (each.id === id ? { ...each, ...values } : each)));

  function enqueue(url, fields, what) {
    const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    write([...read(), { id, url, fields: fields.filter(([name]) => name !== "csrf"), ...what }]);
    flush();
  }

  const csrf = () => document.querySelector("input[name=csrf]")?.value || "";

  async function flush() {
    if (flushing) return;
    flushing = true;
    try {
      await (navigator.locks ? navigator.locks.request(store, drain) : drain());
    } finally {
      flushing = false;
    }
    if (wantsUndo && !waiting().length) {
      wantsUndo = false;
      desk.press("u");
    }
  }

  async function drain() {
    for (let entry = waiting()[0]; entry; entry = waiting()[0]) {
      const body = new URLSearchParams([...entry.fields, ["csrf", csrf()]]);
      let answer, text;
      try {
        answer = await desk.post(entry.url, body);
        text = await answer.text();
      } catch {
        return away();
      }
      if (answer.status === 401) return;
      if ([502, 503, 504].includes(answer.status)) return away();
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
    const isText = TEXTS.includes(new Map(entry.fields).get("action"));
    if (answer.status === 409 && isHtml && !isText) {
      remove(entry.id);
      notice.innerHTML = text;
    } else {
      change(entry.id, { failed: isHtml ? desk.parsed(text).body.textContent.trim() : text });
    }
    if (!waiting().length) await load(`${root.dataset.base}?at=${encodeURIComponent(entry.target || "")}`, entry.target);
    remark(entry);
  }

  function away() {
    offlineSince ??= new Date();
    announce();
    clearTimeout(retry);
    retry = setTimeout(flush, RETRY_MS);
  }
  function back() {
    if (!offlineSince) return;
    offlineSince = null;
    announce();
  }

  // --- what is said above the page: no connection, not saved
  function announce() {
    for (const each of notice.querySelectorAll(".waits, .failed")) each.remove();
    const count = waiting().length;
    if (offlineSince) {
      const hour = `${String(offlineSince.getHours()).padStart(2, "0")}:${String(offlineSince.getMinutes()).padStart(2, "0")}`;
      const decisions = count === 1 ? "Your last decision waits here and goes" : `Your ${count} last decisions wait here and go`;
      notice.prepend(box("waits", `No connection since ${hour}. ${count ? decisions : "Everything is saved; the page goes on"} when it is back.`, [["Try now", flush]]));
    }
    for (const entry of read().filter((each) => each.failed)) {
      const typed = entry.fields.find(([name]) => name === "value")?.[1] || "";
      const made = box("failed bad", `Not saved: ${entry.words}. ${entry.failed}`, [
        ["Try again", () => { change(entry.id, { failed: undefined }); flush(); }],
        ...(typed ? [["Copy the text", () => navigator.clipboard?.writeText(typed)]] : []),
        ["Leave it", () => { remove(entry.id); load(location.href, entry.target); }],
      ]);
      if (typed && TEXTS.includes(new Map(entry.fields).get("action"))) {
        const area = Object.assign(document.createElement("textarea"), { value: typed, readOnly: true, rows: 3 });
        area.setAttribute("aria-label", "What you wrote");
        made.append(area);
      }
      notice.append(made);
    }
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
  function remark(entry) {
    const item = entry.target && itemOf(entry.target);
    const failed = read().find((each) => each.id === entry.id)?.failed;
    if (item && failed && !item.querySelector(".unsaved-mark")) {
      item.classList.add("unsaved");
      (item.querySelector(".w") || item).append(Object.assign(document.createElement("span"), { className: "unsaved-mark", textContent: "not saved" }));
    }
  }

  // --- the list
  const items = () => [...root.querySelectorAll("main li[data-id]")].filter((each) => each.offsetParent);
  const itemOf = (id) => root.querySelector(`main li[data-id="${CSS.escape(id)}"]`);
  const here = () => document.activeElement?.closest?.("#review main li[data-id]") || (cursor && itemOf(cursor)) || root.querySelector("li.here") || null;

  function stand(item) {
    if (!item) return false;
    cursor = item.dataset.id;
    const under = item.closest("details");
    if (under) under.open = true;
    (item.querySelector("#card") || item.querySelector("h3 a") || item).focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
    return true;
  }

  function move(step) {
    const all = items(), at = all.indexOf(here());
    stand(all[Math.min(all.length - 1, Math.max(0, at + step))] || all[0]);
  }

  // Items as they were before an act was shown on them.
  const painted = new Map();
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

  const titleOf = (id) => itemOf(id)?.querySelector("h3")?.textContent.trim() || "the item";

  // The next open one in the order of worth, without those that are decided already and only wait to be saved.
  function nextAfter(targets) {
    const gone = new Set([...targets, ...waiting().flatMap((each) => each.targets || [])]);
    const order = (root.dataset.open || "").split(" ").filter(Boolean);
    const last = Math.max(-1, ...targets.map((each) => order.indexOf(each)));
    return order.slice(last + 1).find((each) => !gone.has(each)) || order.find((each) => !gone.has(each)) || "";
  }

  // --- an act: shown at once, then queued
  function decide(url, fields, { stays = false } = {}) {
    const values = new Map(fields);
    const [verb, ...rest] = (values.get("do") || "").split(" ");
    const isBulk = verb === "bulk";
    const action = isBulk ? rest.join(" ") : values.get("action") || verb;
    const targets = fields.filter(([name]) => name === (isBulk ? "marked" : "target")).map(([, value]) => value);
    if (!isBulk && verb) targets.push(rest.join(" "));
    let kept = isBulk ? fields : fields.filter(([name]) => name !== "marked");
    if (action !== "move" && values.has("do")) kept = kept.filter(([name]) => name !== "value");
    if (document.querySelector("#rows [name=below]") && !values.has("below")) kept.push(["below", "1"]);
    let focus = cursor;
    if (ADVANCING.includes(action)) {
      const next = stays ? root.dataset.at : nextAfter(targets);
      if (next && !targets.includes(next)) kept = [...kept.filter(([name]) => name !== "next"), ["next", next]];
      focus = stays ? neighbour(targets[0]) : next;
    }
    for (const each of targets) paint(itemOf(each), action);
    if (ADVANCING.includes(action)) stand(itemOf(focus) || items().find((each) => each.matches(".open, .warning")) || itemOf(targets[0]));
    const what = targets.length === 1 ? `“${titleOf(targets[0])}”` : `${targets.length} items`;
    if (isBulk) clearMarks();
    enqueue(url, kept, { targets, target: targets[0], focus, words: `${action} ${what}` });
  }

  function neighbour(id) {
    const all = items(), at = all.findIndex((each) => each.dataset.id === id);
    return (all[at + 1] || all[at - 1])?.dataset.id || "";
  }

  function act(action, item, more = []) {
    decide(`${root.dataset.base}act`, [["do", `${action} ${item.dataset.id}`], ["seen", root.dataset.seen], ["section", root.dataset.section], ...more]);
  }

  function undo() {
    const queue = waiting();
    if (queue.length && (offlineSince || queue.length > 1)) {
      const last = queue[queue.length - 1];
      remove(last.id);
      for (const each of last.targets || []) unpaint(each);
      stand(itemOf(last.target) || items()[0]);
    } else if (queue.length) {
      wantsUndo = true;
    } else {
      desk.press("u");
    }
  }

  function step(item, way) {
    const list = item.parentElement;
    const other = way < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!list.matches("[data-sort]") || !other) return;
    way < 0 ? other.before(item) : other.after(item);
    stand(item);
    reorder(item.dataset.id);
  }
  function reorder(id) {
    const ids = [...root.querySelectorAll("[data-sort] > li[data-id]")].map((each) => ["id", each.dataset.id]);
    const fields = [["section", root.dataset.section], ["next", root.dataset.at], ...ids];
    const before = waiting().filter((each) => each.url.endsWith("/order") && !flushing);
    for (const each of before) remove(each.id);
    enqueue(`${root.dataset.base}order`, fields, { targets: [], target: id, focus: id, words: "the new order" });
  }

  // --- parts of the page
  const swap = (html, url, focus) => put(desk.parsed(html), url, focus);

  function put(page, url, focus) {
    const fresh = page.getElementById("review");
    if (!fresh || (desk.isField(document.activeElement) && root.contains(document.activeElement) && document.activeElement.type !== "search")) return;
    const open = [...root.querySelectorAll("details[id][open]")].map((each) => each.id);
    const find = document.getElementById("q")?.value;
    document.querySelector(".status")?.replaceWith(document.adoptNode(page.querySelector(".status")));
    root.replaceWith(document.adoptNode(fresh));
    root = fresh;
    painted.clear();
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (find) document.getElementById("q").value = find;
    for (const script of root.querySelectorAll("script[src]")) bring(script.getAttribute("src"));
    if (url) history.replaceState(null, "", url);
    settle();
    const item = focus && itemOf(focus);
    const wanted = item ? null : document.getElementById("card") || document.getElementById("main");
    cursor = item ? focus : root.dataset.at;
    item ? stand(item) : wanted.focus();
    document.dispatchEvent(new CustomEvent("swapped"));
    desk.say(document.querySelector(".status").innerText.replace(/\n/g, ", "));
  }

  async function load(url, focus) {
    try {
      const answer = await desk.get(url);
      if (!answer.ok) return false;
      swap(await answer.text(), answer.headers.get("x-url"), focus);
      if (!waiting().length) back();
      return true;
    } catch {
      away();
      return false;
    }
  }

  const brought = new Set([...document.scripts].map((each) => each.getAttribute("src")));
  function bring(src) {
    if (brought.has(src)) return Promise.resolve();
    brought.add(src);
    return new Promise((done) => document.head.append(Object.assign(document.createElement("script"), { src, onload: done })));
  }

  function settle() {
    for (const entry of waiting()) for (const each of entry.targets || []) paint(itemOf(each), new Map(entry.fields).get("action") || (new Map(entry.fields).get("do") || "").split(" ")[0]);
    for (const each of root.querySelectorAll("input[name=marked]")) each.checked = marked.has(each.value);
    count();
    if (window.Sortable) sortable();
    clearTimeout(weighing);
    weigh(3);
  }

  function weigh(tries) {
    if (!tries || !root.querySelector("#weight[data-old]")) return;
    weighing = setTimeout(async () => {
      try {
        const answer = await desk.get(root.querySelector("#weight").dataset.url);
        const fresh = answer.ok && desk.parsed(await answer.text()).getElementById("weight");
        if (fresh) root.querySelector("#weight").replaceWith(document.adoptNode(fresh));
      } catch {
        return;
      }
      weigh(tries - 1);
    }, WEIGH_MS);
  }

  // --- marks
  function count() {
    const bar = document.getElementById("rows"), number = root.querySelectorAll("input[name=marked]:checked").length;
    if (!bar) return;
    bar.classList.toggle("some", number > 0);
    for (const button of bar.querySelectorAll("[data-bulk]")) {
      button.textContent = `${button.dataset.bulk} ${number}`;
    }
    const to = bar.querySelector("select").selectedOptions[0];
    const mover = bar.querySelector('[value="bulk move"]');
    if (to?.value) mover.textContent = `Move ${number} to ${to.textContent}`;
    for (const each of root.querySelectorAll("li[data-id]")) each.classList.toggle("marked", marked.has(each.dataset.id));
  }
  function clearMarks() {
    marked.clear();
    for (const each of root.querySelectorAll("input[name=marked]:checked")) each.checked = false;
    count();
  }
  document.addEventListener("change", (event) => {
    if (event.target.name === "marked") marked[event.target.checked ? "add" : "delete"](event.target.value);
    if (event.target.closest?.("#rows") || event.target.name === "marked") count();
  });

  // --- drag
  function sortable() {
    for (const list of root.querySelectorAll("[data-sort]")) {
      new window.Sortable(list, { handle: ".w", filter: "input, button", preventOnFilter: false, animation: 0, onEnd: (event) => event.oldIndex !== event.newIndex && reorder(event.item.dataset.id) });
    }
  }
  document.addEventListener("pointerover", async function bringDrag(event) {
    if (!event.target.closest?.("[data-sort]") || root.hasAttribute("data-closed")) return;
    document.removeEventListener("pointerover", bringDrag);
    await bring(root.dataset.sortable);
    sortable();
  });

  // --- forms and links of the page
  document.addEventListener("submit", async (event) => {
    const form = event.target, base = root.dataset.base;
    const url = new URL(form.getAttribute("action") || "", location.href).pathname;
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || !url.startsWith(base) || !form.closest("#review, #notice")) return;
    const rest = url.slice(base.length), fields = [...new FormData(form, event.submitter)].filter(([, value]) => typeof value === "string");
    if (["act", "undo", "order"].includes(rest)) {
      event.preventDefault();
      stand(form.closest("li[data-id]")) || document.getElementById("main").focus({ preventScroll: true });
      if (form.closest("#notice")) notice.replaceChildren();
      if (rest === "act") decide(url, fields, { stays: form.id === "rows" && !event.submitter?.value.startsWith("bulk") });
      else enqueue(url, fields, { targets: [], focus: rest === "undo" ? "" : cursor, words: rest });
    } else if (rest.startsWith("items/") && !event.submitter?.hasAttribute("data-native")) {
      event.preventDefault();
      await sendCard(form, event.submitter);
    }
  });

  async function sendCard(form, submitter) {
    const item = form.closest("li[data-id]");
    try {
      const answer = await desk.send(form, submitter);
      if (answer.status === 401) return;
      const page = desk.parsed(await answer.text());
      if (answer.ok) {
        stand(item);
        const id = item?.dataset.id || root.dataset.at;
        if (page.getElementById("review")) put(page, answer.headers.get("x-url"), id);
        else await load(`${root.dataset.base}?at=${encodeURIComponent(id)}`, id);
        return;
      }
      const parts = page.querySelector("main") || page.body;
      const made = box("bad", "Not saved.", []);
      made.append(...document.adoptNode(parts).childNodes);
      notice.replaceChildren(made);
    } catch {
      notice.replaceChildren(box("bad", "Not saved: no connection. What you wrote stays in the field; save it again when the connection is back.", []));
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || url.pathname !== root.dataset.base || !url.search || !link.closest("#review, #notice")) return;
    event.preventDefault();
    notice.querySelector(".overtaken")?.remove();
    const at = url.searchParams.get("at") || "";
    history.pushState(null, "", url);
    load(url.pathname + url.search, at).then((done) => { if (!done && !offlineSince) location.assign(url); });
  });
  addEventListener("popstate", () => load(location.pathname + location.search, ""));
  addEventListener("online", flush);
  document.addEventListener("signed-in", async () => {
    try {
      const answer = await desk.get(location.pathname + location.search);
      const fresh = answer.ok && desk.parsed(await answer.text()).querySelector("input[name=csrf]");
      if (fresh) for (const each of document.querySelectorAll("input[name=csrf]")) each.value = fresh.value;
      if (fresh) flush();
    } catch {
      away();
    }
  });

  // --- keys
  const ACTS = { a: "keep", x: "drop", z: "snooze" };
  desk.onKey((key, event) => {
    if (key === "Escape") return leave();
    if (root.hasAttribute("data-closed") && !["j", "k", "o", "w", "v", "c", "ArrowDown", "ArrowUp"].includes(key)) return false;
    if (["j", "ArrowDown"].includes(key)) return move(1), true;
    if (["k", "ArrowUp"].includes(key)) return move(-1), true;
    if (key === "u") return undo(), true;
    const item = here();
    if (!item) return false;
    const isOpen = item.classList.contains("here");
    if (item.hasAttribute("aria-busy") && key in ACTS) return desk.say("It is being saved."), true;
    if (key === "Space") return mark(item, event);
    if (key === "+" || key === "-") return step(item, key === "-" ? 1 : -1), true;
    if (key === "m") return join(item);
    if (key === "h") return act("pin", item), true;
    if (ACTS[key]) {
      if (!(isOpen && desk.press(key, item))) act(ACTS[key], item);
      return true;
    }
    if (/^[1-9]$/.test(key)) return send(item, key);
    if (key === "o" || (key === "Enter" && item === event.target)) return isOpen ? stand(item) : open(item), true;
    if ("esdnwvc".includes(key) && key.length === 1) {
      if (isOpen) return pressIn(item, key);
      open(item).then((done) => done && pressIn(itemOf(item.dataset.id), key));
      return true;
    }
    return false;
  });

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
    const others = [...marked].filter((each) => each !== item.dataset.id);
    if (!others.length && item.querySelector('[data-key="m"]')) return desk.press("m", item), true;
    if (others.length !== 1) return desk.say("Mark one other item first, with Space."), true;
    const [other] = others;
    clearMarks();
    enqueue(`${root.dataset.base}act`, [["action", "merge"], ["target", item.dataset.id], ["value", other], ["seen", root.dataset.seen]], { targets: [], target: item.dataset.id, focus: item.dataset.id, words: "one story" });
    return true;
  }
  function send(item, digit) {
    const section = root.querySelector(`.rail a[data-digit="${digit}"]`)?.dataset.section;
    if (section && section !== root.dataset.section) act("move", item, [["value", section]]);
    return true;
  }
  const open = (item) => load(`${root.dataset.base}?at=${encodeURIComponent(item.dataset.id)}`, item.dataset.id);
  function pressIn(item, key) {
    const found = item?.querySelector(`[data-key="${key}"]`);
    if (found) desk.press(key, item);
    return true;
  }

  settle();
  announce();
  if (waiting().length) flush();
  const card = document.getElementById("card");
  if (card && (location.hash === "#card" || !location.hash)) card.focus({ preventScroll: !location.hash });
})();
