"use strict";
// Filters, charts and drill-down of the revenue report. Sums are BigInt: exact whatever their size.
(() => {
  const {el, money, bars, table, tiles, data} = Tieout, own = data.own, at = (id) => document.getElementById(id);
  const column = Object.fromEntries(own.columns.map((name, place) => [name, place]));
  const COLUMNS = ["pipeline", "weighted", "booked", "unbilled", "billed_without_deal", "billed", "credited", "billed_net", "written_off", "collected", "open", "tax", "recognised", "deferred", "scheduled"];
  const NAMES = {billed_net: "billed net", written_off: "written off", billed_without_deal: "billed without deal"};
  const PARTS = {unbilled: ["booked", "billed"], billed_net: ["billed", "credited"], open: ["billed", "credited", "written_off", "collected"], deferred: ["billed", "credited", "tax", "recognised"]};
  const name = (measure) => NAMES[measure] || measure;
  const state = {money: own.moneys[0], entity: "*", owner: "*", pipeline: "*", product: "*", by: "period"};
  const value = (row, key) => own.texts[row[column[key]]];
  const inBase = () => state.money.startsWith("base ");
  const currency = () => state.money.replace("base ", "");
  const digits = () => own.digits[currency()];
  const show = (minor) => money(minor, digits());
  const chosen = () => own.rows.filter((row) => value(row, inBase() ? "base_currency" : "currency") === currency()
    && ["entity", "owner", "pipeline", "product"].every((key) => state[key] === "*" || value(row, key) === state[key]));
  const amount = (row, measure) => BigInt(row[column[measure + (inBase() ? "_base_minor" : "_minor")]]);
  const sum = (rows, measure) => rows.reduce((total, row) => total + amount(row, measure), 0n);

  function filters() {
    const choose = (label, key, options, told = (one) => one || "(none)") => el("label", {}, label, (() => {
      const list = el("select", {onchange: (event) => { state[key] = event.target.value; draw(); }}, ...options.map((one) => el("option", {value: one, selected: one === state[key] ? "" : null}, one === "*" ? "all" : told(one))));
      return list;
    })());
    const every = (key) => ["*", ...[...new Set(own.rows.map((row) => value(row, key)))].sort()];
    at("filters").replaceChildren(el("div", {class: "filters"},
      choose("Amounts in", "money", own.moneys, (one) => one.startsWith("base ") ? `${currencyOf(one)} as base currency` : `${one} as invoiced`),
      choose("Entity", "entity", every("entity"), (one) => own.entities[one] || one || "(none)"), choose("Owner", "owner", every("owner")), choose("Pipeline", "pipeline", every("pipeline")), choose("Product", "product", every("product")),
      choose("By", "by", ["period", "quarter"], (one) => one === "period" ? "month or period" : one)));
  }
  const currencyOf = (one) => one.replace("base ", "");

  function explain(title, rows, measure) {
    const ids = new Set(rows.map((row) => row[column.row_id])), wanted = PARTS[measure] || [measure === "billed_without_deal" ? "billed" : measure];
    const matched = {unbilled: true, billed_without_deal: false}[measure];
    const found = own.facts.filter((fact) => ids.has(fact[0]) && wanted.includes(own.texts[fact[1]])
      && (matched === undefined || own.texts[fact[1]] !== "billed" || Boolean(own.texts[fact[14]]) === matched));
    const signed = (fact) => { const minor = BigInt(fact[inBase() ? 3 : 2]), part = own.texts[fact[1]]; return part === wanted[0] ? minor : wanted.length > 1 ? -minor : minor; };
    const total = found.reduce((whole, fact) => whole + signed(fact), 0n);
    at("records").replaceChildren(el("p", {}, `${title}: ${found.length} records`), el("div"));
    if (own.cut) at("records").firstChild.append(" (this company has too many records to carry here; look row_id up in facts of revenue.duckdb)");
    table(at("records").lastChild, {columns: ["Day", "Measure", "Amount", "Record", "Number", "Deal", "Customer", "Product", "Why"], numbers: [2], filter: found.length > 12,
      rows: found.map((fact) => { const text = (place) => own.texts[fact[place]]; return [fact[4], name(text(1)), show(signed(fact)), `${text(5)} ${text(6)}`, {text: text(7), url: text(12)}, {text: text(8), url: text(13)}, text(9), text(10), text(11)]; }),
      total: ["Sum", "", show(total), "", "", "", "", "", ""]});
    at("records").scrollIntoView({block: "nearest", behavior: "smooth"});
  }

  function draw() {
    const rows = chosen(), names = [...new Set(rows.map((row) => value(row, state.by)))].sort((a, b) => a === "before" ? -1 : b === "before" ? 1 : a < b ? -1 : 1);
    const groups = names.map((one) => rows.filter((row) => value(row, state.by) === one));
    const shown = names.map((one, place) => [one, groups[place]]).filter(([one]) => one !== "before");
    tiles(at("figures"), {items: ["pipeline", "weighted", "booked", "billed_net", "collected", "open", "recognised", "deferred"].map((one) => ({label: name(one), value: show(sum(rows, one)), note: currency()}))});
    const series = [["weighted", "weighted pipeline"], ["booked", "booked"], ["billed_net", "billed net"], ["collected", "collected"], ["recognised", "recognised"], ["scheduled", "scheduled revenue"]];
    const today = shown.findIndex(([one]) => one >= own.now[state.by]), last = today < 0 ? shown.length - 1 : today;
    const near = shown.slice(Math.max(0, last - 12), last + 6);
    bars(at("months"), {labels: near.map(([one]) => one.replace(" ", "|")), digits: digits(), series: series.map(([one, told]) => ({name: told, values: near.map(([, its]) => sum(its, one))})), pick: (nth, place) => explain(`${series[nth][1]}, ${near[place][0]}`, near[place][1], series[nth][0])});
    // [figure, sign, the figure on whose top the step begins; none: from zero]
    const steps = [["booked", 1n, ""], ["unbilled", -1n, "booked"], ["billed_without_deal", 1n, "matched"], ["billed", 1n, ""], ["credited", -1n, "billed"], ["billed_net", 1n, ""], ["written_off", -1n, "billed_net"], ["collected", -1n, "kept"], ["open", 1n, ""], ["recognised", -1n, "taxed"], ["deferred", 1n, ""]];
    const levels = {"": 0n, matched: sum(rows, "billed") - sum(rows, "billed_without_deal"), kept: sum(rows, "billed_net") - sum(rows, "written_off"), taxed: sum(rows, "billed_net") - sum(rows, "tax")};
    const level = (one) => one in levels ? levels[one] : sum(rows, one);
    bars(at("bridge"), {labels: steps.map(([one, sign, begins]) => one === "billed_without_deal" ? "and billed|without|a deal" : (sign < 0n ? "less|" : "") + name(one).replace(" ", "|")), digits: digits(), series: [{name: `${currency()} in all`, values: steps.map(([one, sign]) => sign * sum(rows, one)), starts: steps.map(([, , begins]) => level(begins)), colours: steps.map(([, sign, begins]) => begins ? sign < 0n ? "#d98324" : "#4a6fa5" : "#0b6e69")}], pick: (_, place) => explain(name(steps[place][0]), rows, steps[place][0])});
    const cell = (title, its, one) => { const minor = sum(its, one); return minor === 0n ? "" : el("button", {type: "button", class: "cell", onclick: () => explain(title, its, one)}, show(minor)); };
    table(at("table"), {columns: [state.by, ...COLUMNS.map(name)], numbers: COLUMNS.map((_, place) => place + 1), rows: names.map((one, place) => [one, ...COLUMNS.map((measure) => cell(`${name(measure)}, ${one}`, groups[place], measure))]), total: ["In all", ...COLUMNS.map((one) => show(sum(rows, one)))]});
    at("records").replaceChildren("Click a figure or a bar above: its records appear here, with links into both systems.");
  }
  filters();
  draw();
})();
