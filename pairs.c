#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "pairs.h"
#include "same.h"

/*
 * Tries one pair: 1 if it is treated alike.  Rules of step 2 that stand before
 * others and treat it alike may hide what the others do.
 */
static int
compare_pair(struct pairs *p, struct span local, size_t area)
{
	bool covered = arrows_differ(&p->arrows, area) &&
	    !span_equal(local, both_unnamed(p->both));
	struct address a;
	int same, bare = both_route(p->both, BARE, local, area, &a);

	if (bare == -1 || (bare == 1 && !p->has_globs))
		return bare;
	if ((same = both_route(p->both, WHOLE, local, area, &a)) == -1)
		return -1;
	if (same == 0 && telling_tell(p->telling, WHOLE, local, area,
	    covered) == -1)
		return -1;
	if (same == 1 && bare == 0 && (both_route(p->both, BARE, local, area,
	    &a) == -1 || telling_tell(p->telling, BARE, local, area,
	    covered) == -1))
		return -1;
	return bare;
}

/*
 * Puts a pair to those that are to be tried; with all that leads there, even
 * if nothing differs there.
 */
static bool
put_pair(struct pairs *p, struct span local, size_t area, bool all_before)
{
	struct text *key = &p->key;
	size_t i, n;

	if (!both_have_area(p->both, area))
		return true;
	key->len = 0;
	if (text_add(key, (const char *)&area, sizeof(area)) == -1 ||
	    text_add_byte(key, all_before ? 1 : 0) == -1)
		return false;
	for (i = 0; i < local.len; i++)
		if (text_add_byte(key,
		    (char)ascii_lower((unsigned char)local.s[i])) == -1)
			return false;
	return names_add(&p->tried, text_span(key), &n) != -1;
}

/* A local part in all areas of the domains that a pattern is for. */
static bool
put_everywhere(struct pairs *p, struct span local, const struct pattern *q)
{
	const struct classes *c = p->both->classes;
	size_t i, first = 0, end = areas_elsewhere(c);

	if (q->scope == SCOPE_DOMAIN)
		return true;
	if (q->scope != SCOPE_ANY) {
		first = areas_find(c, q->domain) + (q->scope == SCOPE_BELOW);
		end = 2 * classes_below_end(c, first / 2);
	}
	for (i = first; i < end; i++)
		if (!put_pair(p, local, i, false))
			return false;
	return true;
}

/* Where a local part is put: in an area, or all that a pattern is for. */
struct where {
	size_t area;
	const struct pattern *pattern;	/* or NULL */
};

static bool
put(struct pairs *p, struct span local, const struct where *w)
{
	return w->pattern != NULL ? put_everywhere(p, local, w->pattern) :
	    put_pair(p, local, w->area, false);
}

/* A local part with a detail behind it. */
static bool
put_detailed(struct pairs *p, struct span user, struct span detail,
    const struct where *w)
{
	p->room.len = 0;
	return text_add_span(&p->room, user) == 0 &&
	    text_add_span(&p->room, detail) == 0 &&
	    put(p, text_span(&p->room), w);
}

/* A local part, and with each detail that may make a difference. */
static bool
put_with_details(struct pairs *p, struct span local, const struct where *w)
{
	const char *delimiters = p->both->options->delimiters;
	const struct names *details = &p->specials.details;
	size_t i;

	if (!put(p, local, w))
		return false;
	if (delimiters == NULL || delimiters[0] == '\0' || local.len == 0)
		return true;
	p->detail.len = 0;
	if (text_add_byte(&p->detail, delimiters[0]) == -1 ||
	    text_add_span(&p->detail, both_unnamed(p->both)) == -1 ||
	    !put_detailed(p, local, text_span(&p->detail), w))
		return false;
	for (i = 0; i < details->count && !p->specials.many; i++)
		if (!put_detailed(p, local, names_get(details, i), w))
			return false;
	return true;
}

static bool
put_in_area(struct pairs *p, struct span local, size_t area)
{
	return put_with_details(p, local, &(struct where){ area, NULL });
}

/* The targets of a rule, which may lie in the domain it is for. */
static bool
put_targets(struct pairs *p, int t, uint32_t rule, struct span local)
{
	const struct rules *r = p->both->tables[t].rules;
	struct route route = rules_route(r, rule);
	struct target target;
	size_t i;

	for (i = 0; i < route.count; i++) {
		target = rules_target(r, rule, i);
		if (target.canonical.len > 0 && !put_in_area(p, local,
		    areas_find(p->both->classes, target.canonical)))
			return false;
	}
	return true;
}

