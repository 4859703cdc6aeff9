"""Values of people, masked: how long they are is shown, not what they are. Record numbers and codes stay."""

from __future__ import annotations

import dataclasses

from transformer.pipeline.explain_stage import is_personal
from transformer.reports.explained import CameAs, Pair, Step, Thing, WentTo


def masked(thing: Thing) -> Thing:
    """The thing with the values of people masked, its own and those of what hangs on it."""
    thing = dataclasses.replace(thing, came_as=tuple(_came(one) for one in thing.came_as))
    if not is_personal(thing.kind):
        return thing
    open_values = {thing.number, thing.key}
    return dataclasses.replace(
        thing,
        steps=tuple(_step(step, open_values) for step in thing.steps),
        rows=tuple((table, rule, _pairs(values, open_values)) for table, rule, values in thing.rows),
        found=tuple(dataclasses.replace(found, value="") for found in thing.found),
        went_to=tuple(_went(one, open_values) for one in thing.went_to),
    )


def mask(value: str | None) -> str | None:
    """How long a value is.

    >>> mask("Example, Ada"), mask("x"), mask(None)
    ('(12 characters)', '(1 character)', None)
    """
    if not value:
        return value
    return f"({len(value)} character{'' if len(value) == 1 else 's'})"


def _pairs(pairs: tuple[Pair, ...], open_values: set[str]) -> tuple[Pair, ...]:
    return tuple((name, value if value in open_values else mask(value)) for name, value in pairs)


def _came(one: CameAs) -> CameAs:
    if not is_personal(one.what):
        return one
    return dataclasses.replace(one, raw="", parsed=_pairs(one.parsed, set()))


def _step(step: Step, open_values: set[str]) -> Step:
    if step.map:
        return step
    after = step.after if step.after in open_values else mask(step.after)
    constant = step.does.startswith('value "')
    return dataclasses.replace(
        step, inputs=_pairs(step.inputs, open_values), after=step.after if constant else after
    )


def _went(one: WentTo, open_values: set[str]) -> WentTo:
    return dataclasses.replace(one, values=_pairs(one.values, open_values))
