"""Builds the page: `python page/build.py` writes page/dist, a folder of static files.

Needs Python, Node ≥ 20 and npm.  npm brings the runtime and the typesetter, pip the wheels of this checkout, of Lark and of mpmath, in
the versions that stand here and in package-lock.json; nothing else is fetched.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILD, DIST, MODULES = HERE / "build", HERE / "dist", HERE / "node_modules"
WHEELS = ("lark==1.3.1", "mpmath==1.3.0")  # the tables of the grammars are saved by this Lark
SCRIPTS = ("main.js", "state.js", "math.js", "engine.js", "room.js", "worker.js", "answer.js", "symbols.js", "history.js")
RARE = ("Fraktur-Bold.woff2", "Fraktur-Regular.woff2", "SansSerif-Italic.woff2", "Typewriter-Regular.woff2")  # fonts of no answer
SLOWLY = ("pyodide/python_stdlib.zip", "matcalc.zip")  # what the page starts from without a snapshot
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")


def main() -> None:
    _needed()
    for folder in (BUILD, DIST):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    if not _is_installed():
        _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    wheel = _wheels()
    shutil.copy(HERE / "bridge.py", BUILD / "lib")
    shutil.copy(HERE / "examples.json", BUILD)
    inside = (HERE / "inside.py").read_text("utf-8")
    (BUILD / "compile.py").write_text(f"{inside}\n\ncompiled(Path('/build'))\ntrimmed(Path('/build'))\n", "utf-8")
    (BUILD / "warm.py").write_text(
        f"{inside}\n\nsys.path.append('/lib/matcalc')\nEXAMPLES = json.loads(Path('/examples.json').read_text('utf-8'))\n"
        "warmed(EXAMPLES, json.loads(Path('/used.json').read_text('utf-8'))['modules'])\n"
        "import gc\ngc.collect()\n",
        "utf-8",
    )
    _run("node", "prepare.js", "compile", str(BUILD))
    snapshot = _snapshot()
    _copied(wheel, snapshot)
    sys.path[:0] = [str(BUILD / "lib"), str(HERE)]  # the library that was built, and reference.py
    from reference import reference

    (DIST / "reference.html").write_text(reference(_typeset), "utf-8")
    _finished(snapshot)


def _needed() -> None:
    """Says which tool is missing."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            sys.exit(f"the page needs {tool}, which is not here (Node 20 or newer, with npm)")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < 20:
        sys.exit(f"the page needs Node 20 or newer; this is {version}")


def _is_installed() -> bool:
    """Whether the packages of the lock file are here: npm keeps a copy of it beside them."""
    there, lock = HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json"
    return there.exists() and there.stat().st_mtime >= lock.stat().st_mtime


def _run(*command: str, given: str | None = None) -> str:
    quiet = given is not None
    done = subprocess.run(command, cwd=HERE, check=False, text=True, input=given, stdout=subprocess.PIPE if quiet else None)
    if done.returncode:
        sys.exit(f"failed: {' '.join(command)}")
    return done.stdout or ""


