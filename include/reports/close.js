"use strict";
// The checks, the figures with the records behind each, and the tables of a close pack. Sums are BigInt: exact.
(() => {
  const {el, money, table, data} = Tieout, own = data.own, at = (id) => document.getElementById(id);
  const text = (place) => own.texts[place];

  at("checks").replaceChildren(el("ul", {class: "checks"}, ...own.checks.map((one) => el("li", {class: one.state},
    el("b", {}, one.state), el("div", {}, el("strong", {}, one.title), el("p", {}, one.why), one.next_step ? el("p", {class: "next"}, `Next: ${one.next_step}`) : null),
    own.tables[one.name] ? el("a", {href: `#${one.name}`}, one.count > 1 ? `${one.count} rows` : "see") : null))));

  function explain(figure, kind, currency, stated) {
    const parts = own.parts[figure], base = kind !== "as invoiced", digits = own.digits[currency];
    const found = own.records.filter((one) => text(one[0]) in parts && text(one[base ? 4 : 2]) === currency);
    const signed = (one) => BigInt(one[base ? 3 : 1]) * BigInt(parts[text(one[0])]);
    const total = found.reduce((whole, one) => whole + signed(one), 0n);
    at("behind").replaceChildren(el("p", {}, `${figure.replace("_", " ")}, ${kind}, ${currency}: ${found.length} records${total === BigInt(stated) ? "" : ` (the page carries ${money(total, digits)} of it; records.csv has all)`}`), el("div"));
    table(at("behind").lastChild, {columns: ["Day", "Measure", "Amount", "Record", "Number", "Deal", "Customer", "Product", "Why"], numbers: [2], filter: found.length > 12,
      rows: found.map((one) => [one[5], text(one[0]).replace("_", " "), money(signed(one), digits), `${text(one[6])} ${text(one[7])}`, {text: text(one[8]), url: text(one[13])}, {text: text(one[9]), url: text(one[14])}, text(one[10]), text(one[11]), text(one[12])]),
      total: ["Sum", "", money(total, digits), "", "", "", "", "", ""]});
    at("behind").scrollIntoView({block: "nearest", behavior: "smooth"});
  }

  const columns = [...new Set(own.figures.map(([, kind, currency]) => `${currency} ${kind}`))];
  const cell = (figure, column) => {
    const found = own.figures.find(([name, kind, currency]) => name === figure && `${currency} ${kind}` === column);
    if (!found) return "";
    return el("button", {type: "button", class: "cell", onclick: () => explain(found[0], found[1], found[2], found[3])}, money(found[3], own.digits[found[2]]));
  };
  const names = [...new Set(own.figures.map(([figure]) => figure))].sort((a, b) => own.order.indexOf(a) - own.order.indexOf(b));
  table(at("figures"), {columns: ["Figure", ...columns], numbers: columns.map((_, place) => place + 1), rows: names.map((figure) => [figure.replace("_", " "), ...columns.map((column) => cell(figure, column))])});
  at("behind").replaceChildren("Click a figure above: its records appear here, with links into both systems.");
  for (const [name, part] of Object.entries(own.tables)) table(at(name), part);
})();
