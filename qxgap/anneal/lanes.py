"""Sixteen doubles as one number in compiled code: explicit vector instructions through numba.

LLVM maps such a number to the registers that the processor has: four of AVX2, two of AVX-512, eight
of NEON. It exists in numba-compiled functions only. Arrays are contiguous float64 vectors; like
numba's own, no access is checked.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import errors
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

COUNT = 16
BITS = 4
"""Bits of an index that number the lanes."""

LINE = 8
"""Doubles in a cache line."""

_compiled: Any = intrinsic
_DOUBLE = ir.DoubleType()
_VECTOR = ir.VectorType(_DOUBLE, COUNT)
_FUSE = ("contract",)


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__(name="lanes")


@register_model(_Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: _Lanes) -> None:
        super().__init__(manager, lanes, _VECTOR)  # type: ignore[no-untyped-call]


_lanes = _Lanes()


def _constant(values: list[Any], element: ir.Type = _DOUBLE) -> ir.Constant:
    return ir.Constant(ir.VectorType(element, COUNT), values)


def _bit(k: types.Type) -> int:
    if not isinstance(k, types.IntegerLiteral):
        raise errors.RequireLiteralValue("the bit of a lane is a literal")
    return int(k.literal_value)


def _pointer(context: Any, builder: Any, array: types.Array, value: Any, at: Any) -> Any:
    if (array.dtype, array.ndim, array.layout) != (types.float64, 1, "C"):
        raise errors.NumbaTypeError(f"lanes live in contiguous vectors of float64, not in {array}")
    data = context.make_array(array)(context, builder, value).data
    return builder.bitcast(builder.gep(data, [at]), _VECTOR.as_pointer())


@_compiled
def load(typing, array, at):  # type: ignore[no-untyped-def]
    """``array[at : at + 16]``."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.load(_pointer(context, builder, signature.args[0], *args), align=8)

    return _lanes(array, types.intp), emit


@_compiled
def load_twice(typing, array, at):  # type: ignore[no-untyped-def]
    """Eight elements from ``array[at]`` on, each in two neighbouring lanes."""
    mask = _constant([j // 2 for j in range(COUNT)], ir.IntType(32))
    eight = ir.VectorType(_DOUBLE, COUNT // 2)

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        pointer = _pointer(context, builder, signature.args[0], *args)
        half = builder.load(builder.bitcast(pointer, eight.as_pointer()), align=8)
        return builder.shuffle_vector(half, half, mask)

    return _lanes(array, types.intp), emit


@_compiled
def store(typing, array, at, x):  # type: ignore[no-untyped-def]
    """``array[at : at + 16] = x``."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        pointer = _pointer(context, builder, signature.args[0], *args[:2])
        builder.store(args[2], pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), emit


@_compiled
def prefetch(typing, array, at):  # type: ignore[no-untyped-def]
    """Ask for ``array[at : at + 16]`` ahead of its use; ``at`` may lie outside."""
    byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
    read, keep, data = (ir.Constant(flag, n) for n in (0, 3, 1))

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        hint = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        for line in range(0, COUNT, LINE):
            at = builder.add(args[1], ir.Constant(args[1].type, line))
            pointer = _pointer(context, builder, signature.args[0], args[0], at)
            builder.call(hint, [builder.bitcast(pointer, byte), read, keep, data])
        return context.get_dummy_value()

    return types.void(array, types.intp), emit


@_compiled
def lanes(typing, number):  # type: ignore[no-untyped-def]
    """Sixteen times the same number."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        first = builder.insert_element(
            ir.Constant(_VECTOR, ir.Undefined), args[0], ir.Constant(ir.IntType(32), 0)
        )
        return builder.shuffle_vector(first, first, _constant([0] * COUNT, ir.IntType(32)))

    return _lanes(types.float64), emit


@_compiled
def times(typing, x, y):  # type: ignore[no-untyped-def]
    """``x y``, lane by lane."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fmul(*args, flags=_FUSE)

    return _lanes(_lanes, _lanes), emit


@_compiled
def plus_product(typing, x, y, z):  # type: ignore[no-untyped-def]
    """``x + y z``, fused where the processor can."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fadd(args[0], builder.fmul(*args[1:], flags=_FUSE), flags=_FUSE)

    return _lanes(_lanes, _lanes, _lanes), emit


@_compiled
def minus_product(typing, x, y, z):  # type: ignore[no-untyped-def]
    """``x - y z``, fused where the processor can."""

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fsub(args[0], builder.fmul(*args[1:], flags=_FUSE), flags=_FUSE)

    return _lanes(_lanes, _lanes, _lanes), emit


@_compiled(prefer_literal=True)
def flip(typing, x, k):  # type: ignore[no-untyped-def]
    """Lane j of the result is lane ``j xor 2^k`` of x, k = 0, 1, 2 or 3."""
    mask = _constant([j ^ (1 << _bit(k)) for j in range(COUNT)], ir.IntType(32))

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.shuffle_vector(args[0], args[0], mask)

    return _lanes(_lanes, k), emit


@_compiled(prefer_literal=True)
def signed(typing, x, k):  # type: ignore[no-untyped-def]
    """x, negated in the lanes whose bit k is 0; k = 0, 1, 2 or 3."""
    signs = _constant([1.0 if j >> _bit(k) & 1 else -1.0 for j in range(COUNT)])

    def emit(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fmul(args[0], signs)

    return _lanes(_lanes, k), emit
