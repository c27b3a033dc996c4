"""Programs in Julia, with LinearAlgebra, and SpecialFunctions for erf, digamma and their like."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from matcalc.programs import argument_names
from matcalc.programs import forms as F
from matcalc.programs.forms import Code
from matcalc.programs.language import FORMS, NAMES, Language, is_special
from matcalc.programs.routines import written_in

KEYWORDS = """abstract baremodule begin break catch const continue do else elseif end export false finally for function global if import in isa
let local macro module mutable primitive quote return struct true try type using where while""".split()  # fmt: skip
LINEAR_ALGEBRA = """BLAS Diagonal I LowerTriangular Symmetric adjoint cholesky det diag diagm dot eigen eigmax eigvals factorize issymmetric kron
logabsdet logdet lu norm nullspace opnorm pinv qr svd svdvals sylvester tr transpose tril triu""".split()  # fmt: skip
SPECIAL = ("digamma", "erf", "erfc", "erfcx", "loggamma", "polygamma", "trigamma")
OTHER = "Float64 Matrix NaN axes clamp cumsum diff exp float hcat ifelse inv length log map maximum ones pi prod repeat reshape reverse size sum vcat vec zeros".split()


def identifier(name: str) -> str:
    """`name` as Julia would write it: what Python takes, Julia does, but for its own words and underscores alone.

    >>> identifier("end"), identifier("theta"), identifier("_"), identifier("lambda")
    ('end_', 'theta', 'x_', 'lambda')
    """
    name = argument_names.cleaned(name)
    name = name if name.strip("_") else f"x{name}"
    return name + "_" if name in LANGUAGE.reserved else name


def _library(words: Collection[str]) -> list[str]:
    special = sorted(set(SPECIAL) & set(words))
    linear = ["using LinearAlgebra"] if set(LINEAR_ALGEBRA) & set(words) else []
    return linear + ([f"using SpecialFunctions: {', '.join(special)}"] if special else [])


def _function(
    name: str, arguments: Sequence[str], doc: Sequence[str], body: Sequence[str], results: Sequence[tuple[str, str]]
) -> list[str]:
    told = [line.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") for line in doc]
    lines = [*body, f"return {', '.join(text for _, text in results)}"]
    return ['"""', *told, '"""', f"function {name}({', '.join(arguments)})", *("    " + line if line else "" for line in lines), "end"]


def _by_rank(vector: str, matrix: str) -> Callable[[Code], str]:
    return lambda c: vector if c.ndim == 1 else matrix


def _copied(template: str | Callable[[Code], str]) -> Callable[[Code], str]:
    """A function of whole matrices, which wants arrays: a transpose or a diagonal matrix is copied into one."""

    def text(c: Code) -> str:
        out = template(c) if callable(template) else template
        for i, a in enumerate(c.args):
            out = out.replace(f"{{{i}}}", f"Matrix({{{i}}})") if is_special(a) else out
        return out

    return text


def _logdet(c: Code) -> str:
    return "logdet({0})" if c.args[0].form in F.CHOLESKIES else "logabsdet({0})[0]"


def _add_diagonal(c: Code) -> str:
    if c.args[1].ndim:
        return "{0} + Diagonal({1})"
    return "{0} + I" if F.is_number(c.args[1], 1) else "{0} + {1} * I"


LANGUAGE = Language(
    called="Julia",
    names={
        **NAMES, **{f"sc.{name}": name for name in SPECIAL}, "sc.gammaln": "loggamma",
        "np.where": "ifelse", "np.arctan2": "atan", "np.clip": "clamp",
        "inner": "dot", "one_by_one": "fill({0}, 1, 1)", "total": "sum", "top": "maximum", "total_product": "prod", "zero_vector": "zeros", "row": "{0}[{1}, :]",
        "sum_rows": "vec(sum({0}, dims=2))", "sum_columns": "vec(sum({0}, dims=1))", "largest_in_rows": "vec(maximum({0}, dims=2))",
        "largest_eigenvalue": "eigmax(Symmetric({0}))", "top_eigenvector": "eigen(Symmetric({0})).vectors[:, -1]", "sum_of": "sum(svdvals({0}))",
        **{f"{at}{f}m": f for f in ("exp", "log", "cos", "sin") for at in ("", "at_")},
    },
    forms={
        **FORMS, **{name: _copied(FORMS[name]) for name in FORMS if str(name).startswith(("expm", "logm", "cosm", "sinm"))}, F.SUM: "total({0})", F.LARGEST: "top({0})", F.DIAG: "diagm({0})", F.KRON_DIAG[0]: "kron({0}, diagm({1}))", F.KRON_DIAG[1]: "kron(diagm({1}), {0})",
        F.STACK: _by_rank("[{*}]", "hcat({*}).T"), F.JOINED: "vcat({*})", F.BESIDE: "hcat({*})",
        F.EYE: "Matrix(1.0 * I, {0}, {0})", F.ONES: "ones({0})", F.ZEROS: "zeros({0})", F.ADD_DIAGONAL: _add_diagonal, F.SWAPPED: "permutedims({0}, (1, 3, 2))",
        F.FACTOR: "lu({0})", **dict.fromkeys(F.CHOLESKIES, "cholesky(Symmetric({0}))"), F.CHOLESKY_OR_LU: "factorize(Symmetric({0}))",
        F.FACTOR_INVERSE: "inv({0})", F.FACTOR_LOGDET: _logdet, F.FACTOR_DET: "det({0})", F.EIGH: "eigen(Symmetric({0}))",
        "norm": "norm({0})", "normspec": "opnorm({0})", "sqrtm": _copied("sqrt({0})"), "sylvester": _copied("sylvester({0}, {1}, -{2})"), "chol": "cholesky(Symmetric({0})).L",
        "cumsum": _by_rank("cumsum({0})", "cumsum({0}, dims=1)"), "diff": _by_rank("diff({0})", "diff({0}, dims=1)"),
        "revcumsum": _by_rank("reverse(cumsum(reverse({0})))", "reverse(cumsum(reverse({0}, dims=1), dims=1), dims=1)"),
        "difft": _by_rank("-diff(vcat(0, {0}, 0))", "difft({0})"),
    },
    keywords=(*KEYWORDS, *LINEAR_ALGEBRA, *SPECIAL, *OTHER),
    routines=written_in("julia.jl"),
    library=_library,
    identifier=identifier,
    function=_function,
    file=lambda library, routines, function: "\n".join([*library, *([""] if library else []), *(text + "\n" for text in routines), *function]) + "\n",
    sizes=lambda names, x: f"{', '.join(names)} = size({x})",
    alone=(F.FACTOR,),
    column="hcat({})",
    whole="({}) ÷ ({})",
    flat="vec({})",
)  # fmt: skip
