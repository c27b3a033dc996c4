// What an answer looks like: derivatives, notes, differentials, programs, derivations; and errors.
import { element, formula } from "./math.js";

export const TARGETS = [
  ["numpy", "NumPy"],
  ["jax", "JAX"],
  ["torch", "PyTorch"],
  ["julia", "Julia"],
  ["matlab", "MATLAB"],
  ["sympy", "SymPy"],
];

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} text @param {HTMLElement} button */
export async function copied(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = element("textarea", { value: text, className: "unseen" });
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 900);
}

const suffix = (all, one) => (all.length > 1 ? ` by ${one.by.text}` : "");

/** The derivatives with their buttons. @param {any} said @param {() => Promise<any>} programs */
export function showAnswers(said, programs) {
  at("answers").replaceChildren(
    ...said.answers.map((d, k) => {
      const by = suffix(said.answers, d);
      const button = (name, text) => {
        const made = element("button", { type: "button" }, `Copy ${name}${by}`);
        made.onclick = async () => copied(await text(), made);
        return made;
      };
      const program = async (target) => {
        const { source, refused } = (await programs()).programs[k][target];
        return source ?? `# ${refused.replaceAll("\n", "\n# ")}\n`;
      };
      const buttons = [
        button("LaTeX", () => d.latex),
        button("text", () => d.text),
        ...(d.programs ? TARGETS : []).map(([target, name]) => button(name, () => program(target))),
      ];
      const shape = [d.shape && (d.shape === "scalar" ? "a scalar" : `(${d.shape})`), d.layout].filter(Boolean).join(", ");
      return element(
        "div",
        { role: "group", "aria-label": d.name },
        formula(d.equation),
        ...(shape ? [element("p", { className: "shape-of" }, shape)] : []),
        element("div", { className: "copies" }, ...buttons),
      );
    }),
  );
  const notes = at("notes");
  notes.replaceChildren(...said.notes.map((note) => element("li", {}, note)));
  notes.hidden = !said.notes.length;
}

/** @param {any} said */
export function showRead(said) {
  at("read").replaceChildren(...(said?.read ? [formula(said.read.latex)] : []));
}

/** @param {any} said */
export function showDifferentials(said) {
  const all = said?.differentials ?? [];
  at("differentials").replaceChildren(
    ...all.map((d) => {
      const name = `Differential${suffix(all, d)}`;
      return element("section", { "aria-label": name }, element("h2", {}, name), formula(d.latex));
    }),
  );
}

/** @param {any} said */
export function showDerivations(said) {
  const all = said?.derivations ?? [];
  at("derivations").replaceChildren(
    ...all.map((d) => {
      const name = `Derivation${suffix(all, d)}`;
      const steps = d.steps.map((step) =>
        element("li", {}, element("span", { className: "rule" }, step.source ? `${step.rule} [${step.source}]` : step.rule), formula(step.latex)),
      );
      return element("section", {}, element("h2", {}, name), element("ol", { "aria-label": name }, ...steps));
    }),
  );
}

let chosen = "numpy";

/** The programs behind tabs, one for each target. @param {any} said */
export function showPrograms(said) {
  const all = said?.programs ?? [];
  const box = at("programs");
  box.hidden = !all.length;
  if (!all.length) return box.replaceChildren();
  const panel = element("div", { role: "tabpanel", id: "panel", tabIndex: 0 });
  const show = () => {
    for (const tab of tabs) {
      const here = tab.dataset.target === chosen;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      if (here) panel.setAttribute("aria-labelledby", tab.id);
    }
    panel.replaceChildren(
      ...all.flatMap((d) => [
        ...(all.length > 1 ? [element("h3", {}, `by ${d.by.unicode}`)] : []),
        element("pre", {}, element("code", {}, d[chosen].source ?? d[chosen].refused)),
      ]),
    );
  };
  const tabs = TARGETS.map(([target, name]) => {
    const tab = element("button", { type: "button", role: "tab", id: `tab-${target}`, "aria-controls": "panel" }, name);
    tab.dataset.target = target;
    tab.onclick = () => {
      chosen = target;
      show();
    };
    return tab;
  });
  const list = element("div", { role: "tablist", "aria-label": "Program" }, ...tabs);
  list.onkeydown = (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1, Home: -TARGETS.length, End: TARGETS.length }[event.key];
    if (!move) return;
    event.preventDefault();
    const here = TARGETS.findIndex(([target]) => target === chosen);
    const next = Math.abs(move) > 1 ? (move > 0 ? TARGETS.length - 1 : 0) : (here + move + TARGETS.length) % TARGETS.length;
    chosen = TARGETS[next][0];
    show();
    tabs[next].focus();
  };
  box.replaceChildren(element("h2", {}, "Program"), list, panel);
  show();
}

export function clear() {
  at("answers").replaceChildren();
  at("notes").hidden = true;
  at("notes").replaceChildren();
  showDifferentials(null);
  showDerivations(null);
  showPrograms(null);
}

// --- errors -----------------------------------------------------------------------------------------------------------

const BOXES = { f: "f", by: "by", where: "where", claim: "claim" };

export function clearError() {
  const alert = at("error");
  alert.hidden = true;
  alert.replaceChildren();
  for (const id of Object.values(BOXES)) {
    at(id).removeAttribute("aria-invalid");
    at(id).removeAttribute("aria-describedby");
  }
}

/** @param {any} said @param {string} typed @param {() => void} jacobian */
export function showError(said, typed, jacobian) {
  clear();
  clearError();
  const alert = at("error");
  const parts = [];
  if (said.ended) {
    parts.push(element("p", {}, "This took more than 30 seconds and was ended."));
  } else if (said.defect) {
    parts.push(
      element("p", {}, "This is a defect of matcalc, not of your formula. Please report it with what stands here."),
      element("pre", {}, `${said.defect}\n${typed}`),
    );
    const button = element("button", { type: "button" }, "Copy report");
    button.onclick = () => copied(`${said.defect}\n${typed}\n`, button);
    parts.push(button);
  } else {
    const error = said.error;
    const box = /** @type {HTMLInputElement} */ (at(BOXES[error.box]));
    parts.push(element("p", {}, error.message));
    if (error.excerpt) parts.push(element("pre", {}, error.excerpt));
    if (error.hint) parts.push(element("p", { className: "hint" }, error.hint));
    const place = element("button", { type: "button" }, "Show the place");
    place.onclick = () => {
      box.focus();
      box.setSelectionRange(error.start, error.end);
    };
    parts.push(place);
    if (said.offer === "jacobian") parts.push(" ", element("button", { type: "button", onclick: jacobian }, "Jacobian"));
    if (error.name) parts.push(" ", element("a", { href: `reference.html#${error.name}` }, `${error.name} in the reference`));
    box.setAttribute("aria-invalid", "true");
    box.setAttribute("aria-describedby", "error");
  }
  alert.replaceChildren(...parts);
  alert.hidden = false;
}
