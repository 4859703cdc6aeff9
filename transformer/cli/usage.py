"""What to say about wrong words: what, where, what was expected, what to type next. Exit code 2."""

from __future__ import annotations

from typing import Any

import click
from click.exceptions import NoSuchOption

from transformer.cli.early import nearest
from transformer.errors import UsageError


class Words(click.Group):
    """A group of commands that names the nearest command when it does not know one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command raises our UsageError."""
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            raise UsageError(
                f"no command `{word}`",
                "transformer",
                f"one of: {', '.join(self.list_commands(ctx))}",
                nearest(word, self.list_commands(ctx)) or "`transformer --help` says what each does.",
            )
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order one needs them, not by the alphabet."""
        return list(self.commands)


def explain(error: click.ClickException) -> UsageError:
    """Our error for one of click's: the same facts, in four parts."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "transformer"
    expected = _usage_line(context)
    step = f"`{command} --help` explains each word."
    if isinstance(error, NoSuchOption):
        options = _options(context)
        near = nearest(error.option_name, options)
        return UsageError(
            f"no option `{error.option_name}`", command, f"one of: {', '.join(options)}", near or step
        )
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(context) if error.param is not None and context else "a word"
        return UsageError(f"{_first_word(name)} is missing", command, expected, step)
    if isinstance(error, click.BadParameter):
        where = f"{command} {_option_name(error.param)}".rstrip()
        return UsageError(_plain(error.message), where, _range(error.param), step)
    return UsageError(_plain(error.format_message()), command, expected, step)


def _usage_line(context: click.Context | None) -> str:
    if context is None:
        return ""
    return " ".join([context.command_path, *context.command.collect_usage_pieces(context)])


def _options(context: click.Context | None) -> list[str]:
    if context is None:
        return []
    parameters = context.command.get_params(context)
    return [name for p in parameters if isinstance(p, click.Option) for name in p.opts if name[:2] == "--"]


def _range(parameter: Any) -> str:
    kind = getattr(parameter, "type", None)
    if isinstance(kind, click.IntRange):
        return f"a whole number from {kind.min} to {kind.max}"
    if isinstance(kind, click.Choice):
        return f"one of: {', '.join(map(str, kind.choices))}"
    return ""


def _option_name(parameter: Any) -> str:
    if isinstance(parameter, click.Option):
        return parameter.opts[-1]
    return str(getattr(parameter, "human_readable_name", ""))


def _first_word(metavar: str) -> str:
    return metavar.strip("[]{}.")


def _plain(message: str) -> str:
    """click's sentence without its final stop, beginning small, so that it reads after `where: `."""
    text = message.strip().rstrip(".")
    return text[:1].lower() + text[1:]
