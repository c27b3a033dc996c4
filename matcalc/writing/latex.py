r"""LaTeX that needs nothing but amsmath.

>>> from matcalc.expr import product, symbol, variable
>>> A, x = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1))
>>> print(latex(product([A.T, A, x])))
A^{\top} A x
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import replace

from matcalc.expr import PLAIN, Expr, Manner, Op, Size, variables
from matcalc.writing.layout import ATOM, BIG, FACTOR, FRACTION, HADAMARD, INDEXED, MOVING, PRODUCT, RAISED, Form
from matcalc.writing.name_parts import ACCENTS, GREEK, LETTERS, taken_apart
from matcalc.writing.notation import Language, write

# fmt: off
FORMS: dict[str, Form] = {
    # notation            template                        binds      the least its operands bind
    "over":              (r"\frac{{{0}}}{{{1}}}",         FRACTION,  (0, 0)),
    "dot over":          (r"{0} \oslash {1}",             HADAMARD,  (HADAMARD, FACTOR)),
    "transpose":         (r"{0}^{{\top}}",                RAISED,    (INDEXED,)),
    "adjoint":           (r"{0}^{{\mathsf{{H}}}}",         RAISED,    (INDEXED,)),
    "inverse adjoint":   (r"{0}^{{-\mathsf{{H}}}}",        RAISED,    (INDEXED,)),
    "conj":              (r"\overline{{{0}}}",             ATOM,      (0,)),
    "inverse":           (r"{0}^{{-1}}",                  RAISED,    (INDEXED,)),
    "inverse root":      (r"{0}^{{-1/2}}",                RAISED,    (INDEXED,)),
    "inverse transpose": (r"{0}^{{-\top}}",               RAISED,    (INDEXED,)),
    "power":             (r"{0}^{{{1}}}",                 RAISED,    (INDEXED, 0)),
    "dot power":         (r"{0}^{{\circ {1}}}",           RAISED,    (INDEXED, PRODUCT)),
    "sqrt":              (r"\sqrt{{{0}}}",                RAISED,    (0,)),
    "dot sqrt":          (r"{0}^{{\circ 1/2}}",           RAISED,    (INDEXED,)),
    "column":            (r"{0}_{{:,{1}}}",               INDEXED,   (ATOM,)),
    "row":               (r"{0}_{{{1},:}}",               INDEXED,   (ATOM,)),
    "entry":             (r"{0}_{{{1},{2}}}",             INDEXED,   (ATOM,)),
    "item":              (r"{0}_{{{1}}}",                 INDEXED,   (ATOM,)),
    "columns":           (r"{0}_{{:,{1}}}",               INDEXED,   (ATOM,)),
    "rows":              (r"{0}_{{{1},:}}",               INDEXED,   (ATOM,)),
    "part":              (r"{0}_{{{1}}}",                 INDEXED,   (ATOM,)),
    "block":             (r"{0}_{{{1},{2}}}",             INDEXED,   (ATOM,)),
    "member":            (r"{0}_{{{1}}}",                 INDEXED,   (ATOM,)),
    "onehot":            (r"\operatorname{{onehot}}\left({0},{1}\right)", ATOM, (0,)),
    "sum over":          (r"\sum_{{{0}=1}}^{{{1}}} {2}",  BIG,       (0, 0, 0)),
    "norm of a matrix":  (r"\left\|{0}\right\|_{{F}}",    INDEXED,   (0,)),
    "abs of a matrix":   (r"\operatorname{{abs}}\left({0}\right)", ATOM, (0,)),  # bars around a matrix are its determinant
    "sizes":             (r"{0}_{{{1}}}",                 INDEXED,   (0,)),
    "I":                 (r"I",                           ATOM,      ()),
    "identity":          (r"I_{{{0}}}",                   INDEXED,   (0,)),
    "1":                 (r"\mathbf{{1}}",                ATOM,      ()),
    "ones":              (r"\mathbf{{1}}_{{{0}}}",        INDEXED,   (0,)),
    "zero":              (r"0_{{{0}}}",                   INDEXED,   (0,)),
    "unit":              (r"e_{{{0}}}",                   INDEXED,   (0, 0)),
    "free unit":         (r"I_{{{1}}} e_{{{0}}}",         PRODUCT,   (0, 0)),  # where nothing tells how long it is
}
# fmt: on

_AS_LATIN = {
    "omicron": "o",
    **dict(
        zip(
            ("Alpha", "Beta", "Epsilon", "Zeta", "Eta", "Iota", "Kappa", "Mu", "Nu", "Omicron", "Rho", "Tau", "Chi"),
            "ABEZHIKMNOPTX",
            strict=True,
        )
    ),
}
_ESCAPED = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", **{c: "\\" + c for c in "{}$&#%_"}}


GREEK_LETTERS = frozenset(map(chr, range(0x370, 0x400)))  # fonts of words in text lack them


def _letters(word: str) -> str:
    word = LETTERS.get(word, word)
    if word in GREEK:
        return rf"\mathrm{{{_AS_LATIN[word]}}}" if word in _AS_LATIN and word != "omicron" else _AS_LATIN.get(word, "\\" + word)
    if word.isalpha() and all(c.isascii() or c in GREEK_LETTERS for c in word):
        return word if len(word) == 1 else rf"\mathit{{{word}}}"
    if word.isascii() and word.isdigit():
        return word
    return prose(word)


_RAISED = str.maketrans({"ᵀ": r"\top ", "⁻": "-", "⁺": "+", "′": r"\prime "} | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
_SIGNS = {
    "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "⪯": r"\preceq", "⪰": r"\succeq", "≺": r"\prec", "≻": r"\succ", "⟨": r"\langle",
    "⊙": r"\odot", "⊘": r"\oslash", "⊗": r"\otimes", "·": r"\cdot", "×": r"\times", "−": "-", "‖": r"\|", "∞": r"\infty", "∑": r"\sum",
    "⟩": r"\rangle", "√": r"\surd", "∂": r"\partial", "∈": r"\in", "→": r"\to",
}  # fmt: skip


def prose(words: str) -> str:
    r"""Words in LaTeX; the letters and signs of formulas among them, which fonts of words lack, are set as formulas.

    >>> print(prose("λ_max is convex, (u'z)² ≤ M⁻¹"))
    \text{$\lambda$\_max is convex, (u'z)$^{2}$ $\leq$ M$^{-1}$}
    """

    def sign(found: re.Match[str]) -> str:
        c = found.group()
        return f"$^{{{c.translate(_RAISED).strip()}}}$" if c[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀ′" else f"${_SIGNS.get(c) or _letters(c)}$"

    escaped = "".join(_ESCAPED.get(c, c) for c in words)
    return rf"\text{{{re.sub(_FORMULAS, sign, escaped)}}}"


_FORMULAS = re.compile(f"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀ′]+|[{''.join(_SIGNS)}{''.join(sorted(GREEK_LETTERS))}]")


def symbol(name: str, bold: Set[str] = frozenset()) -> tuple[str, int]:
    r"""A name in LaTeX, and how strongly it binds.

    >>> symbol("mu_1")[0], symbol("δW")[0], symbol("x_max")[0], symbol("mu_1", {"mu"})[0]
    ('\\mu_{1}', '\\mathit{δW}', 'x_{\\mathit{max}}', '\\boldsymbol{\\mu}_{1}')
    """
    stem, index, differential = taken_apart(name)
    made, below = _letters(stem), []
    if stem in bold:
        made = rf"\{'mathbf' if len(made) == 1 else 'boldsymbol'}{{{made}}}"
    for part in filter(None, index.split("_")):
        if part in ACCENTS:
            made = rf"\{part}{{{made}}}"
        else:
            below.append(_letters(part))
    made = (r"\mathrm{d}" if differential else "") + made
    if below:
        made = f"{made}_{{{','.join(below)}}}"
    return made, MOVING if differential else INDEXED if below else ATOM


def _size(s: Size) -> str:
    if isinstance(s, int):
        return str(s)
    terms = [" ".join([str(abs(c))] * (abs(c) != 1 or not names) + [symbol(n)[0] for n in names]) for names, c in s.terms]
    signs = ["-" if c < 0 else "+" for _, c in s.terms]
    return ("-" if signs[0] == "-" else "") + terms[0] + "".join(f" {sign} {t}" for sign, t in zip(signs[1:], terms[1:], strict=True))


_COMMAND = re.compile(r"\\[A-Za-z]+|^[A-Z]$")


def _row(op: Op, taken: Set[str] = frozenset()) -> tuple[str, int]:
    if not taken.isdisjoint(_COMMAND.findall(op.latex)):  # Phi, or K, is a matrix of the user's
        return rf"\operatorname{{{op.name}}}", ATOM
    if op.latex:
        return op.latex, op.prec or ATOM
    name, primes = op.abstract or (op.name, 0)
    return symbol(name)[0] + "'" * primes, ATOM


LATEX = Language(
    FORMS,
    fences=(r"\left(", r"\right)"),
    plus=" + ",
    minus=" - ",
    negative="-",
    hadamard=r" \odot ",
    times=lambda a, b: r" \cdot " if b.head in "0123456789" else r" \, " if b.binds == MOVING else " ",
    symbol=symbol,
    sizes=lambda sizes: ",".join(map(_size, sizes)),
    row=_row,
    stacked=True,
    blocks=(r"\begin{bmatrix} ", " & ", r" \\ ", r" \end{bmatrix}"),
)


def latex(e: Expr, declared: Iterable[str] = (), manner: Manner = PLAIN) -> str:
    r"""`e` in LaTeX, with the parentheses a mathematician would put; `declared` are names that must not mean a function.

    `manner` is how the author writes.

    Raises LimitError where it is longer than a million characters.
    """
    names = [LETTERS.get(name, name) for name in (*declared, *(v.data[0] for v in variables(e)))]
    taken = {f"\\{variant}{name}" for name in names for variant in ("", "var")}.union(names)  # where phi is declared, \varphi means it too
    return write(replace(LATEX, row=lambda op: _row(op, taken), symbol=lambda name: symbol(name, manner.bold), manner=manner), e)
