"""Vectors of several double-precision numbers (lanes) in functions that numba compiles.

LLVM maps sixteen lanes to the registers of the processor: four of AVX2, two of AVX-512 or eight of
NEON. Lanes exist only in functions that numba compiles. Arrays are contiguous vectors of float64;
as elsewhere in numba, no index is checked.
"""

from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import errors
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

WIDE = 16
"""The number of lanes where few vectors are in use at the same time."""
WIDE_BITS = 4
"""The number of bits of an index that number the lanes of a wide vector."""
NARROW = 8 if llvm.get_host_cpu_features().get("avx512f") else 4
"""The number of lanes where many vectors are in use at the same time: one register."""
LINE = 8
"""The number of double-precision numbers in a cache line."""

_compiled: Any = intrinsic
_literally: Any = intrinsic(prefer_literal=True)
_DOUBLE = ir.DoubleType()
_FUSE = ("contract",)


class _Lanes(types.Type):
    """The numba type of a vector of ``count`` lanes."""

    def __init__(self, count: int) -> None:
        super().__init__(name=f"lanes({count})")
        self.count = count


@register_model(_Lanes)
class _Model(models.PrimitiveModel):
    """Tell numba that lanes are a vector type of LLVM."""

    def __init__(self, manager: Any, lanes: _Lanes) -> None:
        vector = ir.VectorType(_DOUBLE, lanes.count)
        super().__init__(manager, lanes, vector)  # type: ignore[no-untyped-call]


def _literal(value: types.Type) -> int:
    """Return the value of an argument that must be known when the function is compiled."""
    if not isinstance(value, types.IntegerLiteral):
        raise errors.RequireLiteralValue(f"a literal is needed, not {value}")
    return int(value.literal_value)


def _pointer(context: Any, builder: Any, signature: Any, args: Any, count: int) -> Any:
    """Return a pointer to ``count`` elements of an array, from the index in ``args`` on."""
    array = signature.args[0]
    if (array.dtype, array.ndim, array.layout) != (types.float64, 1, "C"):
        raise errors.NumbaTypeError(f"lanes live in contiguous vectors of float64, not in {array}")
    data = context.make_array(array)(context, builder, args[0]).data
    return builder.bitcast(builder.gep(data, [args[1]]), ir.VectorType(_DOUBLE, count).as_pointer())


def _shuffle(builder: Any, x: Any, source: list[int]) -> Any:
    """Return a vector whose lane j is the lane ``source[j]`` of x."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(source)), source)
    return builder.shuffle_vector(x, x, mask)


def _product(builder: Any, x: Any, y: Any) -> Any:
    """Return the product, lane by lane; y may be a single number."""
    if y.type != x.type:
        empty = ir.Constant(x.type, ir.Undefined)
        first = builder.insert_element(empty, y, ir.Constant(ir.IntType(32), 0))
        y = _shuffle(builder, first, [0] * x.type.count)
    return builder.fmul(x, y, flags=_FUSE)


def _factor(lanes: types.Type, y: types.Type) -> types.Type:
    """Return the type of a factor: lanes, or a single number."""
    return lanes if y == lanes else types.float64


@_literally
def load(typing, array, at, count):  # type: ignore[no-untyped-def]
    """Return ``array[at : at + count]``; ``count`` must be a literal."""
    n = _literal(count)

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.load(_pointer(context, builder, signature, args, n), align=8)

    return _Lanes(n)(array, types.intp, count), emit


@_literally
def load_twice(typing, array, at, count):  # type: ignore[no-untyped-def]
    """Return ``count / 2`` elements from ``array[at]`` on, each in two neighboring lanes."""
    n = _literal(count)

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        half = builder.load(_pointer(context, builder, signature, args, n // 2), align=8)
        return _shuffle(builder, half, [j // 2 for j in range(n)])

    return _Lanes(n)(array, types.intp, count), emit


@_compiled
def store(typing, array, at, x):  # type: ignore[no-untyped-def]
    """Set ``array[at : at + count] = x``."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        builder.store(args[2], _pointer(context, builder, signature, args, x.count), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, x), emit


@_compiled
def stream(typing, array, at, x):  # type: ignore[no-untyped-def]
    """Set ``array[at : at + count] = x`` in memory without reading it into a cache before.

    The elements must begin with a cache line. Other threads see them after :func:`fence`.
    """

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        where = _pointer(context, builder, signature, args, x.count)
        hint = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
        builder.store(args[2], where, align=8 * LINE).set_metadata("nontemporal", hint)
        return context.get_dummy_value()

    return types.void(array, types.intp, x), emit


@_compiled
def fence(typing):  # type: ignore[no-untyped-def]
    """Wait until all that was stored is visible to other threads."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), emit


@_literally
def prefetch(typing, array, at, count):  # type: ignore[no-untyped-def]
    """Request ``array[at : at + count]`` from memory before its use; it may lie outside."""
    n = _literal(count)
    byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
    read, keep, data = (ir.Constant(flag, value) for value in (0, 3, 1))

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        hint = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        first = builder.bitcast(_pointer(context, builder, signature, args, n), byte)
        for line in range(0, n, LINE):
            address = builder.gep(first, [ir.Constant(flag, 8 * line)])
            builder.call(hint, [address, read, keep, data])
        return context.get_dummy_value()

    return types.void(array, types.intp, count), emit


@_compiled
def times(typing, x, y):  # type: ignore[no-untyped-def]
    """Return ``x y``, lane by lane; y may be a single number."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return _product(builder, *args)

    return x(x, _factor(x, y)), emit


@_compiled
def plus_product(typing, x, y, z):  # type: ignore[no-untyped-def]
    """Return ``x + y z``, fused where the processor can; z may be a single number."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fadd(args[0], _product(builder, *args[1:]), flags=_FUSE)

    return x(x, x, _factor(x, z)), emit


@_compiled
def minus_product(typing, x, y, z):  # type: ignore[no-untyped-def]
    """Return ``x - y z``, fused where the processor can; z may be a single number."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fsub(args[0], _product(builder, *args[1:]), flags=_FUSE)

    return x(x, x, _factor(x, z)), emit


@_literally
def flip(typing, x, k):  # type: ignore[no-untyped-def]
    """Return a vector whose lane j is the lane ``j xor 2^k`` of x; k must be a literal."""
    source = [j ^ 1 << _literal(k) for j in range(x.count)]

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return _shuffle(builder, args[0], source)

    return x(x, k), emit


@_literally
def signed(typing, x, number, k):  # type: ignore[no-untyped-def]
    """Return as many lanes as x has: ``-number`` where bit k of the lane is 0, else ``number``."""
    signs = [1.0 if j >> _literal(k) & 1 else -1.0 for j in range(x.count)]

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return _product(builder, ir.Constant(args[0].type, signs), args[1])

    return x(x, types.float64, k), emit
