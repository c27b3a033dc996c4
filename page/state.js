// The state of the page and its fragment: #f=…&by=…&d=…&where=…&claim=…&embed=1, percent-coded UTF-8 in which + is a plus.

/** @typedef {{f: string, by: string, d: string, where: string, claim: string, embed: boolean}} State */

/** What can be asked of a formula, in the order of the radios: value and label. */
export const KINDS = [
  ["gradient", "Gradient"],
  ["jacobian", "Jacobian"],
  ["hessian", "Hessian"],
  ["solve", "Solve"],
  ["curvature", "Curvature"],
];

const TEXTS = ["f", "by", "where", "claim"];
/** What stays readable in a link. */
const PLAIN = /%(?:2B|2C|2F|3A|3B|3D|40|5E)/g;

/** @returns {State} */
export const empty = () => ({ f: "", by: "", d: "gradient", where: "", claim: "", embed: false });

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The state that a fragment says; unknown keys and values are ignored, broken ones empty. @param {string} hash @returns {State} */
export function read(hash) {
  const state = empty();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 0) continue;
    const key = part.slice(0, at);
    const value = decoded(part.slice(at + 1));
    if (TEXTS.includes(key)) state[key] = value;
    else if (key === "d" && KINDS.some(([kind]) => kind === value)) state.d = value;
    else if (key === "embed") state.embed = value === "1";
  }
  return state;
}

/** @param {string} text */
const coded = (text) => encodeURIComponent(text.toWellFormed ? text.toWellFormed() : text).replace(PLAIN, decodeURIComponent);

/** The fragment of a state, the formula always in it. @param {State} state */
export function written(state) {
  const parts = [`f=${coded(state.f)}`];
  if (state.by) parts.push(`by=${coded(state.by)}`);
  if (state.d !== "gradient") parts.push(`d=${state.d}`);
  if (state.where) parts.push(`where=${coded(state.where)}`);
  if (state.claim) parts.push(`claim=${coded(state.claim)}`);
  if (state.embed) parts.push("embed=1");
  return `#${parts.join("&")}`;
}
