"""S160: every field of every command, event and definition, set and read here, with the bytes that a
C program makes of the same numbers."""
import importlib
import os
import subprocess
import sys
from pathlib import Path

import tap

import fields
from generate import safe
from model import Model

MODEL = Model(Path(os.environ["INCLUDE"]))
LINES = subprocess.run([os.environ["FIELD_BYTES"]], capture_output=True, text=True, check=True).stdout
BYTES = {name: bytes.fromhex(text) for name, text in (line.split() for line in LINES.splitlines())}


def place(record, steps):
    """The record that a field is in, and the field's name."""
    for step in steps[:-1]:
        record = record[step] if isinstance(step, int) else getattr(record, safe(step))
    return record, safe(steps[-1])


def of_module(module):
    for record in fields.modules(MODEL)[module]:
        kind = getattr(importlib.import_module(f"tradsys.{module}"), record.name)
        yield f"{module}.{record.name}", record, kind


def check(module):
    count = 0
    for name, record, kind in of_module(module):
        made = kind.of(bytes(kind.SIZE))
        sets = fields.sets(MODEL, record)
        for steps, _, _, value in sets:
            outer, field = place(made, steps)
            setattr(outer, field, value)
        assert bytes(made) == BYTES[name], f"{name}: {bytes(made).hex()}, in C {BYTES[name].hex()}"
        read = kind.of(BYTES[name])
        # Of two that share a place the last one stands.
        last = {}
        for steps, _, field, value in sets:
            last[field.offset if len(steps) == 1 else steps] = (steps, value)
        for steps, value in last.values():
            outer, field = place(read, steps)
            tap.equal((name, steps, getattr(outer, field)), (name, steps, value))
            count += 1
        assert len(kind.FIELDS) == sum(field.what != "pointer" for field in record.fields), name
    assert count > 0


def S160_definitions_and_answers():
    check("record")


def S160_commands():
    check("command")


def S160_events():
    check("event")


def S160_extensions():
    check("extension")


def S160_itch():
    check("itch")


def every_record_of_c_is_here():
    names = {name for module in fields.modules(MODEL) for name, _, _ in of_module(module)}
    tap.equal(sorted(names), sorted(BYTES))


def every_record_reads_the_same_through_numpy():
    for module in fields.modules(MODEL):
        for name, _, kind in of_module(module):
            array = __import__("numpy").frombuffer(BYTES[name], kind.dtype)
            record = kind.of(BYTES[name])
            for field in kind.FIELDS:
                value = getattr(record, field)
                if isinstance(value, int):
                    tap.equal((name, field, int(array[0][field])), (name, field, value))


def a_record_is_made_by_keyword_and_by_assignment():
    for module in fields.modules(MODEL):
        for name, record, kind in of_module(module):
            made, given = kind(), {}
            for steps, _, field, value in fields.sets(MODEL, record):
                if len(steps) == 1:
                    given[safe(steps[0])] = value
                    setattr(made, safe(steps[0]), value)
            assert kind(**given) == made, name


if __name__ == "__main__":
    sys.exit(tap.play(tap.functions_of(globals())))
