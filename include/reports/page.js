"use strict";
// The parts that report pages are made of. Text goes in as text, never as markup; nothing is fetched.
const Tieout = (() => {
  const COLOURS = ["#0b6e69", "#d98324", "#4a6fa5", "#8f5aa8", "#b3261e", "#6b8e23", "#7a7f87", "#c2577e"];
  const el = (name, attributes = {}, ...children) => {
    const svg = ["svg", "g", "rect", "line", "path", "text", "circle", "title"].includes(name);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
    }
    for (const child of children) if (child !== null && child !== undefined) node.append(child);
    return node;
  };
  // Minor units are exact up to 2^53; beyond, they come as text and stay exact as BigInt.
  const money = (minor, digits = 2) => {
    const whole = BigInt(minor), sign = whole < 0n ? "\u2212" : "", text = String(whole < 0n ? -whole : whole).padStart(digits + 1, "0");
    const head = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
    return sign + head + (digits ? "." + text.slice(-digits) : "");
  };
  const short = (minor, digits = 2) => {
    const value = Number(minor) / 10 ** digits, size = Math.abs(value);
    if (size >= 1e9) return (value / 1e9).toFixed(1) + "bn";
    if (size >= 1e6) return (value / 1e6).toFixed(1) + "m";
    if (size >= 1e4) return Math.round(value / 1e3) + "k";
    return String(Math.round(value));
  };
  const link = (value) => /^https?:\/\//.test(value.url || "") ? el("a", {href: value.url, rel: "noopener noreferrer", target: "_blank"}, value.text) : value.text;
  const show = (value) => value === null || value === undefined ? "" : value instanceof Node ? value : typeof value === "object" ? link(value) : String(value);
  const plain = (value) => value instanceof Node ? value.textContent : value && typeof value === "object" ? value.text : value ?? "";
  const number = (text) => Number(String(text).replace(/\u2212/g, "-").replace(/[^0-9.\-]/g, ""));

  // columns: texts; numbers: indexes of right-aligned ones; rows: lists of texts, numbers, {text, url} or nodes.
  function table(where, {columns, rows, numbers = [], total = null, filter = false, most = 200}) {
    let sorted = null, up = true, wanted = "", shown = most;
    const right = new Set(numbers), body = el("tbody"), more = el("p", {class: "more"});
    const head = el("tr", {}, ...columns.map((name, place) =>
      el("th", {class: right.has(place) ? "n" : null, scope: "col"}, el("button", {type: "button", onclick: () => { up = sorted === place ? !up : true; sorted = place; draw(); }}, name))));
    function draw() {
      let found = rows;
      if (wanted) found = found.filter((row) => row.some((cell) => String(plain(cell)).toLowerCase().includes(wanted)));
      if (sorted !== null) found = [...found].sort((a, b) => {
        const one = plain(a[sorted]), two = plain(b[sorted]);
        const order = right.has(sorted) ? number(one) - number(two) : String(one).localeCompare(String(two));
        return up ? order : -order;
      });
      body.replaceChildren(...found.slice(0, shown).map((row) => el("tr", {}, ...row.map((cell, place) => el("td", {class: right.has(place) ? "n" : String(plain(cell)).length > 60 ? "long" : null}, show(cell))))));
      if (total) body.append(el("tr", {class: "total"}, ...total.map((cell, place) => el("td", {class: right.has(place) ? "n" : null}, show(cell)))));
      more.replaceChildren();
      if (found.length > shown) more.append(`${shown} of ${found.length} rows. `, el("button", {type: "button", onclick: () => { shown += 1000; draw(); }}, "Show more"));
    }
    where.replaceChildren(...(filter ? [el("div", {class: "filters"}, el("label", {}, "Find", el("input", {type: "search", oninput: (event) => { wanted = event.target.value.toLowerCase(); draw(); }})))] : []),
      el("div", {class: "scroll", tabindex: "0"}, el("table", {}, el("thead", {}, head), body)), more);
    draw();
  }

  // labels: texts; series: [{name, values: minor units}]; pick(series, place) is called on a click. A series may have
  // starts (where each bar begins: a waterfall) and colours, one for each label.
  function bars(where, {labels, series, digits = 2, stacked = false, pick = null, height = 260}) {
    const room = where.clientWidth || 900, width = Math.max(Math.min(room, 160 * labels.length + 80), labels.length * Math.max(stacked ? 46 : 0, 9 * series.length + 10, 52) + 60), left = 58, bottom = height - 58, top = 10;
    const sums = labels.flatMap((_, place) => stacked
      ? [series.reduce((sum, one) => sum + Math.max(0, Number(one.values[place])), 0), series.reduce((sum, one) => sum + Math.min(0, Number(one.values[place])), 0)]
      : series.flatMap((one) => { const start = Number(one.starts ? one.starts[place] : 0); return [start, start + Number(one.values[place])]; }));
    const high = Math.max(0, ...sums), low = Math.min(0, ...sums), span = high - low || 1;
    const y = (value) => top + (high - value) / span * (bottom - top);
    const svg = el("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", style: `width:${width}px`});
    for (let step = 0; step <= 4; step++) {
      const value = low + span * step / 4;
      svg.append(el("line", {x1: left, x2: width, y1: y(value), y2: y(value), stroke: "#d9dee5"}), el("text", {x: left - 6, y: y(value) + 4, "text-anchor": "end"}, short(value, digits)));
    }
    svg.append(el("line", {x1: left, x2: width, y1: y(0), y2: y(0), stroke: "#1c2430"}));
    const slot = (width - left) / Math.max(labels.length, 1), each = stacked ? slot * 0.62 : slot * 0.8 / series.length;
    labels.forEach((label, place) => {
      let above = 0, below = 0;
      series.forEach((one, nth) => {
        const value = Number(one.values[place]);
        if (!value) return;
        const from = stacked ? (value > 0 ? above : below) : Number(one.starts ? one.starts[place] : 0), to = from + value;
        if (stacked) value > 0 ? above = to : below = to;
        const told = `${label}: ${one.name} ${money(one.values[place], digits)}`;
        svg.append(el("rect", {class: "bar", x: left + slot * place + (stacked ? slot * 0.19 : slot * 0.1 + nth * each), width: Math.max(1, each - 1), y: Math.min(y(from), y(to)), height: Math.max(1, Math.abs(y(from) - y(to))), fill: one.colours ? one.colours[place] : one.colour || COLOURS[nth % COLOURS.length], tabindex: pick ? "0" : null, "aria-label": told,
          onclick: () => pick && pick(nth, place), onkeydown: (event) => { if (pick && event.key === "Enter") pick(nth, place); }}, el("title", {}, told)));
      });
      const every = Math.ceil(labels.length / 24);
      if (place % every === 0) label.split("|").forEach((part, row) => svg.append(el("text", {x: left + slot * (place + 0.5), y: bottom + 16 + row * 15, "text-anchor": "middle"}, part)));
    });
    const legend = el("div", {class: "legend"}, ...series.map((one, nth) => el("span", {}, el("i", {style: `background:${one.colour || COLOURS[nth % COLOURS.length]}`}), one.name)));
    where.replaceChildren(legend, el("div", {class: "scroll", tabindex: "0"}, svg));
  }

  // labels and series as for bars, drawn as lines.
  function lines(where, {labels, series, digits = 0, height = 220}) {
    const width = Math.max(Math.min(where.clientWidth || 900, 1180), labels.length * 40 + 60), left = 58, bottom = height - 34, top = 10;
    const every = series.flatMap((one) => one.values.filter((value) => value !== null).map(Number));
    const high = Math.max(0, ...every), low = Math.min(0, ...every), span = high - low || 1;
    const x = (place) => left + (width - left - 20) * place / Math.max(labels.length - 1, 1), y = (value) => top + (high - value) / span * (bottom - top);
    const svg = el("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", style: `width:${width}px`});
    for (let step = 0; step <= 4; step++) {
      const value = low + span * step / 4;
      svg.append(el("line", {x1: left, x2: width, y1: y(value), y2: y(value), stroke: "#d9dee5"}), el("text", {x: left - 6, y: y(value) + 4, "text-anchor": "end"}, short(value, digits)));
    }
    series.forEach((one, nth) => {
      const points = one.values.map((value, place) => [value, place]).filter(([value]) => value !== null);
      svg.append(el("path", {d: points.map(([value, place], n) => `${n ? "L" : "M"}${x(place)} ${y(Number(value))}`).join(""), fill: "none", stroke: COLOURS[nth % COLOURS.length], "stroke-width": 2}));
      points.forEach(([value, place]) => svg.append(el("circle", {cx: x(place), cy: y(Number(value)), r: 3.5, fill: COLOURS[nth % COLOURS.length]}, el("title", {}, `${labels[place]}: ${one.name} ${money(value, digits)}`))));
    });
    const each = Math.ceil(labels.length / 16);
    labels.forEach((label, place) => place % each === 0 && svg.append(el("text", {x: x(place), y: bottom + 18, "text-anchor": "middle"}, label)));
    where.replaceChildren(el("div", {class: "legend"}, ...series.map((one, nth) => el("span", {}, el("i", {style: `background:${COLOURS[nth % COLOURS.length]}`}), one.name))), el("div", {class: "scroll", tabindex: "0"}, svg));
  }

  function tiles(where, {items}) {
    where.replaceChildren(el("div", {class: "tiles"}, ...items.map((one) => el("div", {class: "tile " + (one.state || "")}, el("span", {}, one.label), el("b", {}, one.value), one.note ? el("i", {}, one.note) : null))));
  }

  const draw = {table, bars, lines, tiles};
  const data = JSON.parse(document.getElementById("data").textContent);
  document.querySelectorAll("[data-part]").forEach((where) => {
    const part = data.parts[Number(where.dataset.part)];
    if (draw[part.kind]) draw[part.kind](where, part);
  });
  return {el, money, short, table, bars, lines, tiles, data};
})();
