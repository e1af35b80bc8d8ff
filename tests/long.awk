# usage: awk -v kind=list|mbox -v seed=N -f long.awk
# Writes lists or mailboxes of all that there is in mail, at random and
# without an end.  No address comes twice, so that who remembers them grows.

BEGIN {
	seed = seed % 2147483646 + 1
	n_domains = split("cpandl.net cpandl.org sub.adatum.com adatum.com " \
	    "a.old.example b.c.old.example new.example x.lab.example " \
	    "loop.example gone.example [192.0.2.1] b\303\274cher.example " \
	    "CPANDL.NET. two.example", domains)
	n_fields = split("To Cc Bcc From Sender Reply-To Subject Received " \
	    "Resent-To X-Odd Date Return-Path To Cc", fields)
	for (;;)
		if (kind == "mbox")
			message()
		else
			print addresses(random(4) ? 1 : random(30), ", ")
}

function random(n) {
	seed = seed * 16807 % 2147483647
	return int(seed / 2147483647 * n)
}

function local_part(    r) {
	r = random(12)
	serial++
	if (r == 0)
		return "\"q " serial " \\\" \\\\\""
	if (r == 1)
		return "(c(o)" serial ") u" serial
	if (r == 2)
		return "\303\266\377" serial
	if (r == 3)
		return "sales-" serial "+detail"
	if (r == 4)
		return ".." serial "."
	return "user" serial
}

function address(    r) {
	r = random(40)
	if (r == 0)
		return "\"never closed " serial++
	if (r == 1)
		return "<@a.example,@b.example:" local_part() "@cpandl.net>"
	if (r == 2)
		return "G" serial++ ": " address() ", " address() ";"
	if (r == 3)
		return "((((" serial++
	if (r == 4)
		return "=?utf-8?q?=4A?= <" local_part() "@cpandl.net>"
	if (r == 5)
		return "@@ <> ,, \r \001 " serial++
	if (r < 12)
		return "\"Doe, J " serial "\" <" local_part() "@" \
		    domains[1 + random(n_domains)] "> (work)"
	return local_part() "@" domains[1 + random(n_domains)]
}

function addresses(n, between,    s) {
	s = address()
	while (--n > 0)
		s = s between address()
	return s
}

function message(    i) {
	print "From u" serial++ "@cpandl.net Tue Nov 24 10:00:00 2026"
	for (i = random(20); i >= 0; i--)
		print fields[1 + random(n_fields)] ": " \
		    addresses(random(8) ? 1 + random(5) : random(2000), \
		    random(2) ? ",\n " : ", ")
	print ""
	for (i = random(200); i > 0; i--)
		print "line " i " of a body, with user" i "@cpandl.net"
	print ""
}
