#include "plain_rule.h"

/*
 * A domain that is longer, or a label of it, could be too long to be sent to,
 * which is for table.c to tell.
 */
enum { MAX_DOMAIN = 63 };

enum { LOWER = 1, UPPER = 2, HYPHEN = 4, PLUS = 8 };

/* What may stand in a label, but for a '.'; the rest of the bytes is zero. */
static const unsigned char kinds[256] = {
	['0'] = LOWER, ['1'] = LOWER, ['2'] = LOWER, ['3'] = LOWER,
	['4'] = LOWER, ['5'] = LOWER, ['6'] = LOWER, ['7'] = LOWER,
	['8'] = LOWER, ['9'] = LOWER, ['_'] = LOWER, ['a'] = LOWER,
	['b'] = LOWER, ['c'] = LOWER, ['d'] = LOWER, ['e'] = LOWER,
	['f'] = LOWER, ['g'] = LOWER, ['h'] = LOWER, ['i'] = LOWER,
	['j'] = LOWER, ['k'] = LOWER, ['l'] = LOWER, ['m'] = LOWER,
	['n'] = LOWER, ['o'] = LOWER, ['p'] = LOWER, ['q'] = LOWER,
	['r'] = LOWER, ['s'] = LOWER, ['t'] = LOWER, ['u'] = LOWER,
	['v'] = LOWER, ['w'] = LOWER, ['x'] = LOWER, ['y'] = LOWER,
	['z'] = LOWER, ['A'] = UPPER, ['B'] = UPPER, ['C'] = UPPER,
	['D'] = UPPER, ['E'] = UPPER, ['F'] = UPPER, ['G'] = UPPER,
	['H'] = UPPER, ['I'] = UPPER, ['J'] = UPPER, ['K'] = UPPER,
	['L'] = UPPER, ['M'] = UPPER, ['N'] = UPPER, ['O'] = UPPER,
	['P'] = UPPER, ['Q'] = UPPER, ['R'] = UPPER, ['S'] = UPPER,
	['T'] = UPPER, ['U'] = UPPER, ['V'] = UPPER, ['W'] = UPPER,
	['X'] = UPPER, ['Y'] = UPPER, ['Z'] = UPPER, ['-'] = HYPHEN,
	['+'] = PLUS,
};

/*
 * Labels with a '.' between them.  Sets *seen to the kinds of bytes in them
 * and returns what follows, or NULL if a label is empty.
 */
static const char *
labels(const char *s, const char *end, unsigned *seen)
{
	const char *label;
	unsigned kind;

	for (*seen = 0;; s++) {
		for (label = s; s < end &&
		    (kind = kinds[(unsigned char)*s]) != 0; s++)
			*seen |= kind;
		if (s == label)
			return NULL;
		if (s == end || *s != '.')
			return s;
	}
}

/* Whether no label begins or ends with a hyphen (RFC 1123, 2.1). */
static bool
has_inner_hyphens(struct span d)
{
	size_t i;

	for (i = 0; i < d.len; i++)
		if (d.s[i] == '-' && (i == 0 || d.s[i - 1] == '.' ||
		    i + 1 == d.len || d.s[i + 1] == '.'))
			return false;
	return true;
}

/* Whether labels of these kinds are a domain, canonical and to be sent to. */
static bool
is_domain(struct span d, unsigned seen)
{
	return d.len <= MAX_DOMAIN && (seen & (UPPER | PLUS)) == 0 &&
	    ((seen & HYPHEN) == 0 || has_inner_hyphens(d));
}

/* As labels(), for a domain. */
static const char *
domain(const char *s, const char *end, struct span *d)
{
	unsigned seen;
	const char *after = labels(s, end, &seen);

	if (after == NULL)
		return NULL;
	*d = span_between(s, after);
	return is_domain(*d, seen) ? after : NULL;
}

/* An address, or a domain alone: *local is then empty. */
static const char *
mailbox(const char *s, const char *end, struct span *local, struct span *d)
{
	unsigned seen;
	const char *after = labels(s, end, &seen);

	if (after == NULL)
		return NULL;
	if (after < end && *after == '@') {
		*local = span_between(s, after);
		return domain(after + 1, end, d);
	}
	*local = span_between(s, s);
	*d = span_between(s, after);
	return is_domain(*d, seen) ? after : NULL;
}

/* The local part and the domain, or the domain behind "*." or ".". */
static const char *
pattern(const char *s, const char *end, struct pattern *p)
{
	const char *start = s, *after;

	p->local = (struct span){ "", 0 };
	if (end - s > 2 && s[0] == '*' && s[1] == '.') {
		p->scope = SCOPE_BELOW;
		after = domain(s + 2, end, &p->domain);
	} else if (end - s > 1 && s[0] == '.') {
		p->scope = SCOPE_TREE;
		after = domain(s + 1, end, &p->domain);
	} else {
		p->scope = SCOPE_DOMAIN;
		after = mailbox(s, end, &p->local, &p->domain);
	}
	if (after == NULL)
		return NULL;
	p->role = RECIPIENT;
	p->locals = p->local.len > 0 ? LOCAL_EXACT : LOCAL_ANY;
	p->text = span_between(start, after);
	p->plain = true;
	return after;
}

/* A route of one word that has no '.' in it may be no target. */
static bool
keyword(struct span text, struct route *route)
{
	if (span_equal(text, span_of("inbound")))
		route->action = INBOUND;
	else if (span_equal(text, span_of("keep")))
		route->action = RELAY;
	else if (span_equal(text, span_of("discard")))
		route->action = DISCARD;
	else
		return false;
	return true;
}

static bool
has_dot(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.s[i] == '.')
			return true;
	return false;
}

/* What a route rewrites to; "$1." can be before the domain. */
static const char *
target(const char *s, const char *end, const struct pattern *p,
    struct target *t)
{
	const char *start = s, *after;

	t->kind = TARGET_DOMAIN;
	t->local = t->canonical = (struct span){ "", 0 };
	if (p->scope == SCOPE_BELOW && end - s > 3 && s[0] == '$' &&
	    s[1] == '1' && s[2] == '.') {
		after = domain(s + 3, end, &t->domain);
		if (after == NULL || after - s > MAX_DOMAIN)
			return NULL;
		t->kind = TARGET_CAPTURED;
		t->domain = span_between(start, after);
		return after;
	}
	if ((after = mailbox(s, end, &t->local, &t->domain)) == NULL)
		return NULL;
	if (t->local.len > 0)
		t->kind = TARGET_ADDRESS;
	t->canonical = t->domain;
	return after;
}

static const char *
skip_blanks(const char *s, const char *end)
{
	while (s < end && is_blank(*s))
		s++;
	return s;
}

bool
plain_rule_read(struct span line, struct plain_rule *plain)
{
	const char *end = line.s + line.len, *after, *route;
	struct target *t = &plain->target;

	after = pattern(line.s, end, &plain->pattern);
	if (after == NULL || after == end || !is_blank(*after))
		return false;
	route = skip_blanks(after, end);
	after = target(route, end, &plain->pattern, t);
	if (after == NULL || skip_blanks(after, end) != end)
		return false;
	plain->route = (struct route){ .plain = true,
		.text = span_between(route, after) };
	if (t->local.len == 0 && !has_dot(t->domain))
		return keyword(plain->route.text, &plain->route);
	plain->route.rewrites = true;
	plain->route.count = 1;
	return true;
}
