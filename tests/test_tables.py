"""A mistake in our own tables is found here, and has the name of its row or line."""

from __future__ import annotations

import pytest

from matcalc.errors import TableError
from matcalc.expr import Op, signature
from matcalc.expr.properties import INFERRED, PROPERTIES, Property
from matcalc.operators import ELEMENTWISE, MATRIX
from matcalc.rewriting.lines import LINES, Line, lines
from table_rows import check_line, check_property, check_row


@pytest.mark.parametrize("op", [*ELEMENTWISE, *MATRIX], ids=lambda op: op.name)
def test_rows_say_what_can_be(op: Op) -> None:
    check_row(op)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_lines_say_what_can_be(line: Line) -> None:
    check_line(line)


@pytest.mark.parametrize("property_", [*PROPERTIES.values(), *INFERRED.values()], ids=lambda row: row.name)
def test_properties_say_what_can_be(property_: Property) -> None:
    check_property(property_)


BROKEN_PROPERTIES = [
    (Property("broken", "round"), "shape: `round` is none of"),
    (Property("broken", implies=("symetric",)), "implies: `symetric` is no property"),
    (Property("broken", sum="broken"), "sum: `broken` is of 1 operand"),
    (Property("broken", inverse="broken,broken"), "inverse: `broken,broken` is of 2 operands"),
    (Property("broken", kron="broken,broke"), "kron: `broke` is no property"),
    (Property("broken", "square", draw=("A*A'*",)), "draw: "),
    (Property("broken", "square", draw=("a*A",)), "draw: "),
    (Property("broken", "square", draw=("Y + Y'",)), "draw: `Y` is nothing it may name"),
    (Property("broken", "square", draw=("sum(A)",)), "draw: it is (1, 1), and should be (n, n)"),
    (Property("broken", "square", holds=("X - trip(X)",)), "holds: "),
    (Property("broken", "vector", tangent="X'*W"), "tangent: it is (1, 1), and should be (n, 1)"),
]


@pytest.mark.parametrize(("property_", "message"), BROKEN_PROPERTIES, ids=[message for _, message in BROKEN_PROPERTIES])
def test_a_broken_property_is_named(property_: Property, message: str) -> None:
    with pytest.raises(TableError) as error:
        check_property(property_)
    assert str(error.value).startswith("property `broken`, " + message)


def row(signature: str = "(n,n)->()", **columns: object) -> Op:
    return Op("broken", signature, **columns)  # type: ignore[arg-type]


BROKEN = [
    (row(d="tr(inv(X)*dX"), "d: missing `)`"),
    (row(d="tr(inv(X)*dX))"), "d: `)` closes nothing"),
    (row(d="tr(inv(X)*dZ)"), "d: `dZ` is no name of this row"),
    (row(d="tr(inv(X)*)"), "d: "),
    (row(d="trace_of(inv(X)*dX)"), "d: there is no function `trace_of`"),
    (row(d="sum(foo(X).*dX)"), "d: there is no function `foo`"),
    (row(d="inv(X)*dX"), "d: it is (n, n), and should be (1, 1)"),
    (row(d="tr(X)"), "d: there is no differential"),
    (row("(m,n)->(n,m)", adjoint=("W",)), "adjoint: it is (n, m), and should be (m, n)"),
    (row("(m,n)->(n,m)", adjoint=("W' + Y",)), "adjoint: `Y` is no name of this row"),
    (row("(m,n)->(n,m)", adjoint=("W'", "W'")), "adjoint: 2 for 1 argument"),
    (row("(m,n),(m,n)->(m,n)", adjoint=("W",)), "adjoint: 1 for 2 arguments"),
    (row("(m,n)->(n,m)", vec=("commutation(m,n)*",)), "vec: "),
    (row("(m,n)->(n,m)", vec=("eye(m)",)), "vec: it is (m, m), and should be (m*n, m*n)"),
    (row("(m,n)->(n,m)", degree=("one",)), "degree: `one` is no degree"),
    (row("(m,n)->(n,m)", transposed="yes"), "transposed: `yes` is none of"),
    (row("(m,n)->(n,m)", result=("round",)), "result: `round` is no property"),
    (row(keeps="spd -> positiv"), "keeps: `positiv` is no property"),
    (row("(m,n->(n,m)"), "signature: `(m,n->(n,m)` is no signature"),
    (row("(m,n);()->(m,n)"), "signature: "),
    (row("(m,n),->(m,n)"), "signature: "),
    (row("(m,n)(m)->(m,n)"), "signature: "),
    (row("(m,n)"), "signature: "),
    (row("(m,n)->(m,k)"), "signature: the size k of the result is in no argument"),
    (row(numpy="np.trace({1})"), "numpy: `np.trace({1})` has a gap"),
    (row(numpy="np.trace({0}"), "numpy: `np.trace({0}` is no Python"),
    (row(latex="{0}^{+}"), "latex: "),
    (Op("broken", "*", elementwise=True, d="cos(y)"), "d: `y` is no name of this row"),
    (Op("broken", "*", elementwise=True, d="1 + (x"), "d: missing `)`"),
    (Op("broken", "(n)->(n)", elementwise=True, d="cos(x)"), "signature: an elementwise function"),
]


@pytest.mark.parametrize(("op", "message"), BROKEN, ids=[message for _, message in BROKEN])
def test_a_broken_row_is_named(op: Op, message: str) -> None:
    with pytest.raises(TableError) as error:
        check_row(op)
    assert str(error.value).startswith("row `broken`, " + message)


BROKEN_LINES = [
    ("inv(A*B = inv(B)*inv(A)", "missing `)`"),
    ("tr(A*B) = tr(B*C)", "C is on the right only"),
    ("inv(A*B) = inv(B)*inv(C)", "inv needs a square matrix"),
    ("tr(A*B) = A*B", "the left side is (1, 1), the right side"),
    ("tr(A) = tracy_of(A)", ""),
    ("tr(A*B) = sum(foo(A))", "there is no function `foo`"),
    ("x'*A*y = y'*A*", ""),
    ("tr(A) = k*sum(A)", ""),
    ("x'*y = y'*x", "both sides are one expression"),
    ("inv(inv(A)) = A", ""),
]


@pytest.mark.parametrize(("formula", "message"), BROKEN_LINES, ids=[formula for formula, _ in BROKEN_LINES])
def test_a_broken_line_is_named(formula: str, message: str) -> None:
    (line,) = lines(f"{formula} : broken", scalar=False)
    with pytest.raises(TableError) as error:
        check_line(line)
    assert str(error.value).startswith("identity `broken`: " + message)


def test_a_line_without_a_name_or_a_sign_says_so() -> None:
    for text in ("tr(A) = sum(A)", "tr(A) == sum(A) : equal", "tr(A) : nothing"):
        with pytest.raises(TableError) as error:
            lines(text, scalar=False)
        assert text.split(" : ")[0] in str(error.value)


@pytest.mark.parametrize(
    ("text", "inputs"), [("(m,n)->()", 1), ("(m,n),()->(m,n)", 2), ("(),(m,n)->(m,n)", 2), ("(),()->()", 2), ("()->(m)", 1), ("->(m,n)", 0)]
)
def test_a_signature_has_all_its_inputs(text: str, inputs: int) -> None:
    assert len(signature(text)[0]) == inputs
