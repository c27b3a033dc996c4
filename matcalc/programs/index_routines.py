"""Routines of programs with sums over indices: places that labels say, sums of what is at one place, and a function for each index."""

from __future__ import annotations

_EACH = '''\
def _each(function, levels, *args):
    """The function for each index, one level for each axis: along the first axis of the arguments where it says 0."""
    for level in reversed(levels):
        function = {vmap}(function, level)
    return function(*args)
'''

INDEXED: dict[str, dict[str, str]] = {
    "numpy": {
        "_places": '''\
def _places(labels, count):
    """Labels 1 … count as places from 0.  Raises IndexError for others."""
    places = np.asarray(labels).astype(int) - 1
    if places.size and not (places.min() >= 0 and places.max() < count):
        raise IndexError(f"labels are from 1 to {count}")
    return places
''',
        "_added_at": '''\
def _added_at(values, places, count):
    """The sum of the values at each place: of the first axes of values, which places has."""
    rows = values.reshape(places.size, -1)
    here = (np.ones(places.size, rows.dtype), places.ravel(), np.arange(places.size + 1))
    return (sps.csr_array(here, (places.size, count)).T @ rows).reshape(count, *values.shape[places.ndim :])
''',
        "_along": '''\
def _along(a, places):
    """The entries of the first axis at places that depend on the other axes."""
    shape = np.broadcast_shapes(a.shape[1:], places.shape)
    return np.take_along_axis(a, np.broadcast_to(places, shape)[None], 0)[0]
''',
        "_each": '''\
def _each(function, levels, *args):
    """The function for each index, one level for each axis: along the first axis of the arguments where it says 0."""
    if not levels:
        return function(*args)
    count = next(len(a) for a, k in zip(args, levels[0]) if k == 0)
    taken = ([a[i] if k == 0 else a for a, k in zip(args, levels[0])] for i in range(count))
    return np.array([_each(function, levels[1:], *some) for some in taken])
''',
    },
    "jax": {
        "_places": '''\
def _places(labels, count):
    """Labels 1 … count as places from 0."""
    return jnp.asarray(labels).astype(int) - 1
''',
        "_added_at": '''\
def _added_at(values, places, count):
    """The sum of the values at each place: of the first axes of values, which places has."""
    return jnp.zeros((count, *values.shape[places.ndim :]), values.dtype).at[places].add(values)
''',
        "_along": '''\
def _along(a, places):
    """The entries of the first axis at places that depend on the other axes."""
    shape = jnp.broadcast_shapes(a.shape[1:], places.shape)
    return jnp.take_along_axis(jnp.broadcast_to(a, (len(a), *shape)), jnp.broadcast_to(places, shape)[None], 0)[0]
''',
        "_each": _EACH.format(vmap="jax.vmap"),
    },
    "torch": {
        "_places": '''\
def _places(labels, count):
    """Labels 1 … count as places from 0."""
    return torch.as_tensor(labels).long() - 1
''',
        "_added_at": '''\
def _added_at(values, places, count):
    """The sum of the values at each place: of the first axes of values, which places has."""
    rest = values.shape[places.ndim :]
    return values.new_zeros((count, *rest)).index_add(0, places.reshape(-1), values.reshape(places.numel(), *rest))
''',
        "_along": '''\
def _along(a, places):
    """The entries of the first axis at places that depend on the other axes."""
    shape = torch.broadcast_shapes(a.shape[1:], places.shape)
    return torch.take_along_dim(a.expand(len(a), *shape), places.expand(shape)[None], 0)[0]
''',
        "_each": _EACH.format(vmap="torch.vmap"),
    },
}  # fmt: skip
