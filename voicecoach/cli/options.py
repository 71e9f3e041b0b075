"""The words that the command line understands, and their help. Nothing heavy is imported here."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from voicecoach import __version__
from voicecoach.cli.numbers import decimal, whole
from voicecoach.errors import UsageError, plain

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_MOST_MINUTES = 24 * 60

EPILOG = """\
exit codes:
  0 done   2 usage   3 bad routine or settings   4 no audio device
  5 no usable speech model   6 no voice   70 our bug   130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line, by the words of its verb, without obeying what stands in it."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return what a command line says; one that cannot be obeyed ends the program with the verb's usage."""
        words = sys.argv[1:] if args is None else list(args)
        for word in words:
            if word.endswith("=--"):
                # argparse would make a list of nothing of it.
                raise UsageError(f"{word[:60]} gives no value; write one after the sign.")
        parsed, unknown = self.parse_known_args(words, namespace)
        if unknown:
            parser: _Parser = getattr(parsed, "parser", self)
            parser.error(parser.what_is_unknown(unknown[0]))
        return parsed

    def what_is_unknown(self, word: str) -> str:
        """Return that a word means nothing here, and what was perhaps meant."""
        if not word.startswith("-"):
            return f"nothing is done with '{word[:60]}'; leave it out, or put words with spaces in quotes"
        known = [option for action in self._actions for option in action.option_strings]
        return f"there is no option '{word[:60]}' here{_meant(word.partition('=')[0], known)}"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            names = [str(choice) for choice in action.choices]
            meant = _meant(str(value), names)
            there = meant or f"; there are {', '.join(names)}"
            raise argparse.ArgumentError(action, f"there is no '{str(value)[:60]}'{there}")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        super()._print_message(plain(message), file)


NO_NETWORK = """\
What hears the microphone leaves every network first; `voicecoach doctor` says whether that holds on this machine.
"""


