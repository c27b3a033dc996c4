"""The command line: `matcalc grad EXPR --wrt X`; the answer on standard output, everything else on standard error.

Exit status: 0 answered, 1 a check failed, 2 bad input.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import matcalc as mc
from matcalc import __version__, api, convexity, minimizing, programs, solving
from matcalc.errors import MatcalcError, ParseError, UnsupportedError

if TYPE_CHECKING:
    from matcalc.api import Derivative

STYLES = ("latex", "text", "unicode", "numpy", "jax", "torch", "julia", "matlab", "sympy", "json")

ALL = "all commands"
EXAMPLES = {
    "grad": """  matcalc grad '‖g(X·W) − Y‖²_F' --wrt W
  matcalc grad 'norm(X - D*R)^2' --wrt D,R --to text
  matcalc grad "x'*A*x" --wrt x --where 'A: (n, n) symmetric' --to numpy --value --check""",
    "jacobian": """  matcalc jacobian 'softmax(A*x)' --wrt x
  matcalc jacobian 'A*X*B' --wrt X --to unicode --steps""",
    "hessian": """  matcalc hessian 'sum(log(1 + exp(-y.*(X*w))))' --wrt w --to text
  matcalc hessian 'norm(y - X*w)^2' --wrt w --to numpy --value""",
    "derivative": """  matcalc derivative 'inv(X)' --wrt X
  matcalc derivative - --lines --wrt x --to text < formulas.txt""",
    "differential": """  matcalc differential 'U*s(W*X)' --wrt X --to unicode
  matcalc differential 'logdet(X)' --wrt X --steps""",
    "check": """  matcalc check 'logdet(S)' --wrt S --claim 'inv(S)' --where 'S: (n, n) spd'
  matcalc check "x'*A*x" --wrt x --claim '2*A*x'""",
    "equal": """  matcalc equal 'tr(A*B)' 'sum(A.*B^T)'
  matcalc equal 'det(2*A)' '2^n*det(A)' --where 'A: (n, n)'""",
    "simplify": """  matcalc simplify 'tr(A*B) + tr(B*A)' --to text
  matcalc simplify 'inv(inv(A)*B)' --where 'A, B: (n, n) invertible'""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if stream is not sys.stdin else "replace")
    given = [_protected(a) for a in (sys.argv[1:] if argv is None else argv)]
    if "_ARGCOMPLETE" in os.environ:  # a shell asks how the line may go on
        import argcomplete

        argcomplete.autocomplete(_parser(ALL))
    options = _parser(given[0] if given else "").parse_args(given)
    try:
        status: int = _each_line(options) if getattr(options, "lines", False) else options.run(options)
        sys.stdout.flush()
        return status
    except MatcalcError as e:
        return _failed(str(e))
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as e:  # never a traceback at the command line
        return _failed(f"something went wrong inside: {type(e).__name__}: {e}\n  please report it, with the command")


def _each_line(options: argparse.Namespace) -> int:
    """Answers each line of standard input by itself; a line that is refused does not stop the others."""
    if options.expr.strip() != "-":
        raise ParseError(f"--lines reads standard input: EXPR is -, not {options.expr!r:.60}", hint="matcalc grad - --lines < formulas.txt")
    worst = 0
    for line in sys.stdin:
        if line.strip():
            options.expr = line.strip()
            try:
                worst = max(worst, options.run(options))
            except MatcalcError as e:
                worst = _failed(str(e))
            sys.stdout.flush()
    return worst


