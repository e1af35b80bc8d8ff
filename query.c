#include <stdlib.h>

#include "query.h"

int
query_add_rule(struct text *t, const struct rules *rules, uint32_t rule)
{
	return text_add_span(t, rules_file(rules, rule)) == -1 ||
	    text_printf(t, ":%zu: ", rules_line(rules, rule)) == -1 ||
	    rules_add_pattern_text(rules, rule, t) == -1 ||
	    text_add(t, " -> ", 4) == -1 ||
	    rules_add_route_text(rules, rule, t) == -1 ? -1 : 0;
}

/* An address on one line, whatever is quoted in it; takes the text of it. */
static int
add_shown(struct text *t, struct text *address, int made)
{
	if (made != -1)
		made = text_add_visible(t, text_span(address), address->len);
	text_free(address);
	return made;
}

/* An address as it was on the way, where it always has a domain. */
static int
add_hop_address(struct text *t, const struct hop *hop)
{
	struct text address = { 0 };

	return add_shown(t, &address,
	    address_add_quoted(&address, hop->local) == -1 ||
	    text_add_byte(&address, '@') == -1 ||
	    text_add_span(&address, hop->domain) == -1 ? -1 : 0);
}

/* An address as it is written, or "<>". */
static int
add_address(struct text *t, struct span local, struct span domain)
{
	struct text address = { 0 };

	return local.len == 0 ? text_add(t, "<>", 2) :
	    add_shown(t, &address, address_add(&address, local, domain));
}

/* What becomes of the mail, in words. */
static int
add_end(struct text *t, const struct outcome *o, const struct destination *d)
{
	static const char *const words[] = {
		"goes on to its own domain",
		"is received here",
		"is forwarded to ",
		"is rejected",
		"is discarded",
	};

	if (add_address(t, d->local, d->domain) == -1)
		return -1;
	if (o->status != ROUTED)
		return text_printf(t, " stays as it is, since %s",
		    o->status == LOOPED ? "this is a loop" :
		    "the last rule makes no address of it");
	if (text_printf(t, " %s", words[d->action]) == -1)
		return -1;
	if (d->action == REJECT && d->detail.len > 0 &&
	    text_add(t, ": ", 2) == -1)
		return -1;
	return text_add_span(t, d->detail);
}

/* A line for each step, and what the address is behind it. */
static int
add_steps(struct text *t, const struct rules *rules,
    const struct outcome *o, const struct destination *d,
    const struct hop *hops, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (query_add_rule(t, rules, hops[i].rule) == -1)
			return -1;
		if (rules_route(rules, hops[i].rule).rewrites &&
		    (i + 1 < n || o->status == ROUTED)) {
			if (text_add(t, ": ", 2) == -1)
				return -1;
			if ((i + 1 < n ? add_hop_address(t, &hops[i + 1]) :
			    add_address(t, d->local, d->domain)) == -1)
				return -1;
		}
		if (text_add_byte(t, '\n') == -1)
			return -1;
	}
	return 0;
}

static int
add_way(struct text *t, const struct router *router, const struct address *a,
    const struct outcome *o, const struct destination *d)
{
	size_t n = router_trail(router, d, NULL, 0);
	struct hop *hops = calloc(n + 1, sizeof(*hops));
	int done;

	if (hops == NULL)
		return -1;
	router_trail(router, d, hops, n);
	done = add_address(t, a->local, a->domain) == -1 ||
	    text_add_byte(t, '\n') == -1 ||
	    add_steps(t, router_rules(router), o, d, hops, n) == -1 ||
	    add_end(t, o, d) == -1 || text_add_byte(t, '\n') == -1 ? -1 : 0;
	free(hops);
	return done;
}

int
query_write(struct output *out, struct router *router, enum role role,
    const struct address *a)
{
	struct text t = { 0 };
	struct outcome o;
	size_t i;
	int done = 0;

	if (router_route(router, role, a, &o) == -1)
		return -1;
	for (i = 0; i < o.count && done == 0; i++)
		done = add_way(&t, router, a, &o, &o.destinations[i]);
	if (done == 0)
		done = output_write_visible(out, text_span(&t));
	text_free(&t);
	return done == -1 ? -1 : o.status == ROUTED;
}
