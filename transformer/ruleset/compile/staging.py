"""Merged rules and a project -> what staging must collect (`StagePlan`)."""

from __future__ import annotations

from dataclasses import replace

from transformer.extracts.charsets import UTF8
from transformer.ruleset.compile.columns import rule_names
from transformer.ruleset.compile.edit_plan import original, plan_edits
from transformer.ruleset.compile.holdings_marc import holdings_specs, holdings_tags
from transformer.ruleset.compile.item_field import item_field
from transformer.ruleset.compile.lists import list_specs
from transformer.ruleset.compile.stage_plan import EmbeddedSpec, MarcStage, MergeStage, RowStage, StagePlan
from transformer.ruleset.files.project import ExtractChoice, Project
from transformer.ruleset.files.rules import Extract, Rules, RuleSet
from transformer.ruleset.files.words import condition_names, is_spec, position


def staging_of(ruleset: RuleSet, project: Project) -> StagePlan:
    """Every field spec, subfield code and header that the rules mention, by extract."""
    marc: dict[str, MarcStage] = {}
    rows: dict[str, RowStage] = {}
    rules = ruleset.rules
    for name, extract in rules.extract.items():
        if extract.container == "marc" and not extract.inside:
            made = _marc(rules, name, extract)
            if name == "bib" and project.delivery.items_in_bibs:
                # Bibs that have the items' field themselves are told.
                specs = {*made.record_specs, item_field(ruleset).tag}
                made = replace(made, record_specs=tuple(sorted(specs)))
            marc[name] = replace(made, formats=ruleset.formats)
        elif extract.is_rows:
            rows[name] = _rows(name, extract, project.extract.get(name) or ExtractChoice())
    return StagePlan(marc, rows)


def _marc(rules: Rules, name: str, extract: Extract) -> MarcStage:
    specs = _specs(rules, extract) if name == "bib" else _of_extract(extract)
    kinds = [extract.makes or name]
    for inner in rules.extract.values():
        if inner.container == "marc" and inner.inside == name:
            specs |= _of_extract(inner)
            kinds.append(inner.makes)
    embedded = _embedded(rules, name)
    leave_out = {spec.tag for spec in embedded}
    merging = [profile for profile in extract.profile if profile.merge]
    for profile in merging:
        leave_out |= {*profile.drop, *profile.may_differ}
    merge = MergeStage(extract.number, frozenset(leave_out)) if merging else None
    table, _, column = extract.dump.partition(".")
    dump = (table, column) if extract.dump else None
    tags = set(plan_edits(rules.bib.edit).staged) if name == "bib" else set()
    if "holdings" in kinds and rules.holdings is not None:
        specs |= holdings_specs(plan_edits(rules.holdings.edit)) | list_specs(rules.holdings.list)
        tags |= set(holdings_tags(rules.holdings))
    kinds_once = tuple(dict.fromkeys(kinds))
    return MarcStage(
        tuple(sorted(specs)),
        embedded,
        merge,
        kinds_once,
        dump,
        field_tags=tuple(sorted(tags)),
        flat=extract.flat,
    )


def _of_extract(extract: Extract) -> set[str]:
    specs = {*extract.number, *extract.parent, *extract.key}
    for profile in extract.profile:
        specs |= {spec for column in profile.columns.values() for spec in column}
        specs |= {name for sign in profile.signs for name in condition_names(sign)}
    return specs


def _specs(rules: Rules, extract: Extract) -> set[str]:
    specs = _of_extract(extract)
    edits = plan_edits(rules.bib.edit)
    for edit in edits.edits:
        specs |= {read for read in edit.reads if original(edits.edits, edit.number, read[:3]) != "nothing"}
    specs |= list_specs(rules.bib.list)
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
            found.append(EmbeddedSpec(name, extract.field, codes, _code_blanks(extract)))
    return tuple(found)


def _code_blanks(extract: Extract) -> dict[str, tuple[str, ...]]:
    """Spellings of nothing by subfield code, of the codes whose columns agree about them."""
    told: dict[str, set[tuple[str, ...]]] = {}
    for column, code in extract.columns.items():
        told.setdefault(code, set()).add(extract.blank_of(column))
    return {code: ways.pop() for code, ways in told.items() if len(ways) == 1}


def _rows(name: str, extract: Extract, told: ExtractChoice) -> RowStage:
    again = extract.again
    return RowStage(
        kind=extract.adds_to or extract.makes or name,
        container=extract.container,
        headers={**extract.headers, **told.headers},
        required=extract.required,
        encoding=_row_encoding(told.encoding or extract.encoding),
        files=extract.files,
        personal=extract.personal,
        delimiter=extract.delimiter if told.delimiter is None else told.delimiter,
        quote=extract.quote if told.quote is None else told.quote,
        repeats=extract.repeats if told.repeats is None else told.repeats,
        order=extract.order,
        positions={name: position(text) for name, text in extract.positions.items()},
        again={name: position(text) for name, text in again.positions.items()} if again else {},
        every=again.every if again else 0,
        times=position(again.times) if again and again.times else None,
        rest=extract.rest,
        record_bytes=extract.record_bytes,
        flat=extract.flat,
        table=extract.table,
        blanks={column: extract.blank_of(column) for column in (*extract.named, *told.headers.values())},
    )


def _row_encoding(said: str) -> str:
    """UTF-16 is rewritten in UTF-8 when a file is found (see `extracts.wide`)."""
    return UTF8 if said.lower().startswith(("utf-16", "utf16", "utf_16")) else said


def staged_columns(plan: StagePlan) -> dict[str, frozenset[str]]:
    """The staged tables and columns that a plan asks for, as the compiler wants them: all there."""
    columns: dict[str, frozenset[str]] = {}
    place = {"source_file", "byte_start", "byte_count"}
    for name, marc in plan.marc.items():
        columns[f"{name}_record"] = frozenset({*place, "record_no", "leader", "kind", *marc.record_specs})
        if marc.field_tags:
            columns[f"{name}_field"] = frozenset({"record_no", "field_no", "tag", "is_control", "inner"})
        for spec in marc.embedded:
            fixed = {"source_file", "record_no", "field_no", "occurrence", "ind1", "ind2"}
            columns[f"{spec.name}_embedded"] = frozenset({*fixed, *spec.codes})
        if marc.merge is not None:
            columns[f"{name}_same"] = frozenset({"record_no", "first_record_no", "differs"})
            columns[f"{name}_same_field"] = frozenset(
                {"record_no", "first_record_no", "place", "tag", "is_control", "inner"}
            )
    for name, rows in plan.rows.items():
        columns[f"{name}_row"] = frozenset({*place, "line", *rows.columns})
    return columns
