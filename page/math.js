// Typesetting: KaTeX with MathML, of what the engine wrote and of nothing that was typed.

const LONGEST = 2000; // characters of LaTeX that are typeset without being asked

/** @type {any} */
const katex = /** @type {any} */ (globalThis).katex;
const OPTIONS = { output: "htmlAndMathml", trust: false, throwOnError: false, strict: "ignore", maxExpand: 500, maxSize: 20, displayMode: true };

/** @param {string} tag @param {Record<string, any>} [properties] @param {(Node | string)[]} children */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role" || key === "for" || key === "scope") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

/** A formula, typeset; a very long one as text, with a button. @param {string} latex */
export function formula(latex) {
  const box = element("div", { className: "math", tabIndex: -1 });
  const typeset = () => {
    try {
      katex.render(latex, box, { ...OPTIONS, fleqn: true });
    } catch {
      box.textContent = latex;
    }
  };
  if (latex.length <= LONGEST) typeset();
  else box.append(element("code", {}, latex), " ", element("button", { type: "button", onclick: typeset }, "Typeset"));
  return box;
}
