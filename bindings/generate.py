#!/usr/bin/env python3
"""generate.py INCLUDE {c | swig | python DIRECTORY} - the parts of the bindings that are lists.

c        prints the defaults of all records and the format of events, for the shim
swig     prints the boxes of shim.h as classes, its other functions as they are
python   writes _constants.py and _records.py, and the stub of each, to DIRECTORY

Everything comes from the headers (model.py); nothing that this writes is kept in the tree.
"""
import argparse
import keyword
import re
import sys
import textwrap
from pathlib import Path

from describe import Fault
from model import Model, camel, single

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


# --- SWIG -----------------------------------------------------------------------------------------

def shim_functions():
    """[(result, name, [parameter])] of shim.h."""
    text = (Path(__file__).parent / "shim.h").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    boxes = re.findall(r"^typedef struct (trb_\w+) \1;", text, re.M)
    found = re.findall(r"^(\w[\w ]*?[ *]+)(trb_\w+)\(([^;]*)\);", text, re.M)
    listed = [(result.strip(), name, [single(one) for one in parameters.split(",")])
              for result, name, parameters in found]
    return boxes, listed


# What need not be said of an order: a limit order of the first instrument, until canceled.
OPTIONAL = {"submit": {"instrument": 0, "type": 1, "tif": 1, "exec": 0, "actor": 0}}


# Whose function a call of a box is, by its prefix, in the order in which they are looked for.
LIBRARY = {"trb_engine": ["trd_engine_", "trd_match_", "trd_accounts_", "trd_risk_", "trd_monitor_"],
           "trb_match": ["trd_match_"], "trb_level_book": ["trd_level_book_"],
           "trb_order_book": ["trd_order_book_"], "trb_itch": ["trd_itch_reader_", "trd_itch_"],
           "trb_journal": ["trd_journal_walk_"]}


def shim_docs():
    """{function of shim.h: the comment above its group, or behind it}."""
    docs, above, behind = {}, "", ""
    text = (Path(__file__).parent / "shim.h").read_text()
    for comment, line in re.findall(r"/\*(.*?)\*/|^(\w[^;{}]*\([^;]*\);)", text, re.S | re.M):
        if line:
            behind = re.search(r"\b(trb_\w+)\(", line).group(1)
            docs[behind] = above
        else:
            words = single(re.sub(r"^\s*\* ?", "", comment, flags=re.M))
            # A comment that begins a line stands above; one behind a function is that one's.
            at = text.index(comment)
            if text.rfind("\n", 0, at) == at - 3:
                above = words
            elif behind:
                docs[behind] = words
    return docs


def documentation(model, own, box, name):
    """What the header of the library says of a call, below its arguments; else shim.h."""
    for prefix in LIBRARY.get(box, []):
        function = model.world.functions.get(prefix + name)
        if function and function["doc"]:
            return f"{prefix}{name} of tradsys/{Path(function['header']).name}:\n\n{function['doc']}"
    return own.get(f"{box}_{name}", "")


def declared(name, parameters):
    """Parameters with the values that they have if they are left out."""
    given = OPTIONAL.get(name, {})
    return ", ".join(f"{one} = {given[one.split()[-1]]}" if one.split()[-1] in given else one
                     for one in parameters) or "void"


def write_swig(model):
    """Longest box first: trb_level_book_get is no function of a box trb_level."""
    boxes, functions = shim_functions()
    own_docs = shim_docs()
    out = [f"/* {NOTE.replace('public headers', 'shim.h')} */"]
    pairs = {tuple(parameters[at:at + 2]) for _, _, parameters in functions
             for at in range(len(parameters) - 1) if re.match(r"const void \*\w+$", parameters[at])}
    # data is what records are like; a batch has a typemap of its own.
    pairs -= {("const void *data", "size_t size"), ("const void *commands", "size_t commands_size")}
    out += [f"%apply (const void *data, size_t size) {{ ({a}, {b}) }};" for a, b in sorted(pairs)]
    left = []
    methods = {box: [] for box in boxes}
    for result, name, parameters in functions:
        box = max((box for box in boxes if name.startswith(box + "_")), key=len, default=None)
        if name.endswith("_write"):
            parameters = [one.replace("*value", "*piece") for one in parameters]
        own = box is not None and re.match(rf"(const )?{box} \*\w+$", parameters[0])
        if own:
            methods[box].append((result, name[len(box) + 1:], parameters[1:]))
        elif box is None or not name.endswith("_new"):
            left.append(f"{result} {name}({', '.join(parameters)});")
    for box in boxes:
        for _, name, parameters in methods[box]:
            given, found = native_signature(name, parameters, False)
            given = given.removesuffix(', /').replace('SupportsIndex', 'int')
            text = f"{name}({given}) -> {found}\n\n" + documentation(model, own_docs, box, name)
            quoted_text = text.replace("\\", "\\\\").replace('"', '\\"')
            out.append(f'%feature("docstring") {box}::{name} "{quoted_text}"')
        out += [f"%rename({camel(box[4:])}) {box};", f"typedef struct {box} {{ }} {box};", f"%extend {box} {{",
                f"    {box}(void);", f"    ~{box}(void);"]
        out += [f"    {result} {name}({declared(name, parameters)});"
                for result, name, parameters in methods[box] if name != "delete"]
        out += ["}", ""]
    print("%{\n" + write_swig_names() + "\n%}")
    print("\n".join(out + left))


def write_swig_names():
    """What SWIG calls constructors and destructors, for the C part of the wrapper."""
    boxes, _ = shim_functions()
    return "\n".join(f"#define new_{box} {box}_new\n#define delete_{box} {box}_delete" for box in boxes)


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
    out.append('__all__ = [name for name in dir() if name[0].isupper() and name not in ("IntEnum", "IntFlag")]')
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


