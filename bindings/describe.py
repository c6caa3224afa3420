#!/usr/bin/env python3
"""describe.py INCLUDE [--json | --check] - what the public headers say, as data.

Every binding is made from this: constants, enums, records and their fields with places and widths,
definitions, objects and functions, each with what the header's comments say of it. So a field or a
reason that is added to a header is in all languages, or the build fails here: whatever the reader
does not know is an error that names the line.

--json prints it. --check prints a C program that does not compile where a size, a place or a value
is not what the compiler makes of the same headers.
"""
import argparse
import json
import re
import sys
from pathlib import Path

SCALARS = {"int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2, "int32_t": 4, "uint32_t": 4,
           "int64_t": 8, "uint64_t": 8, "size_t": 8, "int": 4, "unsigned": 4, "char": 1, "float": 4,
           "double": 8}
POINTER = 8
TOKEN = re.compile(r"""
    (?P<space>[ \t]+) | (?P<newline>\n) | (?P<comment>/\*.*?\*/) | (?P<line>//[^\n]*) |
    (?P<directive>^[ \t]*\#(?:\\\n|[^\n])*) | (?P<string>"(?:\\.|[^"\\])*") |
    (?P<letter>'(?:\\.|[^'\\])') |
    (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*) | (?P<name>[A-Za-z_]\w*) |
    (?P<mark><<|>>|\.\.\.|[{}()\[\];,=*|&~<>!?:+\-/%.^])
""", re.X | re.S | re.M)


class Fault(Exception):
    pass


class Token:
    __slots__ = ("kind", "text", "line")

    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line


def words(comment):
    """The text of a comment: without its frame, paragraphs apart by an empty line."""
    body = comment[2:-2]
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in body.split("\n")]
    return "\n".join(lines).strip()


def tokens_of(path, text):
    found, at, line = [], 0, 1
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Fault(f"{path}:{line}: not understood: {text[at:at + 20]!r}")
        kind = match.lastgroup
        if kind != "space":
            found.append(Token(kind, match.group(), line))
        line += match.group().count("\n")
        at = match.end()
    return found


def list_of(path, row):
    """Rows of an X-macro list: [(name, number, text)]."""
    rows = re.findall(rf"^{row}\((\w+), (\d+), ((?:\"[^\"]*\"\s*)+)\)", path.read_text(), re.M)
    if not rows:
        raise Fault(f"{path}: no {row}")
    return [(name, int(number), "".join(re.findall(r'"([^"]*)"', text))) for name, number, text in rows]