/*
 * A local part where a rule is for it.  If both tables have a rule for all of
 * that, and nothing is captured, each of them does the same everywhere, but
 * for its own targets.
 */
static bool
put_special(struct pairs *p, const struct special *s)
{
	const struct rules *r = p->both->tables[s->table].rules;
	const struct rules *others = p->both->tables[!s->table].rules;
	struct pattern q = rules_pattern(r, s->rule);
	size_t areas[2], i, n = both_widest_areas(p->both, &q, areas);
	uint32_t other = rules_find_exact(others, &q);

	for (i = 0; i < n; i++)
		if (!put_in_area(p, q.local, areas[i]))
			return false;
	if (q.scope == SCOPE_DOMAIN)
		return true;
	if (other == 0 || classes_rule_captures(r, s->rule) ||
	    classes_rule_captures(others, other))
		return put_with_details(p, q.local, &(struct where){ 0, &q });
	return put_targets(p, s->table, s->rule, q.local) &&
	    put_targets(p, !s->table, other, q.local);
}

static bool
put_specials(struct pairs *p)
{
	size_t i;

	for (i = 0; i < p->specials.count; i++)
		if (!put_special(p, &p->specials.list[i]))
			return false;
	return true;
}

/* The addresses that a rule rewrites to: what is one already, stays so. */
static bool
put_addresses_of(struct pairs *p, const struct rules *r, uint32_t rule)
{
	struct route route = rules_route(r, rule);
	struct target target;
	size_t i;

	for (i = 0; i < route.count; i++) {
		target = rules_target(r, rule, i);
		if (target.kind == TARGET_ADDRESS &&
		    target.canonical.len > 0 && !put_in_area(p, target.local,
		    areas_find(p->both->classes, target.canonical)))
			return false;
	}
	return true;
}

static bool
put_addresses(struct pairs *p)
{
	const struct rules *r;
	uint32_t rule;
	int t;

	for (t = 0; t < 2; t++) {
		r = p->both->tables[t].rules;
		for (rule = rules_first(r); rule != 0;
		    rule = rules_after(r, rule))
			if (rules_pattern(r, rule).role == p->both->role &&
			    !put_addresses_of(p, r, rule))
				return false;
	}
	return true;
}

/* A local part that has a rule where an area leads to is put there. */
struct behind {
	struct pairs *pairs;
	size_t area;
};

static bool
put_behind(void *with, struct span local)
{
	const struct behind *b = with;

	return put_in_area(b->pairs, local, b->area);
}

/* Every local part that may fare otherwise from here than those without. */
static bool
put_all_behind(struct pairs *p, size_t area)
{
	struct behind b = { p, area };
	size_t i, n = arrows_reach(&p->arrows, area, p->reached);

	for (i = 0; i < n; i++)
		if (!specials_each_at(&p->specials, p->both, p->reached[i],
		    put_behind, &b))
			return false;
	return true;
}

/* What one table does next with an address, as a string. */
static bool
add_step(struct text *key, const struct outcome *o)
{
	const struct destination *d;
	size_t i;

	for (i = 0; i < o->count; i++) {
		d = &o->destinations[i];
		if (text_printf(key, "%d %d %.*s", (int)o->status,
		    (int)d->action, (int)d->detail.len,
		    d->detail.s) == -1 || text_add_byte(key, '\0') == -1 ||
		    address_add_canonical(key, d->local, d->domain) == -1 ||
		    text_add_byte(key, '\0') == -1)
			return false;
	}
	return text_add_byte(key, '\n') == 0;
}

/*
 * Sets *first to the first area from which the tables take the same steps as
 * from this one, if it is not the first itself.  false if there is no memory.
 */
static bool
find_alike(struct pairs *p, size_t area, size_t *first)
{
	struct both *b = p->both;
	struct address a;
	size_t n, *grown;
	int new;

	p->key.len = 0;
	*first = area;
	if (both_route(b, STEP, both_unnamed(b), area, &a) == -1 ||
	    !add_step(&p->key, &b->outcomes[0]) ||
	    !add_step(&p->key, &b->outcomes[1]) ||
	    (new = names_add(&p->steps, text_span(&p->key), &n)) == -1 ||
	    (grown = array_grow(p->areas, &p->size_areas, n,
	    sizeof(*grown))) == NULL)
		return false;
	p->areas = grown;
	if (new == 1)
		grown[n] = area;
	*first = grown[n];
	return true;
}

