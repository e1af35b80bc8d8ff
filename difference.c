#include <stdlib.h>

#include "difference.h"
#include "write_route.h"

/* "reroute:4, reroute:1" */
static int
add_trail(struct text *t, const struct router *router,
    const struct destination *d)
{
	const struct rules *rules = router_rules(router);
	size_t i, n = router_trail(router, d, NULL, 0);
	struct hop *hops = calloc(n + 1, sizeof(*hops));
	int done = hops == NULL ? -1 : 0;

	router_trail(router, d, hops, done == 0 ? n : 0);
	for (i = 0; i < n && done == 0; i++)
		done = text_add_span(t, span_of(i == 0 ? " (" : ", ")) == -1 ||
		    text_add_span(t, rules_file(rules, hops[i].rule)) == -1 ?
		    -1 : text_printf(t, ":%zu",
		    rules_line(rules, hops[i].rule));
	free(hops);
	return done == 0 && n > 0 ? text_add_byte(t, ')') : done;
}

/* "administrator@adatum.com inbound" */
static int
add_destination(struct text *t, const struct outcome *o,
    const struct destination *d)
{
	if (address_add(t, d->local, d->domain) == -1)
		return -1;
	if (o->status != ROUTED)
		return text_add_span(t, span_of(o->status == LOOPED ?
		    " as it is: a loop" : " as it is: no address comes of it"));
	return text_printf(t, " %s%s", write_route_action(d->action),
	    d->detail.len > 0 ? " " : "") == -1 ? -1 :
	    text_add_span(t, d->detail);
}

static int
add_outcome(struct text *t, const struct router *router,
    const struct outcome *o, const char *sign)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (text_add_span(t, span_of(sign)) == -1 ||
		    add_destination(t, o, &o->destinations[i]) == -1 ||
		    add_trail(t, router, &o->destinations[i]) == -1 ||
		    text_add_byte(t, '\n') == -1)
			return -1;
	return 0;
}

int
difference_write(struct output *out, const struct difference *d)
{
	struct text t = { 0 };
	int done = text_add_span(&t, d->pattern) == -1 ||
	    text_add(&t, ", as ", 5) == -1 ||
	    (d->example->mailbox.len == 0 ? text_add(&t, "<>", 2) :
	    text_add_span(&t, d->example->mailbox)) == -1 ||
	    text_add(&t, ":\n", 2) == -1 ||
	    add_outcome(&t, d->routers[0], &d->outcomes[0], "  - ") == -1 ||
	    add_outcome(&t, d->routers[1], &d->outcomes[1], "  + ") == -1 ?
	    -1 : 0;

	if (done == 0)
		output_write(out, text_span(&t));
	text_free(&t);
	return done;
}

int
difference_write_possible(struct output *out, struct span reason)
{
	struct text t = { 0 };
	int done = text_add_span(&t, span_of("a difference is possible: ")) ==
	    -1 || text_add_span(&t, reason) == -1 ? -1 :
	    text_add_byte(&t, '\n');

	if (done == 0)
		output_write(out, text_span(&t));
	text_free(&t);
	return done;
}
