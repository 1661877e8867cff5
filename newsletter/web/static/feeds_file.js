// feeds.yaml is looked at while it is typed, and its lines have numbers. Without this file there is the button Check.
"use strict";

(() => {
  const form = document.querySelector("form.text-of-file");
  if (!form) return;
  const text = form.querySelector("textarea"), box = form.querySelector(".numbered");
  const told = document.getElementById("problems");
  const save = form.querySelector("button[value=save]");
  const atop = document.getElementById("atop"), first = () => told.querySelector("[data-line]");
  const PAUSE_MS = 500;
  const started = text.defaultValue;
  let timer = 0, round = 0, isSent = false;

  const gutter = document.createElement("pre");
  gutter.className = "gutter";
  gutter.setAttribute("aria-hidden", "true");
  box.prepend(gutter);
  box.classList.add("with");

  function number() {
    const count = text.value.split("\n").length;
    const bad = new Set([...told.querySelectorAll("[data-line]")].map((each) => Number(each.dataset.line)));
    gutter.replaceChildren();
    for (let line = 1; line <= count; line += 1) {
      const place = document.createElement(bad.has(line) ? "b" : "i");
      place.textContent = bad.has(line) ? `! ${line}` : String(line);
      gutter.append(place, "\n");
    }
    const mend = told.querySelector("[data-mend]");
    save.disabled = Boolean(mend);
    atop.hidden = !mend;
    if (mend) {
      const count = mend.textContent.trim().replace(/^! /, "");
      atop.querySelector("span").textContent = first() ? `${count}: line ${first().dataset.line}` : count;
    }
    scroll();
  }

  const scroll = () => { gutter.style.height = `${text.clientHeight}px`; gutter.scrollTop = text.scrollTop; };
  text.addEventListener("scroll", scroll);
  new ResizeObserver(scroll).observe(text);

  async function check() {
    const mine = (round += 1);
    const body = new FormData(form);
    body.delete("do");
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body, headers: { "X-Desk": "1" } });
      if (!answer.ok || mine !== round) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      told.replaceChildren(...page.body.childNodes);
      number();
    } catch {
      // The server is away: what was told stays, and Save says it again.
    }
  }

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE_MS);
    if (gutter.children.length !== text.value.split("\n").length) number();
  });

  // A line that is named is shown in the text, not on a page that is not there.
  told.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = text.value.split("\n"), line = Number(link.dataset.line);
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] || "").length);
    text.scrollTop = Math.max(0, (line - 5) * (text.scrollHeight / lines.length));
  });

  atop.addEventListener("click", (event) => {
    if (!first()) return;
    event.preventDefault();
    first().click();
  });

  form.addEventListener("submit", () => { isSent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && text.value !== started) event.preventDefault();
  });
  number();
})();
