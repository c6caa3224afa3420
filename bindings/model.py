"""What describe.py read, as bindings use it: names of classes, groups of constants, records, kinds.

Names are chosen here once for all languages. What a header adds without a rule or a name for it is
a Fault: the build ends and says what is missing.
"""
import re

import describe
from describe import Fault

# Headers that have no binding: what they declare needs files, or threads of its own.
LEFT_OUT = "tradsys/io/"

# Groups whose common prefix is no good name, by their first enumerator.
NAMES = {
    "TRD_BUY": "Side", "TRD_OK": "Result", "TRD_COMMAND_BY_HANDLE": "CommandFlag",
    "TRD_MASS_ACCOUNT": "MassFilter", "TRD_SESSION_CONTINUOUS": "SessionState",
    "TRD_KILL_ON": "KillAction", "TRD_DEADMAN_ARM": "DeadmanAction",
    "TRD_PROTECTION_SET": "ProtectionAction", "TRD_TRANSFER_DEPOSIT": "TransferAction",
    "TRD_LIMIT_SET": "LimitAction", "TRD_CORPORATE_SPLIT": "CorporateAction",
    "TRD_BOOKS_DAY": "BooksAction", "TRD_ORDER_ADDED": "DisplayedStatus",
    "TRD_EVENT_PLACE_KEPT": "EventFlag", "TRD_SESSION_BY_COMMAND": "SessionBy",
    "TRD_DECISION_REDUCING": "DecisionMark", "TRD_INSTRUMENT_SPOT": "InstrumentKind",
    "TRD_PROFILE_POST_ONLY_SLIDE": "ProfileBit", "TRD_ITCH_SYSTEM_EVENT": "ItchType",
    "TRD_MARGIN_CASH": "MarginKind", "TRD_MARGIN_FINE": "MarginLevel",
    "TRD_TIES_NSE": "TiesPreset", "TRD_LIMIT_POSITION": "LimitKind",
    "TRD_LIMIT_FIRM": "LimitScope", "TRD_UNIT_POOL": "UnitKind", "TRD_MAY_MANAGE_USERS": "Permission",
    "TRD_REQUEST_SUBMIT": "RequestKind", "TRD_REQUEST_BY_HANDLE": "RequestFlag",
    "TRD_REPORT_PENDING_NEW": "ReportKind", "TRD_REPORT_HAS_CLIENT_ID": "ReportFlag",
    "TRD_OUTCOME_REQUEST": "OutcomeKind", "TRD_OUTCOME_DUPLICATE": "OutcomeFlag",
    "TRD_TRACKED_HAS_CLIENT_ID": "TrackedFlag", "TRD_JOURNAL_HEAD": "JournalKind",
    "TRD_JOURNAL_CLEAN": "JournalEnd",
    "TRD_HOLD_FULL": "HoldKind", "TRD_ASK_NEW": "AskKind", "TRD_EXEC_POST_ONLY": "Exec",
    "TRD_LINK_EXPIRY": "LinkFlag", "TRD_PRICES_TRIGGER": "PricesFlag",
    "TRD_SIZES_MINIMUM": "SizesFlag", "TRD_TEXT_PASS_OVER": "TextFlag",
}
NAMED = {"trd_extension_kind": "ExtensionKind", "trd_reject": "Reject", "trd_cause": "Cause",
         "trd_command_kind": "CommandKind", "trd_event_kind": "EventKind",
         "trd_instrument_fault": "InstrumentFault"}

# An enum that has such a name is a list of limits and sizes, no set of choices.
LIMITS = {"MAX", "MIN", "SIZE", "ALIGN", "FORMAT", "SLOTS", "VERSION"}

# Kinds that have nothing in their body, or only what extensions say.
BODILESS = {"TIMER", "INSTRUMENT", "COMMAND_REJECTED", "NONE"}


def camel(text):
    return "".join(word.capitalize() for word in text.strip("_").split("_"))


def single(text):
    """A comment as one paragraph."""
    return re.sub(r"\s+", " ", text or "").strip()


class Group:
    """An enum that is a set of choices, or of bits."""

    def __init__(self, name, prefix, is_flags, doc, values):
        self.name, self.prefix, self.is_flags, self.doc = name, prefix, is_flags, doc
        self.values = values  # [(short name, number, doc)]


class Field:
    """A field with a place. `what` is number, text (char[n]), letter (char), bytes (uint8_t[n]),
    numbers (array), record, records (array), pointer."""

    def __init__(self, name, what, offset, doc, code="", count=None, record=None, size=0):
        self.path = name  # in C
        self.name, self.what, self.offset, self.doc = name, what, offset, doc
        self.code, self.count, self.record, self.size = code, count, record, size
        self.group = None


class Record:
    """A struct, or one kind of one."""

    def __init__(self, name, c_name, size, doc, fields, default):
        self.name, self.c_name, self.size, self.doc = name, c_name, size, doc
        self.fields, self.default = fields, default
        self.kind = None  # number of its kind, in commands, events, extensions and ITCH
        self.kind_name = None


