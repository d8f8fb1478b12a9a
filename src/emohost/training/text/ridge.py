"""Ridge regression over a sparse matrix, by conjugate gradients. It needs only numpy.

A. E. Hoerl and R. W. Kennard, "Ridge regression", Technometrics 12 (1970); M. R. Hestenes and E. Stiefel, "Methods of
conjugate gradients for solving linear systems", Journal of Research of the NBS 49 (1952).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
TOLERANCE = 1e-7  # of the residual, relative to the right side
MAX_ROUNDS = 500


@dataclass(frozen=True)
class Sparse:
    """A sparse matrix whose rows are given as pairs (columns, values)."""

    starts: NDArray[np.intp]  # (rows,) where each row begins
    columns: NDArray[np.intp]  # (entries,)
    values: Float64  # (entries,)
    width: int

    @classmethod
    def of(cls, rows: Sequence[tuple[NDArray[np.intp], Float64]], width: int) -> Sparse:
        # A zero ends every row, because reduceat() would misread an empty one.
        zero = np.zeros(1, np.intp), np.zeros(1)
        ended = [part for row in rows for part in (row, zero)]
        lengths = np.array([len(columns) + 1 for columns, _ in rows])
        return cls(
            np.concatenate([[0], np.cumsum(lengths)[:-1]]),
            np.concatenate([columns for columns, _ in ended]),
            np.concatenate([values for _, values in ended]),
            width,
        )

    def times(self, x: Float64) -> Float64:
        """(width,) -> (rows,)"""
        return np.asarray(np.add.reduceat(self.values * x[self.columns], self.starts))

    def transposed_times(self, y: Float64) -> Float64:
        """(rows,) -> (width,)"""
        lengths = np.diff(np.append(self.starts, len(self.values)))
        weights = self.values * np.repeat(y, lengths)
        return np.asarray(np.bincount(self.columns, weights, self.width), dtype=np.float64)


def ridge(matrix: Sparse, y: Float64, penalty: float) -> Float64:
    """The w (width,) that makes |matrix w - y|^2 + penalty |w|^2 least. Raises ArithmeticError if it is not found."""
    w = np.zeros(matrix.width)
    residual = matrix.transposed_times(y)
    direction = residual.copy()
    square = float(residual @ residual)
    enough = TOLERANCE**2 * square
    for _ in range(MAX_ROUNDS):
        if square <= enough:
            return w
        forward = matrix.transposed_times(matrix.times(direction)) + penalty * direction
        step = square / float(direction @ forward)
        w += step * direction
        residual -= step * forward
        square, before = float(residual @ residual), square
        direction = residual + square / before * direction
    raise ArithmeticError(f"ridge regression did not converge in {MAX_ROUNDS} rounds")
