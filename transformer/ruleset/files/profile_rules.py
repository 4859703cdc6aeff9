"""What rule files say about an import profile of Alma: the local field of an item, and what to choose there.

`base/import_profile.toml` explains it to a librarian.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from transformer.ruleset.files.shapes import Shape


@dataclass(frozen=True)
class ProfileSetting(Shape):
    """One thing to choose in the profile: page, name on it, value; verified: whether it was read anywhere."""

    page: str
    name: str
    value: str
    verified: Literal["seen", "no"] = "no"


@dataclass(frozen=True)
class ImportProfile(Shape):
    """field: template of an item's field, over columns of [item]. means: column -> name in the profile."""

    field: str = ""
    means: dict[str, str] = dataclasses.field(default_factory=dict)
    setting: tuple[ProfileSetting, ...] = ()
    why: str = ""
