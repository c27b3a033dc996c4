"""Programs in MATLAB, which Octave runs too: a function, and what it brings along below it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from matcalc.limits import LONGEST_IN_MATLAB
from matcalc.programs import argument_names
from matcalc.programs import forms as F
from matcalc.programs.forms import POW, Code
from matcalc.programs.language import FORMS, NAME, NAMES, Language
from matcalc.programs.routines import written_in

KEYWORDS = """break case catch classdef continue do else elseif end end_try_catch end_unwind_protect endfor endfunction endif endparfor endswitch endwhile
enumeration events for function global if methods otherwise parfor persistent properties return spmd switch try until unwind_protect while""".split()  # fmt: skip
FUNCTIONS = "ans chol cumsum det diag diff eig eye flipud i inf inv j kron length max norm numel ones permute pi pinv prod repmat reshape size sum tril triu trace zeros".split()


def identifier(name: str) -> str:
    """`name` in letters that MATLAB has: Greek ones are spelled.

    >>> identifier("θ"), identifier("x_1"), identifier("_2nd"), identifier("end"), identifier("β̂")
    ('theta', 'x_1', 'x_2nd', 'end_', 'beta_hat')
    """
    name = "".join(map(_letter, argument_names.cleaned(name)))[:LONGEST_IN_MATLAB]
    name = name if name[:1].isalpha() else f"x_{name.lstrip('_')}"
    return name + "_" if name in LANGUAGE.reserved else name


def _letter(c: str) -> str:
    if c.isascii():
        return c
    *kind, last = unicodedata.name(c, "X").split(" ")
    if kind[:1] == ["GREEK"]:
        return last.capitalize() if "CAPITAL" in kind else last.lower()
    return {"̂": "_hat", "̃": "_tilde", "̄": "_bar", "̇": "_dot"}.get(c, f"u{ord(c):x}")


def _function(
    name: str, arguments: Sequence[str], doc: Sequence[str], body: Sequence[str], results: Sequence[tuple[str, str]]
) -> list[str]:
    outs = [out for out, _ in results]
    head = f"function {outs[0] if len(outs) == 1 else '[' + ', '.join(outs) + ']'} = {name}({', '.join(arguments)})"
    lines = [*body, *(f"{out} = {text};" for out, text in results if out != text)]
    return [head, *(f"% {line}".rstrip() for line in doc), *("    " + line if line else "" for line in lines), "end"]


def _nested(function: str) -> Callable[[Code], str]:
    """A reduction of all entries, axis by axis."""
    return lambda c: f"{function}(" * max(c.args[0].ndim, 1) + "{0}" + ")" * max(c.args[0].ndim, 1)


def _of_factor(cholesky: str, other: str) -> Callable[[Code], str]:
    """One template for Cholesky's factor, the other for a matrix that is not factored."""
    return lambda c: cholesky if c.args[0].form in F.CHOLESKIES else other


def _add_diagonal(c: Code) -> str:
    if c.args[1].ndim:
        return "{0} + diag({1})"
    return "{0} + eye({2})" if F.is_number(c.args[1], 1) else "{0} + {1} @ eye({2})"


LANGUAGE = Language(
    called="MATLAB",
    names={
        **NAMES, "np.where": "either", "np.arctan2": "atan2",
        "sc.gammaln": "gammaln", "sc.digamma": "psi", "sc.trigamma": "psi(1, {0})", "sc.polygamma": "psi",
        "vec": "reshape({0}, [], 1)", "dot": "{0}.T @ {1}", "one_by_one": "{0}", "middle": "permute({0}, [1, 3, 2])", "inner": "sum(sum({0} * {1}))", "tr": "trace", "zero_vector": "zeros({0}, 1)",
        "row": "{0}[{1}, :].T", "repeat": "repmat", "Diagonal": "diag",
        "sum_rows": "sum({0}, 2)", "sum_columns": "sum({0}, 1).T", "largest_in_rows": "max({0}, [], 2)",
        "largest_eigenvalue": "max(eig({0}))", "sum_of": "sum(svd({0}))",
        **{f"at_{f}": f"@{f}" for f in ("expm", "logm", "cosm", "sinm")},
    },
    forms={
        **FORMS, F.SUM: _nested("sum"), F.LARGEST: _nested("max"), "prod": _nested("prod"), F.DIAG: "diag({0})",
        F.STACK: lambda c: "[{*;}]" if c.ndim == 1 else "[{*}].T", F.JOINED: "[{*;}]", F.BESIDE: "[{*}]",
        F.EYE: "eye({0})", F.ONES: "ones({0}, 1)", F.ZEROS: "zeros({0}, 1)", F.ADD_DIAGONAL: _add_diagonal, F.SWAPPED: "permute({0}, [1, 3, 2])",
        F.FACTOR: "{0}", **dict.fromkeys(F.CHOLESKIES, "chol({0}, 'lower')"), F.CHOLESKY_OR_LU: "{0}",
        F.FACTOR_SOLVE: _of_factor("{0}.T // ({0} // {1})", "{0} // {1}"),
        F.FACTOR_INVERSE: _of_factor("{0}.T // ({0} // eye(size({0}, 1)))", "inv({0})"),
        F.FACTOR_LOGDET: _of_factor("2 * sum(np.log(diag({0})))", "logabsdet({0})"),
        F.FACTOR_DET: _of_factor("prod(diag({0}))**2", "det({0})"), F.EIGH: "eigen({0})",
        "norm": "norm({0}, 'fro')", "normspec": "norm({0})", "sqrtm": "sqrtm({0})", "sylvester": "sylvester({0}, {1}, {2})", "chol": "chol({0}, 'lower')",
        "v_max": "top_eigenvector({0})", "cumsum": "cumsum({0}, 1)", "revcumsum": "flipud(cumsum(flipud({0}), 1))", "diff": "diff({0}, 1, 1)",
        "difft": "difft({0})",
    },
    keywords=(*KEYWORDS, *FUNCTIONS),
    routines=written_in("matlab.m"),
    library=lambda words: [],
    identifier=identifier,
    function=_function,
    file=lambda library, routines, function: "\n".join([*function, *("\n" + text for text in routines)]) + "\n",
    sizes=lambda names, x: f"[{', '.join(names)}] = size({x})",
    alone=(F.FACTOR, *F.CHOLESKIES),
    whole="({}) / ({})",
    flat="reshape({}, [], 1)",
    full="full({})",
    comment="% ",
    end=";",
    brackets=("(", ")"),
    quote="'",
    anonymous="@({}) {}",
    dotted=False,
    indexed=NAME,
    turned=POW,
)  # fmt: skip
