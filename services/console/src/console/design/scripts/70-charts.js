// Mounts uPlot where a figure has data: colours from the page's tokens, rebuilt with the theme and the width, read by the keyboard.
(() => {
  "use strict";
  const LIBRARY = "/assets/uplot/1.6.30/";
  const HEIGHT = 240, MOST_LABELS = 8, NARROW = 600, LINE_HEIGHT = 15;
  const DASHES = [[], [6, 3], [2, 2]];
  const BEFORE_DASH = [4, 4];
  const WHOLE_STEPS = Array.from({ length: 45 }, (_, at) => [1, 2, 5][at % 3] * 10 ** Math.floor(at / 3));
  const plots = new Map();
  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const sizes = new ResizeObserver((entries) => { for (const { target } of entries) plots.get(target)?.resize(); });
  let library = null;

  function load() {
    library ??= new Promise((resolve, reject) => {
      const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${LIBRARY}uPlot.min.css` });
      const script = Object.assign(document.createElement("script"), { src: `${LIBRARY}uPlot.iife.min.js`, onload: resolve, onerror: reject });
      document.head.append(style, script);
    });
    return library;
  }
  function colour(name, near) {
    const probe = document.createElement("span");
    probe.style.color = `var(--${name})`;
    near.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }
  function labelled(count, width) {
    const most = Math.max(2, Math.min(MOST_LABELS, Math.floor(width / 70)));
    const every = Math.ceil(count / most);
    return Array.from({ length: count }, (_, at) => at).filter((at) => at % every === 0);
  }

  function build(element, data) {
    const count = data.buckets.length;
    const ink = { text: colour("muted", element), line: colour("line", element), axis: colour("control", element), surface: colour("surface", element) };
    const strokes = data.series.map((_, at) => colour(`chart-${at + 1}`, element));
    const font = `12px ${getComputedStyle(element).fontFamily}`;
    const columns = [Array.from({ length: count }, (_, at) => at)];
    const series = [{}];
    const lines = [];
    if (data.before) {
      columns.push(data.before.values);
      series.push({ stroke: ink.axis, width: 1.5, dash: BEFORE_DASH, points: { show: false } });
    }
    data.series.forEach((line, at) => {
      const look = { stroke: strokes[at], width: 2, dash: DASHES[at], points: { show: count < 3, size: 5, fill: strokes[at] } };
      const whole = data.unfinished && count > 1 ? line.values.map((value, i) => (i === count - 1 ? null : value)) : line.values;
      columns.push(whole);
      series.push(look);
      lines.push({ index: columns.length - 1, name: line.name, stroke: strokes[at], values: line.values });
      if (data.unfinished && count > 1) {  // the bucket that is not over: dashed
        columns.push(line.values.map((value, i) => (i >= count - 2 ? value : null)));
        series.push({ ...look, dash: [2, 4], width: 1.5 });
      }
    });
    const isWhole = columns.every((values) => values.every((value) => value === null || Number.isInteger(value)));
    const width = element.clientWidth;
    const named = width >= NARROW && data.series.length > 0;
    const context = document.createElement("canvas").getContext("2d");
    context.font = font;
    const room = named ? Math.ceil(Math.max(...data.series.map((line) => context.measureText(line.name).width))) + 14 : 12;
    const names = (u) => {
      if (!named) return;
      const ends = lines.map((line) => ({ ...line, y: u.valToPos(line.values.at(-1) ?? 0, "y") })).sort((a, b) => a.y - b.y);
      ends.forEach((end, at) => { if (at && end.y - ends[at - 1].y < LINE_HEIGHT) end.y = ends[at - 1].y + LINE_HEIGHT; });
      const ratio = devicePixelRatio || 1;
      u.ctx.save();
      u.ctx.font = `${12 * ratio}px ${getComputedStyle(element).fontFamily}`;
      u.ctx.textBaseline = "middle";
      u.ctx.textAlign = "left";
      for (const end of ends) { u.ctx.fillStyle = end.stroke; u.ctx.fillText(end.name, u.bbox.left + u.bbox.width + 8 * ratio, u.bbox.top + end.y * ratio); }
      u.ctx.restore();
    };
    return new window.uPlot({
      width, height: HEIGHT, padding: [10, room, 0, 0], legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 7, width: 2, stroke: (u, at) => u.series[at].stroke(), fill: () => ink.surface } },
      scales: { x: { time: false, range: (u, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) }, y: { range: (u, low, high) => { const [from, to] = window.uPlot.rangeNum(Math.min(0, low ?? 0), Math.max(high ?? 1, low < 0 ? 0 : 1), 0.08, true); return [low < 0 ? from : 0, to]; } } },
      axes: [
        { stroke: ink.text, font, grid: { show: false }, ticks: { stroke: ink.axis, size: 4 }, size: 28, gap: 4, splits: (u) => labelled(count, u.width), values: (u, at) => at.map((i) => data.buckets[i] ?? "") },
        { stroke: ink.text, font, grid: { stroke: ink.line, width: 1 }, ticks: { show: false }, size: (u, values) => Math.max(32, ...(values ?? []).map((value) => 10 + 7 * String(value).length)), space: 44, gap: 6, ...(isWhole && { incrs: WHOLE_STEPS }), values: (u, at) => at.map((value) => compact.format(value)) },
      ],
      series,
      hooks: { setCursor: [(u) => plots.get(element)?.read(u.cursor.idx)], draw: [names] },
    }, columns, element);
  }

  function mount(element) {
    const source = document.getElementById(element.dataset.plot);
    const reading = document.getElementById(element.getAttribute("aria-describedby"));
    if (!source || plots.has(element)) return;
    const data = JSON.parse(source.textContent);
    const last = data.buckets.length - 1;
    const all = [...data.series, ...(data.before ? [data.before] : [])];
    const state = { chart: null, at: last };
    state.read = (at) => {
      state.at = at ?? last;
      reading.querySelector("[data-when]").textContent = data.spoken[state.at] ?? "";
      for (const value of reading.querySelectorAll("[data-value]")) value.textContent = all[Number(value.dataset.value)]?.texts[state.at] ?? "";
    };
    state.draw = () => { state.chart?.destroy(); element.querySelectorAll(".uplot").forEach((old) => old.remove()); state.chart = build(element, data); };
    state.resize = () => { if (state.chart && element.clientWidth && Math.abs(element.clientWidth - state.chart.width) > 1) state.draw(); };
    state.point = (at) => { state.chart.setCursor({ left: state.chart.valToPos(at, "x"), top: 10 }); state.read(at); };
    plots.set(element, state);
    state.draw();
    sizes.observe(element);
    element.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: state.at - 1, ArrowRight: state.at + 1, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      reading.setAttribute("aria-live", "polite");
      state.point(Math.min(last, Math.max(0, to)));
    });
    element.addEventListener("focusout", () => { reading.setAttribute("aria-live", "off"); state.chart.setCursor({ left: -10, top: -10 }); });
  }
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", () => { for (const state of plots.values()) state.draw(); });
  }
  window.counterfoil.mounts.push((part) => {
    for (const [element, state] of plots) if (!element.isConnected) { sizes.unobserve(element); state.chart?.destroy(); plots.delete(element); }
    const waiting = [...part.querySelectorAll("[data-plot]")].filter((element) => !plots.has(element));
    if (!waiting.length) return;
    if (window.uPlot) waiting.forEach(mount);
    else load().then(() => waiting.filter((element) => element.isConnected).forEach(mount), () => {});
  });
})();
