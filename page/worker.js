// The engine: Python in a worker.  A message {id, ask} is answered by {id, said}; before that come {got}, bytes, then {ready} or {failed}.
import { RUNTIME, SNAPSHOT } from "./built.js";
import { NO_FILES, roomFor } from "./room.js";

const PYTHON = "./pyodide/";
const root = new URL("./", self.location.href);
const plain = self.fetch.bind(self);

/** The files to come, counted as they come. @param {string} name */
async function fetched(name) {
  const response = await plain(new URL(name, root));
  if (!response.ok || !response.body) throw new Error(`${name} could not be loaded (${response.status})`);
  const counted = response.clone().body.getReader();
  (async () => {
    for (;;) {
      const { done, value } = await counted.read();
      if (done) return;
      postMessage({ got: value.byteLength, of: name });
    }
  })().catch(() => {});
  return response;
}

/** @param {Response} response */
const unzipped = (response) => new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();

/** What was asked for at once, by the end of its address; the runtime fetches it again by itself. */
const under = new Map(["pyodide.asm.wasm", ...(SNAPSHOT ? [] : ["python_stdlib.zip"])].map((name) => [name, fetched(`pyodide/${name}`)]));
if (SNAPSHOT) under.set("python_stdlib.zip", Promise.resolve(new Response(NO_FILES)));
let lost = false;
const failed = new Promise((_, reject) => {
  for (const promise of under.values()) {
    promise.catch((error) => {
      lost = true;
      reject(error);
    });
  }
});
self.fetch = (input, init) => {
  const address = String(input instanceof Request ? input.url : input);
  const name = address.slice(address.lastIndexOf("/") + 1);
  const held = under.get(name);
  under.delete(name);
  return held ?? plain(input, init);
};

async function start(snapshot) {
  const options = { indexURL: new URL(PYTHON, root).href, lockFileContents: { info: RUNTIME, packages: {} }, packageBaseUrl: root.href };
  if (snapshot) {
    options._loadSnapshot = fetched("snapshot.bin.gz").then(unzipped);
    options.createPyodideModule = roomFor(SNAPSHOT, await import(`${PYTHON}pyodide.asm.mjs`));
  }
  const { loadPyodide } = await import(`${PYTHON}pyodide.mjs`);
  const python = await loadPyodide(options);
  if (!snapshot) {
    python.FS.writeFile("/lib/matcalc.zip", new Uint8Array(await (await fetched("matcalc.zip")).arrayBuffer()));
    python.runPython("import sys, zipfile; zipfile.ZipFile('/lib/matcalc.zip').extractall('/lib/matcalc'); sys.path.append('/lib/matcalc')");
  } else {
    python.runPython("import random; random.seed()");
  }
  python.runPython("from bridge import ask");
  return python;
}

const engine = Promise.race([start(SNAPSHOT), failed]).catch((error) => {
  if (!SNAPSHOT || lost) throw error;
  return Promise.race([start(false), failed]); // the snapshot belongs to one build of the runtime: without it it only takes longer
});
engine.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error?.message ?? error) }),
);

let checking;
const DIGITS = ["solve", "curvature"];
/** What only a check and a proof need: arithmetic in many digits. */
function digits(python) {
  return (checking ??= plain(new URL("mpmath.zip", root)).then(async (response) => {
    python.FS.writeFile("/lib/mpmath.zip", new Uint8Array(await response.arrayBuffer()));
    python.runPython("import sys; sys.path.append('/lib/mpmath.zip')");
  }));
}

self.onmessage = async ({ data }) => {
  const python = await engine;
  if (data.ask.do === "check" || DIGITS.includes(data.ask.d)) await digits(python).catch(() => (checking = undefined));
  postMessage({ id: data.id, begun: true });
  const ask = python.globals.get("ask");
  let said;
  try {
    said = JSON.parse(ask(JSON.stringify(data.ask)));
  } catch (error) {
    said = { defect: String(error?.message ?? error).trim().split("\n").pop() };
  }
  ask.destroy();
  postMessage({ id: data.id, said });
};
