/*
 * virtusertable, mailertable and genericstable of Sendmail, as makemap(8)
 * reads them and the rulesets of its cf/m4/proto.m4 use them: no line
 * continues another one.
 */
#include <errno.h>
#include <string.h>

#include "foreign.h"

/* What %0 to %3 stand for; NULL: there is nothing for it in ours. */
struct captures {
	const char *of[4];
};

static bool
is_percent(struct span s, size_t i)
{
	return s.s[i] == '%' && i + 1 < s.len && (s.s[i + 1] == '%' ||
	    ascii_digit((unsigned char)s.s[i + 1]));
}

/* Makes the local part of a target, with our captures, in f->work. */
static bool
make_template(struct foreign *f, struct span local,
    const struct captures *captures)
{
	const char *capture;
	size_t i;
	char c;

	f->work.len = 0;
	for (i = 0; i < local.len; i++) {
		if (!is_percent(local, i)) {
			foreign_escape(f, &f->work,
			    (struct span){ local.s + i, 1 });
			continue;
		}
		c = local.s[++i];
		capture = c == '%' ? "%" : c > '3' ? NULL :
		    captures->of[c - '0'];
		if (capture == NULL) {
			foreign_complain(f, local, "has a %%%c that ours has "
			    "nothing for", c);
			return false;
		}
		if (text_add_span(&f->work, span_of(capture)) == -1)
			f->error = ENOMEM;
	}
	return true;
}

/* "@domain": "%1@other" keeps the local part, others may capture it. */
static void
convert_catch_all(struct foreign *f, enum roles roles, struct span key,
    struct mailbox *to)
{
	struct captures captures = { { NULL, "$1", NULL, "" } };
	bool kept = span_equal(to->local, span_of("%1")) ||
	    span_equal(to->local, span_of("%1%3"));
	bool captured = !kept && span_contains_fold(to->local, span_of("%1"));
	struct mailbox from;

	if (!captured)
		captures.of[3] = NULL;
	if (kept)
		f->work.len = 0;
	else if (!make_template(f, to->local, &captures))
		return;
	if (!foreign_mailbox(f, key, &from))
		return;
	if (captured) {
		foreign_add(f, roles == SENDERS ? "from:*" : "*");
		foreign_add_span(f, key);
		foreign_add(f, "\t");
	} else {
		foreign_add_pattern(f, roles, &from);
	}
	foreign_add_template(f, text_span(&f->work), to->domain);
	if (captured)
		foreign_end_later(f);
	else
		foreign_end(f);
}

/* "user+*@domain": %2 is the detail, and %3 that with its '+'. */
static void
convert_detail(struct foreign *f, enum roles roles, struct span key,
    const struct mailbox *to)
{
	static const struct captures captures =
	    { { NULL, NULL, "$1", "+$1" } };
	struct span user = span_between(key.s,
	    (const char *)memchr(key.s, '+', key.len));

	if (!address_is_dot_atom(user) || user.s[0] == '/' ||
	    memchr(user.s, '*', user.len) != NULL) {
		foreign_complain(f, key, "has no equal: nothing or something "
		    "odd stands before the '+'");
		return;
	}
	if (!make_template(f, to->local, &captures))
		return;
	foreign_add(f, roles == SENDERS ? "from:" : "");
	foreign_add_span(f, key);
	foreign_add(f, "\t");
	foreign_add_template(f, text_span(&f->work), to->domain);
	foreign_end(f);
}

/* One address; with -x what %3 is stays on it in ours, too. */
static void
convert_address(struct foreign *f, enum roles roles, struct span key,
    const struct mailbox *to)
{
	static const struct captures captures = { { NULL, NULL, NULL, NULL } };
	struct span local = to->local;
	struct mailbox from;

	if (local.len > 2 && memcmp(local.s + local.len - 2, "%3", 2) == 0)
		local.len -= 2;
	if (!make_template(f, local, &captures) ||
	    !foreign_mailbox(f, key, &from))
		return;
	foreign_add_pattern(f, roles, &from);
	foreign_add_template(f, text_span(&f->work), to->domain);
	foreign_end(f);
}

/* Whether the local part of a key ends like this. */
static bool
has_detail(struct span key, const char *end)
{
	const char *at = memchr(key.s, '@', key.len);

	if (at == NULL || at - key.s < 2)
		return false;
	return memcmp(at - 2, end, 2) == 0;
}

