// Forms and links of the page go by the script; without it they go as they stand.

import { decide } from "./acts.js";
import { awaySince } from "./connection.js";
import { cardUrl, page, stand } from "./list.js";
import { copying, markUnsaved, notice, say } from "./notice.js";
import { load, put } from "./parts.js";
import { enqueue } from "./queue.js";

const desk = window.desk;

document.addEventListener("submit", (event) => {
  const form = event.target, { submitter } = event, { base } = page.root.dataset;
  // A field of the name “action” or “method” would hide the form’s own property.
  const url = new URL(form.getAttribute("action") || "", location.href).pathname;
  if (event.defaultPrevented || form.getAttribute("method") !== "post" || !url.startsWith(base) || !form.closest("#review, #notice")) return;
  const rest = url.slice(base.length);
  const send = ["act", "undo", "order"].includes(rest) ? queued : rest.startsWith("items/") ? sendCard : rest === "approve" ? sendTest : null;
  if (!send) return;
  event.preventDefault();
  send(form, submitter, rest);
});

function queued(form, submitter, rest) {
  const url = `${page.root.dataset.base}${rest}`;
  const fields = [...new FormData(form, submitter)].filter(([, value]) => typeof value === "string");
  stand(form.closest("li[data-id]")) || document.getElementById("main").focus({ preventScroll: true });
  if (form.closest("#notice")) notice.replaceChildren();
  if (rest === "act") decide(url, fields, { stays: form.getAttribute("id") === "rows" && !submitter?.value.startsWith("bulk") });
  else enqueue(url, fields, { targets: [], focus: rest === "undo" ? "" : page.cursor, words: rest });
}

async function sendCard(form, submitter) {
  const item = form.closest("li[data-id]");
  try {
    const answer = await desk.send(form, submitter);
    if (answer.status === 401) return document.addEventListener("renewed", () => sendAgain(form, submitter), { once: true });
    const fresh = desk.parsed(await answer.text());
    if (!answer.ok) return unsaved(form, submitter, ...refusal(document.adoptNode(fresh.querySelector("main") || fresh.body)));
    document.dispatchEvent(new CustomEvent("saved", { detail: { form } }));
    notice.querySelector(".bad:not(.failed)")?.remove();
    stand(item);
    const id = item?.dataset.id || page.root.dataset.at;
    if (fresh.getElementById("review")) put(fresh, answer.headers.get("x-url"), id);
    else await load(cardUrl(id), id);
  } catch {
    unsaved(form, submitter, "Not saved: no connection. What you wrote stays in the field.");
  }
}

// What the server says against it: its words, and where it asks something back, its whole answer.
function refusal(main) {
  if (main.querySelector("form")) return ["Not saved.", main.childNodes];
  const words = [...main.querySelectorAll("p")].filter((each) => !each.querySelector("a.b")).map((each) => each.textContent.trim());
  return [`Not saved. ${words.join(" ") || main.textContent.trim()}`];
}

const sendAgain = (form, submitter) => form.isConnected && form.requestSubmit(submitter);

// What was typed stays in its field; it can be sent again from there or from here, and taken elsewhere.
function unsaved(form, submitter, text, parts) {
  const typed = [...form.querySelectorAll("input[type=text], input:not([type]), textarea")].map((each) => each.value).filter(Boolean);
  const acts = [["Try again", () => sendAgain(form, submitter)]];
  say(text, parts, typed.length ? [...acts, ["Copy the text", copying(typed.join("\n\n"))]] : acts);
  const item = form.closest("li[data-id]");
  if (item) markUnsaved(item);
}

async function sendTest(form, submitter) {
  desk.tell("The test mail is being made.");
  try {
    const answer = await desk.send(form, submitter);
    if (answer.status === 401) return;
    const fresh = desk.parsed(await answer.text());
    const said = fresh.getElementById("done") || fresh.querySelector("main") || fresh.body;
    desk.tell(said.textContent.replace(/\s+/g, " ").trim());
  } catch {
    desk.tell("No connection: no test was sent.");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || url.pathname !== page.root.dataset.base || !url.search || !link.closest("#review, #notice")) return;
  event.preventDefault();
  notice.querySelector(".overtaken")?.remove();
  history.pushState(null, "", url);
  load(url.pathname + url.search, url.searchParams.get("at") || "").then((done) => { if (!done && !awaySince()) location.assign(url); });
});
addEventListener("popstate", () => load(location.pathname + location.search, ""));
