// The page: boxes, address, engine and answers held together.
import { clear, clearError, copied, showAnswers, showDerivations, showDifferentials, showError, showPrograms, showRead } from "./answer.js";
import { EXAMPLES } from "./built.js";
import { Engine, Stale } from "./engine.js";
import { forget, remember, show as showHistory } from "./history.js";
import { element } from "./math.js";
import { KINDS, empty, read, written } from "./state.js";
import { showSymbols } from "./symbols.js";

const PAUSE = 120; // ms after the last key a question is put
const REST = 600; // ms of rest after which an error is said
const REMEMBERED = 2000;
const FLAGSHIP = { f: "‖g(X·W) − Y‖²_F", by: "W" };
const SIGNS = ["‖", "⊙", "⊗", "ᵀ", "⁻¹", "²", "λ"];

/** @param {string} id */
const at = (id) => /** @type {any} */ (document.getElementById(id));
const boxes = { f: at("f"), by: at("by"), where: at("where"), claim: at("claim") };
const region = at("answer");

/** @type {import("./state.js").State} */
let state = empty();
let asked = 0; // the number of the newest question
let typedAt = 0;
let said; // what was answered last
let programs = Promise.resolve(/** @type {any} */ ({ programs: [] }));
/** @type {Record<string, any>} */
const timers = {};

// --- questions and answers -----------------------------------------------------------------------------------------

const engine = new Engine((text, broken) => {
  at("again").hidden = !broken;
  at("status").textContent = text;
});
at("again").onclick = () => engine.again();

/** The question in the boxes. @param {string} what @param {any} [more] */
const question = (what, more = {}) => ({ do: what, f: state.f, by: state.by, d: state.d, where: state.where, ...more });

function busy(is) {
  region.setAttribute("aria-busy", String(is));
}

/** Something was typed or chosen: the old answer is dimmed at once, and a question is put after a pause. */
function changed(now = false) {
  asked += 1;
  typedAt = performance.now();
  clearTimeout(timers.ask);
  clearTimeout(timers.error);
  clearTimeout(timers.history);
  at("verdict").textContent = "";
  at("remarks").hidden = true;
  history.replaceState(null, "", written(state));
  at("open").href = written({ ...state, embed: false });
  if (!state.f.trim()) return emptied();
  busy(true);
  timers.ask = setTimeout(() => ask(now), now ? 0 : PAUSE);
  timers.history = setTimeout(() => state.embed || remember(written(state)), REMEMBERED);
}

function emptied() {
  clear();
  clearError();
  showRead(null);
  showSymbols([], edited);
  said = null;
  at("announce").textContent = "";
  if (engine.ready) at("status").textContent = "";
  busy(false);
}

/** Puts the question, and shows what comes if it is still the newest. @param {boolean} now whether an error is said at once */
async function ask(now) {
  clearTimeout(timers.ask);
  const number = asked;
  if (!engine.ready) confirmLater(number);
  const before = performance.now();
  const answer = await engine.ask(question("answer")).catch(dropped);
  if (number !== asked || !answer) return;
  if (answer.answers) {
    at("status").textContent = `answered in ${((performance.now() - before) / 1000).toFixed(2)} s`;
    shown(answer);
    busy(false);
    timers.announce = setTimeout(() => number === asked && announce(answer), REST);
    return more(number);
  }
  const rest = now ? 0 : Math.max(0, REST - (performance.now() - typedAt));
  pending = () => number === asked && failed(answer);
  timers.error = setTimeout(pending, rest);
}

let pending = () => {};

function dropped(why) {
  if (!(why instanceof Stale)) throw why;
}

function shown(answer) {
  clearTimeout(timers.announce);
  said = answer;
  clearError();
  showRead(answer);
  showSymbols(answer.symbols, edited);
  programs = Promise.resolve(answer.programs ? answer : null).then((known) => known ?? engine.ask(question("programs")));
  programs.catch(() => {});
  const mine = programs;
  showAnswers(answer, () => mine);
}

/** What comes after the answer, one message each, so that a newer question goes between. */
async function more(number) {
  const parts = [
    ["differential", showDifferentials],
    ["programs", showPrograms],
    ["steps", showDerivations],
  ];
  for (const [what, show] of parts) {
    const made = await (what === "programs" ? programs : engine.ask(question(what))).catch(dropped);
    if (number !== asked || !made) return;
    show(made.error || made.defect || made.ended ? null : made);
  }
}

function failed(answer) {
  at("status").textContent = "";
  at("announce").textContent = "";
  if (answer.read) {
    showRead(answer);
    showSymbols(answer.symbols, edited);
  } else {
    showRead(null);
  }
  said = null;
  showError(answer, JSON.stringify(question("answer")), () => {
    state.d = "jacobian";
    fill();
    changed(true);
  });
  busy(false);
}

function announce(answer) {
  at("announce").textContent = answer.answers.map((d) => `${d.left} = ${d.unicode}`).join("; ");
}

/** Until the engine is there, an example's answer is shown from a file of the build, as busy. */
async function confirmLater(number) {
  const key = JSON.stringify([state.f, state.by, state.d, state.where]);
  const known = await prepared();
  if (number !== asked || engine.ready || !known[key]) return;
  shown(known[key]);
  showDifferentials(known[key]);
  showPrograms(known[key]);
  showDerivations(known[key]);
}

