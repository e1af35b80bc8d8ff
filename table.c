#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "address.h"
#include "domain.h"
#include "lines.h"
#include "plain_rule.h"
#include "table.h"

enum { SHOWN = 80 };		/* bytes of a table that a message quotes */

/* A pattern while it is read. */
struct draft {
	struct pattern pattern;
	struct text local;
	struct text domain;
	struct ere *regex;	/* ours until it is added */
	size_t captures;	/* how many it has for $1 to $9 */
};

struct target_draft {
	struct target target;
	struct text local;
	struct text domain;
};

/* How far the lines of a rule have been read. */
enum part { PATTERNS, BEFORE_ROUTE, ROUTE, TEXT };

/* One line of a table, and the room to read it in. */
struct reading {
	struct rules *rules;
	const char *file;
	size_t line;
	const struct table_errors *errors;
	enum part part;
	bool argument;		/* '=' stands for the blanks */
	const char *hint;	/* for every error in this line */
	bool broken;		/* this line has an error */
	int error;		/* errno, if nothing can go on */
	struct draft *drafts;
	size_t n_drafts, size_drafts;
	struct target_draft *targets;
	size_t n_targets, size_targets;
	struct route route;
	struct text message;
};

static void
out_of_memory(struct reading *t)
{
	t->broken = true;
	t->error = ENOMEM;
}

/*
 * Tells of an error: what is wrong, quoted, between the words before it and
 * those after it.
 */
static void PRINTF_LIKE(4, 5)
complain(struct reading *t, const char *before, struct span what,
    const char *after, ...)
{
	va_list args;
	int added;

	t->broken = true;
	t->message.len = 0;
	va_start(args, after);
	added = text_printf(&t->message, "%s\"", before) == -1 ||
	    text_add_visible(&t->message, what, SHOWN) == -1 ||
	    text_add_byte(&t->message, '"') == -1 ||
	    text_vprintf(&t->message, after, args) == -1 ||
	    text_add_span(&t->message, span_of(t->hint)) == -1 ? -1 : 0;
	va_end(args);
	if (added == -1)
		out_of_memory(t);
	else
		t->errors->say(t->errors->with, t->file, t->line,
		    text_span(&t->message));
}

/* The last unquoted @, or NULL. */
static const char *
find_at(struct span a)
{
	const char *s, *end = a.s + a.len, *at = NULL;

	for (s = a.s; s < end; s = lines_skip_one(s, end))
		if (*s == '@')
			at = s;
	return at;
}

/* Where the pattern at s ends. */
static const char *
pattern_end(const struct reading *t, const char *s, const char *end)
{
	enum role role;

	s = lines_take_role(span_between(s, end), &role).s;
	if (s < end && *s == '/')
		return lines_skip_enclosed(s, end, '/');
	return lines_find_unquoted(s, end, t->argument ? ", \t=" : ", \t");
}

/* The regular expression itself: "\/" in it is a '/'. */
static bool
take_slashes(struct span regex, struct text *t)
{
	size_t i;

	for (i = 1; i + 1 < regex.len; i++) {
		if (regex.s[i] == '\\' && regex.s[i + 1] == '/')
			i++;
		else if (regex.s[i] == '\\' &&
		    text_add_byte(t, regex.s[i++]) == -1)
			return false;
		if (text_add_byte(t, regex.s[i]) == -1)
			return false;
	}
	return true;
}

static void
parse_regex(struct reading *t, struct draft *d, struct span text)
{
	const char *why;

	if (text.len < 2 || text.s[text.len - 1] != '/') {
		complain(t, "", text, " lacks the '/' at its end");
		return;
	}
	if (text.len == 2) {
		complain(t, "", text, " is an empty regular expression");
		return;
	}
	d->pattern.locals = LOCAL_REGEX;
	d->pattern.scope = SCOPE_ANY;
	if (!take_slashes(text, &d->local)) {
		out_of_memory(t);
		return;
	}
	d->pattern.local = text_span(&d->local);
	d->regex = ere_compile(d->pattern.local, &why);
	if (d->regex != NULL)
		d->captures = ere_count_groups(d->regex);
	else if (why == NULL)
		out_of_memory(t);
	else
		complain(t, "the regular expression ", text,
		    " does not compile: %s", why);
}

