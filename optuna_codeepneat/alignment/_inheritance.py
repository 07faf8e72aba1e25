"""What becomes of the weights of a descendant that its ancestor did not have."""

from __future__ import annotations

from typing import Literal
from typing import TypeAlias
from typing import get_args


Inheritance: TypeAlias = Literal["exact", "noisy", "fresh"]
"""``"exact"``: what the ancestor did not have begins with nothing, so that its function stays
where it can; ``"noisy"``: with next to nothing, so that no two weights are equal; ``"fresh"``: as
in a new network, which changes the function."""

INHERITANCES: tuple[Inheritance, ...] = get_args(Inheritance)
