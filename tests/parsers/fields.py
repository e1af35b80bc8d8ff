"""Address fields written in other words: each function takes a field, and
returns one that means the same, by RFC 5322 or by what is said of it."""

import re

ATOM = rb"[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~\x80-\xff]+"
TOKEN = re.compile(rb"(?P<q>\"(?:[^\"\\\0]|\\.)*\")"
                   rb"|(?P<l>\[(?:[^\[\]\\]|\\.)*\])"
                   rb"|(?P<w>[ \t\r\n]+)|(?P<a>" + ATOM + rb")|(?P<x>.)", re.S)


def comment_end(field, i):
    depth = 0
    while i < len(field):
        if field[i:i + 1] == b"\\":
            i += 1
        elif field[i:i + 1] == b"(":
            depth += 1
        elif field[i:i + 1] == b")":
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    return None


class Tokens:
    """The kinds of the tokens, a letter each: q a quoted string, l a literal,
    w white space, c a comment, a an atom; others as they are."""

    def __init__(self, field):
        self.texts, kinds, i = [], "", 0
        while i < len(field):
            end = comment_end(field, i) if field[i:i + 1] == b"(" else None
            kind = "c"
            if end is None:
                match = TOKEN.match(field, i)
                end, kind = match.end(), match.lastgroup
            text = field[i:end]
            kinds += text.decode("latin-1") if kind == "x" else kind
            self.texts.append(text)
            i = end
        # A byte that is also the letter of a kind is in an atom.
        self.kinds = kinds

    def sub(self, pattern, new):
        """The field, with each run of kinds replaced by new(texts)."""
        out, at = b"", 0
        for match in re.finditer(pattern, self.kinds, re.S):
            out += b"".join(self.texts[at:match.start()])
            out += new(self.texts[match.start():match.end()])
            at = match.end()
        return out + b"".join(self.texts[at:])


def meaning(text):
    if text[:1] != b'"':
        return text
    text = re.sub(rb"(\\.)|\r\n", lambda m: m[1] or b"", text[1:-1],
                  flags=re.S)
    return re.sub(rb"\\(.)", rb"\1", text, flags=re.S)


def quoted(text):
    return b'"' + re.sub(rb'(["\\])', rb"\\\1", text) + b'"'


def is_cfws(text):
    return text[:1] in (b" ", b"\t", b"\r", b"\n") or (text[:1] == b"(" and
                                                       len(text) > 1)


def one_quoted_string(texts):
    return quoted(b"".join(meaning(t) for t in texts if not is_cfws(t)))


def plain(texts):
    return b"".join(t for t in texts if not is_cfws(t))


def plain_literal(text):
    """Without blanks and quoting, which mean nothing."""
    return re.sub(rb"\\?[ \t\r\n]|\\(?=[^\[\]\\])", b"", text)


def nothing(texts):
    return b""


def a_blank(texts):
    return b" "


def without_routes(field):
    return Tokens(field).sub("(?<=<)[cw]*[,@][al.,@cw]*:", nothing)


def local_parts_quoted(field):
    return Tokens(field).sub(r"[aq](?:[cw]*\.[cw]*[aq])+(?=[cw]*@)",
                             one_quoted_string)


def literals_plain(field):
    return Tokens(field).sub("(?<=@)[cw]*l",
                             lambda t: plain_literal(t[-1]))


def without_names(field):
    return Tokens(field).sub(r"[aqcw.]+(?=<)", a_blank)


def without_groups(field):
    field = Tokens(field).sub(r"(?:^|(?<=,))[aqcw.]+:", a_blank)
    return Tokens(field).sub(r";(?=[cw]*(?:,|$))", nothing)
