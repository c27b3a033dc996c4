r"""THE FRAMES: what people write around an objective, as patterns: ``f(x) =``, ``\min_w``, ``gradient of … wrt X``, ``subject to …``.

`framing` takes them off, in the order of its passes.  Patterns are compiled when first used.
"""

from __future__ import annotations

import re

from matcalc.reading.latex.commands import ENVIRONMENTS

# Without any of these signs and words a text has no frame.
SIGNS = ("=", "\\", "$", "`", "∂", "∇", "<", ">", "≤", "≥", "→", "↦", "@(", "D[", "d/d", ",", "|", "∫", "𝔼", "_0", "₀", "~", "?")
WORDS = re.compile(
    r"\b(?i:(?:arg)?(?:min|max)(?:imi[sz]e)?|inf|sup|lim|gradient|derivative|differentiate|jacobian|hessian|diff|where|with|subject|"
    r"over|for|wrt|of|the|lambda|nabla|def|let|please|Var|Cov|KL|rank|rk|st|s\.t|times|minus|plus|transposed?|squared|divided|"
    r"symmetric|definite|spd|psd|diagonal|orthogonal|invertible)\b(?!\s*=)|\bE\b|\bd\s|w\.\s?r\.|/\s?d\w|"
    r"(?:min|max|inf|sup|E|imize|nabla|grad|partial)_|\b[^\W\d_]{3,}\s+[^\W\d_]{2,}|\b[A-Z]\w*\(\s*\w+\s*[,)]|[.,;:]\s*$|\bin\b"
)

# --- what names a variable ------------------------------------------------------------------------------------------------

FONT = r"\\(?:mathbf|boldsymbol|bm|pmb|vec|mathrm|mathit|mathcal|hat|bar|tilde)\s*(?:\{[^{}]*\}|\\[A-Za-z]+|\w)"
_NO_LETTER = r"min|max|arg|text|in\b|frac|sum|log|det|left|right|partial|cdot|times|quad|to\b|mapsto|over\b"
_LETTER = rf"(?:{FONT}|\\(?!{_NO_LETTER})[A-Za-z]+|[^\W\d_][^\W_]*)"
BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_INDEX = rf"(?:\s?_\s?(?:{BRACED}|\\(?:text|mathrm|mathit|rm)\w*\s*{BRACED}|\\?[^\W_]+)|\^(?:{BRACED}|[+\-*]|\w(?!\w)))*['′’]*"
NAME = rf"(?:{_LETTER}{_INDEX})"
ONE = rf"(?:\{{\s*{NAME}\s*\}}|\(\s*{NAME}\s*\)|{NAME})"
NAMES = rf"\s*{NAME}(?:\s*(?:,|;|\||\\mid\b)\s*{NAME})*\s*"
_BELOW = rf"(?:_\s*(?:\{{\s*{NAMES}\}}|{FONT}|\\[A-Za-z]+|[^\W\d_]+)|[ₐₑᵢⱼₖₘₙₒₚᵣₛₜᵤᵥₓ])"
LOWERED = str.maketrans("ₐₑᵢⱼₖₘₙₒₚᵣₛₜᵤᵥₓ", "aeijkmnoprstuvx")

# --- what stands before an objective --------------------------------------------------------------------------------------

_D = r"(?:\\partial\b|∂|\\mathrm\s*\{?\s*d\s*\}?|\\operatorname\{d\}|d)"
_PLEASE = r"(?:(?:please|how\s+(?:do|can)\s+(?:i|you|we)|how\s+to|can\s+you|let\s+us|let's|we\s+want\s+to|i\s+want\s+to)\s+)*"
_FIND = rf"{_PLEASE}(?:(?:find|compute|calculate|determine|derive|evaluate|take|get|what\s+is|what's)\s+)?(?:the\s+)?"
_DERIVED = r"(?:(?:partial\s+)?derivatives?|gradient|grad|jacobian)"
_WITH = r"(?:with\s+respect\s+to|w\.?\s?r\.?\s?t\b\.?)"
TEXT = r"\\(?:text|mbox|textrm|mathrm|textbf|operatorname\*?|operatornamewithlimits|mathop)\s*\{\s*(?:\\mathrm\s*\{\s*)?"
_END = r"\s*:?\s*\}\s*\}?"
_ARG = rf"(?:\\arg|{TEXT}arg\s*\}}|arg)(?:\\[,;! ]|\s)*"
_LEAST = r"(?:min|max)(?:imi[sz]e)?"
MINIMUM = (
    rf"(?:\\underset\s*(?P<under>{BRACED})\s*"
    rf"\{{\s*(?:{TEXT}(?:arg(?:\\[,;! ]|\s)*)?{_LEAST}{_END}|(?:\\arg\s*)?\\(?:min|max)|\\arg(?:min|max))\s*\}}|"
    rf"{_ARG}(?:\\min|\\max|{TEXT}(?:min|max)\s*\}}|min|max)|\\arg(?:min|max)|\\min|\\max|"
    rf"{TEXT}(?:arg(?:\\[,;! ]|\s)*)?{_LEAST}{_END}|\\?\b(?:arg)?{_LEAST})(?![A-Za-z])\s*(?:\\limits)?"
)
OVER = rf"\s*(?:over\s+(?:all\s+)?({NAMES}?)(?:\s+(?:in|∈)\s+\S+)?\s*(?:\bof\b|:)|({NAMES}):)"

