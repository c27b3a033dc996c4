"""The tables of a grammar, and reading by them: a token is cut out of the text by what may come, and parts become wholes.

Lark makes the tables (LALR, each state with the terminals that it knows); reading by them needs no Lark.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

END = "$END"


class Token(str):
    """A piece of the text: the terminal that it is, and its place."""

    __slots__ = ("type", "start_pos", "end_pos")
    type: str
    start_pos: int
    end_pos: int


class Unexpected(Exception):
    """What stands at `at` cannot stand there: `token` is what it is elsewhere, if anything, `before` what was read before it."""

    def __init__(self, at: int, token: Token | None, before: list[Any]) -> None:
        super().__init__(at)
        self.at, self.token, self.before = at, token, before


class Rule(NamedTuple):
    """A line of a grammar: the name of the whole, of how many parts it is, and the callback; a part without one is the whole itself."""

    whole: str
    size: int
    callback: str


class Tables(NamedTuple):
    """States are numbers.  `moves` tell of each, by the terminal that comes or by the whole that was made, which follows, or ~n for rule n.

    `cuts` has the pattern by which each state cuts the next token, a group for each terminal; `everywhere` knows all of them.
    """

    moves: list[dict[str, int]]
    rules: list[Rule]
    cuts: list[str]
    everywhere: str
    first: int
    last: int
    ignored: frozenset[str]


class Reader:
    """Reads by tables.  `make` has the callbacks; `counts` says whether a token does, and may name its terminal."""

    def __init__(self, tables: Tables, make: object, counts: Callable[[Token], bool] | None = None) -> None:
        self.tables, self.counts = tables, counts
        self.rules = [(r.whole, r.size, getattr(make, r.callback) if r.callback else None) for r in tables.rules]
        self.cuts: dict[int, Callable[[str, int], re.Match[str] | None]] = {}  # of the states that were met
        self.followed: dict[tuple[int, str, str], int] = {}

    def parse(self, text: str) -> Any:
        """What the callbacks make of the text.  Raises Unexpected, and what they raise."""
        states, read, at = [self.tables.first], list[Any](), 0
        ignored, cuts, counts = self.tables.ignored, self.cuts, self.counts
        while at < len(text):
            state = states[-1]
            cut = cuts.get(state)
            if cut is None:
                cut = cuts[state] = re.compile(self.tables.cuts[state]).match
            match = cut(text, at)
            if match is None:
                elsewhere = re.compile(self.tables.everywhere).match(text, at)
                raise Unexpected(at, elsewhere and _token(elsewhere), read)
            at = match.end()
            if match.lastgroup not in ignored:
                token = _token(match)
                if counts is None or counts(token):
                    self._move(token, states, read)
        end = Token()
        end.type, end.start_pos, end.end_pos = END, at, at
        self._move(end, states, read)
        return read[0]

    def _move(self, token: Token, states: list[int], read: list[Any]) -> None:
        """Makes the wholes that end before a token, and takes it."""
        moves, rules, last = self.tables.moves, self.rules, self.tables.last
        kind = token.type
        while True:
            move = moves[states[-1]].get(kind)
            if move is None:
                raise Unexpected(token.start_pos, token, read)
            if move >= 0:
                states.append(move)
                read.append(token)
                return
            whole, size, callback = rules[~move]
            del states[-size:]
            if callback is not None:
                read[-size:] = (callback(*read[-size:]),)
            here = states[-1], whole, kind
            state = self.followed.get(here)
            if state is None:
                state = self.followed[here] = self._follows(*here)
            states.append(state)
            if state == last and kind == END:
                return

    def _follows(self, state: int, whole: str, kind: str) -> int:
        """The state behind a whole, where `kind` comes; a whole that is another one by itself counts as that."""
        while True:
            found = self.tables.moves[state][whole]
            move = self.tables.moves[found].get(kind, 0)
            if move >= 0 or self.rules[~move][2] is not None:
                return found
            whole = self.rules[~move][0]


def _token(match: re.Match[str]) -> Token:
    token = Token(match.group())
    token.type, token.start_pos, token.end_pos = match.lastgroup or "", match.start(), match.end()
    return token


def tables_of(grammar: str, always: tuple[str, ...] = ()) -> Tables:
    """The tables that Lark makes of a grammar; the terminals `always` are known in every state."""
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    class Also:
        """Says to Lark which terminals may be others."""

        always_accept = always

        def process(self, stream: Any) -> Any:
            return stream

    made: Any = Lark(grammar, parser="lalr", lexer="contextual", keep_all_tokens=True, maybe_placeholders=False, postlex=Also())
    found, lexer = made.parser.parser._parse_table, made.parser.lexer.lexer
    of_lark = {rule: None for state in found.states.values() for action, rule in state.values() if action is not Shift}
    places = {rule: ~n for n, rule in enumerate(of_lark)}
    states = {state: n for n, state in enumerate(found.states)}
    moves = [
        {str(name): states[to] if action is Shift else places[to] for name, (action, to) in found.states[state].items()} for state in states
    ]
    rules = []
    for rule in of_lark:
        alone = rule.options.expand1 and not rule.alias and len(rule.expansion) == 1
        rules.append(Rule(str(rule.origin.name), len(rule.expansion), "" if alone else str(rule.alias or rule.origin.name)))
    cuts, everywhere = [_pattern(lexer.lexers[state]) for state in states], _pattern(lexer.root_lexer)
    first, last = (states[at["start"]] for at in (found.start_states, found.end_states))
    return Tables(moves, rules, cuts, everywhere, first, last, frozenset(made.ignore_tokens))


def _pattern(lexer: Any) -> str:
    """The one pattern of a lexer of Lark's; what is a terminal by its text alone is none of ours."""
    (pattern,) = lexer.scanner._mres
    assert not lexer.callback, lexer.callback
    return str(pattern.pattern)
