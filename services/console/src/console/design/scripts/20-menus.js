// Menus and dialogs open by themselves (popover, command); here arrows, focus, and browsers that know no command.
(() => {
  "use strict";
  const items = (menu) => [...menu.querySelectorAll(".menu-item, input, .button")].filter((item) => item.offsetParent);
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches("[data-menu], [data-side]")) return;
    if (event.newState !== "open") return;
    const faulty = menu.querySelector("[aria-invalid]");
    if (faulty || document.activeElement?.matches(":focus-visible")) (faulty ?? items(menu)[0])?.focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    const opener = event.target.closest?.("[popovertarget]");
    if (opener && event.key === "ArrowDown") {
      const menu = document.getElementById(opener.getAttribute("popovertarget"));
      if (menu?.matches("[data-menu]:not(:popover-open)")) { event.preventDefault(); opener.click(); items(menu)[0]?.focus(); }
      return;
    }
    const menu = event.target.closest?.("[data-menu]:popover-open");
    if (!menu || event.target.matches("input, select")) return;
    const all = items(menu);
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  });
  // What scrolls sideways shows whole what has the focus.
  document.addEventListener("focusin", (event) => {
    if (event.target.closest(".scroller, .tabs, .table-box") && event.target.matches("a, button, input")) event.target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  // Who leaves a menu by Tab has left it. (Not on focusout: a press on a label moves the focus as well, and hiding what is
  // being pressed crashes Chromium 156.)
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Tab") return;
    for (const menu of document.querySelectorAll("[data-menu]:popover-open")) if (!menu.contains(event.target)) menu.hidePopover();
    for (const pick of document.querySelectorAll("[data-pick][open]")) if (!pick.contains(event.target)) pick.open = false;
  });
  document.addEventListener("pointerdown", (event) => {
    for (const pick of document.querySelectorAll("[data-pick][open]")) if (!pick.contains(event.target)) pick.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const pick = event.key === "Escape" && event.target.closest?.("[data-pick][open]");
    if (pick) { event.preventDefault(); pick.open = false; pick.querySelector("summary").focus(); }
  });
  document.addEventListener("change", (event) => {
    const pick = event.target.closest("[data-pick]");
    const count = pick?.querySelector("[data-count]");
    if (!count) return;
    const chosen = pick.querySelectorAll("input:checked").length;
    count.textContent = String(chosen);
    count.hidden = chosen === 0;
  });

  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[commandfor]");
      const dialog = button && document.getElementById(button.getAttribute("commandfor"));
      if (dialog) { if (button.getAttribute("command") === "close") dialog.close(); else dialog.showModal(); }
    });
  }
  // The focus comes back to what opened a thing also where the browser cannot: the opener was drawn anew meanwhile, or
  // stands in a menu that has closed; then what opened the menu has it.
  const comeBack = (opener) => {
    while (opener && !opener.checkVisibility()) opener = openerOf(opener.closest("[popover]"));
    const at = document.activeElement;
    if (!at || at === document.body || !at.checkVisibility()) opener?.focus();
  };
  const openerOf = (popover) => popover && document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`);
  document.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && event.target.matches?.("[popover]")) comeBack(openerOf(event.target));
  }, true);
  // Who has applied filters sees what they find: the sheet they stand in on a phone is closed.
  document.addEventListener("submit", (event) => event.target.querySelector("[popover]:popover-open")?.hidePopover());
  let pressed = null;
  document.addEventListener("click", (event) => { pressed = event.target.closest?.('button[command="show-modal"]') ?? pressed; }, true);
  document.addEventListener("close", (event) => {
    if (event.target instanceof HTMLDialogElement) { comeBack(pressed); pressed = null; }
  }, true);
  // A press beside a dialog closes it.
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement)) return;
    const box = dialog.getBoundingClientRect();
    if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) dialog.close();
  });
  window.counterfoil.mounts.push((part) => {
    for (const tab of part.querySelectorAll(".tabs [aria-current]")) {  // of more than fit, where one is is seen
      const bar = tab.parentElement;
      bar.scrollLeft = tab.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
    }
    for (const menu of part.querySelectorAll("[data-menu][data-open]")) menu.showPopover({ source: document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`) });
  });
})();