class Header:
    """Reads one header; what it finds goes to `world`."""

    def __init__(self, world, root, path):
        self.world, self.root, self.path = world, root, path
        self.name = str(path.relative_to(root))
        self.tokens = self.visible(tokens_of(self.name, path.read_text()))
        self.at = 0
        self.doc = ""        # the comment that stands before what comes
        self.row = None      # (macro, prefix) of a list in an enum

    def fault(self, text, token=None):
        token = token or (self.tokens[self.at] if self.at < len(self.tokens) else None)
        line = token.line if token else "end"
        raise Fault(f"{self.name}:{line}: {text}")

    # --- what a C compiler sees -----------------------------------------------------------------

    def visible(self, tokens):
        """Without directives and what they leave out; #define of numbers becomes a constant."""
        kept, states = [], []
        for token in tokens:
            if token.kind != "directive":
                if all(states):
                    kept.append(token)
                continue
            word, _, rest = re.sub(r"\\\n", " ", token.text).strip()[1:].strip().partition(" ")
            rest = rest.strip()
            if word in ("ifndef", "ifdef", "if"):
                states.append(self.is_seen(word, rest, token))
            elif word == "else":
                states[-1] = not states[-1]
            elif word == "endif":
                states.pop()
            elif word in ("define", "include", "undef"):
                if all(states):
                    kept.append(token)
            else:
                raise Fault(f"{self.name}:{token.line}: #{word}")
        return kept

    def is_seen(self, word, rest, token):
        if word == "ifndef":
            return True  # the guard, and what SWIG does not read by itself
        if rest in ("__cplusplus", "defined(SWIG)"):
            return False
        raise Fault(f"{self.name}:{token.line}: #{word} {rest}")

    def define(self, token):
        match = re.match(r"\s*#\s*define\s+(\w+)(\([^)]*\))?\s*(.*)$", token.text.replace("\\\n", " "))
        name, arguments, value = match.groups()
        if name == "TRD_STATIC_ASSERT":
            return
        if arguments:
            row = re.match(r"(\w+?)##name = number,", value)
            if row is None:
                raise Fault(f"{self.name}:{token.line}: a macro with arguments")
            self.row = (name, row.group(1))
        elif value and name not in ("TRD_API", "TRD_BEGIN_DECLS", "TRD_END_DECLS", "TRD_ZERO"):
            comment = re.search(r"/\*(.*?)\*/", value)
            value = re.sub(r"/\*.*?\*/", "", value).strip()
            self.world.add("constants", name, {
                "value": self.world.value(value, f"{self.name}:{token.line}"),
                "doc": comment.group(1).strip() if comment else self.doc, "header": self.name})

    # --- walking --------------------------------------------------------------------------------

    def peek(self):
        """The next token that is no comment and no line end."""
        at = self.at
        while at < len(self.tokens) and self.tokens[at].kind in ("newline", "comment", "line"):
            at += 1
        return self.tokens[at] if at < len(self.tokens) else None

    def take(self, text=None):
        token = self.peek()
        if token is None:
            self.fault("the header ends")
        if text is not None and token.text != text:
            self.fault(f"{text!r} expected, not {token.text!r}", token)
        while self.tokens[self.at] is not token:
            self.at += 1
        self.at += 1
        return token

    def trailing(self):
        """The comment behind what was taken last, on its line or going on below it."""
        at, seen_line = self.at, False
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.kind == "comment" and not seen_line:
                self.at = at + 1
                return words(token.text)
            if token.kind == "newline":
                # clang-format puts a long one on a line of its own, behind an opening brace's `=`.
                seen_line = True
                return ""
            at += 1
            if token.text not in (",", ";"):
                return ""
        return ""

    def before(self):
        """The comment that stands just before what comes. An empty line ends what it is about."""
        doc, newlines, own = None, 0, False
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "newline":
                newlines += 1
                if newlines > 1:
                    doc = ""
            elif token.kind == "comment":
                doc, newlines, own = words(token.text), 0, True
            elif token.kind == "directive":
                if doc is not None:
                    self.doc = doc
                self.at += 1
                self.directive(token)
                doc, newlines = None if doc is None else doc, 1
                continue
            else:
                break
            self.at += 1
        if doc is not None:
            self.doc = doc

    def directive(self, token):
        if re.match(r"\s*#\s*define", token.text):
            self.define(token)

    # --- declarations ---------------------------------------------------------------------------

    def read(self):
        first = next((t for t in self.tokens if t.kind == "comment"), None)
        self.world.headers.append({"name": self.name, "doc": words(first.text) if first else ""})
        while True:
            self.before()
            token = self.peek()
            if token is None:
                return
            if token.text in ("TRD_BEGIN_DECLS", "TRD_END_DECLS"):
                self.take()
            elif token.text in ("TRD_STATIC_ASSERT", "_Static_assert"):
                self.skip_to(";")
            elif token.text == "enum":
                self.enum(self.doc)
            elif token.text == "typedef":
                self.typedef()
            elif token.text == "TRD_API":
                self.take()
                self.function(False)
            elif token.text == "static":
                self.take()
                self.take("inline")
                self.function(True)
            else:
                self.fault(f"not understood: {token.text!r}", token)

    def skip_to(self, text):
        depth = 0
        while True:
            token = self.take()
            depth += (token.text in "({[") - (token.text in ")}]")
            if depth == 0 and token.text == text:
                return

    def expression(self, ends):
        parts, depth = [], 0
        while True:
            token = self.peek()
            if depth == 0 and token.text in ends:
                return " ".join(parts)
            depth += (token.text in "([") - (token.text in ")]")
            parts.append(self.take().text)

    def enum(self, doc):
        line = self.take("enum").line
        name = self.take().text if self.peek().kind == "name" else None
        self.take("{")
        values, last = [], -1
        while True:
            inside = self.own_comments()
            token = self.peek()
            if token.kind == "directive":
                values += self.listed(token)
                continue
            if token.text == "}":
                break
            label = self.take().text
            if self.peek().text == "=":
                self.take()
                last = self.world.value(self.expression(",}"), f"{self.name}:{token.line}")
            else:
                last += 1
            if self.peek().text == ",":
                self.take()
            values.append({"name": label, "value": last, "doc": self.trailing() or inside})
            self.world.values[label] = last
        self.take("}")
        if self.peek().text != ";":
            return {"name": name, "values": values, "doc": doc, "header": self.name}
        self.take(";")
        doc = doc or self.trailing()
        self.world.enums.append({"name": name, "values": values, "doc": doc, "header": self.name,
                                 "line": line})
        return None

    def own_comments(self):
        """A comment on lines of its own, before a field or a value: about that one."""
        doc, first = "", True
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "comment":
                doc = words(token.text)
            elif token.kind == "newline":
                first = False
            else:
                return doc
            self.at += 1
        return doc

    def listed(self, token):
        self.take()
        if "define" in token.text:
            self.define(token)
            return []
        match = re.search(r"<(.*?)>", token.text)
        macro, prefix = self.row
        rows = []
        for name, number, text in list_of(self.root / match.group(1), macro):
            rows.append({"name": prefix + name, "value": number, "doc": text})
            self.world.values[prefix + name] = number
        return rows

    def typedef(self):
        doc = self.doc
        self.take("typedef")
        token = self.peek()
        if token.text == "struct":
            self.take()
            name = self.take().text
            if self.peek().text == "{":
                fields = self.fields()
                self.take(name)
                self.take(";")
                self.world.add_struct(name, fields, doc or self.trailing(), self.name)
            else:
                self.take(name)
                self.take(";")
                self.world.add("objects", name, {"doc": doc or self.trailing(), "header": self.name})
            return
        if token.text == "enum":
            made = self.enum(doc)
            name = self.take().text
            self.take(";")
            made["name"] = name
            self.world.enums.append(made)
            self.world.add("aliases", name, {"type": "int", "doc": doc, "header": self.name})
            return
        kind = self.type()
        if self.peek().text == "(":
            self.take()
            self.take("*")
            name = self.take().text
            self.take(")")
            self.world.add("callbacks", name, {
                "result": kind, "parameters": self.parameters(), "doc": doc, "header": self.name})
            self.take(";")
            return
        name = self.take().text
        self.take(";")
        self.world.add("aliases", name, {"type": kind, "doc": self.trailing() or doc, "header": self.name})

    def type(self):
        """A type as text, stars included."""
        parts = []
        while self.peek().text in ("const", "struct", "volatile"):
            word = self.take().text
            if word != "struct":
                parts.append(word)
        parts.append(self.take().text)
        if parts[-1] in ("unsigned", "long", "signed") and self.peek().text in ("int", "char", "long"):
            parts.append(self.take().text)
        while self.peek().text in ("*", "const"):
            parts.append(self.take().text)
        return " ".join(parts)

    def fields(self):
        self.take("{")
        made = []
        while True:
            inside = self.own_comments()
            token = self.peek()
            if token.text == "}":
                self.take()
                return made
            if token.text == "union" or (token.text == "struct" and self.is_inline_struct()):
                self.take()
                parts = self.fields()
                name = self.take().text if self.peek().kind == "name" else None
                self.take(";")
                made.append({"name": name, token.text: parts, "doc": self.trailing() or inside})
                continue
            made += self.field(inside)

    def is_inline_struct(self):
        after = [t for t in self.tokens[self.at:] if t.kind not in ("newline", "comment")][1]
        return after.text == "{"

    def field(self, inside):
        kind = self.type()
        if self.peek().text == "(":
            self.take()
            self.take("*")
            name = self.take().text
            self.take(")")
            parameters = self.parameters()
            self.take(";")
            return [{"name": name, "type": "callback", "count": None, "result": kind,
                     "parameters": parameters, "doc": self.trailing() or inside}]
        made = []
        while True:
            name = self.take().text
            count = None
            while self.peek().text == "[":
                self.take()
                size = self.world.value(self.expression("]"), self.name)
                count = size if count is None else count * size
                self.take("]")
            made.append({"name": name, "type": kind, "count": count, "doc": ""})
            if self.take().text == ";":
                break
            while self.peek().text == "*":
                self.fault("a list of pointers")
        doc = self.trailing() or inside
        for one in made:
            one["doc"] = doc
        return made

    def parameters(self):
        self.take("(")
        made = []
        while self.peek().text != ")":
            kind = self.type()
            name = None
            if self.peek().text == "(":
                self.take()
                self.take("*")
                name = self.take().text
                self.take(")")
                made.append({"name": name, "type": "callback", "result": kind,
                             "parameters": self.parameters()})
            else:
                if self.peek().kind == "name":
                    name = self.take().text
                if self.peek().text == "[":
                    self.skip_to("]")
                    kind += " *"
                if kind != "void":
                    made.append({"name": name, "type": kind})
            if self.peek().text == ",":
                self.take()
        self.take(")")
        return made

    def function(self, inline):
        doc = self.doc
        result = self.type()
        name = self.take().text
        parameters = self.parameters()
        if inline:
            self.skip_body()
        else:
            self.take(";")
        self.world.add("functions", name, {"result": result, "parameters": parameters,
                                           "inline": inline, "doc": self.trailing() or doc,
                                           "header": self.name})

    def skip_body(self):
        depth = 0
        while True:
            token = self.take()
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                return


