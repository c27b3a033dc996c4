"""Turns the grammars into the tables of LALR(1) parsers, written as Python modules of plain data.

    python -m matcalc.reading.tabulate

Lark builds the tables once, when a grammar changes; reading text needs the data only, so a command
starts without building anything.  States are numbered in the order a walk from the start meets them:
the same grammar gives the same file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GRAMMARS = {"matcalc.lark": HERE / "tables.py", "latex.lark": HERE / "latex" / "tables.py"}
HEADER = '''"""The tables of the parser: made from grammar/{name} by matcalc.reading.tabulate, not to be edited."""
'''


def grammar_file(name: str) -> Path:
    """grammar/NAME: beside the package in a checkout, inside of it where it is installed."""
    found = [p / name for p in (HERE.parents[1] / "grammar", HERE.parent / "grammar") if (p / name).exists()]
    return found[0]


class _Settled:
    """Stands for the passes over the list of tokens: the terminals that only they see are kept."""

    def __init__(self, grammar: str) -> None:
        self.always_accept = tuple(re.findall(r"^([A-Z_]+)(?:\.\d+)?\s*:", grammar, re.MULTILINE))

    def process(self, stream: Any) -> Any:
        return stream


def tables(name: str) -> str:
    """The source of the module of tables for a grammar.

    A state says what to do on each symbol: go to the state of that number, or reduce by a rule r, written -1 - r.
    Where all it can do is to reduce, it is that number alone.
    """
    from lark import Lark

    grammar = grammar_file(name).read_text(encoding="utf-8")
    lark = Lark(grammar, parser="lalr", lexer="basic", keep_all_tokens=True, postlex=_Settled(grammar))
    machine: Any = lark.parser.parser.parser.parse_table
    rules = [(str(r.origin.name), len(r.expansion), r.alias or "") for r in lark.rules]
    number = {rule: i for i, rule in enumerate(lark.rules)}
    order = [machine.start_states["start"]]
    for state in order:  # grows while it is walked
        for _, (_, target) in sorted(machine.states[state].items()):
            if isinstance(target, int) and target not in order:
                order.append(target)
    renamed = {state: i for i, state in enumerate(order)}
    states: list[int | dict[str, int]] = []
    for state in order:
        row = {str(k): renamed[v] if isinstance(v, int) else -1 - number[v] for k, (_, v) in sorted(machine.states[state].items())}
        reductions = set(row.values())
        states.append(row if len(reductions) != 1 or min(reductions) >= 0 else min(reductions))
    declared = set(re.findall(r"\b[A-Z_]+\b", " ".join(re.findall(r"^%declare(.*?)(?://|$)", grammar, re.MULTILINE))))
    terminals = [(t.name, t.pattern.to_regexp()) for t in sorted(lark.terminals, key=lambda t: -t.priority) if t.name not in declared]
    return "\n".join([
        HEADER.format(name=name),
        "# fmt: off",
        "# ruff: noqa: E501",
        f"TERMINALS: list[tuple[str, str]] = {_lines(terminals)}",
        f"RULES: list[tuple[str, int, str]] = {_lines(rules)}  # origin, length, what is made",
        f"STATES: list[int | dict[str, int]] = {_lines(states)}",
        f"END: int = {renamed[machine.end_states['start']]}",
        "",
    ])  # fmt: skip


def _lines(rows: list[Any]) -> str:
    return "[\n" + "".join(f"    {row!r},\n" for row in rows) + "]"


if __name__ == "__main__":
    for name, module in GRAMMARS.items():
        module.write_text(tables(name), encoding="utf-8")
