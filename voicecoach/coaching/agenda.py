"""What is still to be done, and what has been: the plan as a session bends it.

The plan says what was intended. People say "next", "switch foot", "cramp" and "more time", so the order, the length and
the fate of every piece of work may change. An `Agenda` holds the visits of a session, one for each exercise in turn; a
visit holds its pieces of work; a piece knows what it should take, what has been done of it and what became of the rest.
The ledger of seconds per side is not kept beside this: it is counted from it, so the two cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from voicecoach.routine.plan import LEAD_IN, WORK, Plan, Segment, SegmentKind, Side

LONGEST_WORK_MS = 3_600_000
"""No hold grows beyond an hour, however often more time is asked for: the limit of the routine format."""


class Fate(StrEnum):
    """What is to become of the rest of a piece of work."""

    PENDING = "pending"
    """It will be done in its turn."""
    OWED = "owed"
    """Left for the other side: offered before the exercise is left."""
    SKIPPED = "skipped"
    """Passed over. Where that left one side with less, the difference is offered before the session ends."""
    DROPPED = "dropped"
    """Given up: declined, or it hurt. Never asked again."""


class Form(StrEnum):
    """How demanding an exercise is done."""

    EASIER = "easier"
    USUAL = "usual"
    HARDER = "harder"


@dataclass(slots=True, eq=False)
class Piece:
    """One hold or one set of repetitions, with what leads into it."""

    lead_in: Segment
    work: Segment
    target_ms: int
    done_ms: int = 0
    fate: Fate = Fate.PENDING

    @property
    def side(self) -> Side:
        """Which side it works."""
        return self.work.side or Side.BOTH

    @property
    def remaining_ms(self) -> int:
        """What is left to do of it."""
        return self.target_ms - self.done_ms

    def credit(self, worked_ms: int) -> None:
        """Count work that was done. Of repetitions only whole ones count: half a lift is no lift."""
        done = self.done_ms + min(worked_ms, self.remaining_ms)
        if self.work.pace is not None:
            done -= done % self.work.pace.each_ms
        self.done_ms = done

    def extend(self, by_ms: int) -> bool:
        """Ask for that much more; repetitions grow by whole ones. False where it would exceed the limit."""
        if self.work.pace is not None:
            by_ms = -(-by_ms // self.work.pace.each_ms) * self.work.pace.each_ms
        if self.target_ms + by_ms > LONGEST_WORK_MS:
            return False
        self.target_ms += by_ms
        return True


@dataclass(slots=True, eq=False)
class Visit:
    """One turn at an exercise, or a stretch of talk that belongs to the whole session."""

    exercise: int | None
    opening: tuple[Segment, ...]
    """`TALK` and `WAIT` segments, before any work."""
    planned: tuple[Piece, ...]
    """In the order of the plan."""
    queue: list[Piece] = field(default_factory=list)
    """The pending pieces in the order in which they will be done."""
    form: Form = Form.USUAL
    returning: bool = False
    """The person has been here before in this session: a cramp brought it back, or they asked for it again."""
    opened: int = 0
    """How many segments of the opening have been entered."""
    left_out: bool = False
    """It hurt: not to be done again in this session."""
    worked: bool = False
    """Work has begun in this visit."""
    passed_over: bool = False
    """It is here to offer what was skipped before: who does not ask for it does not get it."""

    def done_ms(self, side: Side) -> int:
        """Milliseconds of work done on a side."""
        return sum(piece.done_ms for piece in self.planned if piece.side is side)

    def owed_ms(self, side: Side) -> int:
        """Milliseconds that are waiting to be offered on a side."""
        return sum(piece.remaining_ms for piece in self.planned if piece.side is side and piece.fate is Fate.OWED)

    def sides(self) -> tuple[Side, ...]:
        """Return the sides that this exercise works, in the order of the plan."""
        return tuple(dict.fromkeys(piece.side for piece in self.planned))

    def give(self, fate: Fate) -> None:
        """Decide the fate of everything unfinished, and leave nothing pending."""
        for piece in self.planned:
            if piece.remaining_ms and piece.fate is not Fate.DROPPED:
                piece.fate = fate
        self.queue.clear()

    def owed(self) -> list[Piece]:
        """Return what was left for the other side and is to be offered, in the order of the plan."""
        return [piece for piece in self.planned if piece.fate is Fate.OWED and piece.remaining_ms]

    def take_up(self, pieces: list[Piece]) -> None:
        """Put pieces at the head of the queue."""
        for piece in pieces:
            piece.fate = Fate.PENDING
        self.queue[:0] = [piece for piece in pieces if piece not in self.queue]

    def switch(self, side: Side) -> bool:
        """Leave `side` now: what was next on it is owed, and work of the other side comes first.

        Returns False, and changes nothing, where the other side has nothing left to do.
        """
        for at, piece in enumerate(self.queue):
            if piece.side is not side:
                for left in self.queue[:at]:
                    left.fate = Fate.OWED
                del self.queue[:at]
                return True
        waiting = [piece for piece in self.owed() if piece.side is not side]
        if not waiting:
            return False
        for left in self.queue:
            left.fate = Fate.OWED
        self.queue.clear()
        self.take_up(waiting)
        return True

    def mirror(self, piece: Piece) -> Piece | None:
        """Return the same work on the other side, if there is one."""
        for other in self.planned:
            if other.side is not piece.side and (other.work.set, other.work.station) == (
                piece.work.set,
                piece.work.station,
            ):
                return other
        return None

    def extend(self, piece: Piece, by_ms: int) -> bool:
        """Lengthen a piece and its mirror alike, so that both sides stay equal. False where the limit forbids it."""
        other = self.mirror(piece)
        if not piece.extend(by_ms):
            return False
        if other is not None:
            finished = not other.remaining_ms
            other.target_ms = max(other.target_ms, piece.target_ms)
            if finished and other.remaining_ms and other.fate is not Fate.DROPPED:
                other.fate = Fate.OWED
        return True

    def take_form(self, form: Form, at_work: Piece | None = None) -> None:
        """Do it so from now on. Holds that neither side has begun take the length of that form.

        `at_work` is the piece that is going on at this moment, whose time has not been credited yet.
        """
        self.form = form
        for piece in self.planned:
            other = self.mirror(piece)
            begun = any(one.done_ms or one is at_work for one in (piece, other) if one is not None)
            if piece.work.kind is SegmentKind.HOLD and not begun:
                lengths = {Form.EASIER: piece.work.least_ms, Form.HARDER: piece.work.most_ms}
                piece.target_ms = lengths.get(form, piece.work.duration_ms)

    def owe_difference(self, least_ms: int) -> bool:
        """Owe the side that did less what makes both equal, if at least `least_ms` is missing. Return whether."""
        if set(self.sides()) != {Side.LEFT, Side.RIGHT}:
            return False
        lesser = min((Side.LEFT, Side.RIGHT), key=self.done_ms)
        missing = abs(self.done_ms(Side.LEFT) - self.done_ms(Side.RIGHT))
        left = [p.remaining_ms for p in self.planned if p.side is lesser and p.fate is not Fate.DROPPED]
        if min(missing, sum(left)) < least_ms:
            return False
        for piece in self.planned:
            if missing and piece.side is lesser and piece.remaining_ms and piece.fate is not Fate.DROPPED:
                take = min(piece.remaining_ms, missing)
                piece.target_ms = piece.done_ms + take
                piece.fate = Fate.OWED
                missing -= take
        return True


class Agenda:
    """The visits of a session in their order, and where it is in them."""

    def __init__(self, plan: Plan) -> None:
        self._visits = _visits(plan)
        self._at = 0

    @property
    def visits(self) -> tuple[Visit, ...]:
        """All visits, in their order now."""
        return tuple(self._visits)

    @property
    def current(self) -> Visit:
        """The visit that the session is in."""
        return self._visits[self._at]

    @property
    def more_work(self) -> bool:
        """Whether a later visit has work."""
        return any(visit.queue for visit in self._visits[self._at + 1 :])

    def owe_differences(self, least_ms: int) -> None:
        """Bring back, as visits right after this one, every exercise in which one side lacks at least `least_ms`."""
        exercises = {visit.exercise: visit for visit in self._visits if not visit.left_out}
        back = [
            Visit(visit.exercise, (), visit.planned, form=visit.form, returning=True, passed_over=True)
            for visit in exercises.values()
            if visit.owe_difference(least_ms)
        ]
        self._visits[self._at + 1 : self._at + 1] = back

    def leave_out(self) -> None:
        """Give up this exercise for the whole session: it hurt."""
        for visit in self._visits:
            if visit.exercise == self.current.exercise:
                visit.left_out = True
                visit.give(Fate.DROPPED)

    def next_exercise(self) -> Visit | None:
        """Return the next visit that is of an exercise."""
        return next((v for v in self._visits[self._at + 1 :] if v.exercise is not None and not v.left_out), None)

    def upcoming(self) -> tuple[Visit, ...]:
        """Return the visits after this one."""
        return tuple(self._visits[self._at + 1 :])

    def move_on(self) -> bool:
        """Go to the next visit that is not left out. False at the end."""
        for at in range(self._at + 1, len(self._visits)):
            if not self._visits[at].left_out:
                self._at = at
                return True
        return False

    def restart(self) -> None:
        """Begin the current visit again, as if nothing of it had been done."""
        visit = self.current
        for piece in visit.planned:
            piece.done_ms, piece.fate, piece.target_ms = 0, Fate.PENDING, piece.work.duration_ms
        visit.queue = list(visit.planned)
        visit.opened, visit.returning, visit.worked, visit.passed_over = 0, True, False, False
        visit.take_form(visit.form)

    def step_back(self) -> bool:
        """Go to the exercise before and begin it again. False where there is none."""
        for at in range(self._at - 1, -1, -1):
            visit = self._visits[at]
            if visit.exercise is not None and not visit.left_out:
                self._at = at
                self.restart()
                return True
        return False

    def postpone(self, exercises: int) -> bool:
        """Move what is left of this visit behind `exercises` later exercises with work, or as many as there are.

        Returns False where there is none, and changes nothing. The current visit stays current, with nothing to do; the
        rest of it comes as a visit of its own.
        """
        behind = None
        for at in range(self._at + 1, len(self._visits)):
            if self._visits[at].queue:
                behind = at
                exercises -= 1
                if exercises == 0:
                    break
        if behind is None:
            return False
        visit = self.current
        rest = tuple(piece for piece in visit.planned if piece.fate in (Fate.PENDING, Fate.OWED) and piece.remaining_ms)
        for piece in rest:
            piece.fate = Fate.PENDING
        later = Visit(visit.exercise, (), visit.planned, list(rest), visit.form, returning=True)
        visit.queue.clear()
        self._visits.insert(behind + 1, later)
        return True


def _visits(plan: Plan) -> list[Visit]:
    """Fold the flat segments into visits: a new one where the exercise changes."""
    visits: list[Visit] = []
    opening: list[Segment] = []
    pieces: list[Piece] = []
    lead_in: Segment | None = None

    def close(exercise: int | None) -> None:
        if opening or pieces:
            visits.append(Visit(exercise, tuple(opening), tuple(pieces), list(pieces)))
        opening.clear()
        pieces.clear()

    before: int | None = None
    for segment in plan.segments:
        if segment.exercise != before:
            close(before)
            before = segment.exercise
        if segment.kind in WORK:
            if lead_in is None:
                raise ValueError(f"a plan's {segment.kind} must follow a segment that leads into it")
            pieces.append(Piece(lead_in, segment, segment.duration_ms))
            lead_in = None
        elif segment.kind in LEAD_IN:
            lead_in = segment
        else:
            opening.append(segment)
    close(before)
    if not visits:
        raise ValueError("a plan must have at least one segment")
    return visits
