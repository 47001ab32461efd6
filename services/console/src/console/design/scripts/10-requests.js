// What htmx cannot do without eval: what a request may do to the page, and where the focus goes then.
(() => {
  "use strict";
  const root = document.documentElement;
  const said = () => document.getElementById("said");
  const say = (text) => { const line = said(); line.textContent = ""; setTimeout(() => { line.textContent = text; }, 50); };
  window.counterfoil = { say, mounts: [] };

  // Whatever content comes, from the server or by a swap, is prepared by the same functions.
  window.counterfoil.prepare = (part) => window.counterfoil.mounts.forEach((mount) => mount(part));
  document.addEventListener("DOMContentLoaded", () => window.counterfoil.prepare(document));
  document.addEventListener("htmx:afterSwap", (event) => window.counterfoil.prepare(event.detail.elt));

  let running = 0;
  const loading = (change) => { running = Math.max(0, running + change); root.classList.toggle("is-loading", running > 0); };
  document.addEventListener("htmx:beforeRequest", (event) => { event.detail.target?.setAttribute("aria-busy", "true"); loading(1); });
  document.addEventListener("htmx:afterRequest", (event) => { event.detail.target?.removeAttribute("aria-busy"); loading(-1); });

  // An exact code leads to its page, an ended session to the sign-in: that is no part of this one.
  // Not away from what somebody is typing: who sends the form is asked then, and it is kept.
  window.counterfoil.isTyped = () => Boolean(document.querySelector("form.is-changed"));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    if (xhr.status === 401) { event.detail.shouldSwap = false; if (!window.counterfoil.isTyped()) location.reload(); return; }
    if (!xhr.responseURL || !pathInfo) return;
    const answered = new URL(xhr.responseURL);
    if (answered.pathname !== new URL(pathInfo.finalRequestPath, location.href).pathname) {
      event.detail.shouldSwap = false;
      location.assign(answered);
    }
  });
  for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failed, (event) => { if (event.detail.xhr?.status !== 401) notice("bad", said().dataset.failed); });
  }

  // Typing replaces the entry of the history, whatever else is chosen makes a new one.
  let typing = false;
  document.addEventListener("htmx:configRequest", (event) => {
    const { type, target } = event.detail.triggeringEvent ?? {};
    typing = type === "input";
    const isSearch = target?.matches?.("input[type=search]");
    // One letter finds everything; and what was typed has been asked for before the field is left.
    if (isSearch && (type === "change" || (typing && target.value.trim().length === 1))) event.preventDefault();
  });
  document.addEventListener("htmx:beforeHistoryUpdate", (event) => { if (typing) event.detail.history.type = "replace"; });
  document.addEventListener("htmx:afterSettle", () => {
    if (document.activeElement === document.body) document.getElementById("heading")?.focus({ preventScroll: true });
  });

  // Back from a row: the focus is on that row again. Only its id is remembered.
  document.addEventListener("click", (event) => {
    const row = event.target.closest("a") && event.target.closest("[data-row]");
    if (row?.id) history.replaceState({ ...history.state, row: row.id }, "");
  });
  addEventListener("pageshow", () => {
    const row = history.state?.row && document.getElementById(history.state.row);
    row?.querySelector("a")?.focus({ preventScroll: true });
  });

  function notice(tone, text) {
    const line = document.createElement("div");
    line.className = `notice ${tone}`;
    line.setAttribute("role", tone === "bad" ? "alert" : "status");
    const words = document.createElement("div");
    words.className = "said";
    words.textContent = text;
    line.append(words);
    const place = document.getElementById("notices");
    place.querySelector(".by-script")?.remove();
    line.classList.add("by-script");
    place.append(line);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      if (await copied(button.dataset.copy)) { button.classList.add("is-done"); setTimeout(() => button.classList.remove("is-done"), 1500); say(button.dataset.said); }
      return;
    }
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) { dismiss.closest(".notice").remove(); document.getElementById("heading")?.focus({ preventScroll: true }); }
  });
  async function copied(text) {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* not over plain HTTP, not without leave */ }
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
})();
