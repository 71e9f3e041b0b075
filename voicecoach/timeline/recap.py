"""What a timeline amounts to: stretches of time made of its moments, and what the ledger says in the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voicecoach.timeline.events import Ended, Event, LedgerChanged, Said, StateEntered

WORKING = ("hold", "repetitions")
"""The states whose time counts for a foot."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in one state."""

    start_ms: int
    end_ms: int
    state: StateEntered

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Balance:
    """The last word of the ledger on one exercise: by side, what was done and what stayed owed."""

    exercise: str
    done_ms: dict[str, int]
    owed_ms: dict[str, int]


@dataclass(frozen=True, slots=True)
class Recap:
    """A session as a whole."""

    events: tuple[Event, ...]
    """In order of time."""
    length_ms: int
    """Up to the last thing that happened, at least 1 s."""
    states: tuple[Span, ...]
    exercises: tuple[Span, ...]
    """States one after the other that belong to the same exercise, taken together; `state` is the first of them."""
    ledger: tuple[Balance, ...]
    """In the order in which the exercises first came into the ledger."""
    end: Ended | None

    @property
    def work(self) -> list[Span]:
        """The stretches whose time counts for a foot."""
        return [span for span in self.states if span.state.state in WORKING]


def recap(events: Iterable[Event]) -> Recap:
    """Take a timeline together; its events may come in any order."""
    ordered = tuple(sorted(events, key=lambda event: event.t_ms))
    length_ms = max([1_000, *(_end_ms(event) for event in ordered)])
    states = _states([event for event in ordered if isinstance(event, StateEntered)], length_ms)
    return Recap(
        events=ordered,
        length_ms=length_ms,
        states=states,
        exercises=_exercises(states),
        ledger=_balances([event for event in ordered if isinstance(event, LedgerChanged)]),
        end=next((event for event in reversed(ordered) if isinstance(event, Ended)), None),
    )


def _end_ms(event: Event) -> int:
    return event.t_ms + event.length_ms if isinstance(event, Said) else event.t_ms


def _states(entered: Sequence[StateEntered], length_ms: int) -> tuple[Span, ...]:
    ends = [*(state.t_ms for state in entered[1:]), length_ms]
    return tuple(Span(state.t_ms, end, state) for state, end in zip(entered, ends, strict=False))


def _exercises(states: Iterable[Span]) -> tuple[Span, ...]:
    together: list[Span] = []
    for span in states:
        if together and together[-1].end_ms == span.start_ms and together[-1].state.exercise == span.state.exercise:
            together[-1] = Span(together[-1].start_ms, span.end_ms, together[-1].state)
        else:
            together.append(span)
    return tuple(span for span in together if span.state.exercise is not None)


def _balances(entries: Iterable[LedgerChanged]) -> tuple[Balance, ...]:
    found: dict[str, Balance] = {}
    for entry in entries:
        balance = found.setdefault(entry.exercise, Balance(entry.exercise, {}, {}))
        balance.done_ms[entry.side] = entry.done_ms
        balance.owed_ms[entry.side] = entry.owed_ms
    return tuple(found.values())
