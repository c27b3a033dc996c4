"""The derivation of an answer, as a person would write it: numbered steps, each with the name of its rule."""

from typing import TYPE_CHECKING

from matcalc.loading import on_demand

if TYPE_CHECKING:
    from matcalc.explain import legend, linear_forms, named, page
    from matcalc.explain.derivation import GRANULARITIES
    from matcalc.explain.lines import Equation, Left, Step, Steps

__getattr__ = on_demand(__name__, derivation="GRANULARITIES", lines="Equation Left Step Steps")
