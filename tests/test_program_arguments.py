"""Arguments and results of programs: arguments in order, sizes from shapes, rows, constants, deep networks, transformations."""

import numpy as np
import pytest

import matcalc as mc
from matcalc.checking.evaluate import evaluate
from matcalc.errors import UnsupportedError
from matcalc.expr import add, hadamard, hpower, identity, number, product, size, variable
from matcalc.operators import call
from matcalc.programs.program import compile_program, program
from programs import A, S, g, inv, m, n, on, r, t, x, y

# --- arguments and results ---------------------------------------------------------------------------------------


def test_arguments_are_alphabetical_and_others_are_ignored():
    source = program({"value": A @ x}, arguments=[t * S])
    assert "def derivative(A, S, t, x, **_):" in source
    assert compile_program(source)(np.eye(2), None, None, np.ones(2)).tolist() == [1, 1]


def test_abstract_functions_are_arguments():
    source = program({"value": g(x) + g(x, 1) + g(x, 3)})
    assert "def derivative(g, g_prime, g_prime3, x, **_):" in source


def test_a_size_comes_from_an_argument_or_is_one():
    assert "m, n = A.shape" in program({"value": call("mean", A)})
    assert "n = A.shape[1]" in program({"value": identity(n)}, arguments=[A])
    assert compile_program(program({"value": identity(n)}))(n=2).tolist() == [[1, 0], [0, 1]]
    v = variable("v", (2 * n * m + m, 1))
    f = compile_program(program({"value": size(n) * v}, arguments=[y]))
    assert f(v=np.ones(15), y=np.ones(3)).tolist() == [2.0] * 15


def test_lists_are_taken_as_arrays_and_held_to_their_shapes():
    f = mc.grad("norm(A*x - b)^2", "x").compile()
    assert f(A=[[1, 2], [3, 4]], x=(1, 1), b=[0, 1]).tolist() == [42, 60]
    with pytest.raises(mc.ShapeError, match="x is declared"):
        f(A=[[1, 2], [3, 4]], x=[1, 1, 1], b=[0, 1])


def test_a_row_is_taken_in_one_dimension_or_two_and_returned_in_two():
    f = compile_program(program({"value": 2 * r}))
    assert f(r=np.ones(3)).shape == f(r=np.ones((1, 3))).shape == (1, 3)
    assert compile_program(program({"value": r @ S @ x}))(r=np.ones((1, 3)), S=np.eye(3), x=np.ones(3)) == 3


def test_constants_are_arrays_without_axes():
    for e in (number(2), number(1) / 3, t, size(n) * t):
        value = compile_program(program({"value": e}))(t=2.0, n=3)
        assert value.shape == ()


def test_whole_numbers_as_input():
    f = compile_program(program({"value": S / 2 + t * identity(n) + inv(S) * hpower(x, number(-1))[1]}))
    assert np.allclose(f(S=np.array([[2, 0], [0, 4]]), t=0.5, x=np.array([2, 3])), [[1.75, 0], [0, 2.625]])


def test_of_two_variables_of_one_name_the_docstring_tells_what_is_declared():
    plain, positive = variable("x", (n, 1)), variable("x", (n, 1), {"positive"})
    for e in (plain.T @ S @ positive, positive.T @ S @ plain):
        assert "x: (n) positive; returns scalar" in program({"value": e})


def test_a_target_that_is_none():
    with pytest.raises(UnsupportedError, match="no target"):
        program({"value": x}, "fortran")


# --- depth -------------------------------------------------------------------------------------------------------


def network(layers):
    out = x
    for i in range(layers):
        out = call("tanh", variable(f"W{i}", (n, n)) @ out)
    return out


def test_a_deep_network():
    source = program({"value": call("norm", network(2000)) ** 2})
    assert np.isfinite(compile_program(source)(x=np.ones(2), **{f"W{i}": np.eye(2) for i in range(2000)}))


def test_long_products_and_sums():
    chain = product([variable(f"W{i}", (n, n)) for i in range(300)] + [x])
    f = compile_program(program({"value": chain}))
    assert f(x=np.ones(2), **{f"W{i}": np.eye(2) for i in range(300)}).tolist() == [1, 1]
    total = add([variable(f"x{i}", (n, 1)) for i in range(1000)])
    source = program({"value": total})
    assert max(map(len, source.split("\n"))) < 120
    assert compile_program(source)(**{f"x{i}": np.ones(2) for i in range(1000)}).tolist() == [1000, 1000]


def test_jit_and_vmap():
    jax = on("jax")
    e = inv(S + t * identity(n)) @ x + hadamard([x, call("colsum", A)]) + S[:, "j"] + call("diag", S @ S)
    f = compile_program(program({"value": e}, "jax"))
    values = {"A": np.ones((3, 2)), "S": np.array([[2.0, 1.0], [0.5, 3.0]]), "x": np.array([1.0, 2.0]), "t": 0.5, "j": 2}
    wanted = evaluate(e, **values)
    assert np.allclose(jax.jit(lambda v: f(**v))(values), wanted)
    batch = jax.vmap(lambda v: f(**{**values, "x": v}))(np.stack([values["x"]] * 3))
    assert np.allclose(batch, wanted)


def test_gradients_flow_through_torch_programs():
    torch = pytest.importorskip("torch")
    e = call("logdet", S + t * identity(n)) + x.T @ S @ x
    f = compile_program(program({"value": e}, "torch"))
    s = torch.tensor([[2.0, 1.0], [0.5, 3.0]], requires_grad=True)
    f(S=s, x=torch.ones(2), t=0.5).backward()
    assert s.grad.shape == (2, 2)