/*
 * Areas from which the tables take the same steps are alike but for a local
 * part that has a rule in one of them: one of them is tried, and if something
 * differs there, all.
 */
static bool
put_hidden(struct pairs *p)
{
	size_t i, first;

	for (i = 0; i < p->arrows.areas; i++) {
		struct behind b = { p, i };

		if (!arrows_hide(&p->arrows, i))
			continue;
		if (!find_alike(p, i, &first))
			return false;
		if (first == i) {
			if (!put_all_behind(p, i))
				return false;
			continue;
		}
		p->alike[i] = p->alike[first];
		p->alike[first] = i + 1;
		if (!specials_each_at(&p->specials, p->both, first,
		    put_behind, &b))
			return false;
	}
	return true;
}

/* What differs from here differs from all areas that are alike. */
static bool
put_alike(struct pairs *p, struct span local, size_t area)
{
	size_t i;

	for (i = p->alike[area]; i != 0; i = p->alike[i - 1])
		if (!put_pair(p, local, i - 1, false))
			return false;
	return true;
}

/* Notes a rule and a local part: 1 if they are new. */
static int
note_around(struct pairs *p, int t, uint32_t rule, struct span local)
{
	size_t n;

	p->key.len = 0;
	return text_printf(&p->key, "%d %zu ", t, (size_t)rule) == -1 ||
	    text_add_span(&p->key, local) == -1 ? -1 :
	    names_add(&p->around, text_span(&p->key), &n);
}

/* The areas that a pattern is for, but do not differ. */
static bool
put_from(struct pairs *p, const struct pattern *q)
{
	const struct classes *c = p->both->classes;
	size_t i, first = 0, end = p->arrows.areas;

	if (q->scope != SCOPE_ANY) {
		first = areas_find(c, q->domain) + (q->scope == SCOPE_BELOW);
		end = q->scope == SCOPE_DOMAIN ? first + 1 :
		    2 * classes_below_end(c, first / 2);
	}
	for (i = first; i < end; i++)
		if (!arrows_differ(&p->arrows, i) && !put_all_behind(p, i))
			return false;
	return true;
}

/*
 * An address differs that rules for whole domains rewrite to.  If what comes
 * from there does not, for a loop say, it may for what has its own rule.
 */
static bool
put_origins(struct pairs *p, struct span local, size_t area)
{
	const struct origin *o;
	struct pattern q;
	int new;

	if (!origins_find(&p->origins, local, area, &o))
		return false;
	for (; o != NULL; o = origins_next(&p->origins, o)) {
		new = note_around(p, o->table, o->rule, (struct span){ "", 0 });
		q = rules_pattern(p->both->tables[o->table].rules, o->rule);
		if (new == -1 || (new == 1 && !put_from(p, &q)))
			return false;
	}
	return true;
}

/* What differs here does so where it comes from. */
static bool
put_before(struct pairs *p, struct span local, size_t area, bool all_before)
{
	const struct links *back = &p->arrows.back;
	size_t i;

	for (i = back->first[area]; i < back->first[area + 1]; i++)
		if (!arrows_differ(&p->arrows, back->to[i]) &&
		    !put_pair(p, local, back->to[i], all_before))
			return false;
	return true;
}

/* Whether the other table has the same rule for an address on the way. */
static bool
is_shared(const struct pairs *p, int t, const struct hop *hop)
{
	const struct rules *others = p->both->tables[!t].rules;
	struct query q = { .role = p->both->role, .bare = true,
		.local = hop->local, .domain = hop->domain,
		.null = hop->local.len + hop->domain.len == 0,
		.delimiters = p->both->options->delimiters };
	const struct match m = match_find_without_regexes(others, &q);

	return m.rule != 0 && same_route(p->both->tables[t].rules, hop->rule,
	    others, m.rule);
}

/*
 * Whether a way passes a rule with $0 that the tables do not share: where that
 * leads depends on where the way began.  -1 if there is no memory.
 */
static int
passes_all(struct pairs *p, int t)
{
	const struct outcome *o = &p->both->outcomes[t];
	const struct hop *hops;
	size_t i, j, n;

	for (i = 0; i < o->count; i++) {
		hops = both_trail(p->both, t, &o->destinations[i], &n);
		if (hops == NULL)
			return -1;
		for (j = 0; j < n; j++)
			if (rule_takes_all(p->both->tables[t].rules,
			    hops[j].rule) && !is_shared(p, t, &hops[j]))
				return 1;
	}
	return 0;
}

