r"""The meaning of LaTeX commands to a reader of formulas: letters, fonts, accents, fences, operators, and what is not seen at all."""

from __future__ import annotations

import re

from matcalc.operators import CONSTANTS, FUNCTIONS, REFUSED
from matcalc.reading.letters import GREEK, GREEK_LETTERS
from matcalc.reading.tree import COLON, DOT_OVER, DOT_TIMES, KHATRI_RAO, KRON, OVER, TIMES

# Letters: how the name of one is spelled in the language.
LETTERS: dict[str, str] = {"\\" + name: name for name in (*GREEK, *GREEK_LETTERS.values())} | {"\\ell": "ell", "\\partial": "partial"}
GREEK_WORDS = frozenset(LETTERS.values())
UNICODE = GREEK_LETTERS | dict(zip("ςϵϑϕϱϖℓ∂", "varsigma epsilon vartheta phi varrho varpi ell partial".split(), strict=True))

# Letters that stand for others where those are declared: \varepsilon for epsilon.
VARIANTS = {name: name.removeprefix("var") for name in GREEK if name.startswith("var")}

# Fonts: a bold letter is no scalar, a word in an upright or italic font is one name.
BOLD = frozenset(("\\mathbf", "\\boldsymbol", "\\bm", "\\pmb", "\\symbf", "\\symbfit", "\\mathbfit", "\\bold", "\\vec"))
WORDS = frozenset(("\\mathrm", "\\operatorname", "\\operatorname*", "\\text", "\\textrm", "\\textit", "\\textbf", "\\textsf", "\\texttt",
                   "\\mathit", "\\mathsf", "\\mathtt", "\\mathop", "\\mbox", "\\textnormal"))  # fmt: skip
FONTS = BOLD | WORDS | frozenset(("\\mathcal", "\\mathbb", "\\mathfrak", "\\mathscr", "\\mathds", "\\mathnormal", "\\ensuremath"))
# Fonts that a command switches on for the rest of its group, as {\rm obs} and {\cal L}.
_SWITCHES = {**{f: f"math{f}" for f in ("rm", "bf", "it", "sf", "tt", "cal", "scr", "frak")}, "sl": "mathit", "mit": "mathnormal"}
_SWITCH = rf"\\({'|'.join(_SWITCHES)})(?![A-Za-z])\s*"
_SWITCHED = rf"(?:(\\[A-Za-z]+\*?|[_^])(\s*))?\{{\s*{_SWITCH}((?:\\\W|\\(?=\w)|[^{{}},\\]|\{{[^{{}}]*\}})+)"
_SWITCHED += r"(?:(,)((?:[^{}]|\{[^{}]*\})*))?\}"
_ONE_LETTER = r"(?<![A-Za-z_^*}])\{\s*(\\(?:math[a-z]+|boldsymbol|bm))\s+(\w)\s*\}"  # {\mathcal L}
ACCENTS = {
    "\\" + a: a.removeprefix("wide") for a in "hat bar tilde dot ddot check breve widehat widetilde widebar acute grave mathring".split()
}
ACCENTS |= {"\\overline": "bar", "\\underline": "under"}

# Functions: commands and words, where they are not spelled as in the language.
FUNCTION_WORDS: dict[str, str] = {
    **{name: name for name in FUNCTIONS if name not in CONSTANTS},
    "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh", "leakyrelu": "leaky_relu", "tg": "tan", "Log": "log", "Exp": "exp",
    "ln": "log", "dg": "diag", "Vec": "vec", "Tr": "tr", "Trace": "tr", "Diag": "diag", "Det": "det", "Re": "real", "Im": "imag", "arg": "angle", "logit": "", "ReLU": "relu", "GELU": "gelu", "SiLU": "silu",
}  # fmt: skip
# Greek letters before a parenthesis, where they are not declared.
GREEK_FUNCTIONS = {"sigma": "sigmoid", "Phi": "normcdf", "varphi": "normpdf", "psi": "digamma"}
GREEK_MEANINGS = {
    "sigma": "the logistic function", "Phi": "the normal distribution function", "varphi": "the normal density", "psi": "the digamma function",
}  # fmt: skip
# Words with an index that are functions of the language.
INDEXED_FUNCTIONS = {
    **{(letter, f + index): f"{f}m_{row}" for f in ("exp", "log", "cos", "sin") for letter, index, row in (
        ("L", "", "frechet"), ("K", "", "jacobian"), ("L", "_2", "frechet2"), ("K", "_2", "jacobian2"))},
    ("log", "2"): "log2", ("log", "10"): "log10", ("log", "e"): "log", ("psi", "0"): "digamma", ("psi", "1"): "trigamma", ("psi", "2"): "tetragamma",
    ("lambda", "max"): "lambda_max", ("lambda", "min"): "lambda_min", ("v", "max"): "v_max", ("softmax", "rows"): "softmax_rows", ("logsumexp", "rows"): "logsumexp_rows",
}  # fmt: skip
INVERSES = {name: "a" + name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}