/* A word that ends in a colon, and is none that a table knows. */
static bool
unknown_keyword(struct reading *t, struct span text, const char *known)
{
	const char *end = text.s + text.len;
	const char *colon = lines_find_unquoted(text.s, end, ":");

	if (colon == end)
		return false;
	complain(t, "unknown keyword ", span_between(text.s, colon + 1), "%s",
	    known);
	return true;
}

/* The scope that the beginning of a domain tells; returns what follows it. */
static struct span
take_scope(struct span text, struct draft *d)
{
	size_t len = 0;

	d->pattern.scope = SCOPE_DOMAIN;
	if (text.len == 1 && text.s[0] == '*') {
		d->pattern.scope = SCOPE_ANY;
		len = 1;
	} else if (text.len > 2 && memcmp(text.s, "*.", 2) == 0) {
		d->pattern.scope = SCOPE_BELOW;
		len = 2;
	} else if (text.len > 1 && text.s[0] == '.') {
		d->pattern.scope = SCOPE_TREE;
		len = 1;
	}
	d->captures += len > 0 && text.s[0] == '*';
	return (struct span){ text.s + len, text.len - len };
}

/* Whether a name can stand in a pattern of that scope, as it is written. */
static bool
is_pattern_name(struct span name, enum scope scope)
{
	if (name.s[0] == '[')
		return scope == SCOPE_DOMAIN;
	return domain_valid(name) && memchr(name.s, '=', name.len) == NULL;
}

static void
parse_domain(struct reading *t, struct draft *d, struct span text)
{
	struct span name = take_scope(text, d);

	if (d->pattern.scope == SCOPE_ANY || unknown_keyword(t, text,
	    "; before a pattern stands from: or to:"))
		return;
	if (memchr(name.s, '*', name.len) != NULL)
		complain(t, "in the domain ", text, " '*' can only stand for "
		    "whole labels at the beginning: *.example.com");
	else if (address_domain(name, &d->domain, &d->pattern.domain) == -1)
		out_of_memory(t);
	else if (!is_pattern_name(name, d->pattern.scope) ||
	    !domain_valid(d->pattern.domain))
		complain(t, "", text, " is no domain");
}

/* The form of LOCAL_GLOB: what is quoted is literal. */
static bool
add_glob(struct text *t, struct span local, size_t *stars)
{
	bool quoted = false, literal;
	size_t i;

	for (i = 0; i < local.len; i++) {
		if (local.s[i] == '"') {
			quoted = !quoted;
			continue;
		}
		literal = quoted;
		if (quoted && local.s[i] == '\\')
			i++;
		if (local.s[i] == '*' && !literal)
			++*stars;
		else if ((local.s[i] == '*' || local.s[i] == '\\') &&
		    text_add_byte(t, '\\') == -1)
			return false;
		if (text_add_byte(t, local.s[i]) == -1)
			return false;
	}
	return true;
}

static void
parse_local(struct reading *t, struct draft *d, struct span text)
{
	const char *end = text.s + text.len;
	struct address a;

	if (!address_only(text, &a) || a.domain.len > 0 ||
	    lines_find_unquoted(text.s, end, "()") != end) {
		complain(t, "", text, " is no local part; one with blanks or "
		    "signs in it is written \"in quotes\"");
		return;
	}
	if (lines_find_unquoted(text.s, end, "*") == end) {
		d->pattern.locals = LOCAL_EXACT;
		if (address_local(text, &d->local, &d->pattern.local) == -1)
			out_of_memory(t);
		return;
	}
	d->pattern.locals = LOCAL_GLOB;
	if (!add_glob(&d->local, text, &d->captures))
		out_of_memory(t);
	d->pattern.local = text_span(&d->local);
}

