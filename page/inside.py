"""Runs at the build, inside of the page's own runtime: compiling, the examples' answers, and warming up before the snapshot."""

from __future__ import annotations

import ast
import importlib
import json
import marshal
import pkgutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any

NEVER = ("pdb", "bdb", "cmd", "doctest", "unittest", "argparse", "pydoc", "pyodide.console")
SPARE = "encodings.idna encodings.latin_1 encodings.ascii random site traceback zipfile zipfile._path zipfile._path.glob shutil struct stat"
PARTS = ("differential", "programs", "steps")
PROVED = ("solve", "curvature")  # by numbers of many digits, which are loaded when they are needed
HEAVY = set("numpy scipy sympy jax torch IPython interegular atomicwrites regex js2py gmpy2 sage flint mcp".split())
READ = ("matcalc/programs/routines/", "matcalc/operators/in_numpy")  # sources that programs take their routines from
LEFT_OUT = (
    *(f"matcalc.{name}" for name in ("cli", "__main__", "jupyter", "operating", "assistants", "minimizing")),
    *(f"lark.{name}" for name in ("__pyinstaller", "tools", "ast_utils")),
)


def compiled(build: Path) -> None:
    """Writes BUILD/pyc and BUILD/mpmath-pyc, the examples' answers, and the names of the modules of the standard library that are used."""
    for source, target in (("lib", "pyc"), ("mpmath", "mpmath-pyc")):
        _compile(build / source, build / target)
    sys.path[:0] = [str(build / "pyc"), str(build / "mpmath-pyc")]
    examples = json.loads((build / "examples.json").read_text("utf-8"))
    answers = {}
    for example in examples:
        asked = {"by": "", "d": "gradient", "where": "", **example}
        said = _answered(asked)
        answers[json.dumps([asked[k] for k in ("f", "by", "d", "where")], ensure_ascii=False, separators=(",", ":"))] = said
    (build / "answers.json").write_text(json.dumps(answers, ensure_ascii=False), "utf-8")
    warmed(examples)
    tried(examples)
    for name in sorted(_imported(build / "lib" / "matcalc")):
        with suppress(ImportError):
            importlib.import_module(name)
    library = Path("/lib").glob("python3*.zip")
    stem = str(next(iter(library)))
    used = sorted(m.__name__ for m in list(sys.modules.values()) if str(getattr(m, "__file__", "") or "").startswith(stem))
    (build / "used.json").write_text(json.dumps({"stdlib": stem, "modules": used}), "utf-8")


def trimmed(build: Path) -> None:
    """Writes BUILD/python_stdlib.zip: the modules that are used, as .pyc."""
    import zipfile

    used = json.loads((build / "used.json").read_text("utf-8"))
    wanted = set(used["modules"]) | set(SPARE.split())
    target = build / "stdlib"
    with zipfile.ZipFile(used["stdlib"]) as library:
        for name in library.namelist():
            module = name.removesuffix(".py").removesuffix(".pyc").removesuffix("/__init__").replace("/", ".")
            runtime = module.startswith(("_pyodide", "pyodide."))
            if name.endswith((".py", ".pyc")) and (module in wanted or runtime) and not module.startswith(NEVER):
                library.extract(name, target)
    out = build / "stdlib-pyc"
    _compile(target, out)
    with zipfile.ZipFile(build / "python_stdlib.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for file in sorted(out.rglob("*")):
            if file.is_file():
                made.writestr(zipfile.ZipInfo(str(file.relative_to(out))), file.read_bytes(), zipfile.ZIP_DEFLATED)


def warmed(examples: list[dict[str, Any]], modules: Iterable[str] = ()) -> None:
    """Imports all that an answer can need, and `modules`, and asks the examples, so that tables are read and rules are made."""
    import lark

    import matcalc

    for name in modules:
        if not name.startswith((*NEVER, "_pyodide", "pyodide")) and name not in sys.modules:
            importlib.import_module(name)
    for package in (matcalc, lark):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if (
                not found.name.startswith(LEFT_OUT)
                and "sympy" not in found.name.replace("writing.sympy.source", "")
                or found.name == "matcalc.writing.sympy"
            ):
                try:
                    importlib.import_module(found.name)
                except ImportError as error:
                    if (error.name or "").partition(".")[0] not in HEAVY:
                        raise
    for example in examples:
        if example.get("d") not in PROVED:
            _answered({"by": "", "d": "gradient", "where": "", **example})
    for broken in ("norm(A*x", "A*x", "foo(x)"):
        _asked({"do": "answer", "f": broken, "by": "x"})
    _asked({"do": "declare", "where": "A: (m, n)", "name": "x", "kind": "vector"})


def tried(examples: list[dict[str, Any]]) -> None:
    """Asks what needs many digits too: solutions, proofs and checks."""
    for example in examples:
        _answered({"by": "", "d": "gradient", "where": "", **example})
    for claim in ({**examples[1], "claim": "A'*(A*x - b)"}, {"f": "tr(expm(A))", "by": "A", "claim": "expm(A)"}):
        _asked({**claim, "do": "check"})


def _answered(asked: dict[str, Any]) -> dict[str, Any]:
    said = _asked({**asked, "do": "answer"})
    if "answers" not in said:
        raise ValueError(f"the example {asked} has no answer: {said}")
    for part in PARTS:
        said |= _asked({**asked, "do": part})
    return said


def _asked(asked: dict[str, Any]) -> dict[str, Any]:
    import bridge

    said: dict[str, Any] = json.loads(bridge.ask(json.dumps(asked)))
    if "defect" in said:
        raise ValueError(f"{asked}: {said['defect']}")
    return said


def _compile(source: Path, target: Path) -> None:
    """The modules of a folder as byte code, without what no answer needs: docstrings, asserts, line numbers, annotations of functions."""
    from importlib.util import MAGIC_NUMBER

    for file in sorted(source.rglob("*")):
        to = target / file.relative_to(source)
        if file.is_dir() or "__pycache__" in file.parts:
            continue
        to.parent.mkdir(parents=True, exist_ok=True)
        if file.relative_to(source).as_posix().startswith(READ) and file.name != "__init__.py":
            to.write_bytes(file.read_bytes())
        elif file.suffix == ".py":
            tree = _Unannotated().visit(ast.parse(file.read_bytes()))
            made = _bare(compile(tree, file.relative_to(source).as_posix(), "exec", optimize=2))
            to.with_suffix(".pyc").write_bytes(MAGIC_NUMBER + bytes(12) + marshal.dumps(made))
        elif file.suffix in (".pickle", ".lark", ".pyc"):
            to.write_bytes(file.read_bytes())


class _Unannotated(ast.NodeTransformer):
    """Takes the annotations from functions; those of classes say which fields a tuple or a dataclass has."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


def _bare(code: CodeType) -> CodeType:
    constants = tuple(_bare(c) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_consts=constants, co_linetable=b"", co_filename="")


def _imported(folder: Path) -> set[str]:
    names = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {a.name for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return {n for n in names if n.partition(".")[0] not in HEAVY | {"matcalc", "lark", "mpmath", "bridge", "__future__", "argparse"}}
