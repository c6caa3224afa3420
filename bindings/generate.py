#!/usr/bin/env python3
"""generate.py INCLUDE {c | python DIRECTORY} - the parts of the bindings that are lists.

c        prints the defaults of all records and the format of events, for the shim
python   writes _constants.py and _records.py, and the stub of each, to DIRECTORY

Everything comes from the headers (model.py); nothing that this writes is kept in the tree.
"""
import argparse
import keyword
import sys
import textwrap
from pathlib import Path

from describe import Fault
from model import Model, single

NOTE = "made by bindings/generate.py of the public headers"


# --- C --------------------------------------------------------------------------------------------

def every_record(model):
    """Records and the bases of kinds, once each, by their C name."""
    names = [record.c_name for record in model.records.values()]
    names += ["trd_command", "trd_event", "trd_itch_msg"]
    return names + [record.c_name for record in model.extensions]


def c_default(model, name):
    made = model.default_of(name)
    if made:
        return f"    const {name} made = {made}();"
    first = model.structs[name]["fields"][0]["name"]
    size = ".struct_size = sizeof(made)" if first == "struct_size" else "0"
    return f"    const {name} made = {{{size}}};"


def c_format(model):
    """The head of an event and its body, as PEP 3118 writes it."""
    parts, at = [], 0
    for field in model.head_of("trd_event", "u"):
        if field.offset != at or field.what != "number":
            raise Fault(f"trd_event.{field.name}: a head with holes")
        parts.append(f"{field.code}:{field.name}:")
        at += {"B": 1, "H": 2, "I": 4, "q": 8, "Q": 8}[field.code]
    return "T{<" + "".join(parts) + f"({model.structs['trd_event']['size'] - at})B:body:}}"


def write_c(model):
    out = [f"/* defaults of records: {NOTE}. */", "#include <tradsys/tradsys.h>", ""]
    headers = sorted({model.structs[name]["header"] for name in every_record(model)})
    out += [f"#include <{header}>" for header in headers]
    out += ["", '#include "bindings/inner.h"', ""]
    for name in every_record(model):
        out += [f"static void of_{name}(void *out) {{", c_default(model, name),
                "    memcpy(out, &made, sizeof(made));", "}", ""]
    out += ["static const struct {", "    const char *name;", "    size_t size;", "    void (*write)(void *out);",
            "} records[] = {"]
    out += [f'    {{"{name}", sizeof({name}), of_{name}}},' for name in every_record(model)]
    out += ["};", "", textwrap.dedent("""\
        int trb_default(const char *name, void *out, size_t out_size) {
            for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
                if (strcmp(records[i].name, name) == 0) {
                    if (out_size != records[i].size) {
                        return TRB_E_BUFFER;
                    }
                    records[i].write(out);
                    return (int)out_size;
                }
            }
            return TRD_E_UNKNOWN;
        }
        """), "const char *trb_event_format(void) {", f'    return "{c_format(model)}";', "}"]
    print("\n".join(out))


# --- Python ---------------------------------------------------------------------------------------

def safe(name):
    return name + "_" if keyword.iskeyword(name) else name


def quoted(text):
    """A docstring's text."""
    return text.replace("\\", "\\\\").replace('"""', "'''")


def docstring(text, indent):
    text = quoted(text.strip()) or "?"
    pad = " " * indent
    lines = text.split("\n")
    body = ("\n" + pad).join(lines)
    body = "\n".join(line.rstrip() for line in body.split("\n"))
    return f'{pad}"""{body}"""' if len(lines) == 1 else f'{pad}"""{body}\n{pad}"""'


def write_constants(model, out, stub):
    out.append(f'"""Constants and choices: {NOTE}."""\nfrom enum import IntEnum, IntFlag\n')
    stub.append(f'# {NOTE}\nfrom enum import IntEnum, IntFlag\n')
    for group in model.groups:
        base = "IntFlag" if group.is_flags else "IntEnum"
        rows = "\n".join(f"{short}: {doc}" for short, _, doc in group.values if doc)
        text = "\n\n".join(part for part in (group.doc, rows) if part) or group.name
        out.append(f"\nclass {group.name}({base}):\n{docstring(text, 4)}\n")
        stub.append(f"\nclass {group.name}({base}):")
        for short, value, _ in group.values:
            out.append(f"    {safe(short)} = {value}")
            stub.append(f"    {safe(short)} = {value}")
        out.append("")
    out.append("\n# Every number of the headers by its name there, without TRD_.")
    for name, value, doc in model.constants:
        note = f"  # {doc}" if doc and len(doc) < 90 else ""
        out.append(f"{name} = {value}{note}")
        stub.append(f"{name}: int")
    out.append("\nGROUPS = {" + ", ".join(f'"{group.name}": {group.name}' for group in model.groups) + "}")
    texts = [(record.kind, record.kind_name) for record in model.events]
    out.append(f"EVENT_NAMES = {dict(texts)!r}")
    stub.append("GROUPS: dict[str, type[IntEnum] | type[IntFlag]]\nEVENT_NAMES: dict[int, str]")


