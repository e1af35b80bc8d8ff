/*
 * The lists of the Internet Mail Service of Exchange 5.5: "Routing", and the
 * hosts that mail for a domain is forwarded to.  (Microsoft Knowledge Base,
 * Q169683, for '#'.)
 */
#include "foreign.h"
#include "lines.h"

/* Blanks may stand before a line. */
static void
cut(struct span line, struct span *domain, struct span *host)
{
	const char *end = line.s + line.len, *s;

	line = span_trim(line);
	for (s = line.s; s < end && !is_blank(*s); s++)
		;
	*domain = span_between(line.s, s);
	*host = span_trim(span_between(s, end));
}

/* "#domain host" is for exactly that domain; what is more or less, is none. */
static bool
is_comment(struct span line)
{
	struct span domain, host;
	size_t i;

	if (!lines_is_idle(line))
		return false;
	cut(line, &domain, &host);
	for (i = 0; i < host.len && !is_blank(host.s[i]); i++)
		;
	return domain.len < 2 || domain.s[1] == '#' || host.len == 0 ||
	    i < host.len;
}

/* A domain is for all those below it, too. */
static bool
add_domain(struct foreign *f, struct span domain)
{
	char first = domain.s[0];

	if (first == '#' || first == '.')
		domain = (struct span){ domain.s + 1, domain.len - 1 };
	if (!foreign_domain(f, domain))
		return false;
	foreign_add(f, first == '#' ? "" : ".");
	foreign_add_span(f, domain);
	foreign_add(f, "\t");
	return true;
}

static void
convert(struct foreign *f, struct span line)
{
	struct span domain, host;

	cut(line, &domain, &host);
	if (host.len == 0) {
		foreign_complain(f, domain, "has nothing behind it");
		return;
	}
	if (!add_domain(f, domain))
		return;
	if (span_equal_fold(host, span_of("<inbound>")))
		foreign_add(f, "inbound");
	else
		foreign_add_forward(f, host);
	foreign_end(f);
}

const struct import_format import_exchange[] = {
	{ "exchange", convert, is_comment, foreign_never },
	{ NULL, NULL, NULL, NULL }
};