_NABLA = r"(?:\\nabla(?![A-Za-z])|∇|\b(?:nabla|grad)(?=_)|\\partial(?=_)|∂)"

# A pattern, with the variables in its group; and whether it asks for a derivative.
FRAMES: tuple[tuple[str, bool], ...] = (
    (rf"(?i:{_FIND}){_D}\s*/\s*{_D}\s*({ONE})(?![\w/^])(?:\s*of\b)?",                             True),   # d/dx  ∂/∂X
    (rf"\\[dt]?frac\s*(?:\{{\s*{_D}\s*\}}|{_D})\s*\{{\s*{_D}\s*({ONE})\s*\}}",                    True),   # \frac{\partial}{\partial x}
    (rf"{_NABLA}\s*(?={_BELOW})_?\s*(\{{\s*{NAMES}\}}|{FONT}|\\[A-Za-z]+|[^\W\d_]+)(?![\w/^])",    True),   # ∇_x  \nabla_{x}  ∂_x
    (r"(?:\\nabla(?![A-Za-z_^])|∇)\s*(?=‖|\|\||\\\||\\left|\\lVert|\\Vert|\\log|\\mathrm)()",                True),   # ∇ ‖x‖²
    (rf"(?i:{_FIND}{_DERIVED}\s+{_WITH})\s*({NAME})\s+(?:of|for)\b",                              True),
    (rf"(?i:{_FIND}{_DERIVED}\s+(?:of|for))\b()",                                                 True),
    (rf"(?i:{_PLEASE}differentiate)\b()",                                                         True),
    (r"@\s*\(([^()]*)\)",                                                                         False),  # f = @(x) …
    (rf"lambda\s+({NAMES}):",                                                                     False),
    (rf"def\s+\w+\s*\(({NAMES})\)\s*:\s*return\b",                                                False),  # Python
    (rf"function\s*\(({NAMES})\)",                                                                False),  # R
    (rf"(?:\w+\s*:\s*)?\(?({NAMES})\)?\s*(?:->|→|↦|\\mapsto\b|\\to\b)",                           False),
    (r"(?i:let|given|suppose|consider|define|assume)\b(?:\s+that\b)?()(?=[^=]*=)",                False),
)  # fmt: skip

# f: R^n → R before its formula.
MAPPING = r"\w+\s*:\s*(?:[Rℝ]|\\mathbb\s*\{?R\}?)\S*\s*(?:->|→|\\to\b)\s*(?:[Rℝ]|\\mathbb\s*\{?R\}?)[^\s,;:]*\s*[,;:]"

# A whole text that asks for a derivative: the objective (group 1) and the variable (group 2).
QUESTIONS = (
    rf"(?:D|Grad)\s*\[(?!\s*\w+\s*,\s*\w+\s*\])(.*),\s*({ONE})\s*\]\s*$",
    rf"(?:diff|gradient|jacobian|grad|Derivative)\s*\((.*),\s*({ONE})\s*\)\s*$",
    rf"{_D}\s*\((.*)\)\s*/\s*{_D}\s*({ONE})\s*$",
    rf"{_D}\s*({NAME})\s*/\s*{_D}\s*({ONE})\s*$",
    rf"{_D}\s+(\S.*\S)\s*/\s*{_D}\s*({ONE})\s*$",
    rf"\\[dt]?frac\s*\{{\s*{_D}\s*(.+)\}}\s*\{{\s*{_D}\s*({ONE})\s*\}}\s*$",
)

