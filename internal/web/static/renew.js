// Renews the page in place. Without it the page is whole, and a browser without
// scripts loads it anew by itself.
"use strict";
(() => {
  const every = 10000;
  const content = document.getElementById("content");
  const headline = document.getElementById("headline");
  const renewed = document.getElementById("renewed");
  const live = document.getElementById("live");
  if (!content || !headline) return;

  const open = (root) => new Set([...root.querySelectorAll("details[open][id]")].map((d) => d.id));

  function take(page) {
    const next = page.getElementById("content");
    const said = page.getElementById("headline");
    if (!next || !said) throw new Error("another page");
    const unfolded = open(content);
    for (const id of unfolded) page.getElementById(id)?.setAttribute("open", "");
    // What did not change stays, with the reader's selection and focus in it.
    if (next.innerHTML !== content.innerHTML) {
      const focus = document.activeElement?.closest?.("#content a")?.getAttribute("href");
      content.replaceChildren(...next.childNodes);
      if (focus) [...content.querySelectorAll("a")].find((a) => a.getAttribute("href") === focus)?.focus();
    }
    if (said.textContent !== headline.textContent) {
      headline.replaceChildren(...said.childNodes);
      live.textContent = headline.textContent;
      document.title = page.title;
    }
    renewed.textContent = page.getElementById("renewed").textContent;
    renewed.classList.remove("late");
  }

  async function renew() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      if (!renewed.classList.contains("late")) {
        renewed.classList.add("late");
        renewed.textContent += ", not renewed since: the exporter does not answer";
      }
    }
  }

  setInterval(() => document.hidden || renew(), every);
  document.addEventListener("visibilitychange", () => document.hidden || renew());
  document.querySelector("form")?.addEventListener("change", (e) => e.target.tagName === "SELECT" && e.currentTarget.submit());
})();
