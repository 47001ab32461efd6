// Boxes of a list: how many are ticked, all of this page, from one to another with Shift.
(() => {
  "use strict";
  let last = null;
  const boxesOf = (table) => [...table.querySelectorAll(".select")];
  const ticked = (table) => boxesOf(table).filter((box) => box.checked);
  // The bar comes over the head of the list: whatever room it takes, no row moves.
  function lay(bar, table, on) {
    if (bar.classList.contains("is-on") === on) return;
    table.style.marginTop = "";
    const place = () => table.getBoundingClientRect().top + scrollY;  // a browser may scroll along with what moves
    const before = place();
    bar.classList.toggle("is-on", on);
    const covers = on && getComputedStyle(bar).position === "sticky";
    if (covers) table.style.marginTop = `${before - place()}px`;
    for (const link of table.querySelectorAll("thead a")) link.tabIndex = covers ? -1 : 0;  // nobody stops at what is covered
  }
  function count(table) {
    const boxes = boxesOf(table), chosen = ticked(table);
    const all = document.querySelector(`[data-select-all="${CSS.escape(table.id)}"]`);
    if (all) { all.checked = boxes.length > 0 && chosen.length === boxes.length; all.indeterminate = chosen.length > 0 && !all.checked; }
    const bar = document.querySelector(`[data-bulk="${CSS.escape(table.id)}"]`);
    if (!bar) return;
    lay(bar, table, chosen.length > 0);
    const line = bar.querySelector("[data-bulk-count]");
    line.textContent = chosen.length === 0 ? "" : chosen.length === 1 ? line.dataset.one : line.dataset.other.replace("{n}", chosen.length.toLocaleString("en"));
    const rest = bar.querySelector("[data-bulk-all]");
    if (rest) { rest.hidden = chosen.length < boxes.length; if (rest.hidden) rest.querySelector("input").checked = false; }
  }
  document.addEventListener("change", (event) => {
    const all = event.target.dataset?.selectAll;
    if (all) { const table = document.getElementById(all); for (const box of boxesOf(table)) box.checked = event.target.checked; count(table); return; }
    if (!event.target.matches(".select")) return;
    count(event.target.closest(".table-box"));
  });
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.(".select")) return;
    const boxes = boxesOf(box.closest(".table-box"));
    if (event.shiftKey && boxes.includes(last)) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    for (const table of document.querySelectorAll(".table-box:has(.select:checked)")) { for (const box of ticked(table)) box.checked = false; count(table); }
  });
  window.counterfoil.mounts.push((part) => { for (const table of part.querySelectorAll(".table-box:has(.select)")) count(table); });
})();