def _meant(word: str, known: list[str]) -> str:
    near = get_close_matches(word[:60], known, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser. What it returns has `module`: the name of the verb's module in this package."""
    parser = _Parser(
        prog="voicecoach",
        description="An offline, hands-free, audio-guided stretching coach.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"voicecoach {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, summary: str, details: str = "") -> argparse.ArgumentParser:
        added = verbs.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=details,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(module=name, parser=added)
        return added

    _run(verb("run", "perform a session here and now, with a loudspeaker and a microphone", NO_NETWORK))
    _rehearse(
        verb(
            "rehearse",
            "perform a whole session on a virtual clock in a simulated room, as fast as this machine can",
            REHEARSE_DETAILS,
        )
    )
    devices = verb("devices", "list loudspeakers and microphones by the names that --loudspeaker and --microphone take")
    devices.add_argument("--json", action="store_true", help="print them as one JSON array")
    plan = verb("plan", "show a routine's segments with their times, and the total")
    _routine(plan)
    plan.add_argument("--json", action="store_true", help="print it as one JSON object")
    _settings(plan)
    routines = verb("routines", "list your own routines and those that come with voicecoach")
    routines.add_argument("--json", action="store_true", help="print them as one JSON array")
    check = verb("check", "look for every fault in routines, settings and language packs")
    check.add_argument(
        "files", nargs="+", metavar="FILE", help="the name or file of a routine, settings or a language pack (YAML)"
    )
    _settings(check)
    new = verb("new", "start a routine of your own from a commented template")
    new.add_argument("name", metavar="NAME", help="the new routine's name; NAME.yaml is written in this folder")
    _listen(verb("listen", "show what the coach would hear, with every phrase open", LISTEN_DETAILS))
    _bench(verb("bench", "measure this machine and this program"))
    _setup(verb("setup", "fetch the speech model, verify it, and try it", SETUP_DETAILS))
    _standby(verb("standby", 'wait to be called, and lead what is called for: "coach, start feet"', STANDBY_DETAILS))
    _service(verb("service", "let the coach start by itself and wait, as a service of systemd", SERVICE_DETAILS))
    _doctor(verb("doctor", "find out what is wrong with this machine, and what to do about it", DOCTOR_DETAILS))
    history = verb("history", "list the sessions that were done, the latest first")
    history.add_argument("--json", action="store_true", help="print them as one JSON array")
    config = verb("config", "show the settings that hold, and where each comes from")
    config.add_argument("--path", action="store_true", help="print only the path of the file that is read")
    config.add_argument("--json", action="store_true", help="print them as one JSON object")
    _settings(config)
    completion = verb("completion", "print what lets a shell complete the words of voicecoach", COMPLETION_DETAILS)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")
    asked = verb("help", "explain a verb")
    asked.add_argument("verb", nargs="?", metavar="VERB", help="which (default: all of them)")
    return parser


COMPLETION_DETAILS = """\
for example, for every new bash:
  voicecoach completion bash >> ~/.bashrc
"""


def verbs_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each verb by its name."""
    (verbs,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(verbs.choices)


def _settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="the settings file (default: $VOICECOACH_CONFIG, else ~/.config/voicecoach/config.yaml,"
        " else /etc/voicecoach/config.yaml, if there is one)",
    )


def _routine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "routine", nargs="?", default="feet", metavar="ROUTINE", help="a name or a file (default: feet)"
    )


def _hearing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--language", metavar="ID", help="the language spoken with the coach, both ways (default: the settings', or en)"
    )
    parser.add_argument("--model", metavar="DIR", help="a Vosk model to hear with (default: an installed one, if any)")
    _settings(parser)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "routine",
        nargs="?",
        metavar="ROUTINE",
        help="a name or a file (default: the one that was broken off within the last hours, else feet)",
    )
    parser.add_argument("--anew", action="store_true", help="do not offer to go on with what was broken off")
    parser.add_argument("--loudspeaker", metavar="NAME", help="where to sound (default: the system's choice)")
    parser.add_argument("--microphone", metavar="NAME", help="where to hear (default: the system's choice)")
    parser.add_argument("--wait", action="store_true", help="wait for a loudspeaker if there is none")
    _hearing(parser)
    parser.add_argument("--timeline", metavar="FILE.jsonl", help="everything that happened, one JSON object a line")


REHEARSE_DETAILS = """\
example:
  voicecoach rehearse feet --say "3:10 cramp, back off" --out session.wav --picture session.svg
"""


def _rehearse(parser: argparse.ArgumentParser) -> None:
    _routine(parser)
    parser.add_argument(
        "--say",
        action="append",
        default=[],
        metavar='"TIME PHRASE"',
        help='speak a phrase at a time (M:SS) with a recorded voice, as in --say "1:30 next"; can be repeated',
    )
    parser.add_argument(
        "--play",
        action="append",
        default=[],
        metavar='"TIME FILE"',
        help="play any recording into the room at a time; can be repeated",
    )
    parser.add_argument(
        "--voice", metavar="NAME", help="whose recorded voice speaks the phrases (default: each in turn)"
    )
    _hearing(parser)
    files = parser.add_argument_group("what is written")
    files.add_argument("--out", metavar="FILE.wav", help="the sound of the loudspeaker, 48 kHz")
    files.add_argument("--timeline", metavar="FILE.jsonl", help="everything that happened, one JSON object a line")
    files.add_argument("--picture", metavar="FILE.svg", help="the session at a glance")
    room = parser.add_argument_group("the room")
    room.add_argument("--noise", metavar="FILE", help="a recording that plays in the room all the time")
    room.add_argument(
        "--snr",
        type=decimal("--snr", -40, 80),
        metavar="DB",
        help="how much louder than the noise the person is (default: 12)",
    )
    room.add_argument(
        "--echo",
        type=decimal("--echo", -60, 30),
        metavar="DB",
        help="level of the coach at the microphone against the person's (default: 0)",
    )
    room.add_argument(
        "--rt60",
        type=decimal("--rt60", 0.05, 1.5),
        metavar="S",
        help="how long the room rings, in seconds (default: 0.3)",
    )
    room.add_argument("--no-echo-canceller", action="store_true", help="let the microphone hear the coach undiminished")


ENGINES = ("auto", "moonshine", "vosk", "pocketsphinx")
"""Those of the settings, whose module would take long to load."""

SETUP_DETAILS = """\
Only `setup` uses the network. What is there already is tried, and left as it is if it works. Without a network:
  voicecoach setup --from vosk-model-small-en-us-0.15.zip
"""


def _setup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--language", metavar="ID", help="the language to be understood (default: the settings', or en)"
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE_OR_URL",
        help="take the model's archive from here; it must be the very one that is published",
    )
    parser.add_argument("--force", action="store_true", help="install it anew even if the one there works")
    _settings(parser)


DOCTOR_DETAILS = """\
It listens for 3 s, and plays three short chirps to find them in the microphone; it says so before. The exit code is 0
where a session could run, else that of the worst failure: 4 no audio device, 5 no usable speech model, 6 no voice, 3
bad settings. What --json prints: docs/troubleshooting.md.
"""


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--loudspeaker", metavar="NAME", help="which to examine (default: the settings', or the usual)")
    parser.add_argument("--microphone", metavar="NAME", help="which to examine (default: the settings', or the usual)")
    parser.add_argument("--silent", action="store_true", help="play nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--spoken",
        action="store_true",
        help="then say hello by each loudspeaker until you say yes, try a few commands, and say what is wrong",
    )
    _hearing(parser)


LISTEN_DETAILS = """\
Nothing of what the microphone gives is written or sent: what hears it leaves every network first, and `voicecoach
doctor` says whether that holds here. Ctrl-C ends it. Each line says when something was said and for
how long, and which command it was, or why it was none.
"""


def _listen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--microphone", metavar="NAME", help="where to hear (default: the settings', or the usual one)")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        help="hear a WAV or FLAC recording of any rate in place of a microphone",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object an utterance")
    _hearing(parser)


BENCH_DETAILS = """\
examples:
  voicecoach bench hearing --quick
  voicecoach bench hearing --recordings my-voice --only quiet
  voicecoach bench hearing --language ko --model DIR --out results
docs/hearing.md says what is measured, how to record yourself, and what came of the last run.
"""


def _bench(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(title="what to measure", dest="what", metavar="WHAT", required=True)
    summary = "how well commands are understood, and how seldom anything else is taken for one"
    hearing = what.add_parser(
        "hearing",
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=BENCH_DETAILS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    hearing.set_defaults(parser=hearing)
    hearing.add_argument("--quick", action="store_true", help="a sample of it, in a few minutes")
    hearing.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WHAT",
        help="only this: a condition ('babble 12 dB'), a noise (quiet, 'steady noise', 'unsteady noise', babble,"
        " 'one talker', 'over the coach'), or talk, 'near misses', prompts, noise, coach; can be repeated",
    )
    hearing.add_argument(
        "--recordings",
        metavar="DIR",
        help="your own recordings, named after the phrases, in place of the bench's voices",
    )
    hearing.add_argument(
        "--talk",
        type=whole("--talk", 1, _MOST_MINUTES),
        metavar="MINUTES",
        help="how much unrelated talk (default: 60; quick: 10)",
    )
    hearing.add_argument(
        "--minutes",
        type=decimal("--minutes", 0.01, _MOST_MINUTES),
        metavar="N",
        help="end after about so long; what was done by then is a fair sample",
    )
    hearing.add_argument("--engine", choices=ENGINES, help="default: the settings'")
    hearing.add_argument(
        "--detector",
        choices=("both", "webrtc", "silero"),
        default="both",
        help="what tells voice from other sound, to compare",
    )
    hearing.add_argument(
        "--seed",
        type=whole("--seed", 0, 999_999_999),
        default=1,
        metavar="N",
        help="another sample of everything (default: 1)",
    )
    hearing.add_argument(
        "--jobs", type=whole("--jobs", 1, 64), default=1, metavar="N", help="processes that share the work (default: 1)"
    )
    hearing.add_argument("--json", metavar="FILE", help="all figures, and what went wrong, trial by trial")
    hearing.add_argument("--out", metavar="DIR", help="a folder for hearing.md, hearing.json and hearing.svg")
    _hearing(hearing)
    _bench_people(what)


PEOPLE_DETAILS = """\
examples:
  voicecoach bench people --set recordings
  voicecoach bench people --set recordings --noise kitchen.wav --snr 6 --rt60 0.4
The folder has sound files and labels.json, a list of objects with file, text, command (an id, or null) and speaker.
"""


def _bench_people(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    summary = "how well recorded people are understood, and what else of theirs is taken for a command"
    people = what.add_parser(
        "people",
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=PEOPLE_DETAILS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    people.set_defaults(parser=people)
    people.add_argument("--set", dest="folder", metavar="DIR", required=True, help="the recordings and their labels")
    people.add_argument("--noise", metavar="FILE", help="a recording that plays behind all of them")
    people.add_argument(
        "--snr",
        type=decimal("--snr", -40, 80),
        default=12.0,
        metavar="DB",
        help="how much louder than it the person is (default: 12)",
    )
    people.add_argument(
        "--rt60",
        type=decimal("--rt60", 0.05, 1.5),
        metavar="S",
        help="put them two metres away into a room that rings so",
    )
    people.add_argument("--engine", choices=ENGINES, help="default: the settings'")
    people.add_argument(
        "--jobs", type=whole("--jobs", 1, 64), default=1, metavar="N", help="processes that share the work (default: 1)"
    )
    people.add_argument(
        "--minutes", type=decimal("--minutes", 0.01, _MOST_MINUTES), metavar="N", help="end after about so long"
    )
    people.add_argument("--json", metavar="FILE", help="all figures, and what went wrong")
    _hearing(people)


STANDBY_DETAILS = """\
What it can be asked is said by "coach, what can you do". Routines of your own are files in
~/.config/voicecoach/routines (the service's: /etc/voicecoach/routines) and are called as they are named: my-feet.yaml
by "coach, start my feet".
"""


def _standby(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prepare", action="store_true", help="only render all sentences, so that every session begins at once"
    )
    parser.add_argument("--loudspeaker", metavar="NAME", help="where to sound (default: the system's choice)")
    parser.add_argument("--microphone", metavar="NAME", help="where to hear (default: the system's choice)")
    _hearing(parser)


SERVICE_DETAILS = """\
The system's service starts at boot, as a user of its own with no network; its settings are in /etc/voicecoach, its
models and history in /var/lib/voicecoach. With --user it is yours, and uses your sound server. For example:
  sudo voicecoach service install
  sudo voicecoach service do setup
  voicecoach service logs --follow
"""


def _service(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="what to do", dest="action", metavar="ACTION", required=True)

    def action(name: str, summary: str, *, user: bool = True) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        added.set_defaults(parser=added)
        if user:
            added.add_argument("--user", action="store_true", help="your own service instead of the system's")
        return added

    install = action("install", "put the service in place and start it; can be done again")
    install.add_argument("--print", action="store_true", help="only print the unit file")
    install.add_argument(
        "--program", metavar="FILE", help="what the service starts, in full (default: this installation)"
    )
    uninstall = action("uninstall", "stop the service and remove it; settings, models and history stay")
    for changing in (install, uninstall):
        changing.add_argument("--root", metavar="DIR", help="change the system in this folder, as for an image")
    status = action("status", "tell how the service is")
    status.add_argument("--json", action="store_true", help="print it as one JSON object")
    logs = action("logs", "show what the service has written lately")
    logs.add_argument(
        "--lines", type=whole("--lines", 0, 1_000_000), default=50, metavar="N", help="how many lines (default: 50)"
    )
    logs.add_argument("--follow", action="store_true", help="go on showing what it writes")
    do = action("do", "run a verb as the service's user, with its settings, models and history", user=False)
    do.add_argument("words", nargs=argparse.REMAINDER, metavar="VERB ...", help="as in: service do setup")
