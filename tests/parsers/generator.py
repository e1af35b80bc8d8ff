"""Address fields made at random from the grammar of RFC 5322, 3.4 and 4.4,
with the UTF-8 of RFC 6532, and what is to be found in each: pairs of a local
part, as what it means, and a domain.  The same seed gives the same fields."""

import random

ATEXT = (b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
         b"!#$%&'*+-/=?^_`{|}~")
UTF8 = ["ü", "ß", "é", "ж", "中", "日", "😀", "ñ"]
CONTROLS = bytes([1, 2, 7, 8, 11, 12, 14, 31, 127])
SPECIALS = b"()<>[]:;@\\,.\" \t"


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def some(self, least, most):
        return range(self.random.randint(least, most))

    def atom(self):
        if self.chance(5):
            return b"".join(self.atext_utf8() for _ in self.some(1, 5))
        if self.chance(20):
            return bytes(self.random.choice(ATEXT) for _ in self.some(1, 6))
        return self.random.choice([b"jane", b"doe", b"info", b"a", b"x1",
                                   b"Sales", b"no-reply", b"o'neil", b"b+c"])

    def atext_utf8(self):
        if self.chance(50):
            return self.random.choice(UTF8).encode()
        return bytes([self.random.choice(ATEXT[:62])])

    # 3.2.2
    def fws(self):
        blank = self.random.choice([b" ", b" ", b"\t", b"  "])
        if self.chance(20):
            return self.random.choice([b"", blank]) + b"\r\n" + blank
        return blank

    def comment(self, depth=0):
        text = b"("
        for _ in self.some(0, 3):
            what = self.random.random()
            if what < 0.15 and depth < 3:
                text += self.comment(depth + 1)
            elif what < 0.3:
                text += b"\\" + bytes([self.random.choice(SPECIALS)])
            elif what < 0.45:
                text += self.fws()
            elif what < 0.6:
                text += self.random.choice([b"<a@b>", b"@", b",", b"\"", b":",
                                            b";", b"[", b"x@y.example", b"."])
            elif what < 0.62:
                text += bytes([self.random.choice(CONTROLS)])
            else:
                text += self.atom()
        return text + b")"

    def cfws(self, percent):
        text = b""
        if self.chance(percent):
            for _ in self.some(1, 3):
                text += self.fws() if self.chance(60) else self.comment()
        return text

    # 3.2.4: as it is written, and what it means
    def quoted_string(self):
        written, meaning = b"\"", b""
        for _ in self.some(0, 4):
            what = self.random.random()
            if what < 0.2:
                c = bytes([self.random.choice(SPECIALS + b"ab")])
                written, meaning = written + b"\\" + c, meaning + c
            elif what < 0.35:
                c = self.fws()
                written += c
                meaning += c.replace(b"\r\n", b"")
            elif what < 0.5:
                c = self.random.choice([b"@", b",", b"<", b">", b"(", b")",
                                        b":", b";", b"[", b"]", b".", b".."])
                written, meaning = written + c, meaning + c
            elif what < 0.52:
                c = bytes([self.random.choice(CONTROLS)])
                written, meaning = written + c, meaning + c
            else:
                c = self.atom()
                written, meaning = written + c, meaning + c
        return written + b"\"", meaning

    def word(self, quoted):
        if self.chance(quoted):
            return self.quoted_string()
        atom = self.atom()
        return atom, atom

    # 3.4.1 and 4.4: words, with what may stand around the dots
    def local_part(self):
        odd = 60 if self.chance(10) else 0
        quoted = 50 if odd else 15
        written, meaning = self.word(quoted)
        if odd or not written.startswith(b"\""):
            for _ in self.some(0, 2):
                word, means = self.word(quoted if odd else 0)
                written += self.cfws(odd) + b"." + self.cfws(odd) + word
                meaning += b"." + means
        return written, meaning

    def literal(self):
        odd = self.chance(15)
        text = self.random.choice([b"192.0.2.1", b"IPv6:2001:db8::1", b"x",
                                   b"tag:any thing", b""])
        blank = self.fws() if odd else b""
        written = b"[" + blank + text + blank + b"]"
        return written, b"[" + text.replace(b" ", b"") + b"]"

    def domain(self):
        if self.chance(8):
            return self.literal()
        odd = 60 if self.chance(10) else 0
        labels = [self.random.choice([b"example", b"adatum", b"Lab", b"x",
                                      b"a-b", self.atom()])
                  for _ in self.some(1, 2)]
        labels.append(self.random.choice([b"example", b"ORG", b"net",
                                          "рф".encode()]))
        if self.chance(10):
            labels = labels[:1]
        written = labels[0]
        for label in labels[1:]:
            written += self.cfws(odd) + b"." + self.cfws(odd) + label
        return written, b".".join(labels)

    def addr_spec(self, around):
        local, means = self.local_part()
        domain, name = self.domain()
        inner = around if self.chance(20) else 0
        return (self.cfws(around) + local + self.cfws(inner) + b"@" +
                self.cfws(inner) + domain + self.cfws(around),
                [(means, name)])

    # 3.2.5, 4.1 obs-phrase; encoded words are atoms (RFC 2047, 5)
    def phrase(self):
        text = self.cfws(5)
        for i in self.some(1, 3):
            what = self.random.random()
            if what < 0.25:
                word = self.quoted_string()[0]
            elif what < 0.4:
                word = self.random.choice([b"=?utf-8?q?J=C3=BCrgen?=",
                                           b"=?UTF-8?B?SsO8cmdlbg==?=",
                                           b"=?iso-8859-1?Q?a_b?="])
            else:
                word = self.atom()
            text += (b"" if i == 0 else self.fws()) + word
            if self.chance(4):
                text += b"."
            text += self.cfws(5)
        return text

    # 4.4 obs-route
    def route(self):
        text = b"," if self.chance(10) else b""
        text += b"@" + self.domain()[0]
        for _ in self.some(0, 2):
            text += self.cfws(5) + b"," + self.cfws(5)
            if self.chance(90):
                text += b"@" + self.domain()[0]
        return text + self.cfws(5) + b":"

    def mailbox(self):
        if self.chance(40):
            return self.addr_spec(10)
        text = self.phrase() + self.cfws(60) if self.chance(80) else b""
        route = self.route() if self.chance(6) else b""
        inside, found = self.addr_spec(5)
        return (text + b"<" + self.cfws(3) + route + inside + b">" +
                self.cfws(10), found)

    def mailboxes(self, least, most, empty):
        text, found, between = b"", [], b""
        for _ in self.some(least, most):
            written, more = self.mailbox()
            text += between + self.cfws(5) + written
            found += more
            between = b"," + self.random.choice([b"", b" ", b"\r\n "])
            while self.chance(empty):
                between += self.cfws(10) + b","
        return text, found

    def group(self):
        empty = 30 if self.chance(5) else 0
        members, found = self.mailboxes(0, 3, empty)
        if empty and self.chance(50):
            members += b","
        return (self.phrase() + b":" + self.cfws(30) + members + b";" +
                self.cfws(10), found)

    def field(self):
        text, found = b"", []
        empty = 40 if self.chance(5) else 0
        for i in self.some(1, 3):
            written, more = (self.group() if self.chance(12) else
                             self.mailbox())
            text += (b"" if i == 0 else b", ") + written
            found += more
            while self.chance(empty):
                text += b"," + self.cfws(10)
        return b" " + text, found

    def mutated(self):
        """A field with some bytes lost, doubled, put in or exchanged."""
        text, _ = self.field()
        for _ in self.some(1, 2):
            text = self.damage(text)
        # It stays one field.
        text = text.replace(b"\r", b"").replace(b"\n", b"\r\n")
        parts = text.split(b"\r\n")
        return b"\r\n".join(parts[:1] + [
            part if part[:1] in (b" ", b"\t") else b" " + part
            for part in parts[1:]])

    def damage(self, text):
        i = self.random.randrange(1, len(text)) if len(text) > 1 else 0
        what = self.random.randrange(4)
        if what == 0:
            return text[:i] + text[i + 1:]
        if what == 1:
            return text[:i] + text[i:i + 1] + text[i:]
        if what == 2:
            return text[:i] + bytes([self.random.choice(SPECIALS)]) + text[i:]
        return text[:i] + text[i + 1:i + 2] + text[i:i + 1] + text[i + 2:]