static void
parse_pattern(struct reading *t, struct draft *d, struct span whole)
{
	struct span text;
	const char *at;

	d->pattern.text = whole;
	text = lines_take_role(whole, &d->pattern.role);
	if (text.len == 0) {
		complain(t, "no pattern in ", whole, "; write what the mail "
		    "is sent to");
	} else if (text.s[0] == '/') {
		parse_regex(t, d, text);
	} else if (span_equal(text, span_of("<>"))) {
		d->pattern.locals = LOCAL_NULL;
		d->pattern.scope = SCOPE_ANY;
		if (d->pattern.role != SENDER)
			complain(t, "", whole, " can only be a sender: "
			    "from:<>");
	} else if ((at = find_at(text)) == NULL) {
		parse_domain(t, d, text);
	} else if (at + 1 == text.s + text.len) {
		complain(t, "", whole, " has no domain behind its @; "
		    "for any domain write @*");
	} else {
		parse_local(t, d, span_between(text.s, at));
		if (!t->broken)
			parse_domain(t, d,
			    span_between(at + 1, text.s + text.len));
	}
}

static struct draft *
new_draft(struct reading *t)
{
	struct draft *d = array_grow(t->drafts, &t->size_drafts, t->n_drafts,
	    sizeof(*d));
	struct text local, domain;

	if (d == NULL) {
		out_of_memory(t);
		return NULL;
	}
	t->drafts = d;
	d += t->n_drafts++;
	local = d->local;
	domain = d->domain;
	local.len = domain.len = 0;
	*d = (struct draft){ .local = local, .domain = domain };
	return d;
}

/* The patterns, separated by commas; returns what follows them. */
static const char *
parse_patterns(struct reading *t, const char *s, const char *end)
{
	struct draft *d;
	const char *after;

	for (;;) {
		after = pattern_end(t, s, end);
		if ((d = new_draft(t)) == NULL)
			return end;
		parse_pattern(t, d, span_between(s, after));
		s = lines_skip_blanks(after, end);
		if (s == end || *s != ',' || t->broken)
			return s;
		s = lines_skip_blanks(s + 1, end);
	}
}

/* "$1" to "$9" have to be there in every pattern of the line. */
static void
check_captures(struct reading *t, struct span text)
{
	size_t i, n, least = SIZE_MAX;

	for (i = 0; i < t->n_drafts; i++)
		if (t->drafts[i].captures < least)
			least = t->drafts[i].captures;
	for (i = 0; i < text.len && !t->broken; i++) {
		if (text.s[i] != '$')
			continue;
		/* It is not the last byte: no domain ends with it. */
		i++;
		if (text.s[i] != '$' &&
		    !ascii_digit((unsigned char)text.s[i])) {
			complain(t, "in ", text, " a '$' is followed by "
			    "neither a digit nor another '$'");
			return;
		}
		n = text.s[i] == '$' ? 0 : (size_t)(text.s[i] - '0');
		if (n > least)
			complain(t, "", (struct span){ text.s + i - 1, 2 },
			    " has nothing to stand for: the pattern has fewer "
			    "'*' or groups");
	}
}

/* What is wrong with a domain to rewrite to, whatever its captures are. */
static void
check_domain(struct reading *t, struct span text, struct text *room)
{
	const char *wrong;
	size_t i;
	char c;

	room->len = 0;
	for (i = 0; i < text.len; i++) {
		c = text.s[i];
		if (c == '$' && ++i < text.len)
			c = 'x';
		if (text_add_byte(room, c) == -1) {
			out_of_memory(t);
			return;
		}
	}
	if (domain_canonical(room, 0) == -1)
		out_of_memory(t);
	else if ((wrong = domain_unusable(text_span(room))) != NULL)
		complain(t, "the target ", text, " %s", wrong);
}

/* Sets the domain of a target, and its canonical form if it is fixed. */
static void
set_domain(struct reading *t, struct target_draft *d, struct span text)
{
	if (text.len > 1 && text.s[text.len - 1] == '.')
		text.len--;
	check_domain(t, text, &d->domain);
	d->target.domain = text;
	if (memchr(text.s, '$', text.len) != NULL)
		return;
	d->target.canonical = text_span(&d->domain);
}

