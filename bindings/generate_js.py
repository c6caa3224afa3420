#!/usr/bin/env python3
"""generate_js.py INCLUDE DIRECTORY - what of the module for Node follows from the public headers.

  generated.js      groups of constants and classes of records, by names
  generated.d.ts    the same for TypeScript, with what the headers say of it
  fields.c          a program that fills each field of each record with a number of its own and
                    prints the bytes: what the classes are tested against

Nothing of it is written by hand: a field that is added to a header is here, or the build fails.
"""
import sys
from pathlib import Path

from describe import Fault
from model import Model

# struct's letters: the name in lib/record.js, DataView's name, and whether it is a BigInt.
NUMBERS = {"b": ("i8", "Int8"), "B": ("u8", "Uint8"), "h": ("i16", "Int16"), "H": ("u16", "Uint16"),
           "i": ("i32", "Int32"), "I": ("u32", "Uint32"), "q": ("i64", "BigInt64"),
           "Q": ("u64", "BigUint64")}
ARRAYS = {"i8": "Int8Array", "u8": "Uint8Array", "i16": "Int16Array", "u16": "Uint16Array",
          "i32": "Int32Array", "u32": "Uint32Array", "i64": "BigInt64Array", "u64": "BigUint64Array"}
NAMESPACES = ("commands", "events", "extensions", "itch")


def is_big(code):
    return code in "qQ"


def doc_of(text, indent=""):
    """A comment of TypeScript."""
    text = (text or "").replace("*/", "* /").strip()
    if not text:
        return ""
    lines = text.split("\n")
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    return f"{indent}/**\n" + "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines) + f"{indent} */\n"


class JavaScript:
    def __init__(self, model):
        self.model = model
        self.lines = []

    def name_of(self, c_name):
        return self.model.records[c_name].name

    def accessor(self, field):
        """What a property does: (get, set)."""
        at, name, count = field.offset, field.name, field.count
        if field.what == "number":
            short, long = NUMBERS[field.code]
            end = "" if long.endswith("8") else ", true"
            return (f"this.view.get{long}({at}{end})",
                    f"this.view.set{long}({at}, {short}(value, '{name}'){end})")
        if field.what == "text":
            return f"getText(this.view, {at}, {count})", f"setText(this.view, {at}, {count}, value, '{name}')"
        if field.what == "letter":
            return f"getLetter(this.view, {at})", f"setLetter(this.view, {at}, value, '{name}')"
        if field.what in ("bytes", "numbers"):
            code = "u8" if field.what == "bytes" else NUMBERS[field.code][0]
            return (f"getNumbers(this.view, {at}, '{code}', {count})",
                    f"setNumbers(this.view, {at}, '{code}', {count}, value, '{name}')")
        if field.what == "record":
            inner = self.name_of(field.record)
            return f"{inner}.over(this.view, {at})", f"setRecord(this.view, {at}, {inner}, value, '{name}')"
        if field.what == "records":
            inner = self.name_of(field.record)
            return (f"getRecords(this.view, {at}, {inner}, {count})",
                    f"setRecords(this.view, {at}, {inner}, {count}, value, '{name}')")
        raise Fault(f"{name}: a field of kind {field.what}")

    def record(self, record, target):
        fields = [field for field in record.fields if field.what != "pointer"]
        self.lines.append(f"{target} = class {record.name} extends Record {{")
        self.lines.append(f"  static size = {record.size};")
        self.lines.append(f"  static align = {self.align_of(record)};")
        self.lines.append(f"  static cName = '{record.c_name}';")
        if record.kind is not None:
            places = {field.name: field.offset for field in fields}
            self.lines.append(f"  static kind = {record.kind};")
            self.lines.append(f"  static kindAt = {places['kind'] if 'kind' in places else places['type']};")
            if record.c_name in ("trd_command", "trd_event"):
                self.lines.append(f"  static slotsAt = {places['slots']};")
        table = ", ".join(f"{field.name}: '{field.what}'" for field in fields)
        self.lines.append(f"  static fields = Object.freeze({{ {table} }});")
        for field in fields:
            get, put = self.accessor(field)
            self.lines.append(f"  get {field.name}() {{ return {get}; }}")
            self.lines.append(f"  set {field.name}(value) {{ {put}; }}")
        self.lines.append("};")

    def align_of(self, record):
        return self.model.structs[record.c_name]["align"]

    def text(self):
        model = self.model
        self.lines = [
            "'use strict';", "// Generated from the headers by bindings/generate_js.py.", "const {",
            "  Record, getLetter, getNumbers, getRecords, getText, numbers, setLetter, setNumbers, setRecord,",
            "  setRecords, setText,", "} = require('./record.js');"]
        for short in ARRAYS:
            self.lines.append(f"const {short} = numbers.{short}.take;")
        self.lines.append("exports.constants = Object.freeze({")
        for name, value, _ in model.constants:
            self.lines.append(f"  {name}: {value}{'n' if abs(value) >= 2**53 else ''},")
        self.lines.append("});")
        for group in model.groups:
            values = ", ".join(f"{short}: {number}" for short, number, _ in group.values)
            self.lines.append(f"exports.{group.name} = Object.freeze({{ {values} }});")
        # A record may hold others: those are declared as constants, in the headers' order.
        for record in model.records.values():
            self.record(record, f"const {record.name} = exports.{record.name}")
        for namespace in NAMESPACES:
            self.lines.append(f"const {namespace} = exports.{namespace} = {{}};")
            for record in getattr(model, namespace):
                self.record(record, f"{namespace}.{record.name}")
            self.lines.append(f"Object.freeze({namespace});")
        return "\n".join(self.lines) + "\n"


