// Letters. Never in fields, dialogs or menus, never with a modifier, never anything that destroys; the account turns them off.
(() => {
  "use strict";
  if (!document.documentElement.hasAttribute("data-letters")) return;
  const WAIT_MS = 1200;
  let going = 0;
  const press = (selector) => {
    const target = [...document.querySelectorAll(selector)].find((element) => element.checkVisibility());
    if (target) target.click();
    return Boolean(target);
  };
  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement?.closest?.("[data-row]"));
    const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
    row.querySelector("a, button, input")?.focus();
    (row.querySelector("a") ?? row.querySelector("button, input"))?.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, :popover-open, [data-plot]")) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key;
    if (Date.now() - going < WAIT_MS) {
      going = 0;
      if (/^[a-z]$/.test(key)) { const way = document.querySelector(`[data-go="${key}"]`); if (way) { event.preventDefault(); way.click(); } return; }
    }
    const acts = {
      "/": () => ["search-list", "search-all"].map((id) => document.getElementById(id)).find((field) => field?.checkVisibility())?.focus(),
      g: () => { going = Date.now(); },
      j: () => step(1),
      k: () => step(-1),
      x: () => document.activeElement?.closest("[data-row]")?.querySelector(".select")?.click(),
      e: () => { const edit = document.activeElement?.closest("[data-row]")?.querySelector("[data-key=e]"); if (edit) edit.click(); else press("main [data-key=e]"); },
      "?": () => document.getElementById("keys-dialog")?.showModal(),
    };
    const act = acts[key] ?? (["c", "[", "]", ",", "."].includes(key) ? () => press(`[data-key="${key}"]`) : null);
    if (act) { event.preventDefault(); act(); }
  });
})();
