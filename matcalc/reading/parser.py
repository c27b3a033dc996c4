"""Text into the tree of what was typed: Lark reads by the grammars, its own errors become those of the language.

    python -m matcalc.reading.parser      saves the tables that Lark makes of the grammars, which takes it a second

A command loads what was saved; where the grammar or Lark has changed since, the tables are made anew.
"""

from __future__ import annotations

import pickle
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from matcalc.errors import MatcalcError, ParseError, UnsupportedError
from matcalc.reading.latex.tree import Commands, LatexMake
from matcalc.reading.letters import describe
from matcalc.reading.tree import Callbacks, Make, Node, failing

HERE = Path(__file__).parent
GRAMMARS: dict[str, dict[str, Any]] = {  # what reads by each, besides its tables
    "matcalc": {"transformer": Callbacks(Make())},
    "latex": {"transformer": Callbacks(LatexMake()), "postlex": Commands},
}
_STRAY = {
    "=": "an expression is read, not an equation: leave out `=` and what stands on the other side",
    ";": "one expression at a time; declarations go into `where`",
    "\\": "this is the plain language; LaTeX is another one",
    "%": "the product is *, elementwise .*",
    ".": "elementwise operators are .* ./ .^, the transpose is X' or X.T",
    "_": "a name begins with a letter",
    "<": "the inner product is inner(A, B) or ⟨A, B⟩",
    "!": "the logarithm of a factorial is lgamma(x + 1)",
    "|": "write abs(x), det(X), or ‖x‖ and ||x|| for a norm",
}
_OPENS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "\\{": "\\}"}
_CLOSES = frozenset(_OPENS.values())
_BRACKETS = {"matcalc": r"[()\[\]{}⟨⟩]", "latex": r"\\[{}]|\\[^A-Za-z]|[()\[\]{}⟨⟩]"}  # \( and \[ open no parenthesis
_BEFORE_OPERANDS = ("ADD", "TIMES", "POWER", "LPAR", "INDEX", "BLOCK", "SEMICOLON", "LBRACE", "LANGLE", "COMMA", "OPEN", "NABLA", "SIZED")


# --- the tables -----------------------------------------------------------------------------------------------------------


def grammar_file(name: str) -> Path:
    """grammar/NAME.lark: beside the package in a checkout, inside of it where it is installed."""
    places = (p / f"{name}.lark" for p in (HERE.parents[1] / "grammar", HERE.parent / "grammar"))
    return next(p for p in places if p.exists())


def stamp(grammar: str) -> str:
    """The hash of what the saved tables of a grammar are made of."""
    return sha256(f"{lark.__version__}\n{grammar}".encode()).hexdigest()


def saved(name: str) -> Path:
    return HERE / "saved" / f"{name}.pickle"


def made(name: str, grammar: str) -> lark.Lark:
    options = {"start": "sum", "parser": "lalr", "lexer": "contextual", "keep_all_tokens": True, "maybe_placeholders": False}
    return lark.Lark(grammar, **options, **GRAMMARS[name])


@lru_cache(maxsize=None)
def reader(name: str) -> lark.Lark:
    """Lark with the tables of a grammar, loaded or made."""
    grammar = grammar_file(name).read_text(encoding="utf-8")
    if not is_current(name, grammar):
        return made(name, grammar)
    with saved(name).open("rb") as file:
        file.readline()
        loaded: lark.Lark = lark.Lark._load_from_dict(**pickle.load(file), **GRAMMARS[name])  # type: ignore[no-untyped-call]
        return loaded


def save() -> None:
    """Saves the tables of the grammars that changed."""
    saved("").parent.mkdir(exist_ok=True)
    for name in GRAMMARS:
        grammar = grammar_file(name).read_text(encoding="utf-8")
        if not is_current(name, grammar):
            with saved(name).open("wb") as file:
                file.write(stamp(grammar).encode() + b"\n")
                made(name, grammar).save(file, ["transformer", "postlex"])


def is_current(name: str, grammar: str) -> bool:
    """Whether what is saved was made of this grammar, by this Lark."""
    return saved(name).exists() and saved(name).read_bytes().partition(b"\n")[0].decode() == stamp(grammar)


# --- reading --------------------------------------------------------------------------------------------------------------


def parse(line: str, text: str, name: str = "matcalc") -> Node:
    """The tree of the expression `line`, which is `text` with its bars settled, character for character.

    Raises ParseError or LimitError with the place.
    """
    if not line or line.isspace():
        raise ParseError("expected an expression, but there is none")
    try:
        return reader(name).parse(line)  # type: ignore[return-value]
    except UnexpectedInput as error:
        _check_brackets(text, name)
        raise _unexpected(error, text, name) from None
    except MatcalcError:
        _check_brackets(text, name)
        raise