def _wheels() -> Path:
    """Unpacks the wheels: matcalc and Lark into BUILD/lib, mpmath, which only a check needs, beside it."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--wheel-dir", str(BUILD / "wheels"), str(ROOT))
    _run(*pip, "download", "--no-deps", "--only-binary=:all:", "--dest", str(BUILD / "wheels"), *WHEELS)
    found = None
    for wheel in sorted((BUILD / "wheels").glob("*.whl")):
        target = BUILD / ("mpmath" if wheel.name.startswith("mpmath") else "lib")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target, [n for n in archive.namelist() if ".dist-info/" not in n and "/tests/" not in n])
        found = wheel if wheel.name.startswith("matcalc") else found
    if found is None:
        sys.exit("pip made no wheel of this checkout")
    return found


def _snapshot() -> int:
    """The bytes of a snapshot of memory, 0 where none could be made that answers; the page works without, and starts slower."""
    done = subprocess.run(["node", "prepare.js", "snapshot", str(BUILD)], cwd=HERE, check=False)
    if done.returncode:
        print("no snapshot: the page starts without one", file=sys.stderr)
        return 0
    (DIST / "snapshot.bin.gz").write_bytes(gzip.compress((BUILD / "snapshot.bin").read_bytes(), 9, mtime=0))
    return (BUILD / "snapshot.bin").stat().st_size


def _copied(wheel: Path, snapshot: int) -> None:
    for name in (*SCRIPTS, "page.css", "icon.svg"):
        shutil.copy(HERE / name, DIST)
    shutil.copy(wheel, DIST)
    html = (HERE / "index.html").read_text("utf-8").replace("source.html", wheel.name)
    preloads = "".join(
        f'<link rel="modulepreload" href="{name}">\n' for name in (*SCRIPTS[1:], "built.js") if name not in ("worker.js", "room.js")
    )
    (DIST / "index.html").write_text(
        html.replace('<link rel="modulepreload" href="main.js">\n', f'<link rel="modulepreload" href="main.js">\n{preloads}'), "utf-8"
    )
    (DIST / "pyodide").mkdir()
    for name in RUNTIME:
        shutil.copy(MODULES / "pyodide" / name, DIST / "pyodide")
    shutil.copy(BUILD / "python_stdlib.zip", DIST / "pyodide")
    _zipped(BUILD / "pyc", DIST / "matcalc.zip")
    _zipped(BUILD / "mpmath-pyc", DIST / "mpmath.zip")
    shutil.copy(BUILD / "answers.json", DIST)
    katex = MODULES / "katex" / "dist"
    (DIST / "katex" / "fonts").mkdir(parents=True)
    shutil.copy(katex / "katex.min.js", DIST / "katex")
    css = (katex / "katex.min.css").read_text("utf-8")  # one format of fonts is enough
    (DIST / "katex" / "katex.min.css").write_text(re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[a-z]*"\)', "", css), "utf-8")
    for font in sorted((katex / "fonts").glob("*.woff2")):
        shutil.copy(font, DIST / "katex" / "fonts")
    shutil.copy(MODULES / "katex" / "LICENSE", DIST / "katex")


def _zipped(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                made.writestr(zipfile.ZipInfo(file.relative_to(folder).as_posix()), file.read_bytes(), zipfile.ZIP_DEFLATED)


def _typeset(formulas: list[str]) -> list[str]:
    made: list[str] = json.loads(_run("node", "prepare.js", "typeset", str(BUILD), given=json.dumps(formulas)))
    return made


def _finished(snapshot: int) -> None:
    """Writes what the page knows of its build: how much there is to come, the examples, the hash of all files."""
    from bridge import SHAPES

    from matcalc.expr.properties import PROPERTIES

    allowed = {
        kind: [p for p, row in PROPERTIES.items() if row.shape in shapes and (row.holds or row.test)] for kind, shapes in SHAPES.items()
    }
    coming = ["pyodide/pyodide.asm.wasm", *(["snapshot.bin.gz"] if snapshot else SLOWLY)]
    facts = {
        "RUNTIME": json.loads((MODULES / "pyodide" / "pyodide-lock.json").read_text("utf-8"))["info"],
        "SNAPSHOT": snapshot,
        "COMING": sum((DIST / name).stat().st_size for name in coming),
        "ALLOWED": allowed,
        "EXAMPLES": json.loads((HERE / "examples.json").read_text("utf-8")),
    }
    lines = [f"export const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in facts.items()]
    (DIST / "built.js").write_text("// Written by build.py.\n" + "".join(lines), "utf-8")
    files = sorted(f.relative_to(DIST).as_posix() for f in DIST.rglob("*") if f.is_file())
    whole = hashlib.sha256(b"".join(name.encode() + (DIST / name).read_bytes() for name in files)).hexdigest()[:16]
    spare = (".whl", "LICENSE", *RARE, *(SLOWLY if snapshot else ()))
    kept = ["./", *(name for name in files if not name.endswith(spare))]
    script = (HERE / "serviceworker.js").read_text("utf-8").replace('"BUILD"', f'"matcalc-{whole}"').replace('["./"]', json.dumps(kept))
    (DIST / "sw.js").write_text(script, "utf-8")
    sent = sum(len(gzip.compress((DIST / name).read_bytes(), 6)) for name in kept[1:])
    print(f"page/dist: a first visit fetches {len(kept)} files, {sent / 1e6:.1f} MB gzip")


if __name__ == "__main__":
    main()
