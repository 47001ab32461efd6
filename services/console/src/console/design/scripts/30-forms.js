// Forms: sent once, not lost by a wrong press, and the first fault has the focus.
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    form.classList.remove("is-changed");
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-sent]")) form.removeAttribute("data-sent");
    for (const button of document.querySelectorAll("form .button[aria-busy]:not([aria-disabled])")) button.removeAttribute("aria-busy");
  });
  // A button that cannot be pressed says why; it can still be reached.
  document.addEventListener("click", (event) => { if (event.target.closest("[aria-disabled=true]")) event.preventDefault(); }, true);
  document.addEventListener("input", (event) => {
    event.target.form?.closest("[data-guard]")?.classList.add("is-changed");
    const wanted = event.target.dataset.exactly;
    if (wanted !== undefined) event.target.setCustomValidity(event.target.value.trim() === wanted ? "" : event.target.labels[0].textContent);
  });
  addEventListener("beforeunload", (event) => { if (document.querySelector("form.is-changed")) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) { event.preventDefault(); event.target.form.requestSubmit(); }
  });
  window.counterfoil.mounts.push((part) => {
    part.querySelector("[data-focus]")?.focus();
    for (const input of part.querySelectorAll("[data-exactly]")) input.setCustomValidity(input.labels[0].textContent);
  });
})();