let answers;
const prepared = () => (answers ??= fetch("answers.json").then((r) => (r.ok ? r.json() : {})).catch(() => ({})));

// --- the boxes ---------------------------------------------------------------------------------------------------------

/** The boxes say what the state is. */
function fill() {
  for (const [key, box] of Object.entries(boxes)) if (box.value !== state[key]) box.value = state[key];
  for (const radio of document.querySelectorAll("#kinds input")) radio.checked = radio.value === state.d;
}

for (const [key, box] of Object.entries(boxes)) {
  box.addEventListener("input", () => {
    state[key] = box.value;
    if (key === "claim") {
      at("verdict").textContent = "";
      at("remarks").hidden = true;
      history.replaceState(null, "", written(state));
    } else {
      changed();
    }
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (key === "claim") check();
    else if (state.f.trim()) ask(true);
  });
  box.addEventListener("blur", () => {
    typedAt = -Infinity; // an error is said at once now
    if (region.getAttribute("aria-busy") === "true") pending();
  });
}

at("kinds").append(
  ...KINDS.map(([value, label]) => {
    const radio = element("input", { type: "radio", name: "d", value });
    radio.onchange = () => {
      state.d = value;
      changed(true);
    };
    return element("label", {}, radio, label);
  }),
);

at("keys").append(
  ...SIGNS.map((sign) => {
    const button = element("button", { type: "button" }, sign);
    button.onpointerdown = (event) => event.preventDefault(); // the box keeps the focus and its keyboard
    button.onclick = () => {
      boxes.f.setRangeText(sign, boxes.f.selectionStart, boxes.f.selectionEnd, "end");
      boxes.f.dispatchEvent(new Event("input"));
    };
    return button;
  }),
);

// --- the table of symbols: table and text are one state -------------------------------------------------------------------

let edits = Promise.resolve();

function edited(edit) {
  busy(true);
  edits = edits.then(async () => {
    const made = await engine.ask(question("declare", edit)).catch(dropped);
    if (typeof made?.where === "string") state.where = made.where;
    fill();
    changed(true);
  });
}

// --- a claim ---------------------------------------------------------------------------------------------------------------

let checks = 0;

async function check() {
  const mine = (checks += 1);
  const verdict = at("verdict");
  at("remarks").hidden = true;
  verdict.textContent = "";
  clearClaim();
  if (!state.claim.trim() || !state.f.trim()) return;
  const question_ = asked;
  const made = await engine.ask(question("check", { claim: state.claim })).catch(dropped);
  if (!made || mine !== checks || question_ !== asked) return;
  if (made.verdict) {
    verdict.textContent = made.verdict;
  } else if (made.error) {
    const { message, excerpt, hint } = made.error;
    verdict.textContent = message;
    const lines = [excerpt && element("pre", {}, excerpt), hint].filter(Boolean);
    at("remarks").replaceChildren(...lines.map((line) => element("li", {}, line)));
    at("remarks").hidden = !lines.length;
    boxes.claim.setAttribute("aria-invalid", String(made.error.box === "claim"));
    return;
  } else {
    verdict.textContent = made.ended ? "not decided: this took more than 30 seconds and was ended" : `a defect of matcalc, please report: ${made.defect}`;
  }
  at("remarks").replaceChildren(...(made.notes ?? []).map((note) => element("li", {}, note)));
  at("remarks").hidden = !made.notes?.length;
}

function clearClaim() {
  boxes.claim.removeAttribute("aria-invalid");
}

at("check").onclick = check;

// --- links, examples, history ----------------------------------------------------------------------------------------------

at("copylink").onclick = () => {
  history.replaceState(null, "", written(state));
  copied(location.href, at("copylink"));
};

document.querySelector("#examples .buttons").append(
  ...EXAMPLES.map((example) => {
    const button = element("button", { type: "button" }, example.name);
    button.onclick = () => {
      const { f, by = "", d = "gradient", where = "", claim = "" } = example;
      state = { ...empty(), f, by, d, where, claim };
      fill();
      changed(true);
      if (claim) check();
      scrollTo({ top: 0 });
    };
    return button;
  }),
);

at("clear").onclick = forget;
showHistory();

/** The state of the address; without a fragment, the flagship. */
function open() {
  state = location.hash.length > 1 ? read(location.hash) : { ...empty(), ...FLAGSHIP };
  document.body.classList.toggle("embed", state.embed);
  at("open").hidden = !state.embed;
  at("open").href = written({ ...state, embed: false });
  fill();
  asked += 1;
  at("verdict").textContent = "";
  if (!state.f.trim()) return emptied();
  busy(true);
  ask(true);
  if (state.claim) check();
}

addEventListener("hashchange", open);
open();
if (!state.embed) boxes.f.focus({ preventScroll: true });
else if (window.parent !== window) {
  // how high this is, for a frame that wants to follow; nothing of what was typed
  new ResizeObserver(() => window.parent.postMessage({ matcalc: { height: document.documentElement.scrollHeight } }, "*")).observe(document.body);
}

if ("serviceWorker" in navigator) {
  engine.loaded.then(() => navigator.serviceWorker.register("sw.js")).catch(() => {}); // afterwards: no large file is fetched twice
}
