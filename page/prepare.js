// Runs at the build, in Node, in the page's own runtime: `node prepare.js TASK FOLDER`.
//   compile   FOLDER/lib, FOLDER/mpmath → the same as .pyc in FOLDER/pyc, FOLDER/mpmath-pyc; the examples' answers; the modules used
//   snapshot  FOLDER/snapshot.bin, of memory after the examples were asked; tried at once, without the library's archive
//   typeset   formulas, a JSON list on standard input → HTML, a JSON list on standard output
import fs from "node:fs";
import path from "node:path";
import { NO_FILES, roomFor } from "./room.js";

const [task, folder] = process.argv.slice(2);
const { info } = JSON.parse(fs.readFileSync(new URL("node_modules/pyodide/pyodide-lock.json", import.meta.url), "utf8"));

async function runtime(options = {}) {
  const { loadPyodide } = await import("pyodide");
  return loadPyodide({ lockFileContents: { info, packages: {} }, packageBaseUrl: "./", ...options });
}

/** Puts a folder of this machine into the runtime's own files. */
function put(python, from, to) {
  python.FS.mkdirTree(to);
  for (const name of fs.readdirSync(from)) {
    const here = path.join(from, name);
    if (fs.statSync(here).isDirectory()) put(python, here, `${to}/${name}`);
    else python.FS.writeFile(`${to}/${name}`, fs.readFileSync(here));
  }
}

const TASKS = {
  async compile() {
    const python = await runtime();
    python.FS.mkdirTree("/build");
    python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/build");
    python.runPython(fs.readFileSync(path.join(folder, "compile.py"), "utf8"));
  },

  async snapshot() {
    const stdLibURL = path.join(folder, "python_stdlib.zip");
    const python = await runtime({ _makeSnapshot: true, stdLibURL });
    put(python, path.join(folder, "pyc"), "/lib/matcalc");
    for (const name of ["examples.json", "used.json"]) python.FS.writeFile(`/${name}`, fs.readFileSync(path.join(folder, name)));
    python.runPython(fs.readFileSync(path.join(folder, "warm.py"), "utf8"));
    const file = path.join(folder, "snapshot.bin");
    fs.writeFileSync(file, python.makeMemorySnapshot());
    const image = fs.readFileSync(file);
    const nothing = path.join(folder, "nothing.zip");
    fs.writeFileSync(nothing, NO_FILES);
    const again = await runtime({ _loadSnapshot: image, stdLibURL: nothing, createPyodideModule: roomFor(image.length, await import("pyodide/pyodide.asm.mjs")) });
    const started = process.cpuUsage();
    const said = again.runPython(`from bridge import ask\nask('{"do": "answer", "f": "norm(B*y - c)^2", "by": "y"}')`);
    if (JSON.parse(said).answers[0].text !== "2*B'*(B*y - c)") throw new Error(`the snapshot answers ${said}`);
    const { user, system } = process.cpuUsage(started);
    console.log(`first answer from the snapshot: ${((user + system) / 1000).toFixed(0)} ms of CPU`);
    put(again, path.join(folder, "mpmath-pyc"), "/lib/mpmath");
    again.runPython("sys.path.append('/lib/mpmath')\ntried(EXAMPLES)"); // all that is asked must be in memory: the library's archive is not there
  },

  async typeset() {
    const { default: katex } = await import("katex");
    const options = { output: "htmlAndMathml", trust: false, throwOnError: true, strict: "ignore" };
    const formulas = JSON.parse(fs.readFileSync(0, "utf8"));
    const made = JSON.stringify(formulas.map((latex) => katex.renderToString(latex, options)));
    await new Promise((done) => process.stdout.write(made, done));
  },
};

TASKS[task]().then(
  () => process.exit(0),
  (error) => {
    console.error(String(error.message ?? error).slice(-3000));
    process.exit(1);
  },
);
