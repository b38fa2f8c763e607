// Enhances; everything works without. Keys in the queue: j and k move, x chooses, Enter opens, / searches;
// on a mail, n goes to the next.
"use strict";
const rows = [...document.querySelectorAll("table.queue tbody tr")];
let at = -1;
function go(to) {
  if (!rows.length) return;
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].querySelector("a").focus();
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(at - 1);
  else if (event.key === "x" && at >= 0) rows[at].querySelector("input[type=checkbox]")?.click();
  else if (event.key === "n") document.querySelector("[data-next]")?.click();
  else if (event.key === "/") { const box = document.getElementById("adresse"); if (box) { box.select(); event.preventDefault(); } }
});
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
// How many a bulk act would concern, before anybody opens its form.
const chosen = document.querySelector("[data-chosen]");
if (chosen) {
  const form = chosen.closest("form");
  const count = () => {
    const number = form.querySelectorAll("tbody input[type=checkbox]:checked").length;
    chosen.textContent = number ? `(${number})` : "";
  };
  form.addEventListener("change", count);
  addEventListener("pageshow", count); // the browser may have kept ticks
}
document.querySelector("[data-all]")?.addEventListener("change", (event) => {
  const boxes = event.target.form.querySelectorAll("tbody input[type=checkbox]");
  for (const box of boxes) box.checked = event.target.checked;
});
// A reason belongs to one of the two answers: choosing it chooses the answer.
for (const list of document.querySelectorAll(".ruling select")) {
  list.addEventListener("change", () => {
    const radio = list.closest(".choice").querySelector("input[type=radio]");
    if (list.value) radio.checked = true;
  });
}
// The queue's figures, anew while somebody looks; the list stays as it is, with what is ticked.
const EVERY_MS = 20000;
const live = document.querySelector("[data-since]");
async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(`/etat?depuis=${live.dataset.since}`, { redirect: "error" });
  if (!answer.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  for (const part of fresh.content.querySelectorAll("[data-live]")) {
    const here = live.querySelector(`[data-live=${part.dataset.live}]`);
    if (here.innerHTML !== part.innerHTML) here.innerHTML = part.innerHTML; // said aloud only when it changes
  }
}
if (live) {
  const again = () => refresh().catch(() => {}); // gone for a moment, or signed out: the next click tells
  setInterval(again, EVERY_MS);
  document.addEventListener("visibilitychange", again);
}