static void
set_address(struct reading *t, struct target_draft *d, struct span text)
{
	const char *end = text.s + text.len;
	struct address a;

	if (!address_only(text, &a) ||
	    lines_find_unquoted(text.s, end, "()") != end) {
		complain(t, "the target ", text, " is no address; write it "
		    "as user@example.com, without a name or brackets");
		return;
	}
	if (lines_find_unquoted(text.s, end, "*") != end) {
		complain(t, "in the target ", text, " a '*' stands for "
		    "nothing; for what one in the pattern stood for write $1");
		return;
	}
	d->target.kind = TARGET_ADDRESS;
	if (address_local(a.local, &d->local, &d->target.local) == -1)
		out_of_memory(t);
	else
		set_domain(t, d, a.domain);
}

/*
 * Whether the route is this keyword alone or with ":" behind it; sets what
 * stands behind that.
 */
static bool
is_route(struct span text, const char *keyword, struct span *detail)
{
	size_t len = strlen(keyword);

	if (!span_begins_fold(text, keyword) ||
	    (text.len > len && text.s[len] != ':'))
		return false;
	*detail = (struct span){ text.s + text.len, 0 };
	if (text.len > len)
		*detail = span_between(text.s + len + 1, text.s + text.len);
	return true;
}

bool
table_is_keyword(struct span text)
{
	static const char *const keywords[] =
	    { "inbound", "keep", "reject", "discard", "forward" };
	struct span detail;
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (is_route(text, keywords[i], &detail))
			return true;
	return false;
}

static void
parse_target(struct reading *t, struct target_draft *d, struct span text)
{
	const char *end = text.s + text.len;

	if (text.len == 0) {
		complain(t, "an empty target: ", text, "; there is a comma "
		    "too many");
	} else if (lines_find_unquoted(text.s, end, " \t") != end) {
		complain(t, "", text, " is more than one word; several "
		    "targets are separated by commas");
	} else if (table_is_keyword(text)) {
		complain(t, "", text, " cannot be one of several targets; a "
		    "domain of that name is written with an @ before it");
	} else if (text.s[0] == '@') {
		d->target.kind = TARGET_DOMAIN;
		set_domain(t, d, (struct span){ text.s + 1, text.len - 1 });
	} else if (find_at(text) != NULL) {
		set_address(t, d, text);
	} else if (!unknown_keyword(t, text, "; known are inbound, keep, "
	    "forward:, reject: and discard")) {
		d->target.kind = memchr(text.s, '$', text.len) == NULL ?
		    TARGET_DOMAIN : TARGET_CAPTURED;
		set_domain(t, d, text);
	}
	if (!t->broken)
		check_captures(t, text);
}

static struct target_draft *
new_target(struct reading *t)
{
	struct target_draft *d = array_grow(t->targets, &t->size_targets,
	    t->n_targets, sizeof(*d));
	struct text local, domain;

	if (d == NULL) {
		out_of_memory(t);
		return NULL;
	}
	t->targets = d;
	d += t->n_targets++;
	local = d->local;
	domain = d->domain;
	*d = (struct target_draft){ .local = local, .domain = domain };
	return d;
}

static void
parse_targets(struct reading *t, struct span text)
{
	const char *s = text.s, *end = text.s + text.len, *comma;
	struct target_draft *d;

	t->route.rewrites = true;
	for (;; s = comma + 1) {
		comma = lines_find_unquoted(s, end, ",");
		if ((d = new_target(t)) == NULL)
			return;
		parse_target(t, d, span_trim(span_between(s, comma)));
		if (t->broken || comma == end)
			return;
	}
}

static bool
is_port(struct span port)
{
	unsigned number = 0;
	size_t i;

	if (port.len == 0 || port.len > 5)
		return false;
	for (i = 0; i < port.len; i++) {
		if (!ascii_digit((unsigned char)port.s[i]))
			return false;
		number = number * 10 + (unsigned)(port.s[i] - '0');
	}
	return number > 0 && number < 65536;
}

