# usage: [TEXT=TEXT] awk -v kind=KIND -v n=N [-v of=LENGTH] -f workload.awk
# Writes a workload of that kind and size.  The same arguments give the same
# bytes, with any awk: the random numbers are its own, from a fixed seed.
#
# list       N addresses in 1,000 domains, of which four have rules in four
# names      the same with display names and comments
# four       four rules
# addresses  N rules for addresses
# lookups    N addresses, of which every second one has a rule in addresses,
#            which has OF
# wildcards  N rules of the form *.domain
# hosts      N addresses, of which three in four are below one of the OF
#            domains of wildcards
# regexes    N regular expressions
# matches    N addresses, of which one in a hundred matches one of 100 regexes
# mbox       N messages of 5 KB
# message    one message with a body of N KiB
# field      one message with TEXT, again and again, in fields of OF bytes
#            each, N bytes in all
# lines      TEXT, again and again, in lines of OF bytes, N bytes in all

BEGIN {
	seed = 20260101
	text = ENVIRON["TEXT"]
	n_firsts = split("ann bob jane john maria peter chris sarah alice " \
	    "bruno clara david elena frank grace henry", firsts)
	n_lasts = split("doe smith garcia jones miller davis lopez moore " \
	    "taylor lee perez white clark young king hill", lasts)
	n_makers = split("contoso fabrikam litware northwind tailspin " \
	    "wingtip proseware lucerne", makers)
	split("adatum.com cpandl.net cpandl.org internal.adatum.com", ruled)
	if (kind == "list")
		for (; n > 0; n--)
			print address()
	else if (kind == "names")
		for (; n > 0; n--)
			print mailbox()
	else if (kind == "four")
		print "adatum.com inbound\ncpandl.net adatum.com\n" \
		    "cpandl.org adatum.com\ninternal.adatum.com adatum.com"
	else if (kind == "addresses")
		for (i = 0; i < n; i++)
			print numbered(i) " " i "@adatum.com"
	else if (kind == "lookups")
		for (; n > 0; n--)
			print numbered(random(2 * of))
	else if (kind == "wildcards")
		for (i = 0; i < n; i++)
			print "*." wild(i) " " i % 10 ".adatum.com"
	else if (kind == "hosts")
		for (; n > 0; n--)
			print host_address(int(4 * of / 3))
	else if (kind == "regexes")
		for (i = 0; i < n; i++)
			print "/^([a-z]+)\\.x" i "\\.([0-9]+)@(mail|mx)" i \
			    "\\.example$/ $1.$2@adatum.com"
	else if (kind == "matches")
		for (i = 0; i < n; i++)
			print i % 100 ? address() : first() ".x" i / 100 % 100 \
			    "." i "@mx" i / 100 % 100 ".example"
	else if (kind == "mbox")
		mbox()
	else if (kind == "message")
		message()
	else if (kind == "field")
		field(times(text, of))
	else if (kind == "lines")
		for (line = times(text, of - 1); n > 0; n -= length(line) + 1)
			print line
	else {
		print "workload.awk: no such kind: " kind | "cat >&2"
		exit 1
	}
}

# Park and Miller's: no product is beyond what a double holds exactly.
function random(limit) {
	seed = seed * 16807 % 2147483647
	return seed % limit
}

function first() {
	return firsts[1 + random(n_firsts)]
}

function last() {
	return lasts[1 + random(n_lasts)]
}

function company(i) {
	return makers[1 + i % n_makers] i ".example"
}

function domain(  i) {
	i = random(1000)
	return i < 4 ? ruled[i + 1] : company(i)
}

function address() {
	return first() "." random(20000) "@" domain()
}

function capital(s) {
	return toupper(substr(s, 1, 1)) substr(s, 2)
}

function mailbox(  f, l) {
	f = first()
	l = last()
	return "\"" capital(l) ", " capital(f) "\" <" f "." l "@" domain() \
	    "> (work)"
}

function numbered(i) {
	return firsts[1 + i % n_firsts] "." i "@" company(i * 7 % 1000)
}

function wild(i) {
	return makers[1 + i % n_makers] ".d" i ".example"
}

function host_address(domains,  i) {
	i = random(domains)
	return first() "@" (i % 2 ? "mail." : "a.b.") wild(i)
}

# The text, as often as it fits into that many bytes.
function times(s, bytes,  many) {
	many = s
	while (2 * length(many) <= bytes)
		many = many many
	while (length(many) + length(s) <= bytes)
		many = many \
		    substr(many, 1, int((bytes - length(many)) / length(s)) * \
		    length(s))
	return many
}

# Lines of words.
function prose(bytes,  s, line) {
	while (length(s) < bytes) {
		line = capital(last())
		while (length(line) < 65)
			line = line " " (random(2) ? first() : last())
		s = s line ".\n"
	}
	return s
}

function mbox(  all, i, n_parts, parts) {
	n_parts = 50
	for (i = 0; i < n_parts; i++)
		parts[i] = prose(2290)
	for (i = 1; i <= n; i++)
		printf "From %s Thu Jan  1 00:00:00 2026\n%s\n%s%s\n", \
		    address(), header(i), parts[random(n_parts)], \
		    parts[random(n_parts)]
}

function header(i) {
	return "Return-Path: <" address() ">\n" \
	    "Received: from mx." domain() " (mx [192.0.2." i % 256 "])\n" \
	    "\tby mail." domain() " with ESMTPS id " i + 100000 \
	    ";\n\tThu, 1 Jan 2026 00:00:00 +0000\n" \
	    "Date: Thu, 1 Jan 2026 00:00:00 +0000\n" \
	    "From: " mailbox() "\n" \
	    "To: " mailbox() ",\n\t" mailbox() ",\n\t" address() "\n" \
	    "Cc: " address() "\n" \
	    "Subject: " last() " " first() " " last() "\n" \
	    "Message-ID: <" i "." random(1000000) "@" domain() ">\n" \
	    "MIME-Version: 1.0\n" \
	    "Content-Type: text/plain; charset=utf-8\n"
}

function message(  block) {
	print header(1)
	block = substr(prose(16384), 1, 16384)
	for (; n >= 16; n -= 16)
		printf "%s", block
	printf "%s", substr(block, 1, 1024 * n)
}

function field(value) {
	for (; n > 0; n -= length(value) + 5)
		print "To: " value
	print ""
}
