"""The plain twin of `kernels.clean`."""

from __future__ import annotations

import unicodedata


def clean(text: str | None, spellings: tuple[str, ...]) -> str | None:
    """A text without outer blanks; None where nothing is said."""
    if text is None or "\x1f" in text:
        return text
    while text and unicodedata.category(text[0]) == "Zs":
        text = text[1:]
    while text and unicodedata.category(text[-1]) == "Zs":
        text = text[:-1]
    return None if text in ("", *spellings) else text
