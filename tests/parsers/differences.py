"""The differences that are known, by class, each with the reason why rewrite
is right, or may be so.

Where a field is an address list of RFC 5322, the other parser has to find just
what rewrite finds as soon as the field is written in other words, which make
no difference to rewrite; or what is expected of a fault of its own. Where it
is none, an address that both of the others find and rewrite does not is LOST,
one that neither of them finds and rewrite does is LET_IN; such an address has
to stand in a place of the kind that the class tells, a pattern of tokens (see
fields.py)."""

import re

import fields
from found import pair
from grammar import ADDR_SPEC, C, PHRASE, ROUTE, addresses_at

XS = "Email::Address::XS"
PYTHON = "email.headerregistry"


class InOtherWords:
    def __init__(self, parsers, name, section, reason, example, change=None,
                 expected=None):
        self.parsers, self.name, self.section = parsers, name, section
        self.reason, self.example = reason, example
        self.change = change or (lambda field: field)
        self.expected = expected or (lambda found: found)
        self.count = 0


class InPlace:
    def __init__(self, name, section, reason, example, pattern,
                 never_closed=False):
        self.name, self.section, self.reason = name, section, reason
        self.example, self.pattern = example, pattern
        self.never_closed = never_closed
        self.count = 0

    def holds(self, field, address):
        return any(pair(*found) == address
                   for text in self.texts(field)
                   for found in addresses_at(text, self.pattern))

    def texts(self, field):
        """The field, or of one in which something is never closed what is
        behind each of its commas."""
        if not self.never_closed:
            return [field]
        if not re.search('["(]', fields.Tokens(field).kinds):
            return []
        return [field[comma.end():] for comma in re.finditer(b",", field)]


IN_OTHER_WORDS = [
    InOtherWords(
        [XS], "an empty local part", "RFC 5322, 3.4.1 and 3.2.4",
        "A local part may be a quoted string, and that may be empty; "
        "Email::Address::XS calls the address invalid.",
        b'""@example.org',
        expected=lambda found: [a for a in found if a[0] != b""]),
    InOtherWords(
        [XS, PYTHON], "a source route", "RFC 5322, 4.4 obs-route",
        "A route is to be passed over; Email::Address::XS and Python's do "
        "not know all forms of it.",
        b"<,@a.example,@b.example:jane@example.org>",
        change=fields.without_routes),
    InOtherWords(
        [XS], "words and dots in a local part", "RFC 5322, 4.4 obs-local-part",
        "The words of a local part may be quoted each; Email::Address::XS "
        "loses a dot next to a quoted one.",
        b'"jane".doe@example.org',
        change=fields.local_parts_quoted),
    InOtherWords(
        [XS, PYTHON], "blanks in a domain literal", "RFC 5322, 3.4.1",
        "White space may stand in a literal; Python's knows none there, and "
        "neither of them a quoted one.",
        b"jane@[tag:any thing]", change=fields.literals_plain),
    InOtherWords(
        [PYTHON], "a display name with dots", "RFC 5322, 4.1 obs-phrase",
        "Dots may stand between and behind the words of a display name; "
        "Python's ends in an exception, or takes it for a local part.",
        b"Doe.<jane@example.org>", change=fields.without_names),
    InOtherWords(
        [PYTHON], "a group", "RFC 5322, 3.4 and 4.4 obs-group-list",
        "A group may be empty but for blanks, comments or commas, and its "
        "name may have dots; of some Python's ends in an exception.",
        b"Undisclosed:; ", change=fields.without_groups),
]

BEFORE = rf"(?:^|(?<=[,;:])){C}"
AFTER = rf"{C}(?:$|[,;])"
WORDS = rf"(?:[aq.]{C})+?"
ANY = "[^,;<]"
# With dots anywhere in the local part, and one behind the domain.
ANY_LOCAL = rf"(?P<local>(?:[aq]|\.(?:{C}[aq])?)(?:{C}\.(?:{C}[aq])?)*)"
ANY_SPEC = rf"{ANY_LOCAL}{C}@{C}(?P<domain>l|a(?:{C}\.{C}a)*\.?)"
IN_BRACKETS = rf"<{C}(?:{ROUTE}{C})?{ANY_SPEC}"

