/*
 * aliases(5), of Sendmail and of Postfix: "name: value, value, ...".
 */
#include <string.h>

#include "foreign.h"
#include "lines.h"

/* What a value is, if it is no address, or NULL. */
static const char *
other_kind(struct span value)
{
	bool quoted = value.len > 1 && value.s[0] == '"';
	char first = value.s[quoted];

	if (first == '|')
		return "is a command";
	if (first == '/')
		return "is a file";
	if (span_begins_fold(value, ":include:") ||
	    span_begins_fold(value, "\":include:"))
		return "is a file of addresses";
	return NULL;
}

static void
add_value(struct foreign *f, struct span name, struct span value)
{
	const char *kind = other_kind(value);
	struct mailbox m;

	if (kind != NULL) {
		foreign_complain(f, value, "%s", kind);
		return;
	}
	/* "\name" is name itself, not looked up again. */
	if (value.s[0] == '\\') {
		value = (struct span){ value.s + 1, value.len - 1 };
		if (!span_equal_fold(value, name)) {
			foreign_complain(f, value, "would be looked up again, "
			    "which '\\' is against");
			return;
		}
	}
	if (value.s[0] == '@')
		foreign_complain(f, value, "is no address");
	else if (foreign_mailbox(f, value, &m))
		foreign_add_target(f, &m);
}

static void
add_values(struct foreign *f, struct span name, struct span list)
{
	const char *s, *end = list.s + list.len, *comma;
	const char *between = "";
	struct span value;

	for (s = list.s; s < end && !f->unequal; s = comma + (comma < end)) {
		comma = lines_find_unquoted(s, end, ",");
		value = span_trim(span_between(s, comma));
		if (value.len == 0)
			continue;
		foreign_add(f, between);
		add_value(f, name, value);
		between = ", ";
	}
	if (*between == '\0')
		foreign_complain(f, name, "has no value");
}

static void
convert_aliases(struct foreign *f, struct span line)
{
	const char *end = line.s + line.len;
	const char *colon = lines_find_unquoted(line.s, end, ":");
	struct span name = span_trim(span_between(line.s, colon)), list;
	struct mailbox m;

	if (colon == end || name.len == 0 || is_blank(line.s[0])) {
		foreign_complain(f, line, "is no \"name: value\"");
		return;
	}
	list = span_trim(span_between(colon + 1, end));
	if (name.s[0] == '@') {
		foreign_complain(f, name, "is no name");
		return;
	}
	if (!foreign_mailbox(f, name, &m))
		return;
	foreign_add_pattern(f, RECIPIENTS, &m);
	if (span_equal(list, span_of("/dev/null")))
		foreign_add(f, "discard");
	else
		add_values(f, name, list);
	foreign_end(f);
}

const struct import_format import_aliases[] = {
	{ "aliases", convert_aliases, foreign_is_comment, foreign_continues },
	{ NULL, NULL, NULL, NULL }
};
