#include "cover.h"
#include "match.h"

/*
 * What stands for all the bytes that no table names: no table can hold a NUL.
 * A pattern matches a NUL in the place of a '*' only by a '*' of its own, and
 * so whatever could stand there; and no regular expression matches one.
 */
static const struct span anything = { "\0", 1 };

/* A local part that only those patterns match that match all of this one's. */
static int
add_local(const struct pattern *p, struct text *t)
{
	if (p->locals == LOCAL_ANY)
		return text_add_span(t, anything);
	if (p->locals == LOCAL_EXACT)
		return text_add_span(t, p->local);
	return match_fill_glob(p->local, anything, t);
}

/* A domain below that of the pattern, or any: one that no table names. */
static int
add_domain_below(const struct pattern *p, struct text *t)
{
	if (text_add_span(t, anything) == -1)
		return -1;
	return p->domain.len == 0 ? 0 : text_add_byte(t, '.') == -1 ||
	    text_add_span(t, p->domain) == -1 ? -1 : 0;
}

/*
 * Looks up the address that stands for all of a pattern in its domain, or
 * below it, and adds the rule that takes it.  Whether that is the one that is
 * looked at.
 */
static bool
look_up(const struct rules *r, const struct query *q, uint32_t rule,
    struct cover *cover)
{
	const struct match m = match_find_without_regexes(r, q);

	if (m.rule == rule)
		return true;
	if (cover->count == 0 || cover->rules[0] != m.rule)
		cover->rules[cover->count++] = m.rule;
	return false;
}

/* Whether an address without a domain can come under a pattern. */
static bool
is_everything(const struct pattern *p, const struct router_options *options)
{
	return p->scope == SCOPE_ANY && p->locals == LOCAL_ANY &&
	    options->domain.len == 0;
}

int
cover_find(const struct rules *r, const struct router_options *options,
    uint32_t rule, struct text *t, struct cover *cover)
{
	struct pattern p = rules_pattern(r, rule);
	struct query q = { .role = p.role, .delimiters = options->delimiters };
	bool found = false;

	*cover = (struct cover){ .count = 0 };
	if (p.locals == LOCAL_REGEX || p.locals == LOCAL_NULL ||
	    is_everything(&p, options))
		return 0;
	t->len = 0;
	if (add_local(&p, t) == -1)
		return -1;
	q.local.len = t->len;
	if (add_domain_below(&p, t) == -1)
		return -1;
	q.local.s = t->s;
	if (p.scope == SCOPE_DOMAIN || p.scope == SCOPE_TREE) {
		q.domain = p.domain;
		found = look_up(r, &q, rule, cover);
	}
	if (!found && p.scope != SCOPE_DOMAIN) {
		q.domain = span_between(t->s + q.local.len, t->s + t->len);
		found = look_up(r, &q, rule, cover);
	}
	if (found)
		cover->count = 0;
	return 0;
}
