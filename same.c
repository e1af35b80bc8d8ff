#include "same.h"

bool
same_pattern(const struct pattern *p, const struct pattern *q)
{
	return p->locals == q->locals && p->scope == q->scope &&
	    span_equal(p->domain, q->domain) &&
	    (p->locals == LOCAL_REGEX ? span_equal(p->local, q->local) :
	    span_equal_fold(p->local, q->local));
}

static bool
same_target(const struct target *a, const struct target *b)
{
	return a->kind == b->kind && span_equal_fold(a->local, b->local) &&
	    (a->canonical.len > 0 ? span_equal(a->canonical, b->canonical) :
	    span_equal_fold(a->domain, b->domain));
}

bool
same_route(const struct rules *r, uint32_t a, const struct rules *s,
    uint32_t b)
{
	struct route x = rules_route(r, a), y = rules_route(s, b);
	struct target t, u;
	size_t i;

	if (x.rewrites != y.rewrites || x.action != y.action ||
	    x.count != y.count || (x.action == REJECT ?
	    !span_equal(x.detail, y.detail) :
	    !span_equal_fold(x.detail, y.detail)))
		return false;
	for (i = 0; i < x.count; i++) {
		t = rules_target(r, a, i);
		u = rules_target(s, b, i);
		if (!same_target(&t, &u))
			return false;
	}
	return true;
}

/* Whether a template holds a capture from $first to $last. */
static bool
holds(struct span template, char first, char last)
{
	size_t i;

	for (i = 0; i + 1 < template.len; i++)
		if (template.s[i] == '$' && template.s[++i] >= first &&
		    template.s[i] <= last)
			return true;
	return false;
}

/* Whether a target of a rule does, in its local part or its domain. */
static bool
takes(const struct rules *r, uint32_t rule, char first, char last)
{
	struct route route = rules_route(r, rule);
	struct target target;
	size_t i;

	for (i = 0; i < route.count; i++) {
		target = rules_target(r, rule, i);
		if (holds(target.local, first, last) ||
		    holds(target.domain, first, last))
			return true;
	}
	return false;
}

bool
rule_takes_stars(const struct rules *r, uint32_t rule)
{
	return takes(r, rule, '1', '9');
}

bool
rule_takes_all(const struct rules *r, uint32_t rule)
{
	return takes(r, rule, '0', '0');
}

bool
rule_takes_all_into_local(const struct rules *r, uint32_t rule)
{
	struct route route = rules_route(r, rule);
	size_t i;

	for (i = 0; i < route.count; i++)
		if (classes_has_received(rules_target(r, rule, i).local))
			return true;
	return false;
}

bool
rule_leaves(const struct rules *r, uint32_t rule)
{
	struct route route;

	if (rule == 0)
		return true;
	route = rules_route(r, rule);
	return !route.rewrites && route.action == RELAY;
}

bool
rule_names_local(const struct rules *r, uint32_t rule)
{
	return rule != 0 && rules_pattern(r, rule).locals == LOCAL_EXACT;
}
