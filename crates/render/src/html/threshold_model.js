// Redraws a distribution from its histogram when a threshold is moved. It shows what
// `leora-run what-if` gives for the same values. leora-run writes the model into the page: threshold_model.rs.
(() => {
  const UNITS = { mo: { name: "months", most: 60 }, d: { name: "days", most: 1825 } };
  const LONGEST = { mo: 1200, d: 36500 };
  const formatNumber = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  const describe = (value) => (value === null ? "(none)" : value);

  function formatShare(part, whole) {
    if (whole === 0) return "0.0%";
    const tenths = Math.floor((part * 2000 + whole) / (2 * whole));
    return `${Math.floor(tenths / 10)}.${tenths % 10}%`;
  }

  // Midnight UTC, also in the first centuries, which Date.UTC takes for the twentieth.
  function midnight(year, month, day) {
    const date = new Date(0);
    date.setUTCFullYear(year, month, day);
    return date;
  }

  // The midnight this long before a day: months first, no further than the month has days; then days.
  function before(asOf, months, days) {
    const [year, month, day] = asOf.split("-").map(Number);
    const index = year * 12 + month - 1 - months;
    const last = midnight(Math.floor(index / 12), (index % 12) + 1, 0).getUTCDate();
    return midnight(Math.floor(index / 12), index % 12, Math.min(day, last) - days);
  }

  // In days from the business date, negative before it.
  function daysFrom(asOf, [months, days]) {
    return Math.round((before(asOf, months, days) - before(asOf, 0, 0)) / 86400000);
  }

  // True, false, or null where SQL does not know: of a missing date only that it is missing.
  function holds(test, day, thresholds) {
    const both = () => test.of.map((inner) => holds(inner, day, thresholds));
    switch (test.kind) {
      case "always": return true;
      case "is_null": return day === null;
      case "compare": {
        // Whether it holds before, at and after its threshold.
        const [truth, threshold] = test.of;
        if (day === null) return null;
        return truth[day === "infinity" ? 2 : day === "-infinity" ? 0 : Math.sign(day - thresholds[threshold]) + 1];
      }
      case "not": {
        const inner = holds(test.of, day, thresholds);
        return inner === null ? null : !inner;
      }
      case "and": {
        const [a, b] = both();
        return a === false || b === false ? false : a === null || b === null ? null : true;
      }
      case "or": {
        const [a, b] = both();
        return a === true || b === true ? true : a === null || b === null ? null : false;
      }
      default: throw new Error(`no such test: ${test.kind}`);
    }
  }

  // How many rows come to have each value, and how many go from which to which.
  function evaluate(model, parts, decidable) {
    const thresholds = model.thresholds.map((one) => daysFrom(model.as_of, one.setting === null ? one.parts : parts[one.setting]));
    const distribution = new Map(), transitions = new Map();
    let total = 0;
    for (const { taken, old, days } of model.rows) {
      if (!taken && !decidable) continue;
      for (const [day, rows] of days) {
        const arm = model.arms.find((one) => holds(one.test, day, thresholds) === true);
        const value = arm ? arm.value : old;
        distribution.set(value, (distribution.get(value) || 0) + rows);
        total += rows;
        if (value === old) continue;
        const key = JSON.stringify([old, value]);
        transitions.set(key, (transitions.get(key) || 0) + rows);
      }
    }
    return { distribution, transitions, total };
  }

  function element(name, attributes, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  function bar(rows, most, colour) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg"), rect = document.createElementNS(space, "rect");
    for (const [key, value] of [["class", "bar"], ["viewBox", "0 0 1000 10"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) {
      svg.setAttribute(key, value);
    }
    rect.setAttribute("width", rows === 0 ? 0 : Math.max(4, Math.floor((rows * 1000) / most)));
    rect.setAttribute("height", 10);
    rect.setAttribute("class", colour);
    svg.append(rect);
    return svg;
  }

  // A slider, a number and a unit for one setting; calls `changed` when one of them moves.
  function control(model, at, state, changed) {
    const { name, value, parts, comment } = model.settings[at];
    const mixed = parts[0] > 0 && parts[1] > 0;
    const days = () => -daysFrom(model.as_of, state.parts[at]);
    let unit = mixed || parts[0] === 0 ? "d" : "mo";
    const count = mixed ? days() : unit === "d" ? parts[1] : parts[0];
    const range = element("input", { type: "range", min: 0, "aria-label": `${name}, slider`, "data-setting": name });
    const number = element("input", { type: "number", min: 0, "aria-label": `${name}, number` });
    const units = element("select", { "aria-label": `${name}, unit` },
      ...Object.entries(UNITS).map(([key, one]) => element("option", { value: key }, one.name)));
    const since = element("span", { class: "dim" });
    const show = (amount) => {
      range.max = Math.max(UNITS[unit].most, amount);
      range.value = amount;
      number.value = amount;
      units.value = unit;
      since.textContent = `since ${before(model.as_of, ...state.parts[at]).toISOString().slice(0, 10)}`;
    };
    const set = (amount) => {
      const kept = Math.min(LONGEST[unit], Math.max(0, Math.round(Number(amount)) || 0));
      state.parts[at] = unit === "mo" ? [kept, 0] : [0, kept];
      state.texts[at] = `${kept}${unit}`;
      show(kept);
      changed();
    };
    range.addEventListener("input", () => set(range.value));
    number.addEventListener("input", () => set(number.value));
    units.addEventListener("change", () => {
      const before = days();
      unit = units.value;
      set(unit === "d" ? before : Math.round(before / 30.436875));
    });
    state.texts[at] = value;
    show(count);
    const label = element("legend", {}, element("code", {}, name), ...(comment ? [` ${comment}`] : []));
    return element("fieldset", {}, label, element("div", { class: "slider" }, range, number, units, since));
  }

  function scopes(model, id, state, changed) {
    const count = (decidable) => evaluate(model, state.parts, decidable).total;
    const choice = (decidable, text) => {
      const input = element("input", { type: "radio", name: id, value: decidable ? "decidable" : "taken" });
      input.checked = state.decidable === decidable;
      input.addEventListener("change", () => { state.decidable = decidable; changed(); });
      return element("label", {}, input, ` ${text} (${formatNumber(count(decidable))})`);
    };
    const left = count(true) - count(false);
    return element("p", { class: "scope" },
      ...(left === 0 ? [] : [choice(false, "rows that where takes"), choice(true, "all that the rule could decide")]));
  }

  function begin(section) {
    const id = section.dataset.model, model = JSON.parse(document.getElementById(id).textContent);
    const state = { parts: model.settings.map((one) => one.parts), texts: [], decidable: false };
    state.decidable = evaluate(model, state.parts, false).total === 0;
    // In the order and colours of the chart above, which has the column's own.
    const marks = [...section.closest("article").querySelectorAll("th .mark")];
    const place = (value) => marks.findIndex((mark) => mark.parentNode.textContent === describe(value));
    const rank = (value) => (place(value) < 0 ? marks.length : place(value));
    const colour = (value) => (place(value) < 0 ? "none" : marks[place(value)].className.replace("mark ", ""));
    const order = [...new Set([...model.arms.map((arm) => arm.value), ...model.rows.map((row) => row.old)])]
      .sort((a, b) => rank(a) - rank(b));
    const body = element("tbody", { "aria-live": "polite" }), moves = element("ul", { class: "findings" });
    const heading = element("p", { class: "dim" });
    const line = element("code", {}), copy = copyButton(line);
    const draw = () => {
      const { distribution, transitions, total } = evaluate(model, state.parts, state.decidable);
      const most = Math.max(1, ...distribution.values());
      body.replaceChildren(...order.map((value) => {
        const rows = distribution.get(value) || 0;
        const count = element("span", { class: "number" }, formatNumber(rows), element("span", { class: "dim" }, ` ${formatShare(rows, total)}`));
        return element("tr", { "data-value": describe(value), "data-rows": rows },
          element("th", { scope: "row" }, element("span", { class: `mark ${colour(value)}` }), describe(value)),
          element("td", {}, bar(rows, most, colour(value)), count));
      }));
      heading.textContent = transitions.size === 0 ? "No row changes." : "From what the rows had before:";
      moves.replaceChildren(...[...transitions].map(([key, rows]) => {
        const [old, value] = JSON.parse(key).map(describe);
        return element("li", { "data-old": old, "data-new": value, "data-rows": rows }, `${old} → ${value}: ${formatNumber(rows)}`);
      }));
      const word = (text) => (/^[\w.:,%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
      const all = [...model.settings.map((one, at) => [one.name, state.texts[at]]), ...model.others];
      line.textContent = all.map(([name, value]) => `--set ${name}=${word(value)}`).join(" ");
      copy.textContent = "Copy";
    };
    section.append(
      ...model.settings.map((_, at) => control(model, at, state, draw)),
      scopes(model, id, state, draw),
      element("table", { class: "bars single" }, element("caption", {}, `${model.name} with these thresholds`), body),
      heading, moves,
      element("div", { class: "line" }, element("pre", { tabindex: 0 }, line), copy));
    draw();
  }

  document.querySelectorAll("section.thresholds").forEach(begin);
})();
