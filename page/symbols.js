// The table of symbols: a row per name, kept while it is edited, so that nothing loses the focus.
import { element } from "./math.js";
import { ALLOWED } from "./built.js";

const KINDS = ["scalar", "vector", "matrix", "elementwise", "integer", "set"];

const body = /** @type {HTMLElement} */ (document.querySelector("#symbols tbody"));
/** @type {Map<string, any>} */
const rows = new Map();

/** @param {any} symbol @param {(edit: any) => void} edited */
function row(symbol, edited) {
  const name = symbol.name;
  const made = { symbol, open: false };
  const edit = (change) => {
    const s = made.symbol;
    edited({ name, kind: s.kind, shape: s.sized ? s.shape : "", properties: s.properties, ...change });
  };
  const kind = element("select", { "aria-label": `Kind of ${name}` });
  kind.onchange = () => edit({ kind: kind.value, shape: "" });
  const shape = element("input", { type: "text", "aria-label": `Shape of ${name}`, spellcheck: false, autocomplete: "off", autocapitalize: "off" });
  shape.onchange = () => shape.value.trim() !== made.symbol.shape && edit({ shape: shape.value });
  shape.onkeydown = (event) => {
    if (event.key === "Enter") shape.dispatchEvent(new Event("change"));
  };
  const properties = element("button", { type: "button", "aria-label": `Properties of ${name}`, "aria-expanded": "false" });
  const group = element("div", { role: "group", className: "properties", "aria-label": `Properties of ${name}` });
  const below = element("tr", { hidden: true }, element("td", { colSpan: 5 }, group));
  properties.onclick = () => {
    made.open = !made.open;
    show(made.symbol);
  };
  const origin = element("span");
  const main = element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    element("td", { className: "kind" }, kind),
    element("td", { className: "shape" }, shape),
    element("td", {}, properties),
    element("td", { className: "origin" }, origin),
  );
  const show = (s) => {
    made.symbol = s;
    const kinds = KINDS.includes(s.kind) ? KINDS : [...KINDS, s.kind];
    if (kind.options.length !== kinds.length) kind.replaceChildren(...kinds.map((k) => element("option", { value: k }, k)));
    kind.value = s.kind;
    if (document.activeElement !== shape) shape.value = s.shape;
    properties.textContent = s.properties.join(", ") || "none";
    properties.setAttribute("aria-expanded", String(made.open));
    origin.textContent = s.declared ? "declared" : "inferred";
    origin.className = s.declared ? "" : "inferred";
    origin.title = s.reason;
    below.hidden = !made.open;
    const allowed = ALLOWED[s.kind] ?? [];
    const boxes = [...group.querySelectorAll("input")];
    if (boxes.map((box) => box.value).join() !== allowed.join()) {
      group.replaceChildren(
        ...allowed.map((property) => {
          const box = element("input", { type: "checkbox", value: property });
          box.onchange = () => {
            const others = made.symbol.properties.filter((p) => p !== property);
            edit({ properties: box.checked ? [...others, property] : others });
          };
          return element("label", {}, box, property);
        }),
      );
    }
    for (const box of group.querySelectorAll("input")) box.checked = s.properties.includes(box.value);
  };
  show(symbol);
  return { show, nodes: [main, below] };
}

/** @param {any[]} symbols @param {(edit: any) => void} edited */
export function showSymbols(symbols, edited) {
  for (const [name, made] of rows) {
    if (symbols.some((s) => s.name === name)) continue;
    for (const node of made.nodes) node.remove();
    rows.delete(name);
  }
  symbols.forEach((symbol, k) => {
    const known = rows.get(symbol.name);
    if (known) known.show(symbol);
    else rows.set(symbol.name, row(symbol, edited));
    const [main, below] = rows.get(symbol.name).nodes;
    if (body.children[2 * k] !== main) body.insertBefore(main, body.children[2 * k] ?? null);
    if (body.children[2 * k + 1] !== below) main.after(below);
  });
}
