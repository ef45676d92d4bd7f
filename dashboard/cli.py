"""The `envoi` command: finds the noun, runs it, and turns an error of the house into one sentence on standard error."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import click
from pydantic import ValidationError

from dashboard.commands import language
from models.errors import EnvoiError, Invalid

ROOT: Final = Path(__file__).resolve().parents[1]

# name → (module of dashboard.commands, what it does); a module is loaded when it is asked for, so each word stays quick
COMMANDS: Final = {
    "serve": ("serve", "The dashboard and the worker together."),
    "web": ("web", "The dashboard alone, or only what recipients reach."),
    "worker": ("serve", "The worker alone: scheduled jobs, sending, the mail catcher."),
    "build": ("build", "Build the dashboard's page, when its sources have changed."),
    "migrate": ("database", "Bring the database's schema to the newest state."),
    "check": ("database", "Count every figure anew from the log and compare."),
    "doctor": ("doctor", "Why are emails not being sent? Checks with verdicts."),
    "demo": ("demo", "Believable data to try things with."),
    "user": ("user", "The people who sign in."),
    "smtp-account": ("smtp_account", "The servers that mail is handed to."),
    "key": ("key", "The key that signs the tokens in mail."),
    "group-account": ("group_account", "The mailboxes that are watched for what comes back."),
    "machine-rule": ("machine_rule", "Who counts as a person, and who as a machine."),
    "settings": ("settings", "Outbound Emails and the rest an administrator changes."),
    "job": ("job", "Scheduled Jobs."),
    "import": ("imports", "Import people from a spreadsheet."),
    "send": ("send", "Campaign, template and mass email in one go."),
    "mass-email": ("mass_email", "What becomes of a mass email, and the brakes."),
    "webhook": ("webhook", "Where providers report what came back."),
    "bounce": ("bounce", "Explain mails that came back."),
    "export": ("export", "The log, a target list or the history of consent."),
    "suppression": ("suppression", "The addresses that are not mailed."),
    "erase": ("erase", "Erase a person on request."),
}

WORDS: Final = {"import": "import_file"}  # a word of Python


class Nouns(click.Group):
    """The words of the command, each from its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"dashboard.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, WORDS.get(cmd_name, cmd_name.replace("-", "_")))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in COMMANDS.items()])

    def main(self, *args: Any, **named: Any) -> NoReturn:
        """Run the command and end the process: 0 only on success, and what went wrong in one sentence."""
        try:
            status = super().main(*args, **{**named, "standalone_mode": False})
        except click.exceptions.Abort:
            sys.exit(130)
        except (click.ClickException, EnvoiError, ValidationError) as error:
            sentence, status = explain(error)
            click.echo(f"envoi: {sentence}", err=True)
        sys.exit(status if isinstance(status, int) else 0)


def explain(error: Exception) -> tuple[str, int]:
    """(the sentence, the exit status): 2 for what was typed or set wrongly, else 1."""
    if isinstance(error, click.ClickException):
        return error.format_message(), error.exit_code
    if isinstance(error, ValidationError):  # of the settings: an environment variable that cannot be taken
        first = error.errors()[0]
        return f"ENVOI_{str(first['loc'][0]).upper()}: {first['msg']}.", 2
    assert isinstance(error, EnvoiError)  # noqa: S101 - the third of three
    return error.text(language()), 2 if isinstance(error, Invalid) else 1


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="envoi", message="%(version)s")
def main() -> None:
    """Email campaigns from your own server."""
    os.environ["ENVOI_DATA_DIR"] = str(Path(os.environ.get("ENVOI_DATA_DIR") or ROOT / "data").resolve())


if __name__ == "__main__":
    main()
