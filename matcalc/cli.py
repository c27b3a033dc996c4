"""The command line: `matcalc grad EXPR --wrt X`; the answer on standard output, everything else on standard error.

Exit status: 0 answered, 1 a check failed, 2 bad input.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from matcalc.errors import MatcalcError, UnsupportedError

if TYPE_CHECKING:
    from matcalc.api import Derivative

STYLES = ("latex", "text", "unicode", "numpy", "jax", "torch", "sympy", "json")

_EXAMPLES = """examples:
  matcalc grad '‖g(X·W) − Y‖²_F' --wrt W
  matcalc grad 'norm(X - D*R)^2' --wrt D,R --to text
  matcalc grad "x'*A*x" --wrt x --where 'A: (n, n) symmetric' --to numpy --check
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if stream is not sys.stdin else "replace")
    given = [_protected(a) for a in (sys.argv[1:] if argv is None else argv)]
    options = _parser(given[0] if given else "").parse_args(given)
    try:
        status: int = options.run(options)
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


def _failed(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 2


def _parser(chosen: str) -> argparse.ArgumentParser:
    """The parser of the command line; only the chosen command gets its arguments, as making them all takes its time."""
    parser = argparse.ArgumentParser(
        prog="matcalc", description="Derivatives of matrix expressions, in matrix notation.", epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog="matcalc")
    for name, (summary, run, arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        if name == chosen:
            command.set_defaults(run=run)
            for flag, options in arguments:
                command.add_argument(flag, **options)
    return parser


def _protected(argument: str) -> str:
    """An expression may start with a minus, which is no option then."""
    option = re.fullmatch(r"--[a-z][a-z-]*(=.*)?|-h|-", argument, re.DOTALL)
    return " " + argument if argument.startswith("-") and not option else argument


# --- the commands --------------------------------------------------------------------------------------------


def _derive(options: argparse.Namespace) -> int:
    from matcalc import api

    expr, where, wrt = _expression(options, options.expr), "; ".join(options.where), _by(options)
    if options.command == "differential" and not options.steps:
        found: Any = api.differential(expr, wrt, where=where)
        differentials = found if isinstance(found, tuple) else (found,)
        _tell_of_differentials(expr, wrt, where, differentials)
        for d in differentials:
            print(_styled(d, options.to))
        return 0
    ask = getattr(api, "derivative" if options.command == "differential" else options.command)
    found = ask(expr, wrt, where=where, layout=options.layout, unconstrained=options.unconstrained)
    answers: tuple[Derivative, ...] = found if isinstance(found, tuple) else (found,)
    _tell(answers)
    checks = [d.check() if options.check else None for d in answers]
    for d, check in zip(answers, checks, strict=True):
        steps = d.steps("full" if options.full else "brief") if options.steps or options.full else None
        written = (
            _json(d, expr, check, steps) if options.to == "json" else _styled(steps or (d.named() if options.named else d), options.to)
        )
        print(written if len(answers) == 1 or options.to == "json" else _labelled(d, written, options.to))
        if check is not None:
            by = f" by {api.label(d, 'unicode')}" if len(answers) > 1 else ""
            print(f"check{by}: {check!r}", file=sys.stderr)
    return 0 if all(c is None or c.ok for c in checks) else 1


def _check(options: argparse.Namespace) -> int:
    from matcalc.api import check

    expr, where = _expression(options, options.expr), "; ".join(options.where)
    verdict = check(
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
    from matcalc.api import equal

    verdict = equal(_expression(options, options.expr), options.other, where="; ".join(options.where))
    print(verdict.verdict)
    for note in verdict.notes:
        print(f"note: {note}", file=sys.stderr)
    return 0 if verdict else 1


def _curvature(options: argparse.Namespace) -> int:
    from matcalc.api import curvature

    c = curvature(_expression(options, options.expr), _by(options), where="; ".join(options.where))
    print(f"read as: {c.read_as}", file=sys.stderr)
    _say((*c.notes, *map(repr, c.counterexamples)), ())
    if options.to == "json":
        print(_curvature_json(c, options.expr))
        return 0
    if options.to not in ("latex", "text", "unicode"):
        raise UnsupportedError(f"curvature writes latex, text, unicode or json, not {options.to}")
    shown = c if not options.steps or c.certificate is None else c.certificate
    print(getattr(shown, options.to)())
    return 0


def _simplify(options: argparse.Namespace) -> int:
    from importlib import import_module

    from matcalc.api import simplify
    from matcalc.api.conditions import domains
    from matcalc.api.question import read_any
    from matcalc.api.read_as import read_as

    reading = read_any(_expression(options, options.expr), "; ".join(options.where))
    given = reading.expr
    e = simplify(given)
    if options.to not in ("latex", "text", "unicode"):
        raise UnsupportedError(f"simplify writes latex, text or unicode, not {options.to}")
    print(f"read as: {read_as(given, reading.symbols)}", file=sys.stderr)
    _say(reading.notes, domains(given))
    print(getattr(import_module(f"matcalc.writing.{options.to}"), options.to)(e))
    return 0


# --- reading and writing -------------------------------------------------------------------------------------


def _expression(options: argparse.Namespace, text: str) -> str:
    from matcalc.api.question import in_notation

    expr: str = in_notation(sys.stdin.read().strip() if text == "-" else text.removeprefix(" "), options.source)
    return expr


def _by(options: argparse.Namespace) -> str | None:
    """The variables to differentiate by, of one option or of several."""
    return None if options.wrt is None else ",".join(options.wrt)


def _tell(answers: Sequence[Derivative]) -> None:
    """How it was read, the notes of all answers, each once, and what they take for granted."""
    print(f"read as: {answers[0].read_as}", file=sys.stderr)
    notes = dict.fromkeys(note for d in answers for note in d.notes)
    _say(notes, dict.fromkeys(text for d in answers for text in d.assumptions if text not in notes))


def _tell_of_differentials(expr: str, wrt: str | None, where: str, found: Sequence[Any]) -> None:
    from matcalc.api.conditions import domains, smoothness
    from matcalc.api.question import question

    asked = question(expr, wrt, where)
    print(f"read as: {asked.read_as}", file=sys.stderr)
    by = [v for v, _ in asked.targets]
    notes = dict.fromkeys((*asked.notes, *smoothness(asked.expr, by)))
    _say(notes, domains(asked.expr, *(d.expr for d in found), wrt=by))


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
    from matcalc.api import label

    if "\n" in written and style in ("text", "unicode"):
        return f"by {label(d, style)}:\n{written}"
    if style in ("latex", "text", "unicode"):
        return f"{label(d, style)}: {written}"
    return f"# by {label(d, 'text')}\n{written}\n"


def _json(d: Derivative, expr: str, check: Any, steps: Any) -> str:
    import json

    fields: dict[str, Any] = {
        "expr": expr,
        "wrt": _label(d),
        "order": d.order,
        "shape": _shape(d.shape),
        "latex": d.latex(),
        "text": d.text(),
        "unicode": d.unicode(),
        "numpy": d.code("numpy"),
        "differential": {"latex": d.differential.latex(), "text": d.differential.text()},
        "symbols": {
            s.name: {"shape": _shape(s.shape), "kind": s.kind, "properties": sorted(s.properties), "inferred": s.inferred}
            for s in d.symbols.values()
        },
        "read_as": d.read_as,
        "notes": list(d.notes),
        "assumptions": list(d.assumptions),
    }
    if steps is not None:
        fields["steps"] = [{name: getattr(s, name) for name in ("rule", "source", "latex", "text", "unicode")} for s in steps]
    if check is not None:
        fields["checked"] = {"ok": check.ok, "max_error": check.max_error, "points": check.points, "method": check.method}
    return json.dumps(fields, ensure_ascii=False)


def _curvature_json(c: Any, expr: str) -> str:
    import json

    certificate = c.certificate and {
        "method": c.certificate.method,
        "text": c.certificate.text(),
        "latex": c.certificate.latex(),
        "steps": [{name: getattr(s, name) for name in ("rule", "text", "latex", "unicode")} for s in c.certificate.steps()],
    }
    points = [{name: getattr(e, name) for name in ("shows", "data", "x", "y", "middle", "mean")} for e in c.counterexamples]
    fields = {
        "expr": expr, "verdict": c.verdict, "strict": c.strict, "certificate": certificate, "counterexamples": points,
        "conditions": list(c.conditions), "read_as": c.read_as, "notes": list(c.notes),
    }  # fmt: skip
    return json.dumps(fields, ensure_ascii=False)


def _label(d: Derivative) -> str:
    from matcalc.api import label

    return label(d, "text")


def _shape(shape: Any) -> list[int | str] | None:
    return shape and [n if isinstance(n, int) else repr(n) for n in shape]


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
_WRT = (
    "--wrt",
    {
        "metavar": "X[,Y…]",
        "action": "append",
        "help": "by what: names or slices such as X[:,j], also repeated; all matrices and vectors if not given",
    },
)
_FREE = ("--unconstrained", {"action": "store_true", "help": "by a structured variable as if its entries were free"})
_LAYOUT = ("--layout", {"choices": ("numerator", "denominator"), "help": "transpose, once, at the end"})
_DERIVING = (
    _EXPR, _WRT, _WHERE, _FROM, _TO, _FREE,
    _LAYOUT,
    ("--check", {"action": "store_true", "help": "compare with numeric derivatives at hard points, and the program with the answer"}),
    ("--steps", {"action": "store_true", "help": "show the derivation"}),
    ("--full", {"action": "store_true", "help": "show it one rule at a time"}),
    ("--named", {"action": "store_true", "help": "name repeated parts"}),
)  # fmt: skip
_CLAIM = ("--claim", {"metavar": "EXPR2", "required": True, "help": "the derivative that is claimed"})
_ORDER = ("--order", {"choices": ("derivative", "grad", "jacobian", "hessian"), "default": "derivative", "help": "which derivative"})

COMMANDS: dict[str, tuple[str, Callable[[argparse.Namespace], int], tuple[tuple[str, dict[str, Any]], ...]]] = {
    "grad": ("the gradient of EXPR", _derive, _DERIVING),
    "jacobian": ("the Jacobian of EXPR", _derive, _DERIVING),
    "hessian": ("the Hessian of EXPR", _derive, _DERIVING),
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
    "simplify": ("EXPR, simplified", _simplify, (_EXPR, _WHERE, _FROM, _TO)),
}