class TypeScript:
    def __init__(self, model):
        self.model, self.lines = model, []

    def types(self, field):
        """(what it is, what may be set)."""
        if field.what == "number":
            return ("bigint" if is_big(field.code) else "number"), "Integer"
        if field.what in ("text", "letter"):
            return "string", "string"
        if field.what == "bytes":
            return "Uint8Array", "Iterable<Integer>"
        if field.what == "numbers":
            return ARRAYS[NUMBERS[field.code][0]], "Iterable<Integer>"
        inner = self.model.records[field.record].name
        if field.what == "record":
            return inner, f"{inner} | {inner}Fields"
        return f"{inner}[]", f"Iterable<{inner} | {inner}Fields>"

    def record(self, record, indent):
        fields = [field for field in record.fields if field.what != "pointer"]
        out = self.lines.append
        out(f"{indent}export interface {record.name}Fields {{\n")
        for field in fields:
            out(f"{indent}  {field.name}?: {self.types(field)[1]};\n")
        out(f"{indent}}}\n")
        out(doc_of(record.doc, indent))
        out(f"{indent}export class {record.name} extends Record {{\n")
        out(f"{indent}  static readonly size: {record.size};\n")
        if record.kind is not None:
            out(f"{indent}  static readonly kind: {record.kind};\n")
        out(f"{indent}  constructor(fields?: {record.name}Fields);\n")
        out(f"{indent}  static over(bytes: Bytes, offset?: number): {record.name};\n")
        out(f"{indent}  static from(bytes: Bytes, offset?: number): {record.name};\n")
        out(f"{indent}  static list(bytes: Bytes): {record.name}[];\n")
        out(f"{indent}  static pack(records: readonly ({record.name} | {record.name}Fields)[]): Uint8Array;\n")
        out(f"{indent}  assign(fields: {record.name}Fields): this;\n")
        for field in fields:
            got, put = self.types(field)
            group = f" ({field.group})" if field.group else ""
            out(doc_of((field.doc + group).strip(), indent + "  "))
            out(f"{indent}  get {field.name}(): {got};\n")
            out(f"{indent}  set {field.name}(value: {got} | {put});\n")
        out(f"{indent}}}\n")

    def text(self):
        out = self.lines.append
        out("// Generated from the headers by bindings/generate_js.py.\n")
        out("import { Bytes, Integer, Record } from './record';\n\n")
        out("export const constants: {\n")
        for name, value, doc in self.model.constants:
            out(doc_of(doc, "  "))
            out(f"  readonly {name}: {value}{'n' if abs(value) >= 2**53 else ''};\n")
        out("};\n")
        for group in self.model.groups:
            out(doc_of(group.doc + (" Bits." if group.is_flags else "")))
            out(f"export const {group.name}: {{\n")
            for short, number, doc in group.values:
                out(doc_of(doc, "  "))
                out(f"  readonly {short}: {number};\n")
            out("};\n")
        for record in self.model.records.values():
            self.record(record, "")
        for namespace in NAMESPACES:
            out(f"export namespace {namespace} {{\n")
            for record in getattr(self.model, namespace):
                self.record(record, "  ")
            out("}\n")
        return "".join(self.lines)


