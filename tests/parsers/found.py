"""What rewrite, Perl's Email::Address::XS and Python's email package find in
address fields: lists of pairs, a local part as what it means and a domain in
lower case, of A-labels, without a final dot."""

import os
import re
import subprocess
import sys
from email.headerregistry import HeaderRegistry

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "..", "..", "rewrite")
MARK = b"@mark.invalid"


def pair(local, domain):
    domain = domain.lower()
    if domain.startswith(b"["):
        return local, re.sub(rb"[ \t\r\n\\]", b"", domain)
    labels = re.sub(rb"[ \t\r\n]|\.$", b"", domain).split(b".")
    return local, b".".join(map(a_label, labels))


def a_label(label):
    """RFC 5890, 2.3.2.1, of a label that is in UTF-8."""
    try:
        if label.isascii():
            return label
        encoded = b"xn--" + label.decode().encode("punycode")
        return encoded if len(encoded) < 64 else label
    except UnicodeError:
        return label


def split_written(address):
    """An address as rewrite writes it, quoted only where it must be."""
    if not address.startswith(b'"'):
        local, _, domain = address.partition(b"@")
        return pair(local, domain)
    match = re.fullmatch(rb'"((?:[^"\\]|\\.)*)"(?:@(.*))?', address, re.S)
    return pair(re.sub(rb"\\(.)", rb"\1", match[1], flags=re.S),
                match[2] or b"")


def unescape(column):
    letters = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"0": b"\0",
               b"\\": b"\\"}
    return re.sub(rb"\\(.)", lambda m: letters[m[1]], column)


def by_rewrite(fields):
    """All fields in one message, each behind one that marks it."""
    message = b"".join(b"Mark: %d%s\r\nField:%s\r\n" % (i, MARK, field)
                       for i, field in enumerate(fields)) + b"\r\n"
    run = subprocess.run([PROGRAM, "-H", "Mark,Field", "-o", "route",
                          "no.rule.invalid=keep"], input=message,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 65):
        sys.exit(run.stderr.decode())
    found = [None] * len(fields)
    for line in run.stdout.split(b"\n")[:-1]:
        address = unescape(line.split(b"\t")[0])
        if address.endswith(MARK):
            now = int(address[:-len(MARK)])
            found[now] = []
        else:
            found[now].append(split_written(address))
    return found


def unfolded(field):
    return field.replace(b"\r", b"").replace(b"\n", b"")


class Perl:
    name = "Email::Address::XS"

    def __init__(self):
        self.process = subprocess.Popen(
            ["perl", os.path.join(HERE, "email_address_xs.pl")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def __call__(self, field):
        field = unfolded(field)
        self.process.stdin.write(b"%d\n%s" % (len(field), field))
        self.process.stdin.flush()
        found = []
        while (line := self.process.stdout.readline()) != b"\n":
            if not line:
                sys.exit("perl, or its Email::Address::XS, is missing")
            local, domain = line.rstrip(b"\n").split(b" ")
            found.append(pair(bytes.fromhex(local.decode()),
                              bytes.fromhex(domain.decode())))
        return found


class Python:
    name = "email.headerregistry"

    def __init__(self):
        self.registry = HeaderRegistry()

    def __call__(self, field):
        text = unfolded(field).decode("utf-8", "surrogateescape")
        try:
            addresses = self.registry("To", text).addresses
        except Exception as error:
            return [type(error).__name__]
        return [pair(a.username.encode("utf-8", "surrogateescape"),
                     a.domain.encode("utf-8", "surrogateescape"))
                for a in addresses if a.username or a.domain]
