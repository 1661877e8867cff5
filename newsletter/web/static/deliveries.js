// The figures of what is sent come anew by themselves. Without this file the page is loaded again by hand.
"use strict";

(() => {
  const PATIENCE_MS = 120000;
  const main = document.getElementById("main");
  let timer = 0, failures = 0;

  function plan(page) {
    clearTimeout(timer);
    const seconds = Number((page || document).querySelector("#main")?.dataset.again);
    if (seconds) timer = setTimeout(look, Math.min(seconds * 1000 * 2 ** failures, PATIENCE_MS));
  }

  // Nobody asks for a page that nobody sees.
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  document.addEventListener("signed-in", look);

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    let page = null;
    try {
      const answer = await window.desk.get(location.pathname + location.search);
      if (answer.status === 401) return;
      if (!answer.ok) throw new Error(answer.status);
      page = window.desk.parsed(await answer.text());
      failures = 0;
      take(page);
    } catch {
      failures += 1;
    }
    plan(page);
  }

  // A part whose figures changed is replaced; one whose state changed is replaced whole, and so is what is in it.
  function take(page) {
    const changed = [...main.querySelectorAll("[data-state]")].filter((each) => page.getElementById(each.id)?.dataset.state !== each.dataset.state);
    const isOther = changed.length || count(page) !== count(document);
    if (isOther && !isBusy()) {
      const within = main.contains(document.activeElement) && document.activeElement !== main;
      const heading = document.activeElement?.closest("[data-state]")?.id;
      main.replaceChildren(...page.querySelector("#main").childNodes);
      if (within) (document.getElementById(`${heading}-h`) || main).focus();
    } else {
      for (const each of main.querySelectorAll("[data-fresh]")) {
        const fresh = page.getElementById(each.id);
        if (!fresh || each.contains(document.activeElement) || fresh.innerHTML === each.innerHTML) continue;
        each.dataset.told = fresh.dataset.told || "";
        each.replaceChildren(...fresh.childNodes);
      }
    }
    const line = document.querySelector(".status"), fresh = page.querySelector(".status");
    if (line && fresh) line.replaceChildren(...fresh.childNodes);
    tell();
    document.dispatchEvent(new CustomEvent("swapped"));
  }

  const count = (page) => page.querySelectorAll("#main [data-state]").length;

  // What somebody is just writing, or a question they were asked, stays.
  const isBusy = () => Boolean(main.querySelector("[data-question]") || window.desk.isField(document.activeElement));

  // Said politely, and only what is new.
  let told = "";
  function tell() {
    const now = [...main.querySelectorAll("[data-told]")].map((each) => each.dataset.told).filter(Boolean).join(" ");
    if (now !== told && told) window.desk.say(now);
    told = now;
  }

  told = [...main.querySelectorAll("[data-told]")].map((each) => each.dataset.told).filter(Boolean).join(" ");
  plan(null);
})();
