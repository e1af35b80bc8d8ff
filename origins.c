#include <stdlib.h>

#include "origins.h"

/* An address as one string, with the case of its letters folded. */
static bool
write_key(struct origins *o, struct span local, size_t area)
{
	size_t i;

	o->key.len = 0;
	if (text_add(&o->key, (const char *)&area, sizeof(area)) == -1)
		return false;
	for (i = 0; i < local.len; i++)
		if (text_add_byte(&o->key,
		    (char)ascii_lower((unsigned char)local.s[i])) == -1)
			return false;
	return true;
}

static bool
add_origin(struct origins *o, int table, uint32_t rule, struct span local,
    size_t area)
{
	struct origin *list;
	size_t n, *first;

	if (!write_key(o, local, area) ||
	    names_add(&o->addresses, text_span(&o->key), &n) == -1 ||
	    (first = array_grow(o->first, &o->size_first, n,
	    sizeof(*first))) == NULL)
		return false;
	o->first = first;
	list = array_grow(o->list, &o->size, o->count, sizeof(*list));
	if (list == NULL)
		return false;
	o->list = list;
	list[o->count++] = (struct origin){ table, rule, first[n] };
	first[n] = o->count;
	return true;
}

static bool
add_rule(struct origins *o, const struct both *b, int table, uint32_t rule)
{
	const struct rules *r = b->tables[table].rules;
	struct pattern p = rules_pattern(r, rule);
	struct route route = rules_route(r, rule);
	struct target t;
	size_t i;

	if (p.role != b->role || p.locals != LOCAL_ANY)
		return true;
	for (i = 0; i < route.count; i++) {
		t = rules_target(r, rule, i);
		if (t.kind == TARGET_ADDRESS && t.canonical.len > 0 &&
		    !add_origin(o, table, rule, t.local,
		    areas_find(b->classes, t.canonical)))
			return false;
	}
	return true;
}

bool
origins_list(struct origins *o, const struct both *b)
{
	uint32_t rule;
	int t;

	*o = (struct origins){ .count = 0 };
	for (t = 0; t < 2; t++)
		for (rule = rules_first(b->tables[t].rules); rule != 0;
		    rule = rules_after(b->tables[t].rules, rule))
			if (!add_rule(o, b, t, rule))
				return false;
	return true;
}

void
origins_free(struct origins *o)
{
	names_free(&o->addresses);
	free(o->first);
	free(o->list);
	text_free(&o->key);
	*o = (struct origins){ .count = 0 };
}

bool
origins_find(struct origins *o, struct span local, size_t area,
    const struct origin **first)
{
	size_t n;

	*first = NULL;
	if (!write_key(o, local, area))
		return false;
	if (names_find(&o->addresses, text_span(&o->key), &n))
		*first = &o->list[o->first[n] - 1];
	return true;
}

const struct origin *
origins_next(const struct origins *o, const struct origin *origin)
{
	return origin->next == 0 ? NULL : &o->list[origin->next - 1];
}
