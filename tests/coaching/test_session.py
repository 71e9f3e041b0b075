"""What a person lives through, as written timelines. Sentences last one second; `say` lines name the script's line."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.coaching.stage import Stage, cue, feet_plan, one_exercise_plan, two_sided
from tests.fakes.loudspeaker import Loudspeaker
from voicecoach.coaching.messages import CueTiming, PlayTone, Say, SpeechRendered, Tone, VoiceIgnored, VoiceStarted
from voicecoach.coaching.states import Ended, LeadingIn, Offering, Paused, Purpose, Stopped, Talking, Waiting, Working
from voicecoach.commands import Command
from voicecoach.routine.plan import CrampPolicy, Plan


def timeline(text: str) -> str:
    return dedent(text).strip()


def tones_of(stage: Stage) -> list[tuple[Tone, int]]:
    return [(sound.what, sound.start_ms) for sound in stage.loudspeaker.tones() if isinstance(sound.what, Tone)]


def test_a_session_left_alone_goes_through_the_whole_plan() -> None:
    stage = Stage(one_exercise_plan())
    stage.play()
    assert stage.text() == timeline("""
        00:00.000 talk calf
        00:00.000 say exercise calf
        00:01.120 say how to do calf
        00:02.520 get_ready calf left
        00:02.520 say get ready side side left
        00:10.520 hold calf left
        00:40.520 ledger calf left done 30000 owed 0 done
        00:40.520 changeover calf right
        00:40.990 say changeover side right
        00:48.520 hold calf right
        01:18.520 ledger calf right done 30000 owed 0 done
        01:18.520 ending calf
        01:19.710 say summary minute
        01:22.150 end done
        """)


def test_every_tone_of_a_hold_has_its_exact_place() -> None:
    stage = Stage(one_exercise_plan(hold_ms=31_001))
    stage.until_state(Working)
    began = stage.now
    stage.until(began + 31_001)
    placed = [(tone, at - began) for tone, at in tones_of(stage) if 0 <= at - began <= 31_001]
    assert placed == [
        (Tone.START, 0),
        (Tone.HALFWAY, 15_500),
        (Tone.COUNTDOWN, 28_001),
        (Tone.COUNTDOWN, 29_001),
        (Tone.COUNTDOWN, 30_001),
        (Tone.HOLD_END, 31_001),
    ]


def test_a_pause_keeps_the_exact_place() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until(stage.now + 12_345)
    stage.hear(Command.PAUSE)
    assert stage.is_in(Paused)
    stage.until(stage.now + 5_000)
    stage.hear(Command.RESUME)
    resumed = stage.now
    assert stage.is_in(Working)
    stage.until_state(LeadingIn)
    assert stage.now - resumed == 30_000 - 12_345


def test_a_long_pause_is_followed_by_three_ticks() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until(stage.now + 12_345)
    stage.hear(Command.PAUSE)
    stage.until(stage.now + 60_000)
    stage.hear(Command.RESUME)
    assert stage.is_in(LeadingIn)
    resumed = stage.now
    stage.until_state(Working)
    assert stage.now - resumed == 3_000
    assert [at - resumed for tone, at in tones_of(stage) if tone is Tone.TICK][-3:] == [0, 1_000, 2_000]


def test_a_cramp_in_a_pause_does_not_make_the_pause_shorter() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.hear(Command.PAUSE)
    stage.until(stage.now + 3_000)
    stage.hear(Command.CRAMP)
    stage.until_state(Paused)
    stage.hear(Command.RESUME)
    assert stage.is_in(LeadingIn)


def test_switching_feet_in_a_hold_owes_the_rest_and_offers_it() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    begin = stage.now + 10_000
    stage.play([(begin, Command.SWITCH)])
    assert stage.text(begin) == timeline("""
        00:20.520 >> switch
        00:20.520 silence
        00:20.520 ledger calf left done 10000 owed 20000 switched
        00:20.520 changeover calf right
        00:20.760 say changeover side right
        00:28.520 hold calf right
        00:58.520 ledger calf right done 30000 owed 0 done
        00:58.520 offering calf left
        00:58.990 say offer side left seconds 20
        01:09.990 ledger calf left done 10000 owed 0 accepted
        01:09.990 changeover calf left
        01:09.990 say changeover side left
        01:17.990 hold calf left
        01:37.990 ledger calf left done 30000 owed 0 done
        01:37.990 ending calf
        01:39.180 say summary minute
        01:41.620 end done
        """)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_what_is_owed_can_be_declined() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until(stage.now + 10_000)
    stage.hear(Command.SWITCH)
    stage.until_state(Offering)
    stage.hear(Command.NO)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 10_000, "right": 30_000}


def test_switching_back_and_forth_ends_with_equal_sides() -> None:
    stage = Stage(one_exercise_plan())
    for _ in range(5):
        stage.until_state(Working)
        stage.until(stage.now + 4_000)
        stage.hear(Command.SWITCH)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_a_side_cut_short_by_next_is_offered_before_the_end() -> None:
    stage = Stage(feet_plan())
    stage.until_state(Working)
    stage.until_state(LeadingIn)
    stage.until_state(Working)
    stage.until(stage.now + 10_000)
    stage.hear(Command.NEXT)
    assert stage.done(0) == {"left": 30_000, "right": 10_000}
    stage.until_state(Offering)
    assert stage.lines[-1].endswith("say offer skipped calf side right")
    stage.hear(Command.YES)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_cramp_with_the_policy_ease_goes_on_in_the_gentle_form_where_it_was() -> None:
    stage = Stage(one_exercise_plan(CrampPolicy.EASE))
    stage.until_state(Working)
    cramped = stage.now + 10_000
    stage.play([(cramped, Command.CRAMP)])
    assert (
        stage.text(cramped, cramped + 60_000).splitlines()[:12]
        == timeline("""
        00:20.520 >> cramp
        00:20.520 silence
        00:20.520 ledger calf left done 10000 owed 0 cramp
        00:20.520 ledger calf right done 0 owed 0 cramp
        00:20.520 recovering calf
        00:20.920 say recover
        00:23.920 say breathe in
        00:27.920 say breathe out
        00:33.920 say breathe in
        00:37.920 say breathe out
        00:43.920 say breathe in
        00:47.920 say breathe out
        """).splitlines()
    )
    assert "say cramp ease" in stage.text()
    assert "say gentle calf" in stage.text()
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_cramp_with_the_policy_retry_does_the_rest_again() -> None:
    stage = Stage(one_exercise_plan(CrampPolicy.RETRY))
    stage.until_state(Working)
    stage.play([(stage.now + 10_000, Command.CRAMP)])
    assert "say cramp retry" in stage.text()
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_cramp_with_the_policy_come_back_does_two_other_exercises_first() -> None:
    stage = Stage(feet_plan())
    stage.until_work_on(1)
    stage.until(stage.now + 7_000)
    cramped = stage.now
    stage.hear(Command.CRAMP)
    stage.until_state(Ended)
    work = [
        line.split(" ", 1)[1]
        for line in stage.text(cramped).splitlines()
        if " hold " in line or " repetitions " in line
    ]
    assert work == ["hold heel left", "hold heel right", "hold arch left", "hold arch right", "repetitions toes both"]
    assert stage.done(1) == {"both": 20_000}


def test_a_second_cramp_after_coming_back_leaves_the_exercise_for_today() -> None:
    stage = Stage(feet_plan())
    for _ in range(2):
        stage.until_work_on(1)
        stage.until(stage.now + 6_000)
        stage.hear(Command.CRAMP)
        stage.until(stage.now + 1_000)
    stage.until_state(Ended)
    assert "say cramp leave toes" in stage.text()
    assert stage.done(1) == {"both": 10_000}


def test_ready_ends_a_recovery_early() -> None:
    stage = Stage(one_exercise_plan(CrampPolicy.RETRY))
    stage.until_state(Working)
    stage.hear(Command.CRAMP)
    stage.until(stage.now + 2_000)
    stage.hear(Command.READY)
    assert isinstance(stage.session.state, Talking)
    assert stage.session.state.purpose is Purpose.GUIDANCE


def test_next_during_a_recovery_leaves_the_exercise() -> None:
    stage = Stage(feet_plan())
    stage.until_state(Working)
    stage.hear(Command.CRAMP)
    stage.hear(Command.NEXT)
    assert stage.session.agenda.current.exercise == 1


def test_backing_off_pauses_the_hold_says_the_easier_form_and_goes_on_with_the_rest() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    begin = stage.now + 10_000
    stage.play([(begin, Command.BACK_OFF)])
    assert stage.text(begin, begin + 27_000) == timeline("""
        00:20.520 >> back_off
        00:20.520 silence
        00:20.520 interlude calf
        00:20.760 say gentle calf
        00:20.520 ledger calf left done 10000 owed 0 interrupted
        00:22.160 get_ready calf left
        00:25.160 hold calf left
        00:45.160 ledger calf left done 30000 owed 0 done
        00:45.160 changeover calf right
        00:45.630 say changeover side right
        """)


def test_what_hurts_is_left_out_and_not_offered_again() -> None:
    stage = Stage(feet_plan())
    stage.until_state(Working)
    stage.until(stage.now + 5_000)
    stage.hear(Command.HURTS)
    stage.until_state(Ended)
    assert "say hurts" in stage.text()
    assert "offering" not in stage.text()
    assert stage.done(0) == {"left": 5_000, "right": 0}


def test_more_time_lengthens_both_sides_and_moves_the_tones() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    began = stage.now
    stage.until(began + 10_000)
    stage.hear(Command.MORE_TIME)
    stage.until_state(LeadingIn)
    assert stage.now - began == 45_000
    assert (Tone.HALFWAY, began + 22_500) in tones_of(stage)
    assert (Tone.HALFWAY, began + 15_000) not in tones_of(stage)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 45_000, "right": 45_000}


def test_more_time_on_the_second_side_is_owed_to_the_first() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until_state(LeadingIn)
    stage.until_state(Working)
    stage.until(stage.now + 5_000)
    stage.hear(Command.MORE_TIME)
    stage.until_state(Offering)
    stage.hear(Command.YES)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 45_000, "right": 45_000}


def test_stop_is_silent_until_continue() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until(stage.now + 10_000)
    stage.hear(Command.STOP)
    assert stage.is_in(Stopped)
    stage.until(stage.now + 20_000)
    stage.hear(Command.RESUME)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_stop_and_finish_end_well() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until(stage.now + 10_000)
    stage.hear(Command.STOP)
    stage.hear(Command.FINISH)
    stage.until_state(Ended)
    assert stage.session.state == Ended("finished")
    assert "say summary seconds" in stage.text()


def test_a_stop_that_nobody_takes_back_ends_the_session() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.hear(Command.STOP)
    stage.until_state(Ended)
    assert stage.session.state == Ended("abandoned")


def test_going_back_twice_within_five_seconds_returns_to_the_exercise_before() -> None:
    stage = Stage(feet_plan())
    while stage.session.agenda.current.exercise != 2:
        stage.until(stage.session.next_deadline() or 0)
    stage.until_state(Working)
    stage.hear(Command.PREVIOUS)
    assert stage.session.agenda.current.exercise == 2
    stage.until(stage.now + 4_000)
    stage.hear(Command.PREVIOUS)
    assert stage.session.agenda.current.exercise == 1


def test_going_back_later_restarts_the_exercise() -> None:
    stage = Stage(feet_plan())
    while stage.session.agenda.current.exercise != 2:
        stage.until(stage.session.next_deadline() or 0)
    for _ in range(2):
        stage.until_state(Working)
        stage.until(stage.now + 6_000)
        stage.hear(Command.PREVIOUS)
    assert stage.session.agenda.current.exercise == 2


def test_ready_ends_waiting_with_a_short_lead_in() -> None:
    stage = Stage(feet_plan())
    stage.until_state(Waiting)
    stage.hear(Command.READY)
    said = stage.now
    stage.until_state(Working)
    assert stage.now - said == 5_000


def test_waiting_goes_on_by_itself() -> None:
    stage = Stage(feet_plan())
    stage.until_state(Waiting)
    stage.until_state(Working)


def test_repeat_says_the_last_sentence_while_the_hold_runs_on() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    began = stage.now
    stage.until(began + 3_000)
    actions = stage.hear(Command.REPEAT)
    assert [action.text for action in actions if isinstance(action, Say)] == ["get ready side side left"]
    stage.until_state(LeadingIn)
    assert stage.now - began == 30_000


def test_an_answer_waits_for_a_tone_that_is_about_to_sound() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until(stage.now + 14_300)
    stage.hear(Command.TIME_LEFT)
    said = [sound for sound in stage.loudspeaker.speech() if "time left" in str(sound.what)]
    halfway = next(at for tone, at in tones_of(stage) if tone is Tone.HALFWAY)
    assert said[0].start_ms > halfway


def test_an_answer_without_room_before_the_end_is_dropped() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until(stage.now + 29_500)
    actions = stage.hear(Command.TIME_LEFT)
    assert not [action for action in actions if isinstance(action, Say)]
    assert PlayTone(Tone.UNDERSTOOD, stage.now) in actions


def test_a_long_cue_is_shortened_where_only_the_short_one_fits() -> None:
    plan = one_exercise_plan()
    long = cue("a very long reminder", "short")
    segments = tuple(two_sided(0, "calf", reminders=(long,)))
    stage = Stage(Plan("one", "One", "en", plan.exercises, segments))
    table = {**stage.speech, long.full: CueTiming(16_000), long.short: CueTiming(500)}
    stage.hear(SpeechRendered(table))
    stage.loudspeaker = Loudspeaker(table)
    stage.until_state(Working)
    stage.until(stage.now + 20_000)
    assert "short" in [sound.what for sound in stage.loudspeaker.speech()]


def test_the_coach_falls_silent_for_a_voice_and_takes_the_sentence_up_at_a_word() -> None:
    stage = Stage(one_exercise_plan())
    stage.until(1_120 + 600)
    stage.hear(VoiceStarted())
    stage.until(stage.now + 900)
    stage.hear(VoiceIgnored(like_speech=False))
    assert stage.lines[-1] == "00:02.620 say how to do calf (from 500)"


def test_a_coach_that_hears_itself_gives_a_sentence_up_and_goes_on() -> None:
    stage = Stage(one_exercise_plan())
    for _ in range(200):
        stage.until(stage.now + 200)
        stage.hear(VoiceStarted())
        stage.until(stage.now + 300)
        stage.hear(VoiceIgnored(like_speech=False))
    assert not stage.is_in(Talking)


def test_speech_that_was_not_understood_gets_an_earcon_once_in_ten_seconds() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    for _ in range(4):
        stage.until(stage.now + 4_000)
        stage.hear(VoiceStarted())
        stage.hear(VoiceIgnored(like_speech=True))
    assert len([1 for tone, _ in tones_of(stage) if tone is Tone.NOT_UNDERSTOOD]) == 2


def test_easier_before_the_first_hold_takes_the_shorter_end_of_the_range_on_both_sides() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(LeadingIn)
    stage.hear(Command.EASIER)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 15_000, "right": 15_000}


def test_easier_on_the_second_side_does_not_make_it_shorter() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.until_state(LeadingIn)
    stage.hear(Command.EASIER)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_easier_in_a_hold_leaves_that_hold_as_long_as_it_is() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    began = stage.now
    stage.until(began + 20_000)
    stage.hear(Command.EASIER)
    stage.until_state(LeadingIn)
    assert stage.now - began == 30_000
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_a_short_hold_has_no_reminder() -> None:
    plan = one_exercise_plan()
    for hold_ms, said in ((19_000, False), (20_000, True)):
        segments = tuple(two_sided(0, "calf", hold_ms, reminders=(cue("breathe softly"),)))
        stage = Stage(Plan("one", "One", "en", plan.exercises, segments))
        stage.play()
        assert ("breathe softly" in stage.text()) is said


def test_half_a_repetition_does_not_count() -> None:
    stage = Stage(feet_plan())
    stage.until_work_on(1)
    stage.until(stage.now + 7_000)
    stage.hear(Command.PAUSE)
    assert stage.done(1) == {"both": 5_000}


def test_help_tells_the_phrases_that_make_sense_now() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    stage.hear(Command.STOP)
    actions = stage.hear(Command.HELP)
    said = [action.text for action in actions if isinstance(action, Say)]
    assert said[0] == "help"
    assert {"resume", "finish", "cramp"} <= set(said)
    assert "next" not in said


def test_time_does_not_run_backwards() -> None:
    stage = Stage(one_exercise_plan())
    stage.until(5_000)
    with pytest.raises(ValueError, match="backwards"):
        stage.session.advance(4_999)


def test_a_shell_that_was_asleep_in_a_hold_does_not_play_the_tones_it_missed() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Working)
    late = stage.now + 600_000
    stage.now = late
    actions = stage._take(stage.session.advance(late))
    assert all(action.at_ms >= late for action in actions if isinstance(action, (Say, PlayTone)))
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}
