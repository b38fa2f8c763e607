// Enhances; everything works without. Keys in the queue: j and k move, x chooses, Enter opens, / searches.
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
  else if (event.key === "/") { const box = document.getElementById("adresse"); if (box) { box.focus(); event.preventDefault(); } }
});
document.querySelector("[data-all]")?.addEventListener("change", (event) => {
  for (const box of document.querySelectorAll("input[name=dossier]")) box.checked = event.target.checked;
});
// A reason belongs to one of the two answers: choosing it chooses the answer.
for (const list of document.querySelectorAll(".ruling select")) {
  list.addEventListener("change", () => {
    const radio = list.closest(".choice").querySelector("input[type=radio]");
    if (list.value) radio.checked = true;
  });
}