# Operators between factors: what they are, and how strongly they bind; so does juxtaposition.
BESIDE = 2
SIGNS: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("\\cdot", "\\times", "*", "·", "⋅", "•", "∙", "×", "@"), (TIMES, BESIDE)),
    "/": (OVER, BESIDE),
    **dict.fromkeys(("\\otimes", "⊗"), (KRON, 1)),
    **dict.fromkeys(("\\ast", "∗", "\\star"), (KHATRI_RAO, 1)),
    **dict.fromkeys(("\\odot", "\\circ", "⊙", "∘"), (DOT_TIMES, 0)),
    **dict.fromkeys(("\\oslash", "⊘"), (DOT_OVER, 0)),
    **dict.fromkeys((":", "\\colon"), (COLON, -1)),  # of tensors: σ : ε
}

# What is not seen.
INVISIBLE = frozenset(
    "quad qquad thinspace medspace thickspace enspace displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag "
    "boldmath mathstrut strut hfill newline noindent centering left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr".split()
)
ENVIRONMENTS = frozenset(
    "equation align aligned gather gathered math displaymath split multline eqnarray flalign alignat subequations document".split()
)
TRANSPOSES = frozenset(("T", "\\T", "\\top", "\\intercal", "⊤", "\\tran", "\\transpose", "\\trans"))

# Parentheses of one kind.
CLOSING = {c: kind.split()[-1] for kind in ("( )", "\\lbrack \\rbrack [ ]", "\\{ \\lbrace \\rbrace \\} }") for c in kind.split()}

# Understood, and refused: what to write instead.
REFUSED_COMMANDS: dict[str, str] = {
    **dict.fromkeys(("\\min", "\\max", "\\inf", "\\sup", "\\argmin", "\\argmax", "\\lim"),
                    "is not supported: the expression to differentiate stands by itself; logsumexp is a smooth maximum, \\operatorname{relu}(x) is max(x, 0)"),
    **dict.fromkeys(("\\int", "\\oint", "\\iint"), "is not supported: there are no integrals here"),
    **dict.fromkeys(("\\input", "\\include", "\\write", "\\immediate", "\\def", "\\newcommand", "\\renewcommand", "\\let", "\\usepackage", "\\catcode", "\\openout",
                     "\\read", "\\csname", "\\href", "\\url", "\\includegraphics", "\\special"), "is no mathematics: commands that define, load or write are not read"),
    **dict.fromkeys(("\\ldots", "\\cdots", "\\dots", "\\vdots", "\\ddots"), "is not supported: dots leave open what they stand for"),
    **dict.fromkeys(("\\infty",), "is no number to calculate with"),
    **dict.fromkeys(("\\perp", "\\bot", "\\parallel"), "is read as a mark only, as in P^\\perp"),
    "\\middle": "is not supported: write the two sides apart",
    "\\substack": "is not supported in the index of a sum",
}  # fmt: skip

# Words that are read in an index only: \\lambda_{\\max}.
IN_INDEX = (
    "min",
    "max",
    "inf",
    "sup",
    "argmin",
    "argmax",
    "lim",
    "infty",
    "ldots",
    "cdots",
    "dots",
    "vdots",
    "ddots",
    "perp",
    "bot",
    "parallel",
)

