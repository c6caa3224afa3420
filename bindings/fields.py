#!/usr/bin/env python3
"""fields.py INCLUDE - a C program that sets every field of every record and prints the bytes.

Each field gets a number of its own, drawn from its name. A binding sets the same fields to the same
numbers (sets, below) and must come to the same bytes, field by field and record by record.
"""
import hashlib
import sys
from pathlib import Path

from model import Model

WIDTH = {"b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8}


def pattern(where, size):
    """So many bytes, drawn from a name."""
    return hashlib.blake2b(where.encode(), digest_size=size).digest()


def number(where, code):
    return int.from_bytes(pattern(where, WIDTH[code]), "little", signed=code.islower())


def characters(where, count):
    return "".join(chr(33 + byte % 90) for byte in pattern(where, count))


def modules(model):
    """{module of the binding: its records}."""
    return {"record": list(model.records.values()), "command": model.commands, "event": model.events,
            "extension": model.extensions, "itch": model.itch}


def sets(model, record, where="", steps=(), path=""):
    """[(steps to the field, its path in C, field, value)], records inside taken apart."""
    where = where or f"{record.c_name}.{record.name}"
    made = []
    for field in record.fields:
        here, there = where + "." + field.name, path + field.path
        if field.what == "pointer":
            continue
        if field.what in ("record", "records"):
            of = model.records[field.record]
            for at in range(1 if field.what == "record" else field.count):
                within = (field.name,) if field.what == "record" else (field.name, at)
                end = "." if field.what == "record" else f"[{at}]."
                made += sets(model, of, f"{here}{at}", steps + within, there + end)
            continue
        if field.what == "number":
            value = number(here, field.code)
        elif field.what == "letter":
            value = characters(here, 1)
        elif field.what == "text":
            value = characters(here, field.count)
        elif field.what == "bytes":
            value = pattern(here, field.count)
        else:
            value = tuple(number(f"{here}{at}", field.code) for at in range(field.count))
        made.append((steps + (field.name,), there, field, value))
    return made


def literal(value, code):
    return f"(-INT64_C({-value - 1}) - 1)" if value < 0 else f"UINT64_C({value})"


def c_sets(field, path, value):
    if field.what == "number":
        return [f"made.{path} = ({C_TYPES[field.code]}){literal(value, field.code)};"]
    if field.what == "letter":
        return [f"made.{path} = (char){ord(value)};"]
    if field.what == "text":
        return [f"made.{path}[{at}] = (char){ord(one)};" for at, one in enumerate(value)]
    if field.what == "bytes":
        return [f"made.{path}[{at}] = {one};" for at, one in enumerate(value)]
    return [f"made.{path}[{at}] = ({C_TYPES[field.code]}){literal(one, field.code)};"
            for at, one in enumerate(value)]


C_TYPES = {"b": "int8_t", "B": "uint8_t", "h": "int16_t", "H": "uint16_t", "i": "int32_t", "I": "uint32_t",
           "q": "int64_t", "Q": "uint64_t"}


def main():
    model = Model(Path(sys.argv[1]))
    print("/* every field of every record: made by bindings/fields.py */\n#include <stdio.h>\n#include <string.h>\n")
    for header in sorted({struct["header"] for struct in model.structs.values()}):
        print(f"#include <{header}>")
    print("""
static void print(const char *name, const void *made, size_t size) {
    const unsigned char *bytes = made;
    printf("%s ", name);
    for (size_t i = 0; i < size; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\\n");
}
""")
    calls = []
    for module, records in modules(model).items():
        for record in records:
            name = f"{module}_{record.name}"
            calls.append(name)
            print(f"static void {name}(void) {{\n    {record.c_name} made;\n    memset(&made, 0, sizeof(made));")
            for _, path, field, value in sets(model, record):
                print("    " + "\n    ".join(c_sets(field, path, value)))
            print(f'    print("{module}.{record.name}", &made, sizeof(made));\n}}\n')
    print("int main(void) {\n    " + "\n    ".join(f"{name}();" for name in calls) + "\n    return 0;\n}")


if __name__ == "__main__":
    main()