class World:
    """All of the headers."""

    def __init__(self, include):
        self.include = include
        self.headers, self.enums = [], []
        self.constants, self.aliases, self.objects = {}, {}, {}
        self.structs, self.callbacks, self.functions = {}, {}, {}
        self.values = {"INT64_MAX": 2**63 - 1, "INT64_MIN": -2**63, "UINT64_MAX": 2**64 - 1,
                       "UINT32_MAX": 2**32 - 1, "INT32_MAX": 2**31 - 1, "UINT16_MAX": 2**16 - 1}
        self.read_files = set()

    def add(self, kind, name, what):
        table = getattr(self, kind)
        if name in table:
            raise Fault(f"{what['header']}: {name} is there twice")
        table[name] = what
        if kind == "constants":
            self.values[name] = what["value"]

    def read(self, path):
        """A header, after those that it includes."""
        if path in self.read_files:
            return
        self.read_files.add(path)
        for name in re.findall(r"^#include <(tradsys/[\w/]+\.h)>", path.read_text(), re.M):
            self.read(self.include / name)
        Header(self, self.include, path).read()

    def value(self, text, where):
        """The number that an expression of constants is."""
        def sizes(match):
            return str(self.size(match.group(1).strip(), where)[0])

        plain = re.sub(r"sizeof\s*\(([\w ]+)\)", sizes, text)
        plain = re.sub(r"U?INT(?:64|32)_C\s*\(\s*(\w+)\s*\)", r"\1", plain)
        plain = re.sub(r"'(.)'", lambda match: str(ord(match.group(1))), plain)
        plain = re.sub(r"\(\s*(?:trd_\w+|u?int\d+_t)\s*\)", "", plain)
        plain = re.sub(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", plain)

        names = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"0[xX][0-9a-fA-F]+", "", plain)))
        missing = names - self.values.keys()
        if missing or re.search(r"[^\w\s()+\-*/|&~<>%]", plain):
            raise Fault(f"{where}: no value: {text}")
        return eval(plain.replace("/", "//"), {"__builtins__": {}}, {n: self.values[n] for n in names})

    # --- layout ---------------------------------------------------------------------------------

    def size(self, kind, where):
        """(bytes, alignment) of a type."""
        if kind == "callback" or kind.endswith("*") or kind.endswith("* const"):
            return POINTER, POINTER
        kind = kind.replace("const ", "")
        if kind in SCALARS:
            return SCALARS[kind], SCALARS[kind]
        if kind in self.aliases:
            return self.size(self.aliases[kind]["type"], where)
        if kind in self.callbacks:
            return POINTER, POINTER
        if kind in self.structs:
            return self.structs[kind]["size"], self.structs[kind]["align"]
        raise Fault(f"{where}: the size of {kind!r} is not known")

    def lay_out(self, fields, where, is_union, start=0):
        """Gives each field its place; (bytes, alignment)."""
        at, align, most = 0, 1, 0
        for field in fields:
            inner = field.get("union") or field.get("struct")
            if inner is not None:
                size, own = self.lay_out(inner, where, "union" in field)
            else:
                size, own = self.size(field["type"], where)
                field["width"] = size
                size *= 1 if field["count"] is None else field["count"]
            at = 0 if is_union else (at + own - 1) // own * own
            field["offset"], field["size"] = at, size
            at += size
            align, most = max(align, own), max(most, at)
        return (most + align - 1) // align * align, align

    def place(self, fields, base):
        """Offsets from the beginning of the record."""
        for field in fields:
            field["offset"] += base
            self.place(field.get("union") or field.get("struct") or [], field["offset"])

    def add_struct(self, name, fields, doc, header):
        if fields and fields[-1].get("count") == 0:
            raise Fault(f"{header}: {name} has no size")
        size, align = self.lay_out(fields, header, False)
        self.place(fields, 0)
        self.add("structs", name, {"fields": fields, "size": size, "align": align, "doc": doc,
                                   "header": header})

    def data(self):
        return {key: getattr(self, key) for key in ("headers", "constants", "enums", "aliases", "objects",
                                                    "callbacks", "structs", "functions")}