static void
convert_user(struct foreign *f, enum roles roles, struct span key,
    struct span value)
{
	struct mailbox to;

	if (value.s[0] == '@') {
		foreign_complain(f, value, "is no address");
		return;
	}
	if (!foreign_mailbox(f, value, &to))
		return;
	if (key.s[0] == '@')
		convert_catch_all(f, roles, key, &to);
	else if (has_detail(key, "++"))
		foreign_complain(f, key, "has no equal: ours knows no detail "
		    "that is not empty");
	else if (has_detail(key, "+*"))
		convert_detail(f, roles, key, &to);
	else
		convert_address(f, roles, key, &to);
}

/* The word that may stand for a code, or what it says if it is one. */
static struct span
skip_word(struct span text, bool *temporary)
{
	static const char *const words[] = { "nouser", "nohost", "config",
		"unavailable", "usage", "protocol", "tempfail" };
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		len = strlen(words[i]);
		if (!span_begins_fold(text, words[i]) || (text.len > len &&
		    text.s[len] != ' ' && text.s[len] != '\t'))
			continue;
		*temporary |= strcmp(words[i], "tempfail") == 0;
		return span_trim((struct span){ text.s + len,
		    text.len - len });
	}
	return text;
}

/* "error:nouser 550 text", "error:5.1.1:550 text", "error:550 text". */
static void
add_error(struct foreign *f, struct span text)
{
	bool temporary = false;
	struct span rest = foreign_skip_status(text), code;

	temporary |= rest.len < text.len && text.s[0] == '4';
	code = skip_word(rest, &temporary);
	rest = foreign_skip_code(code);
	temporary |= rest.len < code.len && code.s[0] == '4';
	if (temporary)
		foreign_complain(f, text, "is an error that passes, which "
		    "ours has none of");
	else
		foreign_add_reject(f, rest);
}

static void
convert_virtusertable(struct foreign *f, struct span line)
{
	struct span key, value, text;
	struct mailbox from;

	if (!foreign_split(f, line, &key, &value))
		return;
	if (memchr(key.s, '@', key.len) == NULL) {
		foreign_complain(f, key, "is never looked up without a "
		    "domain");
	} else if (!foreign_begins(value, "error", &text)) {
		convert_user(f, RECIPIENTS, key, value);
	} else if (has_detail(key, "++") || has_detail(key, "+*")) {
		foreign_complain(f, key, "has no equal with an error");
	} else if (foreign_mailbox(f, key, &from)) {
		foreign_add_pattern(f, RECIPIENTS, &from);
		add_error(f, text);
		foreign_end(f);
	}
}

static void
convert_genericstable(struct foreign *f, struct span line)
{
	struct span key, value;

	if (foreign_split(f, line, &key, &value))
		convert_user(f, SENDERS, key, value);
}

/* "mailer:host" */
static void
add_mailer(struct foreign *f, struct span value)
{
	static const char *const smtp[] =
	    { "smtp", "esmtp", "smtp8", "dsmtp", "relay" };
	struct span rest;
	size_t i;

	for (i = 0; i < sizeof(smtp) / sizeof(*smtp); i++)
		if (foreign_begins(value, smtp[i], &rest)) {
			foreign_add_forward(f, rest);
			return;
		}
	if (foreign_begins(value, "error", &rest))
		add_error(f, rest);
	else if (foreign_begins(value, "discard", &rest))
		foreign_add(f, "discard");
	else if (foreign_begins(value, "local", &rest) && rest.len == 0)
		foreign_add(f, "inbound");
	else
		foreign_complain(f, value, "is a mailer without an equal");
}

/* "." is for what no other line is for. */
static void
convert_mailertable(struct foreign *f, struct span line)
{
	struct span key, value;

	if (!foreign_split(f, line, &key, &value))
		return;
	if (span_equal(key, span_of(".")))
		foreign_add(f, "*\t");
	else if (!foreign_add_domains(f, key))
		return;
	add_mailer(f, value);
	foreign_end(f);
}

const struct import_format import_sendmail[] = {
	{ "virtusertable", convert_virtusertable, foreign_is_comment,
	    foreign_never },
	{ "mailertable", convert_mailertable, foreign_is_comment,
	    foreign_never },
	{ "genericstable", convert_genericstable, foreign_is_comment,
	    foreign_never },
	{ NULL, NULL, NULL, NULL }
};