static void
parse_forward(struct reading *t, struct span text)
{
	const char *end = text.s + text.len;
	const char *colon = lines_find_unquoted(text.s, end, ":");

	if (text.len == 0) {
		complain(t, "", span_of("forward:"), " lacks its host: "
		    "forward:mail.example.com");
		return;
	}
	if (!domain_is_host(span_between(text.s, colon)))
		complain(t, "", span_between(text.s, colon), " is no host; it "
		    "can be a domain name, an IPv4 address, [IPv4] or "
		    "[IPv6:...]");
	if (colon < end && !is_port(span_between(colon + 1, end)))
		complain(t, "", span_between(colon + 1, end), " is no port; "
		    "it is a number from 1 to 65535");
	t->route.action = FORWARD;
	t->route.detail = text;
}

static void
parse_route(struct reading *t, struct span text)
{
	struct span detail = { NULL, 0 };

	t->route = (struct route){ .text = text };
	if (is_route(text, "forward", &detail)) {
		parse_forward(t, detail);
	} else if (is_route(text, "reject", &detail)) {
		t->route.action = REJECT;
		t->route.detail = span_trim(detail);
	} else if (span_equal_fold(text, span_of("inbound"))) {
		t->route.action = INBOUND;
	} else if (span_equal_fold(text, span_of("keep"))) {
		t->route.action = RELAY;
	} else if (span_equal_fold(text, span_of("discard"))) {
		t->route.action = DISCARD;
	} else {
		parse_targets(t, text);
	}
}

/* Senders are rewritten to one domain or address, or kept. */
static void
check_sender_route(struct reading *t, const struct draft *d)
{
	const struct route *route = &t->route;

	if (d->pattern.role != SENDER)
		return;
	if (route->rewrites ? t->n_targets > 1 : route->action != RELAY)
		complain(t, "", route->text, " is no route for a sender; it "
		    "is one domain, one address or keep");
	else if (d->pattern.locals == LOCAL_NULL && route->rewrites &&
	    t->targets[0].target.kind != TARGET_ADDRESS)
		complain(t, "", route->text, " is no route for the null "
		    "sender; it is one address or keep");
}

/* "reject", "reject:TEXT": what may hold an unpaired quote. */
static bool
begins_reject(struct span route)
{
	return span_begins_fold(route, "reject") && (route.len == 6 ||
	    route.s[6] == ':' || is_blank(route.s[6]));
}

/*
 * A line of the file without the comment at its end.  What is quoted, in a
 * literal or a regular expression is no comment, but none of these goes over
 * a line end.
 */
static struct span
cut_comment(void *with, struct span line)
{
	struct reading *t = with;
	const char *end = line.s + line.len, *c;
	const char *s = lines_skip_blanks(line.s, end);

	if (t->part == BEFORE_ROUTE && *s == ',') {
		t->part = PATTERNS;
		s = lines_skip_blanks(s + 1, end);
	}
	while (t->part == PATTERNS && s < end && *s != '#') {
		s = lines_skip_blanks(pattern_end(t, s, end), end);
		if (s == end || *s != ',')
			t->part = BEFORE_ROUTE;
		else
			s = lines_skip_blanks(s + 1, end);
	}
	if (t->part == BEFORE_ROUTE && s < end && *s != '#')
		t->part = begins_reject(span_between(s, end)) ? TEXT : ROUTE;
	for (c = s; c < end;
	    c = t->part == TEXT ? c + 1 : lines_skip_one(c, end))
		if (*c == '#' && (c == s || is_blank(c[-1])))
			break;
	return span_between(line.s, c);
}

static void
check_bytes(struct reading *t, struct span line)
{
	size_t i;

	if (memchr(line.s, '\0', line.len) != NULL) {
		complain(t, "a NUL byte in ", line, "; a table is text");
		return;
	}
	for (i = 0; i < t->route.text.len; i++)
		if (((unsigned char)t->route.text.s[i] < 0x20 &&
		    t->route.text.s[i] != '\t') ||
		    t->route.text.s[i] == 0x7f) {
			complain(t, "a control character in the route ",
			    t->route.text, "; take it out");
			return;
		}
}

/* The rule that is in the way of a new one. */
static void
complain_of_other(struct reading *t, const struct draft *d,
    enum rules_added added, uint32_t other)
{
	struct route before = rules_route(t->rules, other);
	struct span file = rules_file(t->rules, other);
	bool both = added == RULES_REWRITTEN_AND_FORWARDED ||
	    (t->route.rewrites && before.action == FORWARD) ||
	    (before.rewrites && t->route.action == FORWARD);

