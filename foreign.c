#include <errno.h>
#include <string.h>

#include "domain.h"
#include "foreign.h"
#include "lines.h"
#include "table.h"

enum { SHOWN = 80 };		/* bytes of a table that a message quotes */

/* What is wrong with a line is told once. */
static void
say(struct foreign *f, struct span message)
{
	if (f->unequal)
		return;
	f->unequal = true;
	f->reports->say(f->reports->with, f->line, message);
}

void
foreign_complain(struct foreign *f, struct span what, const char *why, ...)
{
	va_list args;
	int added;

	f->message.len = 0;
	va_start(args, why);
	added = text_add_byte(&f->message, '"') == -1 ||
	    text_add_visible(&f->message, what, SHOWN) == -1 ||
	    text_add(&f->message, "\" ", 2) == -1 ||
	    text_vprintf(&f->message, why, args) == -1 ? -1 : 0;
	va_end(args);
	if (added == -1)
		f->error = ENOMEM;
	else
		say(f, text_span(&f->message));
}

/* What table.c has to tell of a rule. */
static void
say_table_error(void *with, const char *file, size_t line,
    struct span message)
{
	(void)file;
	(void)line;
	say(with, message);
}

static void
append(struct foreign *f, struct text *t, struct span s)
{
	if (text_add_span(t, s) == -1)
		f->error = ENOMEM;
}

void
foreign_add_span(struct foreign *f, struct span s)
{
	append(f, &f->rule, s);
}

void
foreign_add(struct foreign *f, const char *s)
{
	foreign_add_span(f, span_of(s));
}

/* What stands unquoted in a domain of a table would mean something there. */
bool
foreign_domain(struct foreign *f, struct span text)
{
	struct span canonical;
	const char *wrong;

	if (address_domain(text, &f->name, &canonical) == -1) {
		f->error = ENOMEM;
		return false;
	}
	if (text.len > 0 && (wrong = domain_unusable(canonical)) == NULL)
		return true;
	foreign_complain(f, text, "%s", text.len == 0 ? "is no domain" :
	    wrong);
	return false;
}

bool
foreign_mailbox(struct foreign *f, struct span text, struct mailbox *m)
{
	const char *end = text.s + text.len;
	struct address a;

	*m = (struct mailbox){ .local = { text.s, 0 } };
	if (text.s[0] == '@') {
		m->domain = span_between(text.s + 1, end);
		return foreign_domain(f, m->domain);
	}
	if (!address_only(text, &a) ||
	    lines_find_unquoted(text.s, end, "()") != end) {
		foreign_complain(f, text, "is no address");
		return false;
	}
	if (address_local(a.local, &f->local, &m->local) == -1) {
		f->error = ENOMEM;
		return false;
	}
	m->domain = a.domain.len > 0 ? a.domain : f->domain;
	if (m->local.len == 0 || m->domain.len == 0) {
		foreign_complain(f, text, m->local.len == 0 ?
		    "is no address" : "has no domain; give it one with -u");
		return false;
	}
	return foreign_domain(f, m->domain);
}

/*
 * A local part, given as what it means, in quotes if it would mean something
 * else: with '*' a wildcard, with '/' a regular expression, with '#' a comment.
 */
static void
add_local(struct foreign *f, struct span local)
{
	bool plain = address_is_dot_atom(local);

	if (plain && (memchr(local.s, '*', local.len) != NULL ||
	    local.s[0] == '/' || local.s[0] == '#')) {
		foreign_add(f, "\"");
		foreign_add_span(f, local);
		foreign_add(f, "\"");
	} else if (address_add_quoted(&f->rule, local) == -1) {
		f->error = ENOMEM;
	}
}

static void
add_mailbox(struct foreign *f, struct span local, struct span domain)
{
	if (local.len > 0) {
		add_local(f, local);
		foreign_add(f, "@");
	}
	foreign_add_span(f, domain);
}

void
foreign_add_pattern(struct foreign *f, enum roles roles,
    const struct mailbox *m)
{
	if (roles != RECIPIENTS) {
		foreign_add(f, "from:");
		add_mailbox(f, m->local, m->domain);
	}
	if (roles == EVERYBODY)
		foreign_add(f, ",");
	if (roles != SENDERS)
		add_mailbox(f, m->local, m->domain);
	foreign_add(f, "\t");
}

bool
foreign_add_domains(struct foreign *f, struct span key)
{
	if (key.len > 1 && key.s[0] == '.') {
		foreign_add(f, "*.");
		key = (struct span){ key.s + 1, key.len - 1 };
	}
	if (!foreign_domain(f, key))
		return false;
	foreign_add_span(f, key);
	foreign_add(f, "\t");
	return true;
}

void
foreign_add_template(struct foreign *f, struct span local, struct span domain)
{
	if (local.len == 0 && table_is_keyword(domain))
		foreign_add(f, "@");
	add_mailbox(f, local, domain);
}

