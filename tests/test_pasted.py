"""People paste, and are read as they mean it: the derivative against central differences of the same in NumPy, or a message that helps."""

from __future__ import annotations

import re
from contextlib import suppress

import numpy as np
import pytest

import matcalc as mc
from matcalc.api.members import declaration
from matcalc.expr import free_indices
from matcalc.expr.rebuild import transform
from matcalc.simplification import simplify
from pasted import ASKED, PASTED

STEP = 1e-5


def differences(f, values, by):
    x = np.asarray(values[by], dtype=float)
    out = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        moved = np.zeros_like(x)
        moved[at] = STEP
        out[at] = (f(**{**values, by: x + moved}) - f(**{**values, by: x - moved})) / (2 * STEP)
    return out


@pytest.mark.parametrize(("text", "where", "by", "values", "f"), PASTED, ids=[row[0][:60] for row in PASTED])
def test_what_is_pasted_is_read_as_it_is_meant(text, where, by, values, f) -> None:
    answer = mc.grad(text, by, where=where)
    found = np.asarray(answer.compile("numpy")(**values))
    wanted = differences(f, values, by or next(iter(values)))
    ways = [wanted, (wanted + np.swapaxes(wanted, -1, -2)) / 2] if wanted.ndim > 1 and wanted.shape[-1] == wanted.shape[-2] else [wanted]
    assert any(found.shape == way.shape and np.allclose(found, way, rtol=2e-4, atol=2e-6) for way in ways), answer.read_as


def _apart_from_sizes(text: str) -> str:
    return re.sub(r"\b[a-z]\d?\b(?=[,)])", "n", text)


@pytest.mark.parametrize(("text", "where", "by"), [row[:3] for row in PASTED[::8]], ids=[row[0][:60] for row in PASTED[::8]])
def test_to_declare_a_name_as_it_was_inferred_changes_no_other(text, where, by) -> None:
    """It is read alike, or asked about; sizes may have other names."""
    answer = mc.grad(text, by, where=where)
    answer = answer[0] if isinstance(answer, tuple) else answer
    for symbol in answer.symbols.values():
        said = declaration(symbol) if symbol.inferred else ""
        if said and not {str(n) for n in symbol.shape or ()} & set(re.findall(r"\w+", text)):  # a size that is an index is another name
            with suppress(mc.MatcalcError):
                declared = mc.grad(text, by, where="; ".join(filter(None, (where, said))))
                declared = declared[0] if isinstance(declared, tuple) else declared
                assert _apart_from_sizes(declared.text()) == _apart_from_sizes(answer.text()), said


@pytest.mark.parametrize(("text", "where", "by"), [row[:3] for row in PASTED], ids=[row[0][:60] for row in PASTED])
def test_what_stands_in_the_text_is_what_it_was_read_as(text, where, by) -> None:
    """The expressions with which derivations begin are made in another way; each is what the text was made into."""
    answer = mc.grad(text, by, where=where)
    as_typed = answer.manner.typed({})
    assert answer.of in as_typed.values()
    for stands, what in as_typed.items():
        made = transform(stands, lambda n: n)
        if made is not what and simplify(made) is not simplify(what) and not what.loose and not free_indices(what):
            assert mc.equal(made, what), stands


@pytest.mark.parametrize("row", ASKED, ids=[row[0][:60] for row in ASKED])
def test_what_is_not_understood_says_what_to_write(row) -> None:
    text, where, by, *words = row
    with pytest.raises(mc.MatcalcError) as caught:
        mc.grad(text, by, where=where)
    assert any(word.lower() in str(caught.value).lower() for word in words), caught.value