	complain(t, "", d->pattern.text, " is %s %.*s:%zu; %s", both ?
	    "both rewritten and forwarded, see" : "routed elsewhere by",
	    (int)file.len, file.s, rules_line(t->rules, other),
	    added == RULES_REWRITTEN_AND_FORWARDED ?
	    "if only the domains below are meant, write *. for ." :
	    "take one of the two out");
}

static void
add_rule(struct reading *t, struct draft *d, uint32_t route)
{
	enum rules_added added;
	uint32_t other;

	added = rules_add(t->rules, &d->pattern, d->regex, route, t->line,
	    &other);
	d->regex = NULL;
	if (added == RULES_FAILED)
		t->error = errno;
	else if (added != RULES_ADDED && added != RULES_TWICE)
		complain_of_other(t, d, added, other);
}

static void
add_rules(struct reading *t)
{
	struct target *targets = NULL;
	uint32_t route;
	size_t i;

	if (t->n_targets > 0 && (targets = malloc(t->n_targets *
	    sizeof(*targets))) == NULL) {
		out_of_memory(t);
		return;
	}
	for (i = 0; i < t->n_targets; i++)
		targets[i] = t->targets[i].target;
	t->route.targets = targets;
	t->route.count = t->n_targets;
	if ((route = rules_add_route(t->rules, &t->route)) == 0)
		t->error = errno;
	for (i = 0; i < t->n_drafts && t->error == 0; i++)
		add_rule(t, &t->drafts[i], route);
	free(targets);
}

/* Compiled expressions of a line that came to nothing. */
static void
drop_regexes(struct reading *t)
{
	size_t i;

	for (i = 0; i < t->n_drafts; i++) {
		ere_free(t->drafts[i].regex);
		t->drafts[i].regex = NULL;
	}
}

/* A line as it counts: joined with those that continue it. */
static void
parse_line(struct reading *t, struct span line)
{
	const char *s = line.s, *end = line.s + line.len;
	struct span route;
	size_t i;

	t->broken = false;
	t->n_drafts = t->n_targets = 0;
	t->route = (struct route){ 0 };
	s = parse_patterns(t, s, end);
	if (t->argument && s < end && *s == '=')
		s++;
	route = span_trim(span_between(s, end));
	t->route.text = route;
	check_bytes(t, line);
	if (!t->broken && route.len == 0)
		complain(t, "no route for ", line, "%s", t->argument ?
		    "; write SENT-TO=ROUTE" :
		    "; write it behind the pattern and a blank");
	if (!t->broken)
		parse_route(t, route);
	for (i = 0; i < t->n_drafts && !t->broken; i++)
		check_sender_route(t, &t->drafts[i]);
	if (!t->broken)
		add_rules(t);
	drop_regexes(t);
}

static void
free_reading(struct reading *t)
{
	size_t i;

	for (i = 0; i < t->size_drafts; i++) {
		text_free(&t->drafts[i].local);
		text_free(&t->drafts[i].domain);
	}
	for (i = 0; i < t->size_targets; i++) {
		text_free(&t->targets[i].local);
		text_free(&t->targets[i].domain);
	}
	free(t->drafts);
	free(t->targets);
	text_free(&t->message);
}

static int
finish(struct reading *t)
{
	free_reading(t);
	if (t->error == 0)
		return 0;
	errno = t->error;
	return -1;
}

/* Plain lines that were looked at and not yet taken. */
struct ahead {
	struct plain_rule rules[RULES_AT_ONCE];
	size_t lengths[RULES_AT_ONCE];
	size_t n;
};

static void
look_ahead(const struct lines *lines, struct ahead *a)
{
	struct span line;
	size_t len, bytes = 0;

	for (a->n = 0; a->n < RULES_AT_ONCE &&
	    (len = lines_look(lines, bytes, &line)) > 0 &&
	    plain_rule_read(line, &a->rules[a->n]); a->n++) {
		a->lengths[a->n] = len;
		bytes += len;
	}
}

