#include <stdlib.h>
#include <string.h>

#include "telling.h"

/* The rules that an address comes under first, and the narrower of them. */
struct first {
	uint32_t rules[2];
	int table;
	struct pattern pattern;
};

/* The first rule on the way, the same for all destinations; or 0. */
static uint32_t
first_rule(const struct both *b, enum way way, int table)
{
	const struct outcome *o = &b->outcomes[table];
	struct hop hop;
	size_t i;

	for (i = 0; i < o->count; i++)
		if (router_trail(both_router(b, way, table),
		    &o->destinations[i], &hop, 1) > 0)
			return hop.rule;
	return 0;
}

/* How specific a pattern is, step by step; the longer domain counts next. */
static int
rank(const struct pattern *p)
{
	switch (p->locals) {
	case LOCAL_EXACT:
		return p->scope == SCOPE_ANY ? 7 : p->scope == SCOPE_DOMAIN ?
		    9 : 8;
	case LOCAL_GLOB:
	case LOCAL_REGEX:
		return 6;
	case LOCAL_NULL:
		return 5;
	case LOCAL_ANY:
	default:
		return p->scope == SCOPE_ANY ? 1 : p->scope == SCOPE_DOMAIN ?
		    3 : 2;
	}
}

/* Whether the first of two patterns is for less than the other one. */
static bool
is_narrower(const struct pattern *p, const struct pattern *q)
{
	if (rank(p) != rank(q))
		return rank(p) > rank(q);
	if (p->domain.len != q->domain.len)
		return p->domain.len > q->domain.len;
	return p->scope == SCOPE_BELOW && q->scope == SCOPE_TREE;
}

/* By the last outcomes.  Where there is no rule, both are 0. */
static void
find_first(const struct both *b, enum way way, struct first *f)
{
	struct pattern p;
	int t;

	*f = (struct first){ .table = -1 };
	for (t = 0; t < 2; t++) {
		if ((f->rules[t] = first_rule(b, way, t)) == 0)
			continue;
		p = rules_pattern(b->tables[t].rules, f->rules[t]);
		if (f->table == -1 || is_narrower(&p, &f->pattern)) {
			f->table = t;
			f->pattern = p;
		}
	}
}

/* "*.example.com" */
static int
add_area_pattern(struct telling *t, size_t area)
{
	bool below;
	size_t n = areas_domain(t->both->classes, area, &below);

	if (area == areas_elsewhere(t->both->classes))
		return text_add_byte(&t->pattern, '*');
	return below && text_add(&t->pattern, "*.", 2) == -1 ? -1 :
	    text_add_span(&t->pattern, classes_domain(t->both->classes, n));
}

/* "user", or "user+*" if its detail is one that no rule names. */
static int
add_local_pattern(struct telling *t, struct span local)
{
	struct span name = both_unnamed(t->both);
	size_t user = local.len - name.len;

	if (local.len <= name.len || t->both->options->delimiters == NULL ||
	    local.s[user - 1] != t->both->options->delimiters[0] ||
	    !span_equal(name, (struct span){ local.s + user, name.len }))
		return address_add_quoted(&t->pattern, local);
	return address_add_quoted(&t->pattern, (struct span){ local.s, user })
	    == -1 ? -1 : text_add_byte(&t->pattern, '*');
}

/* Of addresses without a domain, or the null sender. */
static int
write_pattern_of_none(struct telling *t, struct span local)
{
	if (local.len == 0)
		return text_add(&t->pattern, "<>", 2);
	return (span_equal(local, both_unnamed(t->both)) ?
	    text_add_byte(&t->pattern, '*') :
	    add_local_pattern(t, local)) == -1 ? -1 :
	    text_add_span(&t->pattern, span_of(" without a domain"));
}

/* The pattern of a class that is one area, or all that a rule takes. */
static int
write_pattern(struct telling *t, struct span local, const size_t *areas,
    size_t n)
{
	t->pattern.len = 0;
	if (t->both->role == SENDER && text_add(&t->pattern, "from:", 5) == -1)
		return -1;
	if (areas[0] == areas_none(t->both->classes))
		return write_pattern_of_none(t, local);
	if (!span_equal(local, both_unnamed(t->both)) &&
	    (add_local_pattern(t, local) == -1 ||
	    text_add_byte(&t->pattern, '@') == -1))
		return -1;
	if (n == 2)
		return text_add_byte(&t->pattern, '.') == -1 ? -1 :
		    add_area_pattern(t, areas[0]);
	return add_area_pattern(t, areas[0]);
}

static int
take(struct telling *t, struct span local, size_t area)
{
	struct difference d;
	struct address a;

	if (both_route(t->both, t->way, local, area, &a) == -1)
		return -1;
	d = (struct difference){
		.pattern = text_span(&t->pattern),
		.example = &a,
		.routers = { both_router(t->both, t->way, 0),
		    both_router(t->both, t->way, 1) },
		.outcomes = { t->both->outcomes[0], t->both->outcomes[1] },
		.possible = t->way == BARE,
	};
	return t->take->differ(t->take->with, &d);
}