def python_field(model, field):
    """The property of a field, as a call of _record.py."""
    place, doc = field.offset, quoted(field.doc)
    group = f", {field.group}" if field.group else ""
    if field.what == "number":
        return f'_r.number("{field.code}", {place}, "{field.name}", {doc!r}{group})'
    if field.what == "letter":
        return f'_r.letter({place}, "{field.name}", {doc!r})'
    if field.what == "text":
        return f'_r.text({field.count}, {place}, "{field.name}", {doc!r})'
    if field.what == "bytes":
        return f'_r.raw({field.count}, {place}, "{field.name}", {doc!r})'
    if field.what == "numbers":
        return f'_r.numbers("{field.code}", {field.count}, {place}, "{field.name}", {doc!r}{group})'
    of = model.records[field.record].name
    if field.what == "record":
        return f'_r.inner("{of}", {place}, "{field.name}", {doc!r})'
    return f'_r.inners("{of}", {field.count}, {place}, "{field.name}", {doc!r})'


def python_type(model, field):
    """(what a field gives, what it takes), for the stub."""
    if field.what == "number":
        return "int", "SupportsIndex"
    if field.what == "letter":
        return "str", "str | SupportsIndex"
    if field.what == "text":
        return "str", "str | bytes"
    if field.what == "bytes":
        return "bytes", "bytes | Iterable[SupportsIndex]"
    if field.what == "numbers":
        return "tuple[int, ...]", "Iterable[SupportsIndex]"
    of = model.records[field.record].name
    if field.what == "record":
        return of, of
    return f"tuple[{of}, ...]", f"Iterable[{of}]"


def write_record(model, record, base, out, stub, outer=""):
    fields = [field for field in record.fields if field.what != "pointer"]
    text = record.doc or record.name
    name = record.name
    out.append(f"\nclass {name}({base}):\n{docstring(text, 4)}\n    __slots__ = ()")
    out.append(f'    C_NAME = "{record.c_name}"\n    SIZE = {record.size}')
    if record.kind is not None:
        out.append(f'    KIND = {record.kind}\n    KIND_NAME = "{record.kind_name}"')
    stub.append(f"\nclass {name}({base}):\n    C_NAME: str\n    SIZE: int")
    if record.kind is not None:
        stub.append("    KIND: int\n    KIND_NAME: str")
    given = ", ".join(f"{safe(field.name)}: {python_type(model, field)[1]} = ..." for field in fields
                      if not (record.kind is not None and field.name in ("kind", "slots")))
    stub.append(f"    def __init__(self, *, {given}) -> None: ..." if given else "    def __init__(self) -> None: ...")
    for field in fields:
        out.append(f"    {safe(field.name)} = {python_field(model, field)}")
        gives, takes = python_type(model, field)
        stub.append(f"    @property\n    def {safe(field.name)}(self) -> {gives}: ...")
        stub.append(f"    @{safe(field.name)}.setter\n    def {safe(field.name)}(self, value: {takes}) -> None: ...")
    names = ", ".join(f'"{safe(field.name)}"' for field in fields)
    out.append(f"    FIELDS = ({names}{',' if len(fields) == 1 else ''})\n")


# What each module of kinds has: the base of its classes, and the byte that says the kind.
MODULES = [("command", "Command", "commands", "Commands: the records that go in."),
           ("event", "Event", "events", "Events: the records that come out."),
           ("extension", "Extension", "extensions", "Extension slots of commands and events."),
           ("itch", "ItchMessage", "itch", "Messages of Nasdaq TotalView-ITCH 5.0.")]

STUB_HEAD = f"# {NOTE}\nfrom collections.abc import Iterable\nfrom typing import SupportsIndex\n"


def record_module(model, records, base, text, out, stub):
    groups = sorted({field.group for record in records for field in record.fields if field.group})
    out.append(f'"""{text} {NOTE.capitalize()}."""')
    if groups:
        out.append(f"from ._constants import {', '.join(groups)}")
    out.append(f"from . import _record as _r\nfrom ._record import {base}\n")
    stub.append(STUB_HEAD + f"from ._record import {base}\n")
    for record in records:
        write_record(model, record, base, out, stub)
    names = [record.name for record in records]
    out.append("\n__all__ = [" + ", ".join(f'"{name}"' for name in names) + "]")
    stub.append("\n__all__ = [" + ", ".join(f'"{name}"' for name in names) + "]")
    if records[0].kind is not None:
        pairs = ", ".join(f"{record.kind}: {record.name}" for record in records)
        out.append(f"BY_KIND = {{{pairs}}}")
        stub.append(f"BY_KIND: dict[int, type[{base}]]")


def write_python(model, directory):
    made = {}
    made["_constants.py"], made["_constants.pyi"] = [], []
    write_constants(model, made["_constants.py"], made["_constants.pyi"])
    made["record.py"], made["record.pyi"] = [], []
    record_module(model, list(model.records.values()), "Record",
                  "Definitions, answers and other records.", made["record.py"], made["record.pyi"])
    for name, base, records, text in MODULES:
        made[name + ".py"], made[name + ".pyi"] = [], []
        record_module(model, getattr(model, records), base, text, made[name + ".py"], made[name + ".pyi"])
    for name, lines in made.items():
        (directory / name).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=single(__doc__.split("\n", maxsplit=1)[0]))
    parser.add_argument("include", type=Path)
    parser.add_argument("what", choices=["c", "python"])
    parser.add_argument("directory", type=Path, nargs="?")
    given = parser.parse_args()
    try:
        model = Model(given.include)
        if given.what == "c":
            write_c(model)
        else:
            write_python(model, given.directory)
    except Fault as fault:
        sys.exit(f"generate: {fault}")


if __name__ == "__main__":
    main()