# --- what stands behind it ------------------------------------------------------------------------------------------------

WITH_RESPECT_TO = rf"(?:\b{_WITH}|\\text\s*\{{\s*(?:with respect to|w\.?r\.?t\.?)\s*\}})\s*({NAMES})\s*$"
BY = rf"\bby\s+({NAMES})\s*$"
OVER_AT_THE_END = rf"(?:\bover\b|{TEXT}over\s*\}})\s*({NAMES}?)(?:\s*(?:\bin\b|∈|\\in\b)\s*\S+)?\s*$"
ASKED = rf"(?i:{_FIND}{_DERIVED}\s+(?:of|for)|{_PLEASE}differentiate)\b"
CONSTRAINT = rf"{TEXT}(?:subject\s*(?:\\\s)?\s*to|s\.?\s?t\.?|such\s+that)[\s:]*\}}|\bsubject\s+to\b|\bs\.\s?t\.|\bsuch\s+that\b"
CONSTRAINT += r"|\bst\s(?=[^=<>≤≥]*[=<>≤≥])"
WHERE = rf"(?:{TEXT}(?:where|with)[\s:]*\}}|(?<!\\)\b(?:where|with)\b(?!\s+respect))"
FOR = rf"(?:{TEXT}for[\s:]*\}}|\bfor\b)"
_SAYS = r"∈|\\in\b|\b(?:in|is|are|symmetric|definite|spd|psd|diagonal|orthogonal|invertible|scalar|vector|matrix)\b"
PARENTHESIS = rf"\((?=[^()]*(?:{_SAYS}))((?:[^()]|\([^()]*\))*)\)\s*$"
AND = rf"(?:\\text\s*\{{\s*and\s*\}}|\band\b)(?=\s*{NAME}\s*(?:=|:|\bis\b|\\?\bin\b|∈))"
STOPS = ("\\,", "\\;", "\\!", "\\quad", "\\qquad", "\\\\", ".", ",", ";", ":", "?")  # what may end a formula

# P_Ω(X), of a set that nobody declares.
PROJECTION = r"(?:\\mathcal\s*\{?\s*P\s*\}?|(?<![\w\\])P)_(?:\{\s*\\?([A-ZΩ]\w*)\s*\}|\\?([A-ZΩ]\w*))\s*(?:\\left\s*)?\("

# --- typography, sides, sums in words -------------------------------------------------------------------------------------

INVISIBLE = re.compile(r"(?:\s|\\[,;:! ]|\\q?quad\b)*")
TYPOGRAPHY = (
    r"^\s*`+|`+\s*$|\$\$?|\\(?:tag|label)\*?\s*\{[^{}]*\}|\\(?:nonumber|notag|boxed)\b",
    rf"\\(?:begin|end)\s*\{{(?:{'|'.join(sorted(ENVIRONMENTS))})\*?\}}(?:\s*\[[^\]]*\])?",
)
SUM = r"\bsum\s+over\s+(?:all\s+)?([^\W\d_])(?:\s*=\s*(\w+)\s+to\s+(\w+))?\s+of\b"
EQUALS = r":=|≔|\\coloneqq\b|\\triangleq\b|<-|(?<![<>=!:≤≥])=(?!=)"
ARGUMENTS = r"(?:\\left|\\[bB]ig+l?)?\s*[(\[]"
ARGUMENTS += rf"((?:[\w\s,;:|'′^.…‖]|\\\||{BRACED}|\\(?!right|[bB]ig)[A-Za-z]+|\\[,;: ])*)(?:\\right|\\[bB]ig+r?)?\s*[)\]]"
_LOG = r"\\?(?:log|ln|min|max)\b"
LABEL = rf"\s*(?:{_LOG}\s*)?(?:{TEXT}\w+\s*\}}|(?!{_LOG}){NAME})?(?:\s*{ARGUMENTS})?\s*"
DERIVATIVE = rf"\s*(?:(?:\\nabla|∇)\s*(?:_\S+)?\s*{NAME}(?:\([^()]*\))?"
DERIVATIVE += rf"|\\[dt]?frac\s*\{{{_D}[^{{}}]*\}}\s*\{{{_D}[^{{}}]*\}}|{_D}\s*{NAME}\s*/\s*{_D}\s*{ONE})\s*"
CONDITIONAL = r"\\?\b[A-Za-z]\w*\s*\((?:[^()=|]*)(?:\||\\mid)[^()|]*\)"
