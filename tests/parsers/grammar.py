"""The grammar of RFC 5322, 3.4 with 4.4, over the kinds of tokens that
fields.Tokens tells."""

import re

import fields

C = "[cw]*+"
LOCAL = rf"[aq](?:{C}\.{C}[aq])*"
DOMAIN = rf"(?:l|a(?:{C}\.{C}a)*(?!{C}\.{C}a))"
ADDR_SPEC = rf"(?P<local>{LOCAL}){C}@{C}(?P<domain>{DOMAIN})"
ANY_DOMAIN = rf"{C}@{C}{DOMAIN}{C}"
ROUTE = rf"(?:{C},)*{ANY_DOMAIN}(?:,{C}(?:{ANY_DOMAIN})?)*:"
PHRASE = "[aq][aqcw.]*+"
ANGLE = rf"{C}<(?:{ROUTE})?{C}{ADDR_SPEC}{C}>"
NAME_ADDR = rf"(?:{PHRASE})?{ANGLE}"


def unnamed(pattern):
    return pattern.replace("?P<local>", "?:").replace("?P<domain>", "?:")


def elements(pattern):
    return rf"{C}(?:{pattern})?{C}(?:,{C}(?:{pattern})?{C})*"


MAILBOX = unnamed(rf"(?:{NAME_ADDR}|{ADDR_SPEC})")
GROUP = rf"{PHRASE}:{elements(MAILBOX)};"
ADDRESS_LIST = re.compile(elements(rf"(?:{GROUP}|{MAILBOX})"))


def is_address_list(field):
    """Folding is taken for white space wherever it stands."""
    return ADDRESS_LIST.fullmatch(fields.Tokens(field).kinds) is not None


def addresses_at(field, pattern):
    """The addresses in all places, overlapping ones too, that a pattern with
    a group local and perhaps one domain matches, as they are written."""
    tokens = fields.Tokens(field)
    compiled = re.compile(pattern)
    for i in range(len(tokens.kinds) + 1):
        match = compiled.match(tokens.kinds, i)
        if match is None:
            continue
        groups = match.groupdict()
        local = tokens.texts[slice(*match.span("local"))]
        domain = (tokens.texts[slice(*match.span("domain"))]
                  if groups.get("domain") else [])
        yield (b"".join(fields.meaning(t) for t in local
                        if not fields.is_cfws(t)), fields.plain(domain))