/*
 * Of the areas that stand for all that a pattern takes, keeps those where the
 * same two rules come first, which begin with the first one, and where the
 * tables differ.  *all says whether they do in each of them.
 */
static int
keep_alike(struct telling *t, struct span local, const struct first *f,
    size_t areas[2], size_t *n, bool *all)
{
	struct first other;
	struct address a;
	size_t i, kept = 0;
	int same;

	*all = true;
	for (i = 0; i < *n; i++) {
		same = both_route(t->both, t->way, local, areas[i], &a);
		if (same == -1)
			return -1;
		find_first(t->both, t->way, &other);
		if (memcmp(other.rules, f->rules, sizeof(f->rules)) != 0)
			continue;
		if (same == 1)
			*all = false;
		areas[kept++] = areas[i];
	}
	*n = kept;
	if (kept == 0)
		*all = false;
	return 0;
}

/*
 * Whether it is for one local part in many domains: what the other table does
 * there may be as many things, and is told of by one of them.
 */
static bool
is_wide(const struct pattern *p)
{
	return p->locals == LOCAL_EXACT && p->scope != SCOPE_DOMAIN;
}

/* The two rules and the local part, as one string. */
static int
write_told(struct telling *t, struct span local, const struct first *f)
{
	uint32_t rules[2] = { f->rules[0], f->rules[1] };

	if (is_wide(&f->pattern))
		rules[!f->table] = 0;
	t->key.len = 0;
	return text_add_byte(&t->key, t->way == BARE ? '?' : '!') == -1 ||
	    text_add(&t->key, (const char *)rules, sizeof(rules)) == -1 ? -1 :
	    text_add_span(&t->key, local);
}

/* Whether it was told that all differs that the two rules take. */
static int
is_told(struct telling *t, struct span local, const struct first *f)
{
	size_t n;

	return write_told(t, local, f) == -1 ? -1 :
	    names_find(&t->told, text_span(&t->key), &n) && t->all_told[n];
}

/* Enters them, to be told of; 1 if they are new. */
static int
find_told(struct telling *t, struct span local, const struct first *f,
    size_t *n)
{
	unsigned char *grown;
	int new;

	if (write_told(t, local, f) == -1 ||
	    (new = names_add(&t->told, text_span(&t->key), n)) == -1)
		return -1;
	grown = array_grow(t->all_told, &t->size_all_told, *n, 1);
	if (grown == NULL)
		return -1;
	t->all_told = grown;
	return new;
}

/* A form of local parts is told of by its own pattern. */
static int
tell_form(struct telling *t, const struct first *f, struct span local,
    size_t area, size_t told)
{
	t->all_told[told] = true;
	t->pattern.len = 0;
	if (rules_add_pattern_text(t->both->tables[f->table].rules,
	    f->rules[f->table], &t->pattern) == -1)
		return -1;
	return take(t, local, area);
}

/* Tells of all that the same two rules take, if all of it differs. */
static int
tell_all(struct telling *t, struct span local, const struct first *f,
    size_t area, size_t told)
{
	size_t areas[2], n = both_widest_areas(t->both, &f->pattern, areas);
	bool all = true;

	if (!is_wide(&f->pattern) &&
	    keep_alike(t, local, f, areas, &n, &all) == -1)
		return -1;
	if (!all)
		return 0;
	t->all_told[told] = true;
	return write_pattern(t, local, areas, n) == -1 || take(t, local,
	    is_wide(&f->pattern) ? area : areas[0]) == -1 ? -1 : 1;
}

static int
tell_area(struct telling *t, struct span local, size_t area)
{
	return write_pattern(t, local, &area, 1) == -1 ? -1 :
	    take(t, local, area);
}

int
telling_tell(struct telling *t, enum way way, struct span local, size_t area,
    bool covered)
{
	struct first f;
	size_t told;
	int done;

	t->way = way;
	find_first(t->both, way, &f);
	if (covered && f.pattern.locals == LOCAL_ANY)
		return 0;
	if (area == areas_none(t->both->classes) &&
	    !span_equal(local, both_unnamed(t->both)))
		return tell_area(t, local, area);
	if ((done = is_told(t, f.pattern.locals == LOCAL_EXACT ?
	    f.pattern.local : local, &f)) != 0)
		return done == -1 ? -1 : 0;
	if ((done = find_told(t, local, &f, &told)) == -1)
		return -1;
	if (f.pattern.locals == LOCAL_GLOB || f.pattern.locals == LOCAL_REGEX)
		return tell_form(t, &f, local, area, told);
	if (done == 1 && (done = tell_all(t, local, &f, area, told)) != 0)
		return done == -1 ? -1 : 0;
	return tell_area(t, local, area);
}

void
telling_clear(struct telling *t)
{
	names_clear(&t->told);
	free(t->all_told);
	t->all_told = NULL;
	t->size_all_told = 0;
}

void
telling_free(struct telling *t)
{
	telling_clear(t);
	names_free(&t->told);
	text_free(&t->key);
	text_free(&t->pattern);
}