# Each command as the terminal of grammar/latex.lark that it is; "" is not seen.
TERMINALS: dict[str, str] = {
    **dict.fromkeys(("\\" + name for name in (*INVISIBLE, *_SWITCHES)), ""),
    **dict.fromkeys(("\\" + name for name in IN_INDEX), "WORD"),
    **dict.fromkeys(("\\" + name for name in (*FUNCTION_WORDS, *REFUSED)), "WORD"),
    **dict.fromkeys(FONTS, "FONT"),
    **dict.fromkeys(ACCENTS, "ACCENT"),
    **dict.fromkeys(LETTERS, "GREEK"),
    **dict.fromkeys((t for t in SIGNS if t[0] == "\\"), "TIMES"),
    **dict.fromkeys(("\\frac", "\\tfrac", "\\dfrac", "\\cfrac", "\\sfrac", "\\nicefrac"), "FRACTION"),
    **dict.fromkeys(("\\leq", "\\geq", "\\le", "\\ge", "\\ne", "\\neq", "\\in", "\\notin", "\\approx", "\\sim", "\\propto", "\\equiv", "\\to", "\\mapsto",
                     "\\lt", "\\gt", "\\succ", "\\succeq", "\\prec", "\\preceq", "\\ll", "\\gg"), "RELATION"),
    "\\mid": "MID",
    **dict.fromkeys((*TRANSPOSES, "\\dagger", "\\prime"), "MARK"),
    **dict.fromkeys(("\\ket", "\\bra"), "KET"),
    "\\sqrt": "ROOT", "\\sum": "BIG", "\\prod": "BIG", "\\nabla": "NABLA", "\\over": "OVER", "\\colon": "COLON",
}  # fmt: skip


def in_new_fonts(text: str) -> str:
    r"""A text with \mathrm{obs} for {\rm obs}, and so for all fonts that are switched on; outside of a group such a command is not seen.

    >>> in_new_fonts(r"{\cal L}({\bf x}) = \|{\bf d}_{\rm obs,i} - \bf{x}^{\rm T} y\|")
    '\\mathcal{L}(\\mathbf{x}) = \\|\\mathbf{d}_{\\mathrm{obs},i} - \\mathbf{x}^{\\mathrm{T}} y\\|'
    """
    if "\\" not in text:
        return text
    text = re.sub(_ONE_LETTER, r"\1{\2}", text)
    if not re.search(_SWITCH, text):
        return text

    def grouped(found: re.Match[str]) -> str:
        before, blank, font, inside, comma, more = (part or "" for part in found.groups())
        made = f"\\{_SWITCHES[font]}{{{inside.rstrip()}}}{comma}{more}"
        braced = comma or before and (before in "_^" or TERMINALS.get(before) in (None, "FONT", "ACCENT", "FRACTION", "ROOT", "KET"))
        return f"{before}{blank}{{{made}}}" if braced else before + blank + made

    text = re.sub(_SWITCH + r"(?=\{)", lambda m: f"\\{_SWITCHES[m[1]]}", text)
    for _ in range(3):  # fonts in fonts
        text = re.sub(_SWITCHED, grouped, text)
    return re.sub(_SWITCH, " ", text)


def is_latex(text: str) -> bool:
    r"""Whether a text is LaTeX: it has dollars, a known command, A^{+}, or an index in braces and no sign of the plain language.

    >>> is_latex(r"x^\top A x"), is_latex("$x$"), is_latex("e_{i}"), is_latex("x'*A*x"), is_latex(r"c'*(A\b)"), is_latex("sum_{i=1}^n x_i")
    (True, True, True, False, False, False)
    """
    if text.count("$") > 1 or "^{+}" in text or text.lstrip()[:2] in ("\\(", "\\["):
        return True
    if "\\" not in text:
        if "{" not in text and "_*" not in text:
            return False
        if re.search(r"[A-Za-z]_(?:\{\*\}|\*\s*(?:[\^'’)\]|,+]|[-−]\s|$))", text) and "*" not in re.sub(r"_\{?\*", "", text):  # k_*^T y
            return True
        if re.search(r"\{[^{}=,;]+\}\s*\^|(?<![_^])\{[^{}=,;]+\}\s*_", text) and "*" not in text:  # {x'}^T F x, {‖x‖}_1
            return True
        return "_{" in text and re.search(r"[\w)]_\{", text) is not None and not re.search(r"\b(?:sum|prod)(?:_|\s*\()|[*∑Σ∏]|\|\|", text)
    commands = re.findall(r"\\(?:[A-Za-z]+|[^\sA-Za-z])", text)
    return any(len(c) > 3 or c in TERMINALS or c in REFUSED_COMMANDS or c[1] in ",;:!|{}\\%&" for c in commands)