void
foreign_escape(struct foreign *f, struct text *t, struct span s)
{
	const char *end = s.s + s.len, *dollar;

	for (; s.s < end; s.s = dollar) {
		dollar = memchr(s.s, '$', (size_t)(end - s.s));
		dollar = dollar == NULL ? end : dollar + 1;
		append(f, t, span_between(s.s, dollar));
		if (dollar[-1] == '$')
			append(f, t, span_of("$"));
	}
}

void
foreign_add_target(struct foreign *f, const struct mailbox *m)
{
	f->work.len = 0;
	foreign_escape(f, &f->work, m->local);
	foreign_add_template(f, text_span(&f->work), m->domain);
}

/* An address literal of IPv6 (RFC 5321, 4.1.3), with its tag or without. */
static void
add_ipv6(struct foreign *f, struct span address)
{
	if (span_begins_fold(address, "ipv6:"))
		address = (struct span){ address.s + 5, address.len - 5 };
	foreign_add(f, "[IPv6:");
	foreign_add_span(f, address);
	foreign_add(f, "]");
}

void
foreign_add_forward(struct foreign *f, struct span host)
{
	const char *end = host.s + host.len;
	const char *close = memchr(host.s, ']', host.len);
	struct span name;

	foreign_add(f, "forward:");
	if (close == NULL || host.s[0] != '[') {
		foreign_add_span(f, host);
		return;
	}
	name = span_between(host.s + 1, close);
	if (memchr(name.s, ':', name.len) != NULL)
		add_ipv6(f, name);
	else
		foreign_add_span(f, name);
	foreign_add_span(f, span_between(close + 1, end));
}

struct span
foreign_skip_code(struct span text)
{
	size_t i;

	for (i = 0; i < text.len && ascii_digit((unsigned char)text.s[i]); i++)
		;
	if (i != 3 || (i < text.len && !is_blank(text.s[i])))
		return text;
	return span_trim((struct span){ text.s + i, text.len - i });
}

struct span
foreign_skip_status(struct span text)
{
	size_t i, dots = 0;

	for (i = 0; i < text.len; i++)
		if (text.s[i] == '.')
			dots++;
		else if (!ascii_digit((unsigned char)text.s[i]))
			break;
	if (dots != 2 || text.s[i - 1] == '.' ||
	    (i < text.len && !is_blank(text.s[i]) && text.s[i] != ':'))
		return text;
	i += i < text.len;
	return span_trim((struct span){ text.s + i, text.len - i });
}

void
foreign_add_reject(struct foreign *f, struct span text)
{
	size_t i;

	text = foreign_skip_status(foreign_skip_code(span_trim(text)));
	for (i = 1; i < text.len; i++)
		if (text.s[i] == '#' && is_blank(text.s[i - 1])) {
			foreign_complain(f, text, "has a '#' behind a blank, "
			    "which would begin a comment");
			return;
		}
	foreign_add(f, text.len == 0 ? "reject" : "reject:");
	foreign_add_span(f, text);
}

/* Whether the rule can be written. */
static bool
is_right(struct foreign *f)
{
	const struct table_errors errors = { say_table_error, f };

	if (f->error == 0 && !f->unequal && table_read_line(f->rules,
	    text_span(&f->rule), f->line, "standard input", &errors) == -1)
		f->error = errno;
	return f->error == 0 && !f->unequal;
}

static void
end_rule(struct foreign *f, struct text *t)
{
	if (is_right(f)) {
		append(f, t, text_span(&f->rule));
		append(f, t, span_of("\n"));
	}
	f->rule.len = 0;
}

void
foreign_end(struct foreign *f)
{
	end_rule(f, &f->made);
}

void
foreign_end_later(struct foreign *f)
{
	end_rule(f, &f->later);
}

bool
foreign_split(struct foreign *f, struct span line, struct span *key,
    struct span *value)
{
	const char *end = line.s + line.len;
	const char *blank = lines_find_unquoted(line.s, end, " \t");

	*key = span_between(line.s, blank);
	*value = span_trim(span_between(blank, end));
	if (key->len > 0 && value->len > 0)
		return true;
	foreign_complain(f, line, key->len == 0 ? "begins with a blank, and "
	    "continues nothing" : "has nothing behind it");
	return false;
}

bool
foreign_begins(struct span text, const char *word, struct span *rest)
{
	size_t len = strlen(word);

	if (!span_begins_fold(text, word) || text.len == len ||
	    text.s[len] != ':')
		return false;
	*rest = span_trim((struct span){ text.s + len + 1,
	    text.len - len - 1 });
	return true;
}

bool
foreign_is_comment(struct span line)
{
	return lines_is_idle(line);
}

bool
foreign_continues(const struct foreign *f, struct span line)
{
	(void)f;
	return line.len > 0 && is_blank(line.s[0]) && !lines_is_idle(line);
}

bool
foreign_never(const struct foreign *f, struct span line)
{
	(void)f;
	(void)line;
	return false;
}