static void
add_plain(struct reading *t, struct plain_rule *plain)
{
	struct draft d = { .pattern = plain->pattern, .regex = NULL };
	uint32_t route;

	t->route = plain->route;
	t->route.targets = &plain->target;
	if ((route = rules_add_route(t->rules, &t->route)) == 0)
		t->error = errno;
	else
		add_rule(t, &d, route);
	t->route.targets = NULL;
}

/* Reads plain lines as long as there are any. */
static void
read_plain_lines(struct reading *t, struct lines *lines)
{
	const struct pattern *patterns[RULES_AT_ONCE];
	struct ahead a;
	size_t i;

	do {
		look_ahead(lines, &a);
		for (i = 0; i < a.n; i++)
			patterns[i] = &a.rules[i].pattern;
		rules_warm(t->rules, patterns, a.n);
		for (i = 0; i < a.n && t->error == 0; i++) {
			t->line = lines->number + 1;
			add_plain(t, &a.rules[i]);
			lines_take(lines, a.lengths[i]);
		}
	} while (a.n == RULES_AT_ONCE && t->error == 0);
}

/* How many lines begin a rule; others may be for people, or for nobody. */
static size_t
count_beginnings(struct span s)
{
	const char *end = s.s + s.len, *lf;
	size_t n = 0;

	for (; s.s < end; s.s = lf + 1) {
		n += !is_blank(*s.s) && strchr("#\r\n", *s.s) == NULL;
		lf = memchr(s.s, '\n', (size_t)(end - s.s));
		if (lf == NULL)
			break;
	}
	return n;
}

/*
 * Tells how many rules there will be, by those of the first block and the size
 * of the file, if it has any.
 */
static void
expect_lines(struct rules *rules, struct input *in)
{
	struct stat status;
	struct span read;
	size_t size, lines;

	input_more(in);
	read = input_span(in);
	if (read.len == 0 || fstat(in->fd, &status) == -1 ||
	    !S_ISREG(status.st_mode))
		return;
	size = (size_t)status.st_size;
	lines = size / read.len * (count_beginnings(read) + 1);
	rules_expect(rules, lines + lines / 8, size);
}

int
table_read(struct rules *rules, struct input *in, const char *file,
    const struct table_errors *errors)
{
	struct reading t = { .rules = rules, .file = file, .errors = errors,
		.hint = "" };
	struct lines lines = { .in = in, .cut = cut_comment, .with = &t };
	enum lines_found found;
	struct span line;

	if (!rules_begin_file(rules, file))
		t.error = errno;
	expect_lines(rules, in);
	while (t.error == 0 &&
	    (found = lines_next(&lines, &line)) != LINES_END) {
		t.line = lines.began;
		t.part = PATTERNS;
		if (found == LINES_FOUND)
			parse_line(&t, line);
		else
			complain(&t, "", line, " continues nothing; take the "
			    "blanks before it away");
		read_plain_lines(&t, &lines);
	}
	if (t.error == 0)
		t.error = lines.error;
	lines_free(&lines);
	return finish(&t);
}

int
table_read_line(struct rules *rules, struct span line, size_t number,
    const char *file, const struct table_errors *errors)
{
	struct reading t = { .rules = rules, .file = file, .line = number,
		.errors = errors, .hint = "" };

	parse_line(&t, cut_comment(&t, line));
	return finish(&t);
}

int
table_read_argument(struct rules *rules, const char *argument, size_t n,
    const struct table_errors *errors)
{
	struct reading t = { .rules = rules, .file = "argument", .line = n,
		.errors = errors, .hint = "" };
	const char *blank = strpbrk(argument, " \t");
	const char *equals = strchr(argument, '=');
	const char *reject = strstr(argument, "=reject:");

	/* The text of a rejection has blanks; no pattern reads like that. */
	t.argument = blank == NULL || (reject != NULL && reject < blank);
	if (!t.argument && equals != NULL && equals < blank)
		t.hint = "; in an argument with blanks, write one for the '='";
	if (!rules_begin_file(rules, t.file))
		t.error = errno;
	else if (!lines_is_idle(span_of(argument)))
		parse_line(&t, cut_comment(&t, span_trim(span_of(argument))));
	return finish(&t);
}
