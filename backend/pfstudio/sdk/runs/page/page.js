"use strict";
(() => {
  const { runs, lines, inputs, outputs } = JSON.parse(document.getElementById("data").textContent);
  const ROW = 32;
  const byId = (id) => document.getElementById(id);
  const state = { filter: "all", query: "", shown: [], selected: 0 };

  function make(tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(options)) {
      if (key === "text") node.textContent = value;
      else if (key === "class") node.className = value;
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  const image = (value) => (value && typeof value === "object" && typeof value.$image === "string" ? value.$image : null);
  const text = (value) => (image(value) ? value.file : typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value));
  const number = (value) => (Number.isInteger(value) ? value.toLocaleString("en-US") : String(+value.toPrecision(4)));
  const letter = (at) => make("span", { class: at === 1 ? "letter second" : "letter", text: runs[at].letter });
  const seconds = (value) => (value === null ? "–" : value < 0.1 ? `${Math.round(value * 1000)} ms` : value < 90 ? `${value.toFixed(value < 10 ? 2 : 1)} s` : `${(value / 60).toFixed(1)} min`);
  const isFailed = (line) => line.results.some((result) => result !== null && result.status === "Failed");
  const has = (result, name) => Object.hasOwn(result.outputs, name);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  function differs(line) {
    const present = line.results.filter((result) => result !== null);
    return outputs.some((name) => {
      const having = present.filter((result) => has(result, name) || result.status === "Failed");
      const values = having.filter((result) => has(result, name));
      return values.length > 0 && (values.length < having.length || values.some((result) => !same(result.outputs[name], values[0].outputs[name])));
    });
  }

  const filters = [
    { id: "all", label: "All lines", test: () => true },
    { id: "differs", label: "Differ", test: differs, only: runs.length > 1 },
    { id: "same", label: "Same", test: (line) => !differs(line), only: runs.length > 1 },
    { id: "failed", label: "Failed", test: isFailed, bad: true },
  ].filter((filter) => filter.only !== false);

  for (const line of lines) {
    const values = [line.line, ...Object.values(line.inputs).map(text)];
    for (const result of line.results) if (result) values.push(...Object.values(result.outputs).map(text), result.error ?? "");
    line.text = values.join("\n").toLowerCase();
  }

  function showHead() {
    byId("heading").textContent = runs.length > 1 ? "Compare runs" : "Run";
    runs.forEach((run, at) => {
      const title = [run.name, run.flow, run.variant, run.created, run.data, run.commit].filter(Boolean).join("\n");
      byId("runs").append(make("li", { class: "run", title }, letter(at), make("b", { text: run.display_name }), make("span", { class: "note", text: `${run.when}, ${number(run.lines)} lines` })));
    });
    const verdict = byId("verdict");
    const parts = [];
    if (runs.length > 1) {
      const shared = lines.filter((line) => line.results.every((result) => result !== null));
      const changed = shared.filter(differs).length;
      verdict.append(make("strong", { text: changed ? `${number(changed)} of ${number(shared.length)} shared lines differ` : `All ${number(shared.length)} shared lines are the same` }));
      parts.push(".");
    } else {
      verdict.append(make("strong", { text: `${number(runs[0].lines - runs[0].failed)} of ${number(runs[0].lines)} lines completed` }));
      parts.push(".");
    }
    for (const run of runs) if (run.failed) parts.push(` ${runs.length > 1 ? run.letter + ": " : ""}${number(run.failed)} failed.`);
    verdict.append(parts.join(""));
  }

  // One row for each run, so that many metrics take width and not height.
  function showMetrics() {
    const names = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))];
    const measures = names.map((name) => ({ label: name, read: (run) => run.metrics[name], show: metric, good: 0, bold: true }));
    measures.push({ label: "Completed", read: (run) => run.lines - run.failed, show: number, good: 1 }, { label: "Failed", read: (run) => run.failed, show: number, good: -1 });
    measures.push({ label: "Duration", read: (run) => run.duration, show: seconds, good: -1 }, { label: "Tokens", read: (run) => run.tokens, show: number, good: -1 });
    byId("metrics-note").textContent = names.length ? "" : "No metrics were logged";
    const head = make("tr", {}, make("th", { scope: "col", text: "Run" }), make("th", { scope: "col", text: "Flow" }), ...measures.map((measure) => make("th", { scope: "col", class: "number", text: measure.label })));
    const body = make("tbody");
    runs.forEach((run, at) => {
      const flow = [run.flow_name, run.variant, run.commit ? `at ${run.commit}` : ""].filter(Boolean).join(" ");
      const cells = measures.map((measure) => make("td", { class: measure.bold ? "number strong" : "number", text: shown(measure.read(run), measure.show) }));
      body.append(make("tr", {}, make("th", { scope: "row" }, runs.length > 1 ? letter(at) : null, run.display_name), make("td", { class: "absent", text: flow, title: run.flow }), ...cells));
    });
    if (runs.length === 2) body.append(make("tr", {}, make("th", { scope: "row", text: "B − A" }), make("td"), ...measures.map((measure) => difference(runs.map(measure.read), measure))));
    byId("metrics").append(make("thead", {}, head), body);
  }

  const metric = (value) => (typeof value === "number" ? number(value) : text(value));
  const shown = (value, show) => (value === undefined || value === null ? "–" : show(value));

  function difference([a, b], { show, good }) {
    if (typeof a !== "number" || typeof b !== "number") return make("td", { class: "number absent", text: "–" });
    const change = b - a;
    const sign = change > 0 ? "+" : "−";
    const kind = change * good > 0 ? " better" : change * good < 0 ? " worse" : "";
    return make("td", { class: `number${kind}`, text: change === 0 ? "0" : sign + show(Math.abs(change)) });
  }

  function showFilters() {
    const bar = byId("filters");
    bar.replaceChildren(...filters.map((filter) => {
      const count = lines.filter(filter.test).length;
      return make("button", { type: "button", class: filter.bad && count ? "tab bad" : "tab", "aria-pressed": String(state.filter === filter.id), onclick: () => { state.filter = filter.id; showFilters(); apply(); bar.children[filters.indexOf(filter)].focus(); } }, filter.label, make("span", { class: "badge", text: number(count) }));
    }));
  }

  const columns = [];
  function showColumns() {
    const varying = inputs.filter((name) => lines.some((line) => !same(line.inputs[name], lines[0].inputs[name])));
    for (const name of (varying.length ? varying : inputs).slice(0, 2)) columns.push({ head: [name], title: `input ${name}`, cell: (line) => make("td", { text: text(line.inputs[name]).slice(0, 300), title: text(line.inputs[name]).slice(0, 600) }) });
    for (const name of outputs) runs.forEach((run, at) => {
      if (!run.outputs.includes(name)) return;
      columns.push({ head: runs.length > 1 ? [letter(at), name] : [name], title: `output ${name} of ${run.display_name}`, cell: (line) => outputCell(line, name, at) });
    });
    const group = make("colgroup", {}, make("col", { width: "64" }), ...columns.map(() => make("col")));
    byId("lines").prepend(group);
    byId("lines").style.minWidth = `${64 + columns.length * 150}px`;
    byId("lines").tHead.append(make("tr", {}, make("th", { scope: "col", class: "number", text: "Line" }), ...columns.map((column) => make("th", { scope: "col", title: column.title }, ...column.head))));
  }

  function outputCell(line, name, at) {
    const result = line.results[at];
    if (result === null) return make("td", { class: "absent", text: "–", title: "This run has no such line" });
    if (result.status === "Failed") return make("td", { class: "failed", text: "✕ Failed", title: result.error ?? "" });
    if (!has(result, name)) return make("td", { class: "absent", text: "–" });
    const value = text(result.outputs[name]);
    const first = line.results.find((other) => other !== null && has(other, name));
    const changed = first !== result && !same(first.outputs[name], result.outputs[name]);
    return make("td", { class: changed ? "differs" : "", text: (changed ? "≠ " : "") + value.slice(0, 300), title: value.slice(0, 600) });
  }

  function apply() {
    const test = filters.find((filter) => filter.id === state.filter).test;
    const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    const before = state.shown[state.selected];
    state.shown = lines.filter((line) => test(line) && words.every((word) => line.text.includes(word)));
    state.selected = Math.max(0, state.shown.indexOf(before));
    byId("count").textContent = `${number(state.shown.length)} of ${number(lines.length)}`;
    byId("scroller").scrollTop = 0;
    draw();
    showDetail();
  }

  function draw(focus = false) {
    const scroller = byId("scroller");
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - 10);
    const last = Math.min(state.shown.length, first + Math.ceil((scroller.clientHeight || 600) / ROW) + 20);
    const space = (count) => { const cell = make("td", { colspan: columns.length + 1 }); cell.style.height = `${count * ROW}px`; return make("tr", { class: "space", "aria-hidden": "true" }, cell); };
    const rows = state.shown.slice(first, last).map((line, offset) => {
      const at = first + offset;
      const chosen = at === state.selected;
      return make("tr", { tabindex: chosen ? "0" : "-1", "aria-selected": String(chosen), "aria-rowindex": at + 2, onclick: () => select(at, true) }, make("td", { class: "number", text: line.line }), ...columns.map((column) => column.cell(line)));
    });
    const table = byId("lines");
    table.setAttribute("aria-rowcount", state.shown.length + 1);
    table.tBodies[0].replaceChildren(...(first ? [space(first)] : []), ...rows, ...(last < state.shown.length ? [space(state.shown.length - last)] : []));
    if (!state.shown.length) table.tBodies[0].append(make("tr", { class: "space" }, make("td", { colspan: columns.length + 1 }, make("p", { class: "empty", text: "No line fits. Search for something else, or show all lines." }))));
    if (focus) table.querySelector('tr[aria-selected="true"]')?.focus({ preventScroll: true });
  }

  function select(at, focus) {
    if (!state.shown.length) return;
    state.selected = Math.min(state.shown.length - 1, Math.max(0, at));
    const scroller = byId("scroller");
    const top = state.selected * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + 2 * ROW > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + 2 * ROW - scroller.clientHeight;
    draw(focus);
    showDetail();
  }

  function showDetail() {
    const detail = byId("detail");
    const line = state.shown[state.selected];
    detail.scrollTop = 0;
    if (!line) { detail.replaceChildren(); return; }
    const step = (by, label, sign) => make("button", { type: "button", class: "button", "aria-label": label, text: sign, disabled: state.selected + by < 0 || state.selected + by >= state.shown.length ? "" : null, onclick: () => { select(state.selected + by, false); } });
    const head = make("div", { class: "detail-head" }, make("h2", { text: `Line ${line.line}` }), step(-1, "Previous line", "↑"), step(1, "Next line", "↓"));
    const blocks = outputs.filter((name) => line.results.some((result) => result && has(result, name))).map((name) => outputBlock(line, name));
    const failures = line.results.map((result, at) => (result && result.status === "Failed" ? failureBlock(result, at) : null));
    detail.replaceChildren(head, inputBlock(line), ...failures.filter(Boolean), ...blocks, measureBlock(line));
  }

  function inputBlock(line) {
    const list = make("dl");
    for (const [name, value] of Object.entries(line.inputs)) {
      const own = line.results.map((result) => (result && Object.hasOwn(result.inputs, name) ? result.inputs[name] : value));
      const apart = own.some((item) => !same(item, own[0]));
      const parts = apart ? own.flatMap((item, at) => [letter(at), `${text(item)}  `]) : [image(value) ? make("img", { src: image(value), alt: value.file }) : text(value)];
      list.append(make("dt", { text: name }), make("dd", {}, ...parts));
    }
    return make("div", { class: "block" }, make("h3", { text: "Inputs" }), list);
  }

  function failureBlock(result, at) {
    const block = make("div", { class: "block" }, make("div", { class: "side-head" }, runs.length > 1 ? letter(at) : null, make("span", { text: "Failed" })), make("div", { class: "value error", text: result.error || "No reason was recorded." }));
    if (result.trace) block.append(make("details", {}, make("summary", { text: "Traceback" }), make("pre", { class: "value trace", text: result.trace })));
    return block;
  }

  function outputBlock(line, name) {
    const sides = make("div", { class: "sides" });
    const having = line.results.map((result, at) => ({ result, at })).filter(({ result }) => result && has(result, name));
    const base = having[0].result.outputs[name];
    for (const { result, at } of having) {
      const value = result.outputs[name];
      const box = make("div", { class: typeof value === "string" ? "value" : "value json" });
      if (typeof value === "string" && typeof base === "string" && having.length > 1 && value !== base) box.append(...marked(base, value, true));
      else if (typeof value === "string" && at === having[0].at && having.length === 2 && typeof having[1].result.outputs[name] === "string") box.append(...marked(value, having[1].result.outputs[name], false));
      else if (image(value)) box.append(make("img", { src: image(value), alt: value.file }));
      else box.textContent = typeof value === "string" ? value : JSON.stringify(value, null, 2);
      sides.append(make("div", {}, runs.length > 1 ? make("div", { class: "side-head" }, letter(at), make("span", { text: runs[at].display_name })) : null, box));
    }
    return make("div", { class: "block" }, make("h3", { text: name }), sides);
  }

  function measureBlock(line) {
    const list = make("dl");
    line.results.forEach((result, at) => {
      if (!result || result.duration === null) return;
      const parts = [seconds(result.duration), result.tokens ? `${number(result.tokens)} tokens` : "", result.reused ? "answers reused" : ""];
      list.append(make("dt", {}, runs.length > 1 ? letter(at) : "Time"), make("dd", { text: parts.filter(Boolean).join(", ") }));
    });
    return make("div", { class: "block" }, make("h3", { text: "Measures" }), list);
  }

  // What the new text adds to the old one (or what the old one loses), word by word.
  function marked(before, after, added) {
    const a = before.split(/(\s+)/), b = after.split(/(\s+)/);
    if (a.length * b.length > 400000) return [added ? after : before];
    const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
    for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    const pieces = [];
    const push = (word, changed) => {
      const last = pieces.at(-1);
      if (last && last.changed === changed) last.text += word; else pieces.push({ text: word, changed });
    };
    let i = 0, j = 0;
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) { push(b[j], false); i++; j++; }
      else if (j < b.length && (i === a.length || lengths[i][j + 1] >= lengths[i + 1][j])) { if (added) push(b[j], true); j++; }
      else { if (!added) push(a[i], true); i++; }
    }
    return pieces.map((piece) => (piece.changed ? make(added ? "ins" : "del", { text: piece.text }) : piece.text));
  }

  function showTheme() {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    byId("theme").textContent = isDark ? "Light" : "Dark";
    byId("theme").onclick = () => { root.dataset.theme = isDark ? "light" : "dark"; showTheme(); };
  }

  showTheme();
  showHead();
  showMetrics();
  showFilters();
  showColumns();
  byId("search").addEventListener("input", (event) => { state.query = event.target.value; apply(); });
  byId("scroller").addEventListener("scroll", () => draw(byId("lines").contains(document.activeElement)), { passive: true });
  addEventListener("resize", () => draw());
  byId("lines").addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(byId("scroller").clientHeight / ROW) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -lines.length, End: lines.length };
    if (event.key in steps) { event.preventDefault(); select(state.selected + steps[event.key], true); }
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== byId("search")) { event.preventDefault(); byId("search").focus(); }
  });
  apply();
})();
