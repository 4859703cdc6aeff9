"""What all checked objects of rule and project files have in common."""

from __future__ import annotations

from typing import Any, ClassVar


class Shape:
    """Base of plain dataclasses that pydantic checks: a key that no rule knows is a mistake.

    Plain dataclasses, so that importing the shapes does not import pydantic (0.1 s of every start).
    """

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}
