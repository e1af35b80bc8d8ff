/*
 * virtual(5), canonical(5), generic(5) and transport(5) of Postfix, as
 * postmap(1) reads them.
 */
#include <string.h>

#include "domain.h"
#include "foreign.h"
#include "lines.h"

static bool
has_at(struct span text)
{
	return memchr(text.s, '@', text.len) != NULL;
}

/* Addresses, or first of all "@domain".  Commas may be too many. */
static void
add_targets(struct foreign *f, struct span list)
{
	bool first = true;
	const char *s, *end = list.s + list.len, *comma;
	struct mailbox m;
	struct span one;

	for (s = list.s; s < end; s = comma + (comma < end)) {
		comma = lines_find_unquoted(s, end, ",");
		one = span_trim(span_between(s, comma));
		if (one.len == 0)
			continue;
		if (!foreign_mailbox(f, one, &m))
			return;
		if (!first && m.local.len == 0) {
			foreign_complain(f, one, "is a domain behind an "
			    "address");
			return;
		}
		foreign_add(f, first ? "" : ", ");
		foreign_add_target(f, &m);
		first = false;
	}
	if (first)
		foreign_complain(f, list, "holds no address");
}

static void
convert_addresses(struct foreign *f, enum roles roles, struct span key,
    struct span value)
{
	struct mailbox m;

	if (!foreign_mailbox(f, key, &m))
		return;
	foreign_add_pattern(f, roles, &m);
	add_targets(f, value);
	foreign_end(f);
}

/* "example.com anything" says only that the domain is one. */
static void
convert_virtual(struct foreign *f, struct span line)
{
	struct span key, value;

	if (!foreign_split(f, line, &key, &value) ||
	    (!has_at(key) && !has_at(value) && domain_valid(key) &&
	    memchr(key.s, '.', key.len) != NULL))
		return;
	convert_addresses(f, RECIPIENTS, key, value);
}

static void
convert_canonical(struct foreign *f, struct span line)
{
	struct span key, value;

	if (foreign_split(f, line, &key, &value))
		convert_addresses(f, EVERYBODY, key, value);
}

static bool
add_transport_key(struct foreign *f, struct span key)
{
	struct mailbox m;

	if (span_equal(key, span_of("*"))) {
		foreign_add(f, "*\t");
		return true;
	}
	if (!has_at(key))
		return foreign_add_domains(f, key);
	if (key.s[0] == '@') {
		foreign_complain(f, key, "is never looked up with its '@'");
		return false;
	}
	if (!foreign_mailbox(f, key, &m))
		return false;
	foreign_add_pattern(f, RECIPIENTS, &m);
	return true;
}

/* "transport:nexthop"; without either it changes nothing. */
static void
add_transport(struct foreign *f, struct span value)
{
	struct span hop = { value.s + value.len, 0 };
	const char *colon = memchr(value.s, ':', value.len);
	struct span name = value;

	if (colon != NULL) {
		name = span_trim(span_between(value.s, colon));
		hop = span_trim(span_between(colon + 1, hop.s));
	}
	if (name.len == 0 || span_equal(name, span_of("smtp")) ||
	    span_equal(name, span_of("relay"))) {
		if (hop.len > 0)
			foreign_add_forward(f, hop);
		else
			foreign_add(f, "keep");
	} else if (span_equal(name, span_of("local")) ||
	    span_equal(name, span_of("virtual"))) {
		foreign_add(f, "inbound");
	} else if (span_equal(name, span_of("error"))) {
		foreign_add_reject(f, hop);
	} else if (span_equal(name, span_of("discard"))) {
		foreign_add(f, "discard");
	} else {
		foreign_complain(f, name, "is a transport without an equal");
	}
}

static void
convert_transport(struct foreign *f, struct span line)
{
	struct span key, value;

	if (!foreign_split(f, line, &key, &value) ||
	    !add_transport_key(f, key))
		return;
	add_transport(f, value);
	foreign_end(f);
}

const struct import_format import_postfix[] = {
	{ "virtual", convert_virtual, foreign_is_comment, foreign_continues },
	{ "canonical", convert_canonical, foreign_is_comment,
	    foreign_continues },
	{ "generic", convert_canonical, foreign_is_comment,
	    foreign_continues },
	{ "transport", convert_transport, foreign_is_comment,
	    foreign_continues },
	{ NULL, NULL, NULL, NULL }
};