/* The same by both tables. */
static int
depends_on_origin(struct pairs *p, struct span local, size_t area)
{
	struct address a;
	int passes;

	if (!p->has_all)
		return 0;
	if (both_route(p->both, BARE, local, area, &a) == -1)
		return -1;
	passes = passes_all(p, 0);
	return passes != 0 ? passes : passes_all(p, 1);
}

/*
 * What differs in one area that a rule for a local part takes may do so in all
 * that it takes; each of them is a place where something may lead to.
 */
static bool
put_around(struct pairs *p, struct span local, size_t area)
{
	struct both *b = p->both;
	struct query q = { .role = b->role, .local = local, .bare = true,
		.delimiters = b->options->delimiters };
	struct pattern pattern;
	struct match m;
	int t, new;

	if (areas_write_domain(b->classes, area, &b->domain) == -1)
		return false;
	q.domain = text_span(&b->domain);
	for (t = 0; t < 2; t++) {
		m = match_find_without_regexes(b->tables[t].rules, &q);
		if (!rule_names_local(b->tables[t].rules, m.rule))
			continue;
		pattern = rules_pattern(b->tables[t].rules, m.rule);
		new = note_around(p, t, m.rule, local);
		if (new == -1 ||
		    (new == 1 && !put_everywhere(p, local, &pattern)))
			return false;
	}
	return true;
}

/* Tries a pair, and puts those to it that lead there. */
static int
try_pair(struct pairs *p, struct span local, size_t area, bool all_before)
{
	int same = compare_pair(p, local, area), depends = 0;

	if (same == 1 && !all_before)
		depends = depends_on_origin(p, local, area);
	if (same == -1 || depends == -1)
		return -1;
	all_before = all_before || depends;
	return same == 1 && !all_before ? 0 :
	    put_before(p, local, area, all_before) &&
	    put_around(p, local, area) && put_alike(p, local, area) &&
	    put_origins(p, local, area) ? 0 : -1;
}

/* Tries all pairs, those that are put to them on the way included. */
static int
try_pairs(struct pairs *p)
{
	struct span pair;
	size_t i, area, head = sizeof(area) + 1;

	for (i = 0; i < p->tried.count; i++) {
		pair = names_get(&p->tried, i);
		memcpy(&area, pair.s, sizeof(area));
		p->local.len = 0;
		if (text_add(&p->local, pair.s + head, pair.len - head) ==
		    -1 || try_pair(p, text_span(&p->local), area,
		    pair.s[sizeof(area)] != 0) == -1)
			return -1;
	}
	return 0;
}

/* The local part that stands for all that no rule names, in every area. */
static int
try_areas(struct pairs *p)
{
	size_t i;

	for (i = 0; i < p->arrows.areas; i++)
		if (both_have_area(p->both, i) &&
		    (p->has_globs || arrows_differ(&p->arrows, i)) &&
		    compare_pair(p, both_unnamed(p->both), i) == -1)
			return -1;
	return 0;
}

/* The null sender, whom only a rule for him matches. */
static int
try_null(struct pairs *p)
{
	return p->both->role == SENDER && compare_pair(p,
	    (struct span){ "", 0 }, areas_none(p->both->classes)) == -1 ?
	    -1 : 0;
}

int
pairs_compare(struct pairs *p)
{
	if (!arrows_survey(&p->arrows, p->both, p->has_all) ||
	    !specials_list(&p->specials, p->both) ||
	    !origins_list(&p->origins, p->both) || (p->reached =
	    calloc(p->arrows.areas, sizeof(*p->reached))) == NULL ||
	    (p->alike = calloc(p->arrows.areas, sizeof(*p->alike))) == NULL)
		return -1;
	p->partial = p->specials.many;
	return try_areas(p) == -1 || try_null(p) == -1 || !put_specials(p) ||
	    !put_addresses(p) || !put_hidden(p) ? -1 : try_pairs(p);
}

void
pairs_free(struct pairs *p)
{
	arrows_free(&p->arrows);
	specials_free(&p->specials);
	origins_free(&p->origins);
	free(p->reached);
	names_free(&p->steps);
	free(p->areas);
	free(p->alike);
	names_free(&p->tried);
	names_free(&p->around);
	text_free(&p->key);
	text_free(&p->local);
	text_free(&p->room);
	text_free(&p->detail);
}