# What classes of records have besides their fields (_record.py).
TAKEN = {"of", "array", "copy", "to_dict", "dtype", "extended", "extensions", "px", "qty", "check", "value"}


def write_record(model, record, base, out, stub):
    fields = [field for field in record.fields if field.what != "pointer"]
    taken = TAKEN if base in METHODS.values() else TAKEN - {"px", "qty", "check", "value"}
    for field in fields:
        if field.name in taken:
            raise Fault(f"{record.c_name}.{field.name}: records have something of that name in Python")
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

# Records that can do more than be read.
METHODS = {"trd_instrument": "InstrumentRecord"}

STUB_HEAD = f"# {NOTE}\nfrom collections.abc import Iterable\nfrom typing import SupportsIndex\n"


def record_module(model, records, base, text, out, stub):
    bases = ", ".join([base] + sorted({METHODS[record.c_name] for record in records
                                       if record.c_name in METHODS}))
    groups = sorted({field.group for record in records for field in record.fields if field.group})
    out.append(f'"""{text} {NOTE.capitalize()}."""')
    if groups:
        out.append(f"from ._constants import {', '.join(groups)}")
    out.append(f"from . import _record as _r\nfrom ._record import {bases}\n")
    stub.append(STUB_HEAD + f"from ._record import {bases}\n")
    for record in records:
        write_record(model, record, METHODS.get(record.c_name, base), out, stub)
    names = [record.name for record in records]
    out.append("\n__all__ = [" + ", ".join(f'"{name}"' for name in names) + "]")
    stub.append("\n__all__ = [" + ", ".join(f'"{name}"' for name in names) + "]")
    if records[0].kind is not None:
        pairs = ", ".join(f"{record.kind}: {record.name}" for record in records)
        out.append(f"BY_KIND = {{{pairs}}}")
        stub.append(f"BY_KIND: dict[int, type[{base}]]")


PY_TYPES = {"int64_t": "SupportsIndex", "uint64_t": "SupportsIndex", "uint32_t": "SupportsIndex",
            "unsigned": "SupportsIndex", "int": "SupportsIndex", "size_t": "SupportsIndex"}


def native_signature(name, parameters, own):
    """A call of the shim as Python sees it: buffers in one piece, what is found as the result."""
    given, result, at = ["self"] if own else [], "int", 0
    optional = OPTIONAL.get(name, {})
    while at < len(parameters):
        kind, _, word = parameters[at].rpartition(" ")
        word = word.lstrip("*")
        if word == "void":
            break
        if re.match(r"(const )?(void|char) \*", parameters[at]):
            text = parameters[at].startswith("const char")
            given.append(f"{word}: {'str' if text else 'Bytes'}")
            at += 1 if word == "name" else 2
            continue
        if parameters[at].startswith("trb_"):
            given.append(f"{word}: {camel(kind.split()[0][4:])}")
        elif "*" in parameters[at]:
            result = "tuple[int, int]" if name.endswith("_write") else "int"
        else:
            given.append(f"{word}: {PY_TYPES[kind]}" + (f" = {optional[word]}" if word in optional else ""))
        at += 1
    return ", ".join(given + ["/"] if given else given), result


def write_native_stub():
    """_native.pyi: the calls of the shim."""
    boxes, functions = shim_functions()
    out = [f"# {NOTE.replace('public headers', 'shim.h')}", "from collections.abc import Mapping",
           "from typing import Protocol, SupportsIndex", "from _typeshed import ReadableBuffer", "",
           "class _Record(Protocol):", "    @property",
           "    def _buf(self) -> bytes | bytearray | memoryview: ...", "",
           "# What has a buffer, or a record of this package.", "Bytes = ReadableBuffer | _Record", ""]
    hidden = {"data", "view", "unview", "begin", "work", "end", "new", "delete"}
    plain = []
    methods = {box: [] for box in boxes}
    for result, name, parameters in functions:
        box = max((box for box in boxes if name.startswith(box + "_")), key=len, default=None)
        if box and re.match(rf"(const )?{box} \*", parameters[0]):
            short = name[len(box) + 1:]
            if short not in hidden:
                given, found = native_signature(short, parameters[1:], True)
                methods[box].append(f"    def {short}({given}) -> {found}: ...")
        elif not name.endswith("_new") and name != "trb_event_format":
            given, found = native_signature(name, parameters, False)
            plain.append(f"def {name}({given}) -> {'str' if 'char' in result else found}: ...")
    for box in boxes:
        out += [f"class {camel(box[4:])}:", "    def __init__(self) -> None: ..."] + methods[box]
        if box == "trb_events":
            out.append("    def record(self, at: SupportsIndex, /) -> bytes: ...")
            out.append("    def __buffer__(self, flags: int, /) -> memoryview: ...")
        out.append("")
    out.append("def set_errors(classes: Mapping[int, type[Exception]], /) -> None: ...")
    return out + plain


def write_python(model, directory):
    made = {"_native.pyi": write_native_stub()}
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
    parser.add_argument("what", choices=["c", "swig", "python"])
    parser.add_argument("directory", type=Path, nargs="?")
    given = parser.parse_args()
    try:
        model = Model(given.include)
        if given.what == "c":
            write_c(model)
        elif given.what == "swig":
            write_swig(model)
        else:
            write_python(model, given.directory)
    except Fault as fault:
        sys.exit(f"generate: {fault}")


if __name__ == "__main__":
    main()
