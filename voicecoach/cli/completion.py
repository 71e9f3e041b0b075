"""`completion`: a few lines with which a shell completes verbs and their options."""

from __future__ import annotations

import argparse

from voicecoach.cli.options import build_parser, verbs_of
from voicecoach.cli.telling import show
from voicecoach.errors import EXIT_DONE
from voicecoach.routine.library import shipped_names

_BASH = """\
_voicecoach() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} words
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    [ "$COMP_CWORD" -le 1 ] && words="{verbs}"
    COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}}
complete -o filenames -F _voicecoach voicecoach"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit"


def run(arguments: argparse.Namespace) -> int:
    """Print what a person puts into the start-up file of their shell."""
    words = {name: _words(name, parser) for name, parser in verbs_of(build_parser()).items()}
    if arguments.shell == "fish":
        show("complete -c voicecoach -n __fish_use_subcommand -xa '" + " ".join(words) + "'")
        for name, some in words.items():
            show(f"complete -c voicecoach -n '__fish_seen_subcommand_from {name}' -a '{' '.join(some)}'")
        return EXIT_DONE
    if arguments.shell == "zsh":
        show(_ZSH)
    cases = "\n".join(f'        {name}) words="{" ".join(some)}" ;;' for name, some in words.items())
    show(_BASH.format(cases=cases, verbs=" ".join(words)))
    return EXIT_DONE


def _words(name: str, parser: argparse.ArgumentParser) -> list[str]:
    words = [option for action in parser._actions for option in action.option_strings if option.startswith("--")]
    words += [str(choice) for action in parser._actions for choice in action.choices or ()]
    return words + (list(shipped_names()) if name in ("run", "rehearse", "plan", "check") else [])
