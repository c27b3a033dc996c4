"""Arrays by name in files, for the command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcalc.errors import UnsupportedError


def arrays(path: str) -> dict[str, Any]:
    """The arrays of a file that numpy.savez wrote.  Raises UnsupportedError for one that cannot be read."""
    import zipfile

    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as found:
            if not hasattr(found, "files"):
                raise UnsupportedError(f"{path} holds one array without a name", hint="write it by numpy.savez(path, X=X, y=y)")
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UnsupportedError(f"{path} cannot be read as an .npz file: {error}") from None


def saved(path: str, values: Mapping[str, Any]) -> None:
    """Writes arrays by name.  Raises UnsupportedError where that fails."""
    import numpy as np

    try:
        with open(path, "wb") as file:
            np.savez(file, **values)
    except OSError as error:
        raise UnsupportedError(f"{path} cannot be written: {error}") from None
