#include <stdlib.h>

#include "arrows.h"

/* Marks of an area. */
enum {
	DIFFERS = 1,		/* in the end */
	CHANGED = 2,		/* in the next step */
	SEEN = 4
};

static bool
add_arrow(struct links *l, size_t to)
{
	size_t *grown = array_grow(l->to, &l->size, l->count, sizeof(*grown));

	if (grown == NULL)
		return false;
	l->to = grown;
	grown[l->count++] = to;
	return true;
}

/* An arrow to where the local part comes as it is. */
static bool
add_place(struct arrows *a, struct both *b, size_t area, struct span local,
    struct span written)
{
	struct span domain;
	size_t to;

	if (!span_equal(local, both_unnamed(b)))
		return true;
	if (address_domain(written, &b->room, &domain) == -1)
		return false;
	to = areas_find(b->classes, domain);
	return to == area || add_arrow(&a->on, to);
}

/* The areas that one step leads to. */
static bool
add_step(struct arrows *a, struct both *b, size_t area,
    const struct outcome *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (!add_place(a, b, area, o->destinations[i].local,
		    o->destinations[i].domain))
			return false;
	return true;
}

/* All that a way passes: $0 is where it began. */
static bool
add_way(struct arrows *a, struct both *b, size_t area, int t)
{
	const struct outcome *o = &b->outcomes[t];
	const struct hop *hops;
	size_t i, j, n;

	for (i = 0; i < o->count; i++) {
		if ((hops = both_trail(b, t, &o->destinations[i], &n)) == NULL)
			return false;
		for (j = 1; j < n; j++)
			if (!add_place(a, b, area, hops[j].local,
			    hops[j].domain))
				return false;
	}
	return add_step(a, b, area, o);
}

/* What either table does in an area with a local part that is not named. */
static bool
survey_area(struct arrows *a, struct both *b, size_t area, bool all)
{
	struct address address;
	int same = both_route(b, STEP, both_unnamed(b), area, &address);

	if (same == -1 || !add_step(a, b, area, &b->outcomes[0]) ||
	    (same == 0 && !add_step(a, b, area, &b->outcomes[1])))
		return false;
	if (same == 0)
		a->marks[area] |= CHANGED;
	same = both_route(b, BARE, both_unnamed(b), area, &address);
	if (same == 0)
		a->marks[area] |= DIFFERS;
	return same != -1 && (!all || (add_way(a, b, area, 0) &&
	    add_way(a, b, area, 1)));
}

/* Makes the arrows back of those on. */
static bool
turn(struct arrows *a)
{
	size_t i, j, end, *first;

	first = a->back.first = calloc(a->areas + 2, sizeof(*first));
	a->back.to = calloc(a->on.count + 1, sizeof(*a->back.to));
	if (first == NULL || a->back.to == NULL)
		return false;
	for (i = 0; i < a->on.count; i++)
		first[a->on.to[i] + 2]++;
	for (i = 2; i < a->areas + 2; i++)
		first[i] += first[i - 1];
	for (i = 0; i < a->areas; i++)
		for (j = a->on.first[i], end = a->on.first[i + 1]; j < end;
		    j++)
			a->back.to[first[a->on.to[j] + 1]++] = i;
	return true;
}

bool
arrows_survey(struct arrows *a, struct both *b, bool all)
{
	size_t i;

	*a = (struct arrows){ .areas = areas_count(b->classes) };
	a->marks = calloc(a->areas, 1);
	a->on.first = calloc(a->areas + 1, sizeof(*a->on.first));
	if (a->marks == NULL || a->on.first == NULL)
		return false;
	for (i = 0; i < a->areas; i++) {
		a->on.first[i] = a->on.count;
		if (both_have_area(b, i) && !survey_area(a, b, i, all))
			return false;
	}
	a->on.first[a->areas] = a->on.count;
	return turn(a);
}

void
arrows_free(struct arrows *a)
{
	free(a->marks);
	free(a->on.first);
	free(a->on.to);
	free(a->back.first);
	free(a->back.to);
	*a = (struct arrows){ 0 };
}

bool
arrows_differ(const struct arrows *a, size_t area)
{
	return a->marks[area] & DIFFERS;
}

bool
arrows_hide(const struct arrows *a, size_t area)
{
	size_t i;

	if (a->marks[area] & DIFFERS)
		return false;
	for (i = a->on.first[area]; i < a->on.first[area + 1]; i++)
		if (a->marks[a->on.to[i]] & DIFFERS)
			return true;
	return a->marks[area] & CHANGED;
}

size_t
arrows_reach(struct arrows *a, size_t area, size_t *reached)
{
	size_t n = 1, i, j, to;

	reached[0] = area;
	a->marks[area] |= SEEN;
	for (i = 0; i < n; i++)
		for (j = a->on.first[reached[i]];
		    j < a->on.first[reached[i] + 1]; j++) {
			to = a->on.to[j];
			if (a->marks[to] & SEEN)
				continue;
			a->marks[to] |= SEEN;
			reached[n++] = to;
		}
	for (i = 0; i < n; i++)
		a->marks[reached[i]] &= (unsigned char)~SEEN;
	return n;
}