def _check_brackets(text: str, name: str) -> None:
    """Raises ParseError where brackets do not match: that says more than what was met behind them."""
    stack: list[re.Match[str]] = []
    for match in re.finditer(_BRACKETS[name], text):
        shown = match.group()
        if shown in _OPENS:
            stack.append(match)
        elif shown in _CLOSES:
            if not stack:
                raise failing(f"`{shown}` closes nothing", match)
            opening = stack.pop()
            if _OPENS[opening.group()] != shown:
                raise failing(f"`{shown}` does not close the `{opening.group()}` at column {opening.start() + 1}", match)
    if stack:
        opening, end = stack[-1], len(text)
        if name == "latex":
            message, place = f"the `{opening.group()}` at column {opening.start() + 1} is not closed", opening.span()
        else:
            place = end, end + 1
            message = f"missing `{_OPENS[opening.group()]}` for the `{opening.group()}` at column {opening.start() + 1}"
        raise failing(message, place)


def _stray(text: str, at: int) -> MatcalcError:
    function = re.search(r"(\w+)\s*(?:\\left|\\[bB]ig+l?)?\([^()]*$", text[:at]) if text[at] == ";" else None
    if function:
        hint = f'define it: where="{function[1]}(u; v) = …"'
        return failing(f"is `{function[1]}` a function of what stands before and behind the `;`?", (at, at + 1), hint)
    message = f"{describe(text[at])} is no symbol of the language here"
    return failing(message, (at, at + 1), _STRAY.get(text[at], ""))


def _unexpected(error: UnexpectedInput, text: str, name: str) -> MatcalcError:
    """The error of Lark, said in words."""
    if isinstance(error, UnexpectedCharacters):
        return _stray(text, error.pos_in_stream or 0)
    assert isinstance(error, UnexpectedToken)
    token: Any = error.token
    ended = token.type == "$END"
    start, end = (len(text), len(text) + 1) if ended else (token.start_pos, token.end_pos)
    stack: list[Any] = error.state.value_stack
    before = getattr(stack[-1], "type", "") if stack else "ADD"
    lacking = next((t for t in stack[-2:] if getattr(t, "type", "") in _WITH_ARGUMENTS), None)
    if lacking is not None and name == "latex":
        hint = "x^{2}   x_{i}   \\frac{a}{b}   \\sqrt{x}"
        return failing(f"`{lacking}` needs an argument", lacking, hint)
    stray = token.type in ("RELATION", "DOTS", "TIMES", "SEMICOLON") and token[:1] in _STRAY and token[:2] not in (".*", "./", ".×")
    if stray and name == "matcalc":
        return _stray(text, start)
    if token.type == "RELATION":
        message = f"`{token}` stands between two expressions: one of them is read at a time"
        hint = "write sum(i = 1..n, x_i^2)" if re.search(r"\bfor\s+\w+\s*$", text[:start]) else ""
        return failing(message, (start, end), hint, kind=UnsupportedError)
    found = re.search(r"(\w+|[.*/]\*?|\S)\s*$", text[:start])
    previous, shown, hint = found.group(1) if found else "", text[start:end], ""
    if before in _BEFORE_OPERANDS:
        if not previous:
            message = f"an expression cannot start with `{shown}`"
        elif ended:
            message = f"expected an operand after `{previous}`, but the text ends"
        else:
            message = f"expected an operand after `{previous}`, not `{shown}`"
        starred = re.search(r"([^\W\d]\w*)\*\s*$", text[:start])
        if previous == shown == "*":
            hint = "a power is written ^, elementwise .^"
        elif starred:
            hint = f"is {starred[1]}* another name? write {starred[1].rstrip('_')}_star"
        if before == "INDEX":
            message, hint = f"an index is a whole number, a name or `:`, not `{shown}`", "X[:,j]   X[i,:]   X[1,2]"
    elif ended:
        message = "the expression is not complete"
    else:
        message, hint = _MISPLACED.get(token.type, ("unexpected `{0}` after `{1}`", ""))
        message = message.format(shown, previous)
    return failing(message, (start, max(end, start + 1)), hint)


_WITH_ARGUMENTS = ("FRACTION", "ROOT", "FONT", "ACCENT", "SUPER", "SUB")
_MISPLACED = {
    "COMMA": ("`,` separates the arguments of a function, nothing else", ""),
    "COLON": ("`:` stands for a whole row or column in X[:,j] and X[i,:]", "declarations go into `where`; A : B is tr(A'*B)"),
    "LBRACE": ("braces stand after ^ and _ only; parentheses are ( )", ""),
}


if __name__ == "__main__":
    save()