LET_IN = [
    InPlace(
        "a mailbox beside what is none", "RFC 5322, 3.4",
        "What is between two separators is a mailbox by the grammar, whatever "
        "is wrong with the rest of the field.",
        b"x;1<jane@example.org>",
        rf"{BEFORE}(?P<angle>(?:{PHRASE})?{C}<{C}(?:{ROUTE}{C})?)?{ADDR_SPEC}"
        rf"(?(angle){C}>){AFTER}"),
    InPlace(
        "dots that run on, or stand at an end", "RFC 5322, 3.2.3",
        "Real mail has such local parts, and what they mean is in no doubt.",
        b".jane@example.org",
        rf"(?:<|{BEFORE}){C}(?=\.|[aqcw.]*?\.{C}[.@]){ANY_SPEC}"
        rf"(?:{C}>|{AFTER})"),
    InPlace(
        "a domain with a final dot", "RFC 1034, 3.1",
        "Real mail has it, and it means the same domain.",
        b"<jane@example.org.>, [",
        rf"(?:<|{BEFORE}){C}{ANY_LOCAL}{C}@{C}(?P<domain>a(?:{C}\.{C}a)*\.)"
        rf"(?:{C}>|{AFTER})"),
    InPlace(
        "a local part alone", "RFC 5321, 4.1.1.3",
        "Postmaster needs no domain, and local users are written like it.",
        b"jane@x.or<g",
        rf"(?:<|{BEFORE}){C}{ANY_LOCAL}(?:{C}>|{AFTER})"),
    InPlace(
        "no bracket that closes", "RFC 5322, 3.4",
        "One that is lost could only be at the end of the mailbox.",
        b"J.<jane@example.org",
        rf"{BEFORE}(?:{PHRASE})?{IN_BRACKETS}{AFTER}"),
    InPlace(
        "no bracket that opens", "RFC 5322, 3.4",
        "One that is lost could only be before the only address of the "
        "mailbox.",
        b"Jane jane@example.org>",
        rf"{BEFORE}(?:{WORDS})??{ANY_SPEC}(?:{C}>)?{AFTER}"),
    InPlace(
        "an odd display name", "RFC 5322, 3.2.5",
        "What stands before an angle bracket is the display name, whatever "
        "should have been quoted in it.",
        b"Jane [Doe <jane@example.org>",
        rf"{BEFORE}{ANY}*{IN_BRACKETS}(?:{C}>|{AFTER})"),
    InPlace(
        "something that is never closed", "RFC 5322, 3.2.2 and 3.2.4",
        "Such a quoted string or comment ends with its mailbox; behind the "
        "comma the next one begins.",
        b"( \"a\", b\", jane@example.org, \"c",
        rf"{BEFORE}(?P<angle>{ANY}*<{C}(?:{ROUTE}{C})?)?{ANY_SPEC}"
        rf"(?(angle){C}>|{AFTER})",
        never_closed=True),
]

LOST = [
    InPlace(
        "an address cut short", "RFC 5322, 3.4",
        "Something follows that can belong to no mailbox: the domain may be "
        "another one, and mail would go elsewhere.",
        b"x: jane@exam\"ple.org;",
        rf"{ADDR_SPEC}{C}[^,;<>cw]"),
    InPlace(
        "an address in a display name", "RFC 5322, 3.4",
        "What stands before an address in brackets is its display name.",
        b"x: jane@example.org <joe@example.org>;",
        rf"{BEFORE}{ANY}*?{ADDR_SPEC}{C}{ANY}*<"),
]