class FieldsProgram:
    """Each number of a record gets a value of its own from a counter, each text letters. The struct
    is the C compiler's, so a wrong place, width or sign in JavaScript does not agree with it."""

    def __init__(self, model):
        self.model, self.lines, self.count = model, [], 0

    def members(self, struct, path=""):
        """(path in C, field as the headers have it) of all that has a place."""
        for field in struct["fields"]:
            yield from self.member(field, path)

    def member(self, field, path):
        inner = field.get("union") or field.get("struct")
        if inner is not None:
            for one in inner:
                yield from self.member(one, path + (field["name"] + "." if field["name"] else ""))
        else:
            yield path + field["name"], field

    def value(self, width, is_signed):
        """Differs in all bytes, and in the sign."""
        self.count += 1
        mixed = (self.count * 0x9E3779B97F4A7C15 + 0x0123456789ABCDEF) % 2**64
        number = mixed >> (64 - 8 * width)
        return number - 2**(8 * width) if is_signed and number >= 2**(8 * width - 1) else number

    def set_number(self, path, code, name):
        short = NUMBERS[code][0]
        value = self.value(int(short[1:]) // 8, short[0] == "i")
        literal = f"(-{-value - 1}ll - 1)" if value < 0 else f"{value}{'ull' if short[0] == 'u' else 'll'}"
        self.lines.append(f"    record.{path} = ({'u' if short[0] == 'u' else ''}int{short[1:]}_t){literal};")
        self.lines.append(f'    say("{name}", "{value}");')

    def set_text(self, path, size, name):
        text = "".join(chr(ord("a") + (self.count + i) % 26) for i in range(size - self.count % 3))
        self.count += 1
        self.lines.append(f'    memcpy(record.{path}, "{text}", {len(text)});')
        self.lines.append(f'    say("{name}", "{text}");')

    def set_field(self, path, field, name):
        if field.what == "number":
            self.set_number(path, field.code, name)
        elif field.what == "letter":
            self.count += 1
            letter = chr(ord("A") + self.count % 26)
            self.lines.append(f"    record.{path} = '{letter}';")
            self.lines.append(f'    say("{name}", "{letter}");')
        elif field.what == "text":
            self.set_text(path, field.count, name)
        elif field.what in ("bytes", "numbers"):
            for i in range(field.count):
                self.set_number(f"{path}[{i}]", "B" if field.what == "bytes" else field.code, f"{name}.{i}")
        elif field.what == "record":
            self.set_all(path + ".", field.record, name + ".")
        elif field.what == "records":
            for i in range(field.count):
                self.set_all(f"{path}[{i}].", field.record, f"{name}.{i}.")

    def set_all(self, path, c_name, name):
        fields = {field.name: field for field in self.model.records[c_name].fields}
        done = set()
        for inner, described in self.members(self.model.structs[c_name]):
            field = fields.get(inner.replace(".", "_"))
            # Of a union one member is enough: the others are at the same place.
            if field is None or field.what == "pointer" or described["offset"] in done:
                continue
            done.add(described["offset"])
            self.set_field(path + inner, field, name + field.name)

    def set_kind(self, record, outer, body):
        """The fields of a kind: those of the head by their names, those of the body in its member."""
        head = [field for field in self.model.structs[outer]["fields"] if field["name"] != "u"]
        paths = {}
        for field in head:
            for path, described in self.member(field, ""):
                paths[(path.replace(".", "_"), described["offset"])] = path
        if body:
            start = body["offset"]
            for path, described in self.members(self.model.structs[body["type"]]):
                paths[(path.replace(".", "_"), start + described["offset"])] = f"u.{body['name']}.{path}"
        done = set()
        for field in record.fields:
            path = paths.get((field.name, field.offset))
            if path is None:
                raise Fault(f"{record.name}.{field.name}: not in {outer}")
            if field.offset not in done:
                done.add(field.offset)
                self.set_field(path, field, field.name)

    def program(self, name, c_name, fill):
        self.lines.append("{")
        self.lines.append(f"    {c_name} record;")
        self.lines.append("    memset(&record, 0, sizeof(record));")
        self.lines.append(f'    begin("{name}", sizeof(record));')
        fill()
        self.lines.append("    end(&record, sizeof(record));")
        self.lines.append("}")

    def body_of(self, outer, record):
        """The member of the union that starts where the record's body does and has its fields."""
        head = {(f.name, f.offset) for f in self.model.head_of(outer, "u")}
        wanted = {(f.name, f.offset) for f in record.fields} - head
        for field in self.model.union_of(outer, "u"):
            if field["type"] in self.model.structs:
                own = {(f.name, f.offset) for f in self.model.fields(field["type"], field["offset"])}
                if own >= wanted and wanted:
                    return field
        if wanted:
            raise Fault(f"{outer}: no member has the fields of {record.name}")
        return None

    def text(self):
        head = ["/* Generated from the headers by bindings/generate_js.py. */", "#include <stdio.h>",
                "#include <string.h>", "#include <tradsys/tradsys.h>"]
        head += [f'#include <{header["name"]}>' for header in self.model.world.headers]
        head += ["static void begin(const char *name, size_t size) {",
                 '    printf("record %s %zu\\n", name, size);', "}",
                 "static void say(const char *field, const char *value) {",
                 '    printf("%s %s\\n", field, value);', "}",
                 "static void end(const void *record, size_t size) {", '    printf("bytes ");',
                 "    for (size_t i = 0; i < size; i++) {",
                 '        printf("%02x", ((const unsigned char *)record)[i]);', "    }",
                 '    printf("\\n");', "}", "int main(void) {"]
        for c_name, record in self.model.records.items():
            self.program(record.name, c_name, lambda c_name=c_name: self.set_all("", c_name, ""))
        for record in self.model.extensions:
            self.program(f"extensions.{record.name}", record.c_name,
                         lambda record=record: self.set_plain(record))
        for namespace, outer in (("commands", "trd_command"), ("events", "trd_event"), ("itch", "trd_itch_msg")):
            for record in getattr(self.model, namespace):
                body = self.body_of(outer, record)
                self.program(f"{namespace}.{record.name}", outer,
                             lambda record=record, outer=outer, body=body: self.set_kind(record, outer, body))
        return "\n".join(head + self.lines + ["return 0;", "}"]) + "\n"

    def set_plain(self, record):
        for field in record.fields:
            self.set_field(field.name, field, field.name)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    directory = Path(sys.argv[2])
    try:
        model = Model(Path(sys.argv[1]))
        made = {"generated.js": JavaScript(model).text(), "generated.d.ts": TypeScript(model).text(),
                "fields.c": FieldsProgram(model).text()}
    except Fault as fault:
        sys.exit(f"generate_js: {fault}")
    for name, text in made.items():
        (directory / name).write_text(text)


if __name__ == "__main__":
    main()
