/*
 * What Get-AddressRewriteEntry | Export-Csv of an Exchange Edge server writes:
 * comma-separated values (RFC 4180), with a line of the columns' names, and
 * perhaps "#TYPE ..." before it.
 */
#include <errno.h>

#include "foreign.h"
#include "lines.h"

enum { INTERNAL, EXTERNAL };	/* of the fields that are kept */

static bool
is_comment(struct span line)
{
	return span_trim(line).len == 0 || span_begins_fold(line, "#TYPE");
}

static bool
goes_on(const struct foreign *f, struct span line)
{
	(void)line;
	return f->quoted;
}

/* The first separator that is not within quotes, or the end. */
static const char *
field_end(const char *s, const char *end, char separator)
{
	bool quoted = false;

	for (; s < end && (quoted || *s != separator); s++)
		if (*s == '"')
			quoted = !quoted;
	return s;
}

/* What stands in a column, still as it is written; "" if nothing does. */
static struct span
find_field(const struct foreign *f, struct span record, size_t column)
{
	const char *s = record.s, *end = s + record.len, *after;

	for (; column > 0; column--, s = after + 1) {
		after = field_end(s, end, f->columns.separator);
		if (column == 1)
			return span_trim(span_between(s, after));
		if (after == end)
			break;
	}
	return (struct span){ end, 0 };
}

/* Takes the quotes away: "" within them is one. */
static struct span
unquote(struct foreign *f, struct span field, struct text *t)
{
	size_t i;

	t->len = 0;
	for (i = 0; i < field.len; i++) {
		if (field.s[i] == '"') {
			if (i == 0 || i + 1 == field.len ||
			    field.s[i + 1] != '"')
				continue;
			i++;
		}
		if (text_add_byte(t, field.s[i]) == -1)
			f->error = ENOMEM;
	}
	return span_trim(text_span(t));
}

/* The separator is what stands first of those that there are. */
static char
find_separator(struct span header)
{
	const char *end = header.s + header.len;
	const char *s = lines_find_unquoted(header.s, end, ",;\t");

	if (s == end)
		return ',';
	return *s;
}

/* The line of the names of the columns. */
static void
read_header(struct foreign *f, struct span header)
{
	struct foreign_columns *c = &f->columns;
	struct span name, field;
	size_t i;

	c->separator = find_separator(header);
	for (i = 1; (field = find_field(f, header, i)).len > 0; i++) {
		name = unquote(f, field, &f->work);
		if (span_equal_fold(name, span_of("InternalAddress")))
			c->internal = i;
		else if (span_equal_fold(name, span_of("ExternalAddress")))
			c->external = i;
		else if (span_equal_fold(name, span_of("ExceptionList")))
			c->exceptions = i;
		else if (span_equal_fold(name, span_of("OutboundOnly")))
			c->outbound_only = i;
	}
	if (c->internal == 0 || c->external == 0)
		foreign_complain(f, header, "does not name the columns "
		    "InternalAddress and ExternalAddress");
}

/* An address, or a domain, which has no local part then. */
static bool
read_mailbox(struct foreign *f, struct span text, struct mailbox *m)
{
	const char *end = text.s + text.len;

	if (lines_find_unquoted(text.s, end, "@") != end)
		return foreign_mailbox(f, text, m);
	*m = (struct mailbox){ { text.s, 0 }, text };
	return foreign_domain(f, text);
}

/* One rule: *.example.com is for that domain and for all below it. */
static void
convert_one(struct foreign *f, enum roles roles, struct span from,
    struct span to)
{
	bool tree = from.len > 2 && span_begins_fold(from, "*.");
	struct mailbox m;
	bool local;

	if (tree)
		from = (struct span){ from.s + 2, from.len - 2 };
	if (!read_mailbox(f, from, &m))
		return;
	if (tree) {
		foreign_add(f, "from:.");
		foreign_add_span(f, from);
		foreign_add(f, "\t");
	} else {
		foreign_add_pattern(f, roles, &m);
	}
	local = m.local.len > 0;
	if (!read_mailbox(f, to, &m))
		return;
	if (local != (m.local.len > 0))
		foreign_complain(f, to, "is not of the same kind as what it "
		    "stands for");
	foreign_add_target(f, &m);
	foreign_end(f);
}

/* Domains that are left alone, with commas, semicolons or blanks between. */
static void
convert_exceptions(struct foreign *f, struct span list)
{
	const char *s = list.s, *end = s + list.len, *after;

	if (span_begins_fold(list, "System.")) {
		foreign_complain(f, list, "is not what stands in the list of "
		    "exceptions; export it as text");
		return;
	}
	for (; s < end; s = after + (after < end)) {
		after = lines_find_unquoted(s, end, ",; \t");
		if (after == s)
			continue;
		if (!foreign_domain(f, span_between(s, after)))
			return;
		foreign_add(f, "from:");
		foreign_add_span(f, span_between(s, after));
		foreign_add(f, "\tkeep");
		foreign_end(f);
	}
}

/* Outbound from the internal address to the external one, and back. */
static void
convert_record(struct foreign *f, struct span record)
{
	struct foreign_columns *c = &f->columns;
	struct span internal = unquote(f, find_field(f, record, c->internal),
	    &f->fields[INTERNAL]);
	struct span external = unquote(f, find_field(f, record, c->external),
	    &f->fields[EXTERNAL]);
	struct span outbound = unquote(f, find_field(f, record,
	    c->outbound_only), &f->work);
	bool only = span_equal_fold(outbound, span_of("True"));

	if (outbound.len > 0 && !only &&
	    !span_equal_fold(outbound, span_of("False"))) {
		foreign_complain(f, outbound, "is neither True nor False");
		return;
	}
	convert_one(f, SENDERS, internal, external);
	convert_exceptions(f, unquote(f, find_field(f, record,
	    c->exceptions), &f->work));
	if (!only && !span_begins_fold(internal, "*."))
		convert_one(f, RECIPIENTS, external, internal);
}

static void
convert(struct foreign *f, struct span line)
{
	if (f->columns.internal == 0 || f->columns.external == 0)
		read_header(f, line);
	else
		convert_record(f, line);
}

const struct import_format import_csv[] = {
	{ "exchange-csv", convert, is_comment, goes_on },
	{ NULL, NULL, NULL, NULL }
};
