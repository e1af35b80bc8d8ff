#include "difference.h"
#include "write_route.h"

enum { MOST_HOPS = 12 };	/* of a trail that are shown */

/* "reroute:4, reroute:1" */
static int
add_trail(struct text *t, const struct router *router,
    const struct destination *d)
{
	const struct rules *rules = router_rules(router);
	struct hop hops[MOST_HOPS];
	size_t i, n = router_trail(router, d, hops, MOST_HOPS);

	if (n == 0)
		return text_add_span(t, span_of(" (no rule)"));
	for (i = 0; i < n && i < MOST_HOPS; i++)
		if (text_add_span(t, span_of(i == 0 ? " (" : ", ")) == -1 ||
		    text_add_span(t, rules_file(rules, hops[i].rule)) == -1 ||
		    text_printf(t, ":%zu", rules_line(rules, hops[i].rule)) ==
		    -1)
			return -1;
	return text_add_span(t, span_of(n > MOST_HOPS ? ", ...)" : ")"));
}

/* "administrator@adatum.com inbound" */
static int
add_destination(struct text *t, const struct outcome *o,
    const struct destination *d)
{
	if ((d->local.len == 0 ? text_add(t, "<>", 2) :
	    address_add(t, d->local, d->domain)) == -1)
		return -1;
	if (o->status != ROUTED)
		return text_add_span(t, span_of(o->status == LOOPED ?
		    " as it is: a loop" : " as it is: no address comes of it"));
	return text_printf(t, " %s%s", write_route_action(d->action),
	    d->detail.len > 0 ? " " : "") == -1 ? -1 :
	    text_add_span(t, d->detail);
}

/* Whether what a destination is told as is among those of an outcome. */
static int
is_among(struct span told, const struct outcome *o)
{
	struct text t = { 0 };
	size_t i;
	int found = 0;

	for (i = 0; i < o->count && found == 0; i++) {
		t.len = 0;
		found = add_destination(&t, o, &o->destinations[i]) == -1 ?
		    -1 : span_equal(text_span(&t), told);
	}
	text_free(&t);
	return found;
}

/* The destinations of one table; those of both only with the first one. */
static int
add_outcome(struct text *t, const struct difference *d, int table)
{
	const struct outcome *o = &d->outcomes[table];
	const struct outcome *other = &d->outcomes[!table];
	struct text told = { 0 };
	size_t i;
	int in_both;

	for (i = 0; i < o->count; i++) {
		told.len = 0;
		if (add_destination(&told, o, &o->destinations[i]) == -1 ||
		    (in_both = is_among(text_span(&told), other)) == -1)
			break;
		if (in_both && table == 1)
			continue;
		if (text_add_span(t, span_of(in_both ? "    " : table == 0 ?
		    "  - " : "  + ")) == -1 ||
		    text_add_span(t, text_span(&told)) == -1 ||
		    add_trail(t, d->routers[table], &o->destinations[i]) ==
		    -1 || text_add_byte(t, '\n') == -1)
			break;
	}
	text_free(&told);
	return i < o->count ? -1 : 0;
}

/* "cpandl.org, as someone@cpandl.org:" */
static int
add_class(struct text *t, const struct difference *d)
{
	struct span example = d->example->mailbox;

	if (d->possible && text_add_span(t, span_of("possible, where rules "
	    "that are compared as they are written leave it: ")) == -1)
		return -1;
	if (text_add_span(t, d->pattern) == -1)
		return -1;
	if (example.len > 0 && !span_equal(example, d->pattern) &&
	    (text_add(t, ", as ", 5) == -1 ||
	    text_add_span(t, example) == -1))
		return -1;
	return text_add(t, ":\n", 2);
}

int
difference_write(struct output *out, const struct difference *d)
{
	struct text t = { 0 };
	int done = add_class(&t, d) == -1 || add_outcome(&t, d, 0) == -1 ||
	    add_outcome(&t, d, 1) == -1 ? -1 :
	    output_write_visible(out, text_span(&t));

	text_free(&t);
	return done;
}

int
difference_write_possible(struct output *out, struct span reason)
{
	struct text t = { 0 };
	int done = text_add_span(&t, reason) == -1 ||
	    text_add_byte(&t, '\n') == -1 ? -1 :
	    output_write_visible(out, text_span(&t));

	text_free(&t);
	return done;
}
