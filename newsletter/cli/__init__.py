"""The commands. Thin: each opens a newsletter, calls one use case and says what came of it.

What a command works with is imported inside its function: its help, and those who only check, need not wait for it.
"""

import importlib
import os
import sys
from difflib import get_close_matches
from keyword import iskeyword

import click

from newsletter import __version__
from newsletter.cli.speak import DONE, TO_MEND, WRONG_USAGE, complain
from newsletter.errors import NewsletterError, UsageError

COMMANDS = {
    "init": ("newsletter.cli.setup", "Make a home: a folder with a commented feeds.yaml."),
    "check": ("newsletter.cli.setup", "Read feeds.yaml and tell every mistake as file:line."),
    "build": ("newsletter.cli.issues", "The main job: gather, sort, draft and render one issue."),
    "gather": ("newsletter.cli.sources", "Read the sources that are due, or those named."),
    "draft": ("newsletter.cli.issues", "Make the draft of a period from what was gathered."),
    "render": ("newsletter.cli.issues", "Write an issue's files from its draft."),
    "approve": ("newsletter.cli.approval", "Look an issue over and approve it, or take it back."),
    "correct": ("newsletter.cli.approval", "Set right what an issue said that is out."),
    "send": ("newsletter.cli.sending", "Send an approved issue, or go on with one that was stopped."),
    "stop": ("newsletter.cli.sending", "Stop or pause an issue that is going out."),
    "deliveries": ("newsletter.cli.sending", "What became of an issue that went out."),
    "opml": ("newsletter.cli.opml", "Subscription lists: import and export feeds."),
    "preview": ("newsletter.cli.preview", "Read one source, store nothing, print its items."),
    "add": ("newsletter.cli.add", "Look at an address and write it into feeds.yaml."),
    "sources": ("newsletter.cli.sources", "The health of every source."),
    "aside": ("newsletter.cli.aside", "What could not be read: list it, read it again, drop it."),
    "try": ("newsletter.cli.trying", "How the last issues would have looked under another feeds.yaml."),
    "why": ("newsletter.cli.why", "Every rule, score and decision about one item."),
    "rebuild": ("newsletter.cli.issues", "Make an issue again from its snapshot and compare."),
    "rank": ("newsletter.cli.ranking", "How well the order of candidates fits what editors picked."),
    "same": ("newsletter.cli.ranking", "Of pairs of items: the same story or not, and why."),
    "learn": ("newsletter.cli.learn", "Teach the classifier from past issues, or replay them."),
    "run": ("newsletter.cli.service", "Everything in one process, week after week."),
    "serve": ("newsletter.cli.service", "The desk for editors and the public pages."),
    "editors": ("newsletter.cli.editors", "Who may sign in to the desk, with which role."),
    "tokens": ("newsletter.cli.tokens", "Which programs may use the API, and for what."),
    "subscribers": ("newsletter.cli.subscribers", "Who gets the newsletter: bring in, take out, erase, list."),
    "backup": ("newsletter.cli.backup", "The whole newsletter in one file."),
    "restore": ("newsletter.cli.backup", "A newsletter back from such a file; it sends nothing until told."),
    "erase": ("newsletter.cli.erase", "A person out of everything, as author and as reader."),
    "export": ("newsletter.cli.backup", "Everything in formats that other programs read."),
    "doctor": ("newsletter.cli.doctor", "What is wrong with this installation, and what to do."),
    "schedule": ("newsletter.cli.service", "The next ten runs, in the newsletter's time zone."),
    "worker": ("newsletter.cli.service", "Take jobs from the queue, beside others on other machines."),
    "demo": ("newsletter.cli.demo", "A sample community's issue, with no network."),
}
"""Every command: its module, which is imported when it is called, and what the list of commands says of it."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            raise click.UsageError(f"There is no command “{args[0]}”.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsletter")
def group() -> None:
    """A community newsletter that gathers, sorts and writes itself.

    A newsletter lives in a folder, its home, with a feeds.yaml in it. Begin with:

    \b
      newsletter init my-weekly        makes a home
      newsletter build --home my-weekly  reads the sources and writes the issue
    """


def main() -> None:
    """Run the command line; what the user or the world did wrong is said in a line, never as a traceback."""
    try:
        code = group(standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as fault:
        fault.show()
        code = WRONG_USAGE
    except UsageError as fault:
        code = complain(str(fault), WRONG_USAGE)
    except NewsletterError as fault:
        code = complain(str(fault), TO_MEND)
    except BrokenPipeError:
        # The reader of our output went away (for example "| head"): nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except KeyboardInterrupt:
        code = 130
    except OSError as fault:
        code = complain(f"{fault.filename or 'The system'}: {fault.strerror or fault}.", TO_MEND)
    sys.exit(code or DONE)
