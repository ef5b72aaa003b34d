"""Placeholder of the approximation for studies too large for Laplace's; see `crossed_laplace`."""

from typing import Final

CROSSED_AT_MOST: Final = 4000