# struct's letters: signed by the type.
CODES = {"int8_t": "b", "uint8_t": "B", "int16_t": "h", "uint16_t": "H", "int32_t": "i", "int": "i",
         "uint32_t": "I", "unsigned": "I", "int64_t": "q", "uint64_t": "Q", "size_t": "Q"}


class Model:
    def __init__(self, include):
        self.world = describe.World(include)
        for path in sorted((include / "tradsys").rglob("*.h")):
            if not str(path.relative_to(include)).startswith(LEFT_OUT):
                self.world.read(path)
        self.structs = self.world.structs
        self.groups, self.constants = [], []
        self.read_groups()
        self.read_constants()
        self.prefixes = {}
        for group in self.groups:
            self.prefixes.setdefault(group.prefix, []).append(group)
        self.records = {name: self.record(name) for name in self.structs if self.is_record(name)}
        names = [record.name for record in self.records.values()] + [group.name for group in self.groups]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise Fault(f"two things of one name: {sorted(twice)}")
        self.commands = self.kinds("trd_command", "trd_command_kind", "TRD_COMMAND_", "u")
        self.events = self.kinds("trd_event", "trd_event_kind", "TRD_EVENT_", "u")
        self.extensions = self.read_extensions()
        self.itch = self.read_itch()

    # --- constants ------------------------------------------------------------------------------

    def all_docs(self):
        for struct in self.structs.values():
            yield struct["doc"]
            for _, field in describe.leaves(struct["fields"]):
                yield field["doc"]

    def read_groups(self):
        bits = set()
        for doc in self.all_docs():
            bits.update(re.findall(r"(TRD_[A-Z_]+_)\* bits", single(doc)))
        seen = {}
        for enum in self.world.enums:
            names = [value["name"] for value in enum["values"]]
            if enum["name"] is None and names[0] not in NAMES and (len(names) == 1 or
                    any(name.rsplit("_", 1)[1] in LIMITS for name in names)):
                continue
            prefix = self.prefix_of(names)
            name = NAMED.get(enum["name"]) or NAMES.get(names[0]) or camel(prefix[4:])
            if not name or name in seen:
                raise Fault(f"{enum['header']}: the enum of {names[0]} needs a name in bindings/model.py")
            seen[name] = True
            is_flags = prefix in bits or re.search(r"\bbits\b|\b[Ff]lags\b", enum["doc"]) is not None
            if is_flags and enum["name"]:
                is_flags = False
            cut = len(prefix) if prefix else len("TRD_")
            values = []
            for value in enum["values"]:
                short = value["name"][cut:]
                if not re.match(r"[A-Z]", short):
                    raise Fault(f"{value['name']}: no name without {prefix}")
                values.append((short, value["value"], single(value["doc"])))
            self.groups.append(Group(name, prefix, is_flags, single(enum["doc"]), values))

    @staticmethod
    def prefix_of(names):
        common = names[0]
        for name in names[1:]:
            while not name.startswith(common):
                common = common[:-1]
        common = common[:common.rfind("_") + 1]
        return "" if common == "TRD_" else common

    def read_constants(self):
        for name, constant in self.world.constants.items():
            self.constants.append((name[4:], constant["value"], single(constant["doc"])))
        for enum in self.world.enums:
            for value in enum["values"]:
                self.constants.append((value["name"][4:], value["value"],
                                       single(value["doc"] or enum["doc"])))

    # --- records --------------------------------------------------------------------------------

    def is_record(self, name):
        """Not what is only a part of commands and events, and not what is only pointers or scratch."""
        if name in ("trd_command", "trd_event", "trd_itch_msg") or name.startswith("trd_ext_"):
            return False
        parts = {field["type"] for outer in ("trd_command", "trd_event", "trd_itch_msg")
                 for _, field in describe.leaves(self.structs[outer]["fields"])}
        if name in parts:
            return False
        fields = self.fields(name)
        if any(field.what == "pointer" for field in fields):
            # Of these the shim sets the pointers; the others are of no use elsewhere.
            return name in ("trd_margin_position", "trd_margin_account")
        return bool(fields) and all(self.is_record(field.record) for field in fields if field.record)

    def resolve(self, kind):
        kind = kind.replace("const ", "")
        while kind in self.world.aliases:
            kind = self.world.aliases[kind]["type"]
        return kind

    def fields(self, name, base=0, prefix=""):
        made = []
        for path, field in describe.leaves(self.structs[name]["fields"]):
            for one in self.field(path, field, base):
                one.path = prefix + path
                made.append(one)
        return made

    def field(self, path, field, base):
        name, kind, count = path.replace(".", "_"), self.resolve(field["type"]), field["count"]
        offset, doc = base + field["offset"], single(field["doc"])
        if kind == "callback" or kind.endswith("*") or kind in self.world.callbacks:
            return [Field(name, "pointer", offset, doc)]
        if kind == "trd_mem":
            return []
        if kind in self.structs:
            what = "record" if count is None else "records"
            return [Field(name, what, offset, doc, count=count, record=kind, size=self.structs[kind]["size"])]
        if kind == "char":
            return [Field(name, "letter", offset, doc, "c") if count is None
                    else Field(name, "text", offset, doc, f"{count}s", count)]
        if kind not in CODES:
            raise Fault(f"{path}: a field of type {kind}")
        if count is None:
            made = Field(name, "number", offset, doc, CODES[kind])
        elif kind == "uint8_t":
            made = Field(name, "bytes", offset, doc, f"{count}s", count)
        else:
            made = Field(name, "numbers", offset, doc, CODES[kind], count)
        made.group = self.group_of(made)
        return [made]

    def group_of(self, field):
        """The group that a field's comment names, if it names exactly one."""
        if field.name == "side" and "TRD_POSITION" not in field.doc:
            return "Side"
        prefixes = re.findall(r"TRD_[A-Z]+(?:_[A-Z]+)*_(?=\*)", field.doc)
        groups = {group.name for prefix in prefixes for group in self.prefixes.get(prefix, [])}
        return groups.pop() if len(groups) == 1 else None

    def default_of(self, name):
        """The function that gives the default of a struct: inline, of no arguments."""
        for function, what in self.world.functions.items():
            if what["inline"] and not what["parameters"] and what["result"] == name:
                return function
        return None

    def record(self, name):
        struct = self.structs[name]
        return Record(camel(name[4:]), name, struct["size"], struct["doc"], self.fields(name),
                      self.default_of(name))

    # --- kinds ----------------------------------------------------------------------------------

    def enum(self, name):
        return next(enum for enum in self.world.enums if enum["name"] == name)

    def union_of(self, outer, member):
        return next(field["union"] for field in self.structs[outer]["fields"] if field["name"] == member)

    def head_of(self, outer, member):
        return [made for field in self.structs[outer]["fields"] if field["name"] != member
                for made in self.field(field["name"], field, 0)]

    def joined(self, name, outer, head, member, doc):
        body = self.fields(member["type"], member["offset"], f"u.{member['name']}.") if member else []
        body_type = member and member["type"]
        twice = {field.name for field in head} & {field.name for field in body}
        # ITCH: the padding of the head, and that of a message.
        head = [field for field in head if not (field.name in twice and field.name == "reserved")]
        twice.discard("reserved")
        if twice:
            raise Fault(f"{outer}, {body_type}: {sorted(twice)} in head and body")
        return Record(name, outer, self.structs[outer]["size"], doc, head + body, None)

    def kinds(self, outer, enum_name, prefix, member):
        """A record for each kind: its body is the struct whose comment begins with its name."""
        union = self.union_of(outer, member)
        bodies = {}
        for field in union:
            if field["type"] not in self.structs:
                continue
            told = re.match(r"((?:[A-Z][A-Z_]*)(?:, [A-Z][A-Z_]*)*)(?:[.:;]| of )", single(self.structs[field["type"]]["doc"]))
            if told is None:
                raise Fault(f"{field['type']}: its comment does not begin with kinds")
            for kind in told.group(1).split(", "):
                bodies[kind] = field
        made = []
        for value in self.enum(enum_name)["values"]:
            kind = value["name"][len(prefix):]
            body = bodies.pop(kind, None)
            if body is None and kind not in BODILESS:
                raise Fault(f"{value['name']}: no struct's comment begins with {kind}")
            if kind == "NONE":
                continue
            doc = single(value["doc"])
            if body is not None:
                doc += "\n\n" + self.structs[body["type"]]["doc"]
            record = self.joined(camel(kind), outer, self.head_of(outer, member), body, doc)
            record.kind, record.kind_name = value["value"], kind
            made.append(record)
        if bodies:
            raise Fault(f"{outer}: bodies of no kind: {sorted(bodies)}")
        return made

    def read_extensions(self):
        """The struct of ORDER_PRICES is trd_ext_prices: the last word says it."""
        structs = {name for name in self.structs if name.startswith("trd_ext_")}
        made = []
        for value in self.enum("trd_extension_kind")["values"]:
            kind = value["name"][len("TRD_EXT_"):]
            name = "trd_ext_" + kind.rsplit("_", 1)[-1].lower()
            if name not in structs:
                raise Fault(f"{value['name']}: no {name}")
            structs.discard(name)
            record = Record(camel(kind), name, self.structs[name]["size"], single(value["doc"]),
                            self.fields(name), None)
            record.kind, record.kind_name = value["value"], kind
            made.append(record)
        if structs:
            raise Fault(f"extensions of no kind: {sorted(structs)}")
        return made

    def read_itch(self):
        """The comment of a type says its member of the union: u.add."""
        union = {field["name"]: field for field in self.union_of("trd_itch_msg", "u")}
        made = []
        group = next(group for group in self.groups if group.name == "ItchType")
        for short, number, doc in group.values:
            member = re.match(r"u\.(\w+)", doc)
            if member is None or member.group(1) not in union:
                raise Fault(f"TRD_ITCH_{short}: no member of trd_itch_msg")
            body = union[member.group(1)]
            record = self.joined(camel(short), "trd_itch_msg", self.head_of("trd_itch_msg", "u"), body,
                                 self.structs[body["type"]]["doc"])
            record.kind, record.kind_name = number, short
            made.append(record)
        return made
