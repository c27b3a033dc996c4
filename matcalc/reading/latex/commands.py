r"""What LaTeX commands mean to a reader of formulas: letters, fonts, accents, fences, operators, and what is not seen at all."""

from __future__ import annotations

import re

from matcalc.operators import CONSTANTS, FUNCTIONS
from matcalc.reading.names import GREEK

_CAPITALS = "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega"

# Letters: how the name of one is spelled in the language.
LETTERS: dict[str, str] = {"\\" + name: name for name in (*GREEK, *_CAPITALS.split())} | {"\\ell": "ell", "\\partial": "partial"}
UNICODE: dict[str, str] = {}
for _i, _name in enumerate(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon phi chi psi omega".split()
):
    UNICODE[chr(0x3B1 + _i)] = _name
    UNICODE[chr(0x391 + _i)] = _name.capitalize()
UNICODE |= {"ϵ": "epsilon", "ϑ": "vartheta", "ϕ": "phi", "ϱ": "varrho", "ϖ": "varpi", "ℓ": "ell", "∂": "partial"}

# Letters that stand for others where those are declared: \varepsilon for epsilon.
VARIANTS = {name: name.removeprefix("var") for name in GREEK if name.startswith("var")}

# Fonts: a bold letter is no scalar, a word in an upright or italic font is one name.
BOLD = frozenset(("\\mathbf", "\\boldsymbol", "\\bm", "\\pmb", "\\symbf", "\\symbfit", "\\mathbfit", "\\bold", "\\vec"))
WORDS = frozenset(("\\mathrm", "\\operatorname", "\\operatorname*", "\\text", "\\textrm", "\\textit", "\\textbf", "\\textsf", "\\texttt",
                   "\\mathit", "\\mathsf", "\\mathtt", "\\mathop", "\\mbox", "\\rm", "\\textnormal"))  # fmt: skip
FONTS = BOLD | WORDS | frozenset(("\\mathcal", "\\mathbb", "\\mathfrak", "\\mathscr", "\\mathds", "\\mathnormal", "\\ensuremath"))
ACCENTS = {
    "\\" + a: a.removeprefix("wide") for a in "hat bar tilde dot ddot check breve widehat widetilde widebar acute grave mathring".split()
}
ACCENTS |= {"\\overline": "bar", "\\underline": "under"}

# Functions: commands and words, where they are not spelled as in the language.
FUNCTION_WORDS: dict[str, str] = {
    **{name: name for name in FUNCTIONS if name not in CONSTANTS},
    "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh", "leakyrelu": "leaky_relu", "tg": "tan", "Log": "log", "Exp": "exp",
    "dg": "diag", "Vec": "vec", "Tr": "tr", "Trace": "tr", "Diag": "diag", "Det": "det", "logit": "", "ReLU": "relu", "GELU": "gelu", "SiLU": "silu",
}  # fmt: skip
# Greek letters before a parenthesis, where they are not declared.
GREEK_FUNCTIONS = {"sigma": "sigmoid", "Phi": "normcdf", "varphi": "normpdf"}
GREEK_MEANINGS = {"sigma": "the logistic function", "Phi": "the normal distribution function", "varphi": "the normal density"}
# Words with an index that are functions of the language.
INDEXED_FUNCTIONS = {
    **{(letter, f + index): f"{f}m_{row}" for f in ("exp", "log", "cos", "sin") for letter, index, row in (
        ("L", "", "frechet"), ("K", "", "jacobian"), ("L", "_2", "frechet2"), ("K", "_2", "jacobian2"))},
    ("psi", "0"): "digamma", ("psi", "1"): "trigamma", ("psi", "2"): "tetragamma",
    ("lambda", "max"): "lambda_max", ("v", "max"): "v_max", ("softmax", "rows"): "softmax_rows", ("logsumexp", "rows"): "logsumexp_rows",
}  # fmt: skip
INVERSES = {name: "a" + name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}

# Operators between factors: how the plain language spells them, and how strongly they bind.
TIMES: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("\\cdot", "\\times", "*", "·", "⋅", "•", "∙", "×", "@"), ("*", 2)),
    "/": ("/", 2),
    **dict.fromkeys(("\\otimes", "⊗"), ("⊗", 1)),
    **dict.fromkeys(("\\ast", "∗"), ("khatrirao", 1)),
    **dict.fromkeys(("\\odot", "\\circ", "⊙", "∘"), ("⊙", 0)),
    **dict.fromkeys(("\\oslash", "⊘"), ("⊘", 0)),
}