def _failed(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 2


def _parser(chosen: str) -> argparse.ArgumentParser:
    """The parser of the command line; only the chosen command gets its arguments (or ALL do), as making them all takes its time."""
    parser = argparse.ArgumentParser(
        prog="matcalc", description="Derivatives of matrix expressions, in matrix notation.", epilog=f"examples:\n{EXAMPLES['grad']}",
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version, and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog="matcalc")
    for name, (summary, run, arguments) in COMMANDS.items():
        example = f"examples:\n{EXAMPLES[name]}" if name in EXAMPLES else None
        command = commands.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=example,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if chosen in (name, ALL):
            command.set_defaults(run=run)
            for flag, options in arguments:
                command.add_argument(flag, **options)
    return parser


class _Version(argparse.Action):
    """Prints the version."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(f"matcalc {__version__}")
        parser.exit()


def _protected(argument: str) -> str:
    """An expression may start with a minus, which is no option then."""
    option = re.fullmatch(r"--[a-z][a-z-]*(=.*)?|-h|-", argument, re.DOTALL)
    return " " + argument if argument.startswith("-") and not option else argument


# --- the commands --------------------------------------------------------------------------------------------


def _derive(options: argparse.Namespace) -> int:
    expr, where, wrt = _expression(options, options.expr), "; ".join(options.where), _by(options)
    if options.command == "differential" and not options.steps:
        found: Any = api.differential(expr, wrt, where=where)
        differentials = found if isinstance(found, tuple) else (found,)
        _tell_of_differentials(expr, wrt, where, differentials)
        for d in (*differentials, found.total) if len(differentials) > 1 else differentials:
            print(_styled(d, options.to))
        return 0
    ask = getattr(api, "derivative" if options.command == "differential" else options.command)
    on = {name: getattr(options, name) for name in ("manifold", "along") if getattr(options, name, None)}
    found = ask(expr, wrt, where=where, layout=options.layout, unconstrained=options.unconstrained, **on)
    answers: tuple[Any, ...] = found if isinstance(found, tuple) else (found,)
    _tell(answers)
    if options.value and options.to not in programs.targets.WRITTEN:
        raise UnsupportedError(
            "--value is of programs: value and derivatives in one", hint=f"write --to {', '.join(programs.targets.WRITTEN)}"
        )
    checks = [d.check() if options.check else None for d in answers]
    every = [d.steps("full" if options.full else "brief") if options.steps or options.full else None for d in answers]
    if options.to == "json":
        _print_json(
            [
                d.document(expr) if hasattr(d, "plain") else api.document.document(d, expr, check, steps)
                for d, check, steps in zip(answers, checks, every, strict=True)
            ]
        )
    elif options.value:
        print(api.code([answers[0].of, *answers], options.to).rstrip("\n"))
    for d, check, steps in zip(answers, checks, every, strict=True):
        if options.to != "json" and not options.value:
            written = _styled(steps or (d.named() if options.named else d), options.to)
            print(written if len(answers) == 1 else _labelled(d, written, options.to))
        if check is not None:
            by = f" by {api.label(d, 'unicode')}" if len(answers) > 1 else ""
            print(f"check{by}: {check!r}", file=sys.stderr)
    return 0 if all(c is None or c.ok for c in checks) else 1


def _pair(options: argparse.Namespace) -> int:
    """Two labelled lines, z: and z*:."""
    expr, where = _expression(options, options.expr), "; ".join(options.where)
    found = api.wirtinger(expr, _by(options), where=where)
    pairs = found if isinstance(found, tuple) else (found,)
    _tell(pairs)
    checks = [p.check() if options.check else None for p in pairs]
    if options.to == "json":
        _print_json([p.document(expr) for p in pairs])
    for p, check in zip(pairs, checks, strict=True):
        if options.to == "latex":
            name = api.label(p.plain, "latex")
            print(f"{name}: {p.plain.latex()}\n{name}*: {p.conj.latex()}")
        elif options.to != "json":
            print(_styled(p, options.to))
        if check is not None:
            print(f"check: {check!r}", file=sys.stderr)
    return 0 if all(c is None or c.ok for c in checks) else 1


def _check(options: argparse.Namespace) -> int:
    expr, where = _expression(options, options.expr), "; ".join(options.where)
    verdict = api.check(
        expr, _by(options), options.claim, where=where, order=options.order, layout=options.layout, unconstrained=options.unconstrained
    )
    print(verdict.verdict)
    if verdict.answer is not None:
        print(f"read as: {verdict.answer.read_as}", file=sys.stderr)
    for note in verdict.notes:
        print(f"note: {note}", file=sys.stderr)
    if not verdict and verdict.answer is not None:
        print(f"note: the answer is {verdict.answer.unicode()}", file=sys.stderr)
    return _refuted(verdict)


def _equal(options: argparse.Namespace) -> int:
    verdict = api.equal(_expression(options, options.expr), options.other, where="; ".join(options.where))
    print(verdict.verdict)
    print(f"read as: {verdict.read_as}", file=sys.stderr)
    for note in verdict.notes:
        print(f"note: {note}", file=sys.stderr)
    return 0 if verdict else 1


def _curvature(options: argparse.Namespace) -> int:
    found = api.curvature(_expression(options, options.expr), _by(options), where="; ".join(options.where))
    return convexity.command.answered(found, options)


def _functions(options: argparse.Namespace) -> int:
    rows = api.tables.functions(options.name or "")
    if not options.name:
        print(api.tables.in_columns((r.name, " ".join(r.signatures), r.meaning or r.differential) for r in rows))
        return 0
    (row,) = rows
    told, example = row.told(), row.example
    if example:
        told["example"] = f"{example.expr} by {example.by} is {example.answer}"
    print(api.tables.in_columns(told.items()))
    return 0


def _identities(options: argparse.Namespace) -> int:
    print(api.tables.in_columns((r.name, f"{r.left} = {r.right}", r.condition, r.used) for r in api.tables.identities()))
    return 0


def _properties(options: argparse.Namespace) -> int:
    print(api.tables.in_columns((r.name, r.of, r.meaning, r.changes) for r in api.tables.properties()))
    return 0


def _simplify(options: argparse.Namespace) -> int:
    reading = api.question.read_any(_expression(options, options.expr), "; ".join(options.where))
    given = reading.expr
    e = api.simplify(given)
    print(f"read as: {api.read_as.read_as(given, reading.symbols)}", file=sys.stderr)
    _say(reading.notes, api.conditions.domains(given))
    print(getattr(e, options.to)())
    return 0


def _serve(options: argparse.Namespace) -> int:
    try:
        made = mc.assistants.server()
    except ImportError:
        raise UnsupportedError("matcalc mcp needs the Python SDK of the protocol", hint="pip install 'matcalc-symbolic[mcp]'") from None
    made.run("stdio")
    return 0


def _minimize(options: argparse.Namespace) -> int:
    return minimizing.command.answered(options, _expression(options, options.expr))


def _solve(options: argparse.Namespace) -> int:
    return solving.command.answered(options, _expression(options, options.expr))


# --- reading and writing -------------------------------------------------------------------------------------


def _expression(options: argparse.Namespace, text: str) -> str:
    expr: str = api.question.in_notation(sys.stdin.read().strip() if text == "-" else text.removeprefix(" "), options.source)
    return expr


def _by(options: argparse.Namespace) -> str | None:
    """The variables to differentiate by, of one option or of several."""
    return None if options.wrt is None else ",".join(options.wrt)


def _tell(answers: Sequence[Any]) -> None:
    """How it was read, the notes of all answers, each once, and what they take for granted."""
    print(f"read as: {answers[0].read_as}", file=sys.stderr)
    notes = dict.fromkeys(note for d in answers for note in d.notes)
    _say(notes, dict.fromkeys(text for d in answers for text in d.assumptions if text not in notes))
    for line in dict.fromkeys(line for d in answers for line in d.legend):
        print(f"where: {line}", file=sys.stderr)


def _tell_of_differentials(expr: str, wrt: str | None, where: str, found: Sequence[Any]) -> None:
    asked = api.question.question(expr, wrt, where)
    print(f"read as: {asked.read_as}", file=sys.stderr)
    by = [v for v, _ in asked.targets]
    notes = dict.fromkeys((*asked.notes, *api.conditions.smoothness(asked.expr, by)))
    _say(notes, api.conditions.domains(asked.expr, *(d.expr for d in found), wrt=by))


def _say(notes: Iterable[str], granted: Iterable[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    conditions = ", ".join(granted)
    if conditions:
        print(f"note: assumes {conditions}", file=sys.stderr)


def _styled(d: Any, style: str) -> str:
    if style in ("latex", "text", "unicode"):
        written: str = getattr(d, style)()
        return written
    if style == "sympy" and hasattr(d, "sympy"):
        return str(d.sympy())
    if not hasattr(d, "code"):
        raise UnsupportedError(f"this is written as latex, text or unicode, not {style}", hint="programs and SymPy are of the answer")
    return str(d.code(style)).rstrip("\n")


def _labelled(d: Derivative, written: str, style: str) -> str:
    if "\n" in written and style in ("text", "unicode"):
        return f"by {api.label(d, style)}:\n{written}"
    if style in ("latex", "text", "unicode"):
        return f"{api.label(d, style)}: {written}"
    return f"{'%' if style == 'matlab' else '#'} by {api.label(d, 'text')}\n{written}\n"


def _print_json(documents: Sequence[dict[str, Any]]) -> None:
    """One document: what there is to say of one answer, or a list of that for several."""
    import json

    print(json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False))


def _refuted(verdict: Any) -> int:
    """Exit status of a verdict; a counterexample goes to standard error."""
    found = verdict.counterexample
    if not verdict and found is not None:
        print(f"note: {found!r}", file=sys.stderr)
        if found.entry not in (None, (1, 1)):
            print(f"note: they differ most at entry {found.entry[0]},{found.entry[1]}", file=sys.stderr)
    return 0 if verdict else 1


# --- the table of commands: a summary, what runs it, its arguments ------------------------------------------

_EXPR = ("expr", {"metavar": "EXPR", "help": "the expression; - reads it from standard input"})
_WHERE = ("--where", {"metavar": "DECLS", "action": "append", "default": [], "help": "declarations: 'X: (m, n); S: (n, n) spd; c: scalar'"})
_FROM = ("--from", {"dest": "source", "choices": ("auto", "text", "latex"), "default": "auto", "help": "the notation of EXPR"})
_TO = ("--to", {"choices": STYLES, "default": "latex", "help": "what to write (default: latex)"})
_SHORT_TO = ("--to", {**_TO[1], "choices": ("latex", "text", "unicode", "sympy")})
_WRT = (
    "--wrt",
    {
        "metavar": "X[,Y…]",
        "action": "append",
        "help": "by what: names or slices such as X[:,j], also repeated; all matrices and vectors if not given",
    },
)
_LINES = ("--lines", {"action": "store_true", "help": "EXPR is -: each line of standard input is a question of its own"})
_FREE = ("--unconstrained", {"action": "store_true", "help": "by a structured variable as if its entries were free"})
_LAYOUT = ("--layout", {"choices": ("numerator", "denominator"), "help": "transpose, once, at the end"})
_DERIVING = (
    _EXPR, _WRT, _WHERE, _FROM, _TO, _FREE, _LAYOUT, _LINES,
    ("--value", {"action": "store_true", "help": "a program that returns the value too"}),
    ("--check", {"action": "store_true", "help": "compare with numeric derivatives at hard points, and the program with the answer"}),
    ("--steps", {"action": "store_true", "help": "show the derivation"}),
    ("--full", {"action": "store_true", "help": "show it one rule at a time"}),
    ("--named", {"action": "store_true", "help": "name repeated parts"}),
)  # fmt: skip
_MANIFOLD = (
    "--manifold",
    {"metavar": "NAME", "nargs": "?", "const": True, "help": "the Riemannian one on the manifold NAME, or on the one that is declared"},
)
_ALONG = ("--along", {"metavar": "V", "help": "applied to the tangent vector V"})
_CLAIM = ("--claim", {"metavar": "EXPR2", "required": True, "help": "the derivative that is claimed"})
_ORDER = ("--order", {"choices": ("derivative", "grad", "jacobian", "hessian"), "default": "derivative", "help": "which derivative"})

_MINIMIZING = (
    _EXPR, _WRT, _WHERE, _FROM,
    ("--data", {"metavar": "FILE.npz", "action": "append", "default": [], "help": "arrays by name, also repeated"}),
    ("--subject-to", {"metavar": "EQUATIONS", "action": "append", "default": [], "help": "constraints: 'A*x = b; sum(x) = 1'"}),
    ("--start", {"metavar": "START", "help": "FILE.npz of arrays by name, or zeros, ones, random"}),
    ("--method", {"choices": ("closed", "newton", "trust", "lbfgs"), "help": "insist on a way (default: chosen from the formula)"}),
    ("--size", {"metavar": "k=5", "action": "append", "default": [], "help": "a size that the data do not show, also repeated"}),
    ("--tol", {"type": float, "default": 1e-6, "help": "the largest entry of the projected gradient (default: 1e-6)"}),
    ("--max-iterations", {"type": int, "help": "when to stop"}),
    ("--out", {"metavar": "FILE.npz", "help": "write the values there (default: to standard output)"}),
)  # fmt: skip

_SOLVING = (
    _EXPR, _WRT, _WHERE, _FROM, _TO,
    ("--subject-to", {"action": "append", "default": [], "metavar": "EQUATIONS", "help": "constraints: 'A*x = b; sum(x) = 1'"}),
    ("--want", {"choices": ("minimum", "maximum"), "default": "minimum", "help": "which, where there are several stationary points"}),
    ("--check", {"action": "store_true", "help": "look at the gradient, the constraints and the second derivative at random data"}),
    ("--steps", {"action": "store_true", "help": "show the derivation"}),
)  # fmt: skip

COMMANDS: dict[str, tuple[str, Callable[[argparse.Namespace], int], tuple[tuple[str, dict[str, Any]], ...]]] = {
    "grad": ("the gradient of EXPR", _derive, (*_DERIVING, _MANIFOLD)),
    "jacobian": ("the Jacobian of EXPR", _derive, _DERIVING),
    "hessian": ("the Hessian of EXPR", _derive, (*_DERIVING, _MANIFOLD, _ALONG)),
    "derivative": ("the gradient of a scalar, the Jacobian of all else", _derive, _DERIVING),
    "differential": ("the differential of EXPR", _derive, _DERIVING),
    "check": (
        "whether a claimed derivative is right: exit 0 yes, 1 no",
        _check,
        (_EXPR, _WRT, _CLAIM, _ORDER, _LAYOUT, _WHERE, _FROM, _FREE),
    ),
    "curvature": (
        "whether EXPR is convex or concave: one line; --steps: the certificate",
        _curvature,
        (_EXPR, _WRT, _WHERE, _FROM, _TO, ("--steps", {"action": "store_true", "help": "show the certificate"})),
    ),
    "equal": ("whether two expressions are equal: exit 0 yes, 1 no", _equal, (_EXPR, ("other", {"metavar": "EXPR2"}), _WHERE, _FROM)),
    "functions": (
        "the functions of the language, or all about one",
        _functions,
        (("name", {"metavar": "NAME", "nargs": "?", "help": "a function"}),),
    ),
    "identities": ("the identities by which answers are made short, with their conditions", _identities, ()),
    "mcp": ("a server of these answers for assistants, over standard input and output", _serve, ()),
    "minimize": ("the variables that make EXPR smallest, for data", _minimize, _MINIMIZING),
    "properties": ("the properties that a variable may be declared to have", _properties, ()),
    "solve": ("the stationary point of EXPR, as a formula", _solve, _SOLVING),
    "wirtinger": (
        "the pair of derivatives by a complex variable and by its conjugate",
        _pair,
        (_EXPR, _WRT, _WHERE, _FROM, _TO, ("--check", {"action": "store_true", "help": "compare with differences"})),
    ),
    "simplify": ("EXPR, simplified", _simplify, (_EXPR, _WHERE, _FROM, _LINES, _SHORT_TO)),
}
