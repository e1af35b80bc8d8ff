#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "match.h"
#include "pairs.h"
#include "query.h"
#include "same.h"

struct comparing {
	struct both both;
	struct telling telling;
	struct pairs pairs;
	const struct differences *take;
	bool partial;		/* some addresses could not be tried */
	struct text room;
};

/*
 * The next rule, from this one on, that is compared as it is written; finds
 * on the way what there is.
 */
static uint32_t
next_form(struct comparing *c, int t, uint32_t rule)
{
	const struct rules *r = c->both.tables[t].rules;
	struct pattern p;

	for (; rule != 0; rule = rules_after(r, rule)) {
		p = rules_pattern(r, rule);
		if (p.role != c->both.role || rules_same(r, rule) != 0)
			continue;
		if (rule_takes_all(r, rule))
			c->pairs.has_all = true;
		if (p.locals == LOCAL_GLOB || p.locals == LOCAL_REGEX)
			c->pairs.has_globs = true;
		else if (!rule_takes_all_into_local(r, rule))
			continue;
		break;
	}
	return rule;
}

static bool
same_form(const struct comparing *c, const uint32_t rules[2])
{
	const struct rules *r = c->both.tables[0].rules;
	const struct rules *s = c->both.tables[1].rules;
	struct pattern p, q;

	if (rules[0] == 0 || rules[1] == 0)
		return false;
	p = rules_pattern(r, rules[0]);
	q = rules_pattern(s, rules[1]);
	return same_pattern(&p, &q) && same_route(r, rules[0], s, rules[1]);
}

/* "  - reroute:3: x*@cpandl.net -> adatum.com" */
static int
add_form(struct comparing *c, int t, uint32_t rule)
{
	return text_add_span(&c->room, span_of(t == 0 ? "\n  - " :
	    "\n  + ")) == -1 ? -1 : rule == 0 ?
	    text_add(&c->room, "(none)", 6) :
	    query_add_rule(&c->room, c->both.tables[t].rules, rule);
}

/* The first two that differ, or the one that the other table lacks. */
static int
take_forms(struct comparing *c, const uint32_t forms[2])
{
	c->room.len = 0;
	return text_add_span(&c->room, span_of("possible, by rules that are "
	    "compared as they are written, from here on:")) == -1 ||
	    add_form(c, 0, forms[0]) == -1 ||
	    add_form(c, 1, forms[1]) == -1 ? -1 :
	    c->take->possible(c->take->with, text_span(&c->room));
}

/*
 * Whether rules of step 2 and the like are the same as they are written; the
 * first that are not.
 */
static bool
same_forms(struct comparing *c, uint32_t first[2])
{
	uint32_t rules[2];
	bool same = true;
	int t;

	for (t = 0; t < 2; t++)
		rules[t] = next_form(c, t,
		    rules_first(c->both.tables[t].rules));
	while (rules[0] != 0 || rules[1] != 0) {
		if (same && !same_form(c, rules)) {
			same = false;
			memcpy(first, rules, sizeof(rules));
		}
		for (t = 0; t < 2; t++)
			if (rules[t] != 0)
				rules[t] = next_form(c, t, rules_after(
				    c->both.tables[t].rules, rules[t]));
	}
	return same;
}

/*
 * Whether the rules for an address take the same step in both tables.  If it
 * stands for those of one local part in many domains, both have to be for it.
 */
static bool
same_step(const struct comparing *c, const struct query *q, bool both_named)
{
	const struct rules *r = c->both.tables[0].rules;
	const struct rules *s = c->both.tables[1].rules;
	struct pattern x, y;
	const struct match a = match_find_without_regexes(r, q);
	const struct match b = match_find_without_regexes(s, q);

	if (both_named &&
	    (!rule_names_local(r, a.rule) || !rule_names_local(s, b.rule)))
		return false;
	if (rule_leaves(r, a.rule) || rule_leaves(s, b.rule))
		return rule_leaves(r, a.rule) && rule_leaves(s, b.rule);
	if (!same_route(r, a.rule, s, b.rule))
		return false;
	if (!rule_takes_stars(r, a.rule))
		return true;
	x = rules_pattern(r, a.rule);
	y = rules_pattern(s, b.rule);
	return same_pattern(&x, &y);
}

/* The same for what stands for all that a rule takes. */
static int
same_rule(struct comparing *c, int t, uint32_t rule)
{
	struct both *b = &c->both;
	struct pattern p = rules_pattern(b->tables[t].rules, rule);
	struct query q = { .role = b->role, .bare = true,
		.delimiters = b->options->delimiters,
		.null = p.locals == LOCAL_NULL,
		.local = p.locals == LOCAL_EXACT ? p.local :
		    both_unnamed(b) };
	size_t areas[2], i, n = both_widest_areas(b, &p, areas);
	int same = 1;

	if (p.role != b->role || p.locals == LOCAL_GLOB ||
	    p.locals == LOCAL_REGEX)
		return 1;
	for (i = 0; i < n && same == 1; i++) {
		if (areas_write_domain(b->classes, areas[i], &b->domain) == -1)
			return -1;
		q.domain = text_span(&b->domain);
		same = same_step(c, &q, p.locals == LOCAL_EXACT &&
		    p.scope != SCOPE_DOMAIN);
	}
	return same;
}

/*
 * Whether each rule of either table takes the same step as the rule for the
 * same addresses in the other one, so that there is nothing to compare.
 */
static int
same_rules(struct comparing *c)
{
	const struct rules *r;
	uint32_t rule;
	int t, same = 1;

	for (t = 0; t < 2; t++) {
		r = c->both.tables[t].rules;
		for (rule = rules_first(r); rule != 0 && same == 1;
		    rule = rules_after(r, rule))
			same = same_rule(c, t, rule);
	}
	return same;
}

static int
compare_addresses(struct comparing *c)
{
	int done = pairs_compare(&c->pairs);

	if (c->pairs.partial || !classes_are_all(c->both.classes))
		c->partial = true;
	pairs_free(&c->pairs);
	telling_clear(&c->telling);
	return done;
}

static int
compare_role(struct comparing *c, enum role role)
{
	uint32_t forms[2];
	bool same;
	int same_others;

	c->both.role = role;
	c->pairs = (struct pairs){ .both = &c->both, .telling = &c->telling };
	same = same_forms(c, forms);
	if ((same_others = same_rules(c)) == -1)
		return -1;
	if (same && same_others)
		return 0;
	if (compare_addresses(c) == -1)
		return -1;
	return same ? 0 : take_forms(c, forms);
}

int
compare_tables(const struct rules *a, const struct rules *b,
    const struct router_options *options, const struct differences *take)
{
	const struct rules *const tables[] = { a, b };
	struct comparing c = { .take = take };
	int done;

	if (!both_open(&c.both, tables, options))
		return -1;
	c.telling = (struct telling){ .both = &c.both, .take = take };
	done = compare_role(&c, RECIPIENT) == -1 ||
	    compare_role(&c, SENDER) == -1 ? -1 : 0;
	if (done == 0 && c.partial)
		done = take->possible(take->with, span_of("possible, since "
		    "captures or details make more addresses of one another "
		    "than could be tried"));
	telling_free(&c.telling);
	both_close(&c.both);
	text_free(&c.room);
	return done;
}