# Fences: what they are on the left and on the right.
FENCES: dict[str, tuple[str, str]] = {
    "(": ("LPAR", ""), ")": ("", "RPAR"), "[": ("LPAR", ""), "]": ("", "RPAR"), "\\{": ("LPAR", ""), "\\}": ("", "RPAR"),
    "\\lbrace": ("LPAR", ""), "\\rbrace": ("", "RPAR"), "\\lbrack": ("LPAR", ""), "\\rbrack": ("", "RPAR"),
    "\\langle": ("LANGLE", ""), "\\rangle": ("", "RANGLE"), "⟨": ("LANGLE", ""), "⟩": ("", "RANGLE"),
    "\\lVert": ("OPEN", ""), "\\rVert": ("", "CLOSE"), "\\lvert": ("LBAR", ""), "\\rvert": ("", "RBAR"),
    **dict.fromkeys(("\\|", "\\Vert", "‖", "∥", "||"), ("OPEN", "CLOSE")),
    **dict.fromkeys(("|", "\\vert", "\\mid"), ("LBAR", "RBAR")),
}  # fmt: skip
LEFT = frozenset(("\\left", "\\bigl", "\\Bigl", "\\biggl", "\\Biggl"))
RIGHT = frozenset(("\\right", "\\bigr", "\\Bigr", "\\biggr", "\\Biggr"))
SIZED = frozenset(("\\big", "\\Big", "\\bigg", "\\Bigg"))

# What is not seen, alone or with its argument.
INVISIBLE = frozenset(
    ("\\,", "\\;", "\\:", "\\!", "\\>", "\\/", "\\\\", "\\(", "\\)", "\\[", "\\]", "\\quad", "\\qquad", "\\thinspace", "\\medspace", "\\thickspace", "\\enspace",
     "\\displaystyle", "\\textstyle", "\\scriptstyle", "\\limits", "\\nolimits", "\\nonumber", "\\notag", "\\bf", "\\rm", "\\it", "\\boldmath",
     "\\mathstrut", "\\strut", "\\hfill", "\\newline", "\\noindent", "\\centering")
)  # fmt: skip
INVISIBLE_WITH_ARGUMENT = frozenset(
    ("\\label", "\\tag", "\\tag*", "\\hspace", "\\hspace*", "\\vspace", "\\phantom", "\\hphantom", "\\vphantom", "\\begin", "\\end")
)
ENVIRONMENTS = frozenset(
    "equation align aligned gather gathered math displaymath split multline eqnarray flalign alignat subequations document".split()
)
FRACTIONS = frozenset(("\\frac", "\\tfrac", "\\dfrac", "\\cfrac", "\\sfrac", "\\nicefrac"))
TRANSPOSES = frozenset(("T", "\\top", "\\intercal", "⊤", "\\prime\\prime\\prime", "\\tran", "\\transpose", "\\trans"))
CLOSING = {
    "(": ")",
    "[": "]",
    "\\{": "\\}",
    "\\lbrace": "\\}",
    "\\lbrack": "]",
    "\\}": "\\}",
    "\\rbrace": "\\}",
    "\\rbrack": "]",
    "]": "]",
    ")": ")",
}

# Understood, and refused: what to write instead.
REFUSED_COMMANDS: dict[str, str] = {
    **dict.fromkeys(("\\min", "\\max", "\\inf", "\\sup", "\\argmin", "\\argmax", "\\arg", "\\lim"),
                    "is not supported: the expression to differentiate stands by itself; logsumexp is a smooth maximum, \\operatorname{relu}(x) is max(x, 0)"),
    **dict.fromkeys(("\\int", "\\oint", "\\iint"), "is not supported: there are no integrals here"),
    **dict.fromkeys(("\\input", "\\include", "\\write", "\\immediate", "\\def", "\\newcommand", "\\renewcommand", "\\let", "\\usepackage", "\\catcode", "\\openout",
                     "\\read", "\\csname", "\\href", "\\url", "\\includegraphics", "\\special"), "is no mathematics: commands that define, load or write are not read"),
    **dict.fromkeys(("\\ldots", "\\cdots", "\\dots", "\\vdots", "\\ddots"), "is not supported: dots leave open what they stand for"),
    **dict.fromkeys(("\\infty",), "is no number to calculate with"),
    **dict.fromkeys(("\\leq", "\\geq", "\\le", "\\ge", "\\neq", "\\approx", "\\sim", "\\in", "\\propto", "\\equiv", "\\to", "\\mapsto"),
                    "stands between two expressions: one of them is read at a time"),
    "\\middle": "is not supported: write the two sides apart",
    "\\substack": "is not supported in the index of a sum",
}  # fmt: skip

# All commands that are read, for suggestions.
KNOWN = (
    {*LETTERS, *FONTS, *ACCENTS, *FENCES, *FRACTIONS, *INVISIBLE, *INVISIBLE_WITH_ARGUMENT, *LEFT, *RIGHT, *SIZED}
    | {"\\" + f for f in FUNCTION_WORDS}
    | {t for t in TIMES if t[0] == "\\"}
    | {"\\sqrt", "\\sum", "\\prod", "\\top", "\\nabla", "\\prime", *TRANSPOSES}
)


def is_latex(text: str) -> bool:
    r"""Whether a text is LaTeX: it has a command, a dollar, or an index in braces.

    >>> is_latex(r"x^\top A x"), is_latex("$x$"), is_latex("e_{i}"), is_latex("x'*A*x")
    (True, True, True, False)
    """
    return "\\" in text or "$" in text or re.search(r"\w_\{", text) is not None
