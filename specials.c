#include <stdlib.h>
#include <string.h>

#include "same.h"
#include "specials.h"

enum { MOST_DETAILED = 4000000 };	/* rules, times details */

/* The detail of a local part that is named, if it can be one. */
static bool
add_detail(struct specials *s, const char *delimiters, struct span local)
{
	size_t i, n;

	for (i = 1; delimiters != NULL && i < local.len; i++)
		if (strchr(delimiters, local.s[i]) != NULL)
			return names_add(&s->details, (struct span){
			    local.s + i, local.len - i }, &n) != -1;
	return true;
}

static bool
add_special(struct specials *s, const struct both *b, int table, uint32_t rule)
{
	const struct rules *r = b->tables[table].rules;
	struct pattern p = rules_pattern(r, rule);
	struct special *grown;
	bool exact;

	if (p.role != b->role || p.locals != LOCAL_EXACT ||
	    rules_same(r, rule) != 0)
		return true;
	grown = array_grow(s->list, &s->size, s->count, sizeof(*grown));
	if (grown == NULL)
		return false;
	s->list = grown;
	grown[s->count++] = (struct special){ p.scope == SCOPE_ANY ?
		classes_count(b->classes) : classes_find(b->classes,
		p.domain, &exact), table, rule };
	return add_detail(s, b->options->delimiters, p.local);
}

/* Puts them in the order of their domains, by counting. */
static bool
sort(struct specials *s, size_t domains)
{
	struct special *sorted = calloc(s->count + 1, sizeof(*sorted));
	size_t i, *first = calloc(domains + 3, sizeof(*first));

	s->first = first;
	if (first == NULL || sorted == NULL) {
		free(sorted);
		return false;
	}
	for (i = 0; i < s->count; i++)
		first[s->list[i].domain + 2]++;
	for (i = 2; i < domains + 3; i++)
		first[i] += first[i - 1];
	for (i = 0; i < s->count; i++)
		sorted[first[s->list[i].domain + 1]++] = s->list[i];
	free(s->list);
	s->list = sorted;
	s->size = s->count + 1;
	return true;
}

bool
specials_list(struct specials *s, const struct both *b)
{
	uint32_t rule;
	int t;

	*s = (struct specials){ .count = 0 };
	for (t = 0; t < 2; t++)
		for (rule = rules_first(b->tables[t].rules); rule != 0;
		    rule = rules_after(b->tables[t].rules, rule))
			if (!add_special(s, b, t, rule))
				return false;
	s->many = s->details.count > MOST_DETAILED / (s->count + 1);
	return sort(s, classes_count(b->classes));
}

void
specials_free(struct specials *s)
{
	free(s->list);
	free(s->first);
	names_free(&s->details);
	*s = (struct specials){ .count = 0 };
}

/* Those of one domain, or any, that take it or what is below it. */
static bool
each_of(const struct specials *s, const struct both *b, size_t domain,
    bool below, bool (*take)(void *, struct span), void *with)
{
	struct pattern p;
	size_t i;

	for (i = s->first[domain]; i < s->first[domain + 1]; i++) {
		p = rules_pattern(b->tables[s->list[i].table].rules,
		    s->list[i].rule);
		if (p.scope != (below ? SCOPE_DOMAIN : SCOPE_BELOW) &&
		    !take(with, p.local))
			return false;
	}
	return true;
}

/* The next domain above one of the classes, or their count. */
static size_t
above(const struct both *b, size_t domain)
{
	struct span name = classes_domain(b->classes, domain);
	const char *dot = memchr(name.s, '.', name.len);
	bool exact;

	return dot == NULL ? classes_count(b->classes) :
	    classes_find(b->classes, span_between(dot + 1,
	    name.s + name.len), &exact);
}

bool
specials_each_at(const struct specials *s, const struct both *b, size_t area,
    bool (*take)(void *, struct span), void *with)
{
	bool below;
	size_t domain = areas_domain(b->classes, area, &below);

	for (; domain < classes_count(b->classes);
	    domain = above(b, domain), below = true)
		if (!each_of(s, b, domain, below, take, with))
			return false;
	return area == areas_none(b->classes) ||
	    each_of(s, b, domain, true, take, with);
}
