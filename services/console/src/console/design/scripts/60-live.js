// Regions that refresh by themselves: only while seen, never under somebody's hands, slower while the server is away.
(() => {
  "use strict";
  const SLOWEST_MS = 120000;
  const states = new WeakMap();
  const busyHands = (region) => {
    const focus = document.activeElement;
    if (focus && focus !== document.body && region.contains(focus) && !focus.closest("[data-pause], [data-new]")) return true;
    const selection = getSelection();
    if (selection && !selection.isCollapsed && region.contains(selection.anchorNode)) return true;
    return region.matches(":active") || Boolean(region.querySelector(":popover-open, [data-pick][open], .select:checked"));
  };
  const rowsOf = (part) => [...part.querySelectorAll("[data-row]")].map((row) => row.id);

  function put(region, fresh) {
    const open = [...region.querySelectorAll("details")].map((details) => details.open);
    for (const plot of fresh.querySelectorAll("[data-plot]")) {
      const data = fresh.querySelector(`#${CSS.escape(plot.dataset.plot)}`);
      const old = region.querySelector(`[data-plot="${CSS.escape(plot.dataset.plot)}"]`);
      const oldData = document.getElementById(plot.dataset.plot);
      if (old && data?.textContent === oldData?.textContent) plot.replaceWith(old);
    }
    region.replaceChildren(...fresh.childNodes);
    region.querySelectorAll("details").forEach((details, at) => { if (open[at]) details.open = true; });
    window.htmx?.process(region);
    window.counterfoil.prepare(region);
    show(region);
  }
  const clock = (region, at) => new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: region.dataset.zone }).format(at);
  function show(region) {
    const state = states.get(region);
    const line = region.querySelector(":scope > .updated");
    if (!line || !state) return;
    const pause = line.querySelector("[data-pause]");
    pause.textContent = state.paused ? pause.dataset.paused : pause.dataset.running;
    const word = line.querySelector("[data-updated]");
    word.textContent = state.late ? word.dataset.late : word.dataset.said.replace("{at}", clock(region, state.at));
    const more = line.querySelector("[data-new]");
    const known = new Set(rowsOf(region));
    const count = state.waiting ? rowsOf(state.waiting).filter((id) => !known.has(id)).length : 0;
    more.hidden = count === 0;
    more.textContent = count === 1 ? more.dataset.one : more.dataset.other.replace("{n}", count);
  }
  async function refresh(region) {
    const state = states.get(region);
    const headers = { "HX-Request": "true", "HX-Target": region.id };
    if (state.etag) headers["If-None-Match"] = state.etag;
    const answer = await fetch(region.dataset.live, { headers, cache: "no-store", credentials: "same-origin" });
    if (answer.status === 401 && !window.counterfoil.isTyped()) { location.reload(); return; }
    if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
    state.late = false;
    state.at = new Date();
    if (answer.status === 204 || answer.status === 304) { show(region); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(region.id);
    // What it told of has ended, and with it what the rest of the page offers.
    if (!fresh) { if (!busyHands(region)) location.reload(); return; }
    state.etag = answer.headers.get("ETag");
    if (busyHands(region)) { state.waiting = fresh; show(region); } else { state.waiting = null; put(region, fresh); }
  }
  async function turn(region) {
    const state = states.get(region);
    if (!region.isConnected) return;
    const seconds = Number(region.dataset.seconds) * 1000;
    let next = seconds;
    if (!state.paused && document.visibilityState === "visible") {
      try {
        if (state.waiting && !busyHands(region)) { put(region, state.waiting); state.waiting = null; }
        await refresh(region);
        state.wait = seconds;
      } catch {
        state.late = true;
        state.wait = Math.min(SLOWEST_MS, (state.wait || seconds) * 2);
        show(region);
      }
      next = state.wait;
    }
    state.timer = setTimeout(() => turn(region), next);
  }
  document.addEventListener("click", (event) => {
    const region = event.target.closest("[data-live]");
    const state = region && states.get(region);
    if (!state) return;
    if (event.target.closest("[data-pause]")) { state.paused = !state.paused; show(region); }
    if (event.target.closest("[data-new]") && state.waiting) { put(region, state.waiting); state.waiting = null; show(region); region.querySelector("[data-row] a")?.focus(); }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    for (const region of document.querySelectorAll("[data-live]")) { const state = states.get(region); if (state && !state.paused) { clearTimeout(state.timer); turn(region); } }
  });
  window.counterfoil.mounts.push((part) => {
    for (const region of part.querySelectorAll("[data-live]")) {
      if (states.has(region)) continue;
      states.set(region, { paused: false, late: false, at: new Date(), waiting: null, wait: 0, etag: null, timer: setTimeout(() => turn(region), Number(region.dataset.seconds) * 1000) });
      show(region);
    }
  });
})();
