"""Merged rules and a project -> what staging must collect (`StagePlan`)."""

from __future__ import annotations

from transformer.ruleset.compile_columns import rule_names
from transformer.ruleset.project import ExtractChoice, Project
from transformer.ruleset.rules import Extract, Rules, RuleSet
from transformer.ruleset.stage_plan import DelimitedStage, EmbeddedSpec, MarcStage, StagePlan
from transformer.ruleset.words import condition_names, is_spec, parse_field


def stage_plan(ruleset: RuleSet, project: Project) -> StagePlan:
    """Every field spec, subfield code and header that the rules mention, by extract.

    Raises RulesError where the project names what the rules do not know.
    """
    from transformer.errors import RulesError
    from transformer.ruleset.check import project_mistakes

    if mistakes := project_mistakes(ruleset, project):
        raise RulesError(tuple(mistakes))
    marc: dict[str, MarcStage] = {}
    delimited: dict[str, DelimitedStage] = {}
    rules = ruleset.rules
    for name, extract in rules.extract.items():
        if extract.container == "marc":
            specs = _specs(rules, extract) if name == "bib" else _of_extract(extract)
            marc[name] = MarcStage(tuple(sorted(specs)), _embedded(rules, name))
        elif extract.container == "delimited":
            delimited[name] = _delimited(extract, project.extract.get(name) or ExtractChoice())
    return StagePlan(marc, delimited)


def _of_extract(extract: Extract) -> set[str]:
    specs = set(extract.number)
    for profile in extract.profile:
        specs |= {spec for column in profile.columns.values() for spec in column}
        specs |= {name for sign in profile.signs for name in condition_names(sign)}
    return specs


def _specs(rules: Rules, extract: Extract) -> set[str]:
    specs = _of_extract(extract)
    for edit in rules.bib.edit:
        names = list(condition_names(edit.when)) if edit.when else []
        text = edit.add or edit.set
        if text:
            field = parse_field(text)
            names += field.names
            if edit.unless_there and field.subfields:
                names.append(field.tag + field.subfields[0][0])
        specs |= {name for name in names if is_spec(name)}
    for tag in rules.bib.call_number:
        specs |= {tag.class_part, tag.whole}
    for cases in rules.item.values():
        names = [name for rule in cases for name in rule_names(rule)]
        inner = [name.removeprefix("bib.") for name in names if name.startswith("bib.")]
        specs |= {name for name in inner if is_spec(name)}
    return specs


def _embedded(rules: Rules, inside: str) -> tuple[EmbeddedSpec, ...]:
    found = []
    for name, extract in rules.extract.items():
        if extract.container == "embedded" and extract.inside == inside:
            codes = tuple(sorted({*extract.columns.values(), *extract.number}))
            found.append(EmbeddedSpec(name, extract.field, codes))
    return tuple(found)


def _delimited(extract: Extract, told: ExtractChoice) -> DelimitedStage:
    return DelimitedStage(
        delimiter=extract.delimiter if told.delimiter is None else told.delimiter,
        quote=extract.quote if told.quote is None else told.quote,
        repeats=extract.repeats if told.repeats is None else told.repeats,
        headers={**extract.headers, **told.headers},
        required=extract.required,
        encoding=told.encoding or extract.encoding,
    )


def staged_columns(plan: StagePlan) -> dict[str, frozenset[str]]:
    """The staged tables and columns that a plan asks for, as the compiler wants them: all there."""
    columns: dict[str, frozenset[str]] = {}
    place = {"source_file", "byte_start", "byte_count"}
    for name, marc in plan.marc.items():
        columns[f"{name}_record"] = frozenset({*place, "record_no", "leader", "kind", *marc.record_specs})
        for spec in marc.embedded:
            fixed = {"source_file", "record_no", "field_no", "occurrence", "ind1", "ind2"}
            columns[f"{spec.name}_embedded"] = frozenset({*fixed, *spec.codes})
    for name, rows in plan.delimited.items():
        columns[f"{name}_row"] = frozenset({*place, "line", *rows.headers.values()})
    return columns
