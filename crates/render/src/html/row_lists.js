// Opens the rows of a transition: searched, sorted, filtered, and saved as CSV. leora-run writes them into the page:
// row_list.rs.
(() => {
  const SHOWN = 100, MOST_CHOICES = 12;
  const formatNumber = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  const shown = (value) => (value === null ? "(none)" : value);
  const word = (text) => (/^[\w.:,%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  // Behind "--" nothing is an option.
  const operand = (text) => (text.startsWith("-") ? `-- ${word(text)}` : word(text));

  function element(name, attributes, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  // As crates/render/src/rows/formula.rs: what a spreadsheet would run as a formula begins with an apostrophe.
  function cell(value) {
    const text = value === null ? "" : value;
    const isNumber = /^[-+]?\d[\d.]*([eE][-+]?\d+)?$/.test(text);
    const harmless = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && !isNumber ? `'${text}` : text;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  }

  function command(text) {
    const line = element("code", {}, text);
    return element("div", { class: "line" }, element("pre", { tabindex: 0 }, line), copyButton(line));
  }

  // What the run read of a row, and how to ask for more.
  function why(model, row) {
    const facts = model.columns.map((name, at) => [name, shown(row.cells[at])]).slice(model.named);
    if (row.line !== null) facts.push(["by", `${model.file}:${row.line}`]);
    const list = element("dl", { class: "facts" }, ...facts.flatMap(([name, value]) =>
      [element("dt", {}, name), element("dd", {}, value)]));
    return element("div", {}, list, ...(model.why === null ? [] : [command(`${model.why} ${operand(row.key)}`)]));
  }

  function open(model, transition) {
    const rows = transition.rows.map(([line, cells]) => ({ line, cells, key: cells.slice(0, model.keys).map(shown).join(",") }));
    const state = { search: "", filters: new Map(), sort: null, down: false, shown: SHOWN };
    const body = element("tbody", {}), status = element("p", { class: "dim", role: "status" });
    const more = element("button", { type: "button" }, "Show more");
    const found = () => {
      const search = state.search.toLowerCase();
      const kept = rows.filter((row) =>
        (search === "" || row.cells.some((value) => value !== null && value.toLowerCase().includes(search))) &&
        [...state.filters].every(([at, value]) => shown(row.cells[at]) === value));
      if (state.sort === null) return kept;
      const at = state.sort, turn = state.down ? -1 : 1;
      return kept.sort((a, b) => turn * shown(a.cells[at]).localeCompare(shown(b.cells[at]), "en", { numeric: true }));
    };
    const draw = () => {
      const kept = found();
      body.replaceChildren(...kept.slice(0, state.shown).flatMap((row) => {
        const button = element("button", { type: "button", class: "plain", "aria-expanded": "false" }, shown(row.cells[model.first]));
        const cells = row.cells.map((value, at) => element("td", {}, at === model.first ? button : shown(value)));
        const detail = element("tr", { hidden: "" });
        button.addEventListener("click", () => {
          if (detail.childElementCount === 0) detail.append(element("td", { colspan: row.cells.length }, why(model, row)));
          detail.hidden = !detail.hidden;
          button.setAttribute("aria-expanded", String(!detail.hidden));
        });
        return [element("tr", {}, ...cells), detail];
      }));
      more.hidden = kept.length <= state.shown;
      const inside = rows.length < transition.count ? ` of these; ${formatNumber(transition.count)} rows in all` : "";
      status.textContent = `${formatNumber(kept.length)} of ${formatNumber(rows.length)} rows${inside}.`;
    };
    more.addEventListener("click", () => { state.shown += SHOWN; draw(); });
    const search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search these rows" });
    search.addEventListener("input", () => { state.search = search.value; state.shown = SHOWN; draw(); });
    const choices = model.columns.flatMap((name, at) => {
      const values = [...new Set(rows.map((row) => shown(row.cells[at])))].sort();
      if (values.length < 2 || values.length > MOST_CHOICES) return [];
      const select = element("select", { "aria-label": `Only rows with this ${name}` },
        element("option", { value: "" }, `${name}: all`), ...values.map((value, at) => element("option", { value: at + 1 }, `${name}: ${value}`)));
      select.addEventListener("change", () => {
        if (select.value === "") state.filters.delete(at);
        else state.filters.set(at, values[Number(select.value) - 1]);
        draw();
      });
      return [select];
    });
    const save = element("button", { type: "button" }, "Download CSV");
    save.addEventListener("click", () => {
      const lines = [[...model.columns, "column", "old", "new"], ...found().map((row) => [...row.cells, model.column, transition.old, transition.new])];
      const text = lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
      const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: `${model.column}.csv` });
      link.click();
      URL.revokeObjectURL(link.href);
    });
    const headings = model.columns.map((name, at) => {
      const heading = element("th", { scope: "col", "aria-sort": "none" });
      const button = element("button", { type: "button", class: "plain" }, name);
      button.addEventListener("click", () => {
        state.down = state.sort === at && !state.down;
        state.sort = at;
        headings.forEach((other) => other.setAttribute("aria-sort", "none"));
        heading.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        draw();
      });
      heading.append(button);
      return heading;
    });
    draw();
    const change = `${shown(transition.old)} -> ${shown(transition.new)}`;
    return element("div", { class: "rows" },
      element("p", { class: "controls" }, search, ...choices, save), status,
      element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Rows: ${change}` },
        element("table", {}, element("thead", {}, element("tr", {}, ...headings)), body)),
      more, element("p", { class: "dim" }, "All of them as a file:"), command(`${model.all} --where-change${change.startsWith("-") ? "=" : " "}${word(change)}`));
  }

  function begin(script) {
    const model = JSON.parse(script.textContent);
    const table = script.closest("article").querySelector("table.transitions tbody");
    if (table === null) return;
    [...table.rows].forEach((line, at) => {
      const transition = model.transitions[at];
      if (!transition || transition.rows.length === 0) return;
      const count = line.cells[2];
      const button = element("button", { type: "button", class: "plain", "aria-expanded": "false" }, count.textContent);
      const place = element("tr", { hidden: "", class: "opened" }), inside = element("td", { colspan: 4 });
      place.append(inside);
      line.after(place);
      count.replaceChildren(button);
      button.setAttribute("aria-label", `${count.textContent} rows: ${shown(transition.old)} to ${shown(transition.new)}`);
      button.addEventListener("click", () => {
        if (inside.childElementCount === 0) inside.append(open(model, transition));
        place.hidden = !place.hidden;
        button.setAttribute("aria-expanded", String(!place.hidden));
      });
    });
  }

  document.querySelectorAll("script.row-list").forEach(begin);
})();
