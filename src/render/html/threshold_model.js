"use strict";
// Redraws a distribution from its histogram when a threshold is turned. What it shows is what
// `leora-run what-if` gives for the same values.
(() => {
  const UNITS = { mo: { name: "months", most: 60 }, d: { name: "days", most: 1825 } };
  const LONGEST = { mo: 1200, d: 36500 };
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  const named = (value) => (value === null ? "(none)" : value);

  function share(part, whole) {
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
  function cut(asOf, [months, days]) {
    return Math.round((before(asOf, months, days) - before(asOf, 0, 0)) / 86400000);
  }

  // True, false, or null where SQL does not know: of a missing date only that it is missing.
  function holds(test, day, cuts) {
    const [kind, a, b] = test;
    const of = (inner) => holds(inner, day, cuts);
    switch (kind) {
      case "always": return true;
      case "null": return day === null;
      // `a` says whether the comparison holds before, at and after its threshold.
      case "compare":
        if (day === null) return null;
        return a[day === "infinity" ? 2 : day === "-infinity" ? 0 : Math.sign(day - cuts[b]) + 1];
      case "not": { const found = of(a); return found === null ? null : !found; }
      case "and": {
        const [x, y] = [of(a), of(b)];
        return x === false || y === false ? false : x === null || y === null ? null : true;
      }
      case "or": {
        const [x, y] = [of(a), of(b)];
        return x === true || y === true ? true : x === null || y === null ? null : false;
      }
      default: throw new Error(`no such test: ${kind}`);
    }
  }

  // How many rows come to have each value, and how many go from which to which.
  function judge(dial, parts, decidable) {
    const cuts = dial.thresholds.map((one) => cut(dial.as_of, one.setting === null ? one.parts : parts[one.setting]));
    const distribution = new Map(), transitions = new Map();
    let total = 0;
    for (const [taken, old, days] of dial.rows) {
      if (!taken && !decidable) continue;
      for (const [day, rows] of days) {
        const arm = dial.arms.find((one) => holds(one.test, day, cuts) === true);
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

  function bar(rows, most, number) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg"), rect = document.createElementNS(space, "rect");
    for (const [key, value] of [["class", "bar"], ["viewBox", "0 0 1000 10"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) {
      svg.setAttribute(key, value);
    }
    rect.setAttribute("width", rows === 0 ? 0 : Math.max(4, Math.floor((rows * 1000) / most)));
    rect.setAttribute("height", 10);
    rect.setAttribute("class", number);
    svg.append(rect);
    return svg;
  }

  // A slider, a number and a unit for one setting; calls `turned` when one of them moves.
  function control(dial, at, state, turned) {
    const { name, value, parts, comment } = dial.settings[at];
    const mixed = parts[0] > 0 && parts[1] > 0;
    const days = () => -cut(dial.as_of, state.parts[at]);
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
      since.textContent = `since ${before(dial.as_of, ...state.parts[at]).toISOString().slice(0, 10)}`;
    };
    const turn = (amount) => {
      const kept = Math.min(LONGEST[unit], Math.max(0, Math.round(Number(amount)) || 0));
      state.parts[at] = unit === "mo" ? [kept, 0] : [0, kept];
      state.texts[at] = `${kept}${unit}`;
      show(kept);
      turned();
    };
    range.addEventListener("input", () => turn(range.value));
    number.addEventListener("input", () => turn(number.value));
    units.addEventListener("change", () => {
      const before = days();
      unit = units.value;
      turn(unit === "d" ? before : Math.round(before / 30.436875));
    });
    state.texts[at] = value;
    show(count);
    const label = element("legend", {}, element("code", {}, name), ...(comment ? [` ${comment}`] : []));
    return element("fieldset", {}, label, element("div", { class: "turn" }, range, number, units, since));
  }

  function scopes(dial, id, state, turned) {
    const count = (every) => judge(dial, state.parts, every).total;
    const choice = (every, text) => {
      const input = element("input", { type: "radio", name: id, value: every ? "decidable" : "taken" });
      input.checked = state.every === every;
      input.addEventListener("change", () => { state.every = every; turned(); });
      return element("label", {}, input, ` ${text} (${grouped(count(every))})`);
    };
    const left = count(true) - count(false);
    return element("p", { class: "scope" },
      ...(left === 0 ? [] : [choice(false, "rows that where takes"), choice(true, "all that the rule could decide")]));
  }

  function begin(section) {
    const id = section.dataset.dial, dial = JSON.parse(document.getElementById(id).textContent);
    const state = { parts: dial.settings.map((one) => one.parts), texts: [], every: false };
    state.every = judge(dial, state.parts, false).total === 0;
    // In the order and colours of the chart above, which has the column's own.
    const marks = [...section.closest("article").querySelectorAll("th .mark")];
    const place = (value) => marks.findIndex((mark) => mark.parentNode.textContent === named(value));
    const rank = (value) => (place(value) < 0 ? marks.length : place(value));
    const colour = (value) => (place(value) < 0 ? "none" : marks[place(value)].className.replace("mark ", ""));
    const order = [...new Set([...dial.arms.map((arm) => arm.value), ...dial.rows.map((row) => row[1])])]
      .sort((a, b) => rank(a) - rank(b));
    const body = element("tbody", { "aria-live": "polite" }), moves = element("ul", { class: "findings" });
    const line = element("code", {}), copy = element("button", { type: "button" }, "Copy");
    const draw = () => {
      const { distribution, transitions, total } = judge(dial, state.parts, state.every);
      const most = Math.max(1, ...distribution.values());
      body.replaceChildren(...order.map((value) => {
        const rows = distribution.get(value) || 0;
        const told = element("span", { class: "number" }, grouped(rows), element("span", { class: "dim" }, ` ${share(rows, total)}`));
        return element("tr", { "data-value": named(value), "data-rows": rows },
          element("th", { scope: "row" }, element("span", { class: `mark ${colour(value)}` }), named(value)),
          element("td", {}, bar(rows, most, colour(value)), told));
      }));
      moves.replaceChildren(...[...transitions].map(([key, rows]) => {
        const [old, value] = JSON.parse(key).map(named);
        return element("li", { "data-old": old, "data-new": value, "data-rows": rows }, `${old} → ${value}: ${grouped(rows)}`);
      }));
      line.textContent = dial.settings.map((one, at) => `--set ${one.name}=${/\s/.test(state.texts[at]) ? `'${state.texts[at]}'` : state.texts[at]}`).join(" ");
      copy.textContent = "Copy";
    };
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(line.textContent);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(line);
        copy.textContent = "Selected";
      }
    });
    section.append(
      ...dial.settings.map((_, at) => control(dial, at, state, draw)),
      scopes(dial, id, state, draw),
      element("table", { class: "bars single" }, element("caption", {}, `${dial.name} with these thresholds`), body),
      element("p", { class: "dim" }, "From what the rows had before:"), moves,
      element("div", { class: "line" }, element("pre", { tabindex: 0 }, line), copy));
    draw();
  }

  document.querySelectorAll("section.dial").forEach(begin);
})();
