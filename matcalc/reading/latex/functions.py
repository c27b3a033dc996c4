r"""What LaTeX leaves to be told from the whole formula: is a letter before a parenthesis a function or a factor, which bars open."""

from __future__ import annotations

from matcalc.errors import ParseError
from matcalc.reading.latex.commands import GREEK_FUNCTIONS, GREEK_MEANINGS
from matcalc.reading.latex.settle import settle
from matcalc.reading.latex.token import Token
from matcalc.reading.scope import Scope


def decided(found: list[Token], text: str, scope: Scope, notes: list[str]) -> list[Token]:
    """The tokens with APPLIED names as functions or as names, and with bars that open or close."""
    out = _functions(found, text, scope, notes)
    for bars, kinds in (("BARS", ("OPEN", "CLOSE")), ("BAR", ("LBAR", "RBAR"))):
        groups = _groups(out, bars)
        if groups:
            out = settle(out, groups, text, kinds)
    return out


def _functions(found: list[Token], text: str, scope: Scope, notes: list[str]) -> list[Token]:
    alone = {t.text for t in found if t.kind == "NAME"}
    out: list[Token] = []
    i = 0
    while i < len(found):
        token = found[i]
        i += 1
        if token.kind != "APPLIED":
            out.append(token)
        else:
            j = i
            while found[j].kind == "PRIME":
                j += 1
            function = _function(token, found, j, alone, text, scope, notes)
            if not function:
                out.append(token._replace(kind="NAME"))
                continue
            primes = j - i
            out.append(Token("FUNCTION", function, token.start, token.end, primes))
            i = j
    return out


def _function(token: Token, found: list[Token], parenthesis: int, alone: set[str], text: str, scope: Scope, notes: list[str]) -> str:
    """The function that a name before a parenthesis is; "" for a factor."""
    name, kind = token.text, scope.kinds.get(token.text, "")
    if kind in ("elementwise", "function"):
        return name
    one = [t.kind for t in found[parenthesis : parenthesis + 3]] in (["LPAR", "NAME", "RPAR"], ["LPAR", "APPLIED", "RPAR"])
    closed_up = not text[token.end : found[parenthesis].start].replace("\\left", "")
    if kind and name in GREEK_FUNCTIONS and closed_up:
        word = GREEK_FUNCTIONS[name]
        raise ParseError(
            f"is `\\{name}` the declared {kind} or a function here?", hint=f"write \\{name} \\cdot (…) or \\operatorname{{{word}}}(…)"
        ).at(text, token.start, token.end)
    if kind:
        if kind != "size" and one and name[0].islower() and closed_up:
            raise ParseError(
                f"`{name}` is a {kind}, but is applied like a function", hint=f"write {name} \\cdot (…), or declare {name}: elementwise"
            ).at(text, token.start, token.end)
        return ""
    if name in GREEK_FUNCTIONS and name not in alone:
        note = f"\\{name}(…) is read as {GREEK_MEANINGS[name]}; to mean any function, declare {name}: elementwise"
        if note not in notes:
            notes.append(note)
        return GREEK_FUNCTIONS[name]
    if name[0].isupper() or name == "pi":
        return ""
    if name in alone:
        if one or name in GREEK_FUNCTIONS:
            raise ParseError(f"is `{name}` a variable or a function?", hint=f"write {name} \\cdot (…), or declare {name}").at(
                text, token.start, token.end
            )
        return ""
    return name


def _groups(found: list[Token], bars: str) -> dict[int, list[int]]:
    """The bars of one kind, by the bracket they stand in."""
    groups: dict[int, list[int]] = {}
    stack = [-1]
    for i, token in enumerate(found):
        if token.kind == bars:
            groups.setdefault(stack[-1], []).append(i)
        elif token.kind in ("LPAR", "LBRACE", "LSQB", "LANGLE", "OPEN", "LBAR"):
            stack.append(i)
        elif token.kind in ("RPAR", "RBRACE", "RSQB", "RANGLE", "CLOSE", "RBAR") and len(stack) > 1:
            stack.pop()
    return groups
