"""The reader of journals, on the files that every version must read: tests/golden/make_journal.py
says what is in them."""
import os
import shutil
import sys
import tempfile
from pathlib import Path

import tap
from venue import raises

import tradsys

GOLDEN = Path(os.environ["INCLUDE"]).parent / "tests" / "golden" / "journal-1"


def segment(number):
    return (GOLDEN / f"{number:012}.journal").read_bytes()


def every_frame_with_its_commands():
    frames = list(tradsys.JournalReader.directory(GOLDEN))
    tap.equal([(one.seq, one.time, one.count, one.payload, one.synced) for one, _ in frames],
              [(1, 1000, 0, 0, 4096), (1, 1500, 3, 4, 4160), (4, 1500, 0, 1, 4480),
               (4, 1500, 0, 0, 4096), (4, 2000, 1, 1, 4160), (5, 2000, 0, 0, 4288)])
    tap.equal([len(payload) for _, payload in frames], [0, 4 * 64, 64, 0, 64, 0])
    # NEW with a body of ones, REPLACE with an extension, TIMER.
    commands = frames[1][1]
    tap.equal((commands[16], commands[64 + 16], commands[64 + 17], commands[192 + 16]), (1, 3, 2, 7))
    tap.equal(commands[32:64], b"\1" * 32)
    check = tradsys.JournalCheck.of(frames[2][1])
    tap.equal((check.seq, check.events, check.digest), (3, 5, 0xb010a6788da149ff))


def what_is_read_can_be_run():
    with tradsys.Matcher(instruments_max=1, orders_max=8) as matcher:
        for frame, payload in tradsys.JournalReader.directory(GOLDEN):
            if frame.count > 0:
                matcher.run(payload)
        tap.equal(matcher.stats().commands, 4)


def a_segment_is_finished_before_the_next():
    with tradsys.JournalReader() as reader:
        with raises(tradsys.ArgumentError):
            next(iter(reader))
        reader.enter(1, segment(1))
        with raises(tradsys.BusyError):
            reader.enter(2, segment(2))
        tap.equal(len(list(reader)), 3)
        reader.enter(2, segment(2))
        tap.equal(len(list(reader)), 3)
        report = reader.end()
        tap.equal((report.outcome, report.frames, report.commands), (tradsys.JournalEnd.CLEAN, 6, 4))
    with raises(tradsys.ClosedError):
        reader.enter(1, segment(1))


def what_is_damaged_is_said():
    # In the head; in the second frame; in the third one, which the next segment goes on from.
    damaged = bytearray(segment(1))
    damaged[10] ^= 1
    with raises(tradsys.FormatError):
        tradsys.JournalReader().enter(1, damaged)
    for at in (4160 + 30, 4480 + 40):
        damaged = bytearray(segment(1))
        damaged[at] ^= 1
        reader = tradsys.JournalReader()
        reader.enter(1, damaged)
        list(reader)
        reader.enter(2, segment(2))
        with raises(tradsys.FormatError):
            list(reader)
        try:
            reader.end()
        except tradsys.FormatError as error:
            tap.equal((error.report.outcome, error.report.number), (tradsys.JournalEnd.CORRUPT, 1))
        else:
            raise AssertionError("it ends well")


def a_segment_that_is_missing_is_said():
    reader = tradsys.JournalReader()
    reader.enter(1, segment(1))
    list(reader)
    with raises(tradsys.FormatError):
        reader.enter(3, segment(2))
    for wrong in (b"", b"short", bytes(8192)):
        other = tradsys.JournalReader()
        try:
            other.enter(1, wrong)
            list(other)
            other.end()
        except tradsys.TradsysError:
            pass


def a_directory_without_journals():
    with tempfile.TemporaryDirectory() as place:
        with raises(FileNotFoundError):
            list(tradsys.JournalReader.directory(place))
        shutil.copy(GOLDEN / "000000000001.journal", place)
        tap.equal(len(list(tradsys.JournalReader.directory(place))), 3)


if __name__ == "__main__":
    sys.exit(tap.play(tap.functions_of(globals())))