def leaves(fields, path=""):
    """All fields with a name in C: those of unions and structs without one too."""
    for field in fields:
        name = path + field["name"] if field["name"] else path.rstrip(".")
        inner = field.get("union") or field.get("struct")
        if inner is None:
            yield name, field
        else:
            yield from leaves(inner, name + "." if field["name"] else path)


def check(world):
    print('#include <stddef.h>\n#include <tradsys/tradsys.h>')
    for header in world.headers:
        print(f'#include <{header["name"]}>')
    for name, struct in world.structs.items():
        print(f'_Static_assert(sizeof({name}) == {struct["size"]}, "{name}");')
        for path, field in leaves(struct["fields"]):
            print(f'_Static_assert(offsetof({name}, {path}) == {field["offset"]}, "{name}.{path}");')
            print(f'_Static_assert(sizeof((({name} *)0)->{path}) == {field["size"]}, "{name}.{path}");')
    for name, constant in world.constants.items():
        suffix = "" if constant["value"] < 0 else "u"
        print(f'_Static_assert((long long)({name}) == (long long){constant["value"]}{suffix}ll, "{name}");')
    for enum in world.enums:
        for value in enum["values"]:
            print(f'_Static_assert({value["name"]} == {value["value"]}, "{value["name"]}");')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("include", type=Path)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--json", action="store_true")
    what.add_argument("--check", action="store_true")
    given = parser.parse_args()
    world = World(given.include)
    try:
        for path in sorted((given.include / "tradsys").rglob("*.h")):
            world.read(path)
    except Fault as fault:
        sys.exit(f"describe: {fault}")
    if given.json:
        json.dump(world.data(), sys.stdout, indent=1)
        print()
    else:
        check(world)


if __name__ == "__main__":
    main()
