#include <stdlib.h>

#include "both.h"

struct router *
both_router(const struct both *b, enum way way, int table)
{
	const struct table *t = &b->tables[table];

	return way == WHOLE ? t->whole : way == BARE ? t->bare : t->step;
}

static bool
same_bytes(const struct destination *a, const struct destination *b)
{
	return span_equal(a->local, b->local) &&
	    span_equal(a->domain, b->domain);
}

/* Whether two destinations are the same place; -1 if there is no memory. */
static int
same_destination(struct both *b, const struct destination *x,
    const struct destination *y)
{
	if (x->action != y->action || (x->action == REJECT ?
	    !span_equal(x->detail, y->detail) :
	    !span_equal_fold(x->detail, y->detail)))
		return 0;
	if (same_bytes(x, y))
		return 1;
	b->room.len = b->other.len = 0;
	if (address_add_canonical(&b->room, x->local, x->domain) == -1 ||
	    address_add_canonical(&b->other, y->local, y->domain) == -1)
		return -1;
	return span_equal(text_span(&b->room), text_span(&b->other));
}

/* Whether the destination is one of an outcome; as a rule it is the nth. */
static int
is_among(struct both *b, const struct destination *d, size_t n,
    const struct outcome *o)
{
	size_t i;
	int same = same_destination(b, d, &o->destinations[n]);

	for (i = 0; i < o->count && same == 0; i++)
		same = same_destination(b, d, &o->destinations[i]);
	return same;
}

/* Each address comes once, so that as many of them are all of them. */
static int
same_outcome(struct both *b)
{
	const struct outcome *x = &b->outcomes[0], *y = &b->outcomes[1];
	size_t i;
	int same = 1;

	if (x->status != ROUTED || y->status != ROUTED)
		return x->status != ROUTED && y->status != ROUTED;
	if (x->count != y->count)
		return 0;
	for (i = 0; i < x->count && same == 1; i++)
		same = is_among(b, &x->destinations[i], i, y);
	return same;
}

int
both_route(struct both *b, enum way way, struct span local, size_t area,
    struct address *a)
{
	int t;

	if (areas_write_domain(b->classes, area, &b->domain) == -1 ||
	    address_write(&b->written, local, text_span(&b->domain), a) == -1)
		return -1;
	for (t = 0; t < 2; t++)
		if (router_route(both_router(b, way, t), b->role, a,
		    &b->outcomes[t]) == -1)
			return -1;
	return same_outcome(b);
}

struct span
both_unnamed(const struct both *b)
{
	return classes_local(b->classes);
}

bool
both_have_area(const struct both *b, size_t area)
{
	bool below;
	size_t n = areas_domain(b->classes, area, &below);

	if (area == areas_none(b->classes))
		return b->options->domain.len == 0;
	return n == classes_count(b->classes) || !below ||
	    classes_domain(b->classes, n).s[0] != '[';
}

size_t
both_widest_areas(const struct both *b, const struct pattern *p,
    size_t areas[2])
{
	size_t area;

	if (p->scope == SCOPE_ANY) {
		areas[0] = areas_elsewhere(b->classes);
		return 1;
	}
	area = areas_find(b->classes, p->domain);
	areas[0] = p->scope == SCOPE_BELOW ? area + 1 : area;
	areas[1] = area + 1;
	return p->scope == SCOPE_TREE ? 2 : 1;
}

const struct hop *
both_trail(struct both *b, int t, const struct destination *d, size_t *n)
{
	struct hop *grown;

	*n = router_trail(b->tables[t].bare, d, b->hops, b->size_hops);
	if (*n < b->size_hops)
		return b->hops;
	if ((grown = realloc(b->hops, (*n + 1) * sizeof(*grown))) == NULL)
		return NULL;
	b->hops = grown;
	b->size_hops = *n + 1;
	router_trail(b->tables[t].bare, d, grown, *n);
	return grown;
}

static bool
open_table(struct both *b, struct table *t, const struct rules *rules)
{
	struct router_options bare = *b->options, step;

	bare.bare = true;
	step = bare;
	step.once = true;
	t->rules = rules;
	t->whole = router_new(rules, b->options);
	t->bare = router_new(rules, &bare);
	t->step = router_new(rules, &step);
	return t->whole != NULL && t->bare != NULL && t->step != NULL;
}

static void
close_table(struct table *t)
{
	router_free(t->whole);
	router_free(t->bare);
	router_free(t->step);
}

bool
both_open(struct both *b, const struct rules *const rules[2],
    const struct router_options *options)
{
	*b = (struct both){ .options = options };
	b->classes = classes_new(rules, 2);
	if (b->classes != NULL && open_table(b, &b->tables[0], rules[0]) &&
	    open_table(b, &b->tables[1], rules[1]))
		return true;
	both_close(b);
	return false;
}

void
both_close(struct both *b)
{
	close_table(&b->tables[0]);
	close_table(&b->tables[1]);
	classes_free(b->classes);
	free(b->hops);
	text_free(&b->written);
	text_free(&b->domain);
	text_free(&b->room);
	text_free(&b->other);
	*b = (struct both){ .classes = NULL };
}
