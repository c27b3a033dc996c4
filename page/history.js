// The last questions, in this browser alone; the page works where storage is refused.
import { element } from "./math.js";
import { KINDS, read } from "./state.js";

const KEY = "matcalc.history";
const MOST = 30;
const list = /** @type {HTMLElement} */ (document.querySelector("#history ul"));
/** @type {string[]} */
let kept = [];

try {
  const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  if (Array.isArray(found)) kept = found.filter((hash) => typeof hash === "string" && hash.startsWith("#")).slice(0, MOST);
} catch {
  kept = [];
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // storage is refused: the history lasts as long as the page
  }
  show();
}

export function show() {
  list.replaceChildren(
    ...kept.map((hash) => {
      const { f, by, d } = read(hash);
      const kind = KINDS.find(([name]) => name === d)?.[1] ?? "";
      return element("li", {}, element("a", { href: hash }, `${f}${by ? ` by ${by}` : ""}${d === "gradient" ? "" : `, ${kind}`}`));
    }),
  );
}

/** @param {string} hash */
export function remember(hash) {
  kept = [hash, ...kept.filter((other) => other !== hash)].slice(0, MOST);
  keep();
}

export function forget() {
  kept = [];
  keep();
}
