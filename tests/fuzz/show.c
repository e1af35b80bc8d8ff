#include "show.h"

enum {
	MOST_RULES = 4,
	MOST_HOPS = 8,
	LONG = 10000	/* bytes: an address goes to so many others */
};

static void
add(struct text *t, const char *what, struct span s)
{
	fuzz_check(text_printf(t, " %s=", what) == 0 &&
	    text_add_span(t, s) == 0, "there is memory");
}

static void
add_number(struct text *t, unsigned long long n)
{
	fuzz_check(text_printf(t, " %llu", n) == 0, "there is memory");
}

void
show_error(void *text, const char *file, size_t line, struct span message)
{
	add(text, file, message);
	add_number(text, line);
}

static void
show_route(const struct rules *r, uint32_t rule, struct text *t)
{
	struct route route = rules_route(r, rule);
	struct target target;
	size_t i;

	add_number(t, route.rewrites);
	add_number(t, route.action);
	add(t, "detail", route.detail);
	for (i = 0; i < route.count; i++) {
		target = rules_target(r, rule, i);
		add_number(t, target.kind);
		add(t, "local", target.local);
		add(t, "domain", target.domain);
		add(t, "canonical", target.canonical);
	}
}

void
show_rules(const struct rules *r, struct text *t)
{
	struct pattern p;
	uint32_t rule;

	for (rule = rules_first(r); rule != 0; rule = rules_after(r, rule)) {
		p = rules_pattern(r, rule);
		add(t, "\nfile", rules_file(r, rule));
		add_number(t, rules_line(r, rule));
		add_number(t, rules_same(r, rule));
		add_number(t, p.role);
		add_number(t, p.scope);
		add_number(t, p.locals);
		add(t, "local", p.local);
		add(t, "domain", p.domain);
		show_route(r, rule, t);
		fuzz_check(rules_add_pattern_text(r, rule, t) == 0 &&
		    rules_add_route_text(r, rule, t) == 0, "there is memory");
	}
}

static void
show_destination(const struct router *r, const struct destination *d,
    struct text *t)
{
	struct hop hops[MOST_HOPS];
	size_t i, n = router_trail(r, d, hops, MOST_HOPS);

	add_number(t, d->action);
	add(t, "local", d->local);
	add(t, "domain", d->domain);
	add(t, "detail", d->detail);
	add_number(t, d->rule);
	for (i = 0; i < n && i < MOST_HOPS; i++) {
		add_number(t, hops[i].rule);
		add(t, "at", hops[i].domain);
	}
}

static void
show_way(struct router *r, enum role role, const struct address *a,
    struct text *t)
{
	struct outcome o;
	size_t i;

	fuzz_check(router_route(r, role, a, &o) == 0, "there is memory");
	fuzz_check(o.count > 0, "an address goes somewhere");
	add(t, "\nway of", a->mailbox);
	add_number(t, o.status);
	add_number(t, o.rule);
	for (i = 0; i < o.count; i++)
		show_destination(r, &o.destinations[i], t);
}

/* An address that such a rule can be for. */
static void
write_example(struct pattern p, struct text *t, struct address *a)
{
	struct text domain = { 0 };
	struct span local = p.locals == LOCAL_EXACT ||
	    p.locals == LOCAL_GLOB ? p.local : span_of("x+y");
	bool done = (p.scope != SCOPE_BELOW ||
	    text_add(&domain, "z.", 2) == 0) && text_add_span(&domain,
	    p.scope == SCOPE_ANY ? span_of("y") : p.domain) == 0 &&
	    address_write(t, local, text_span(&domain), a) == 0;

	fuzz_check(done, "there is memory");
	text_free(&domain);
}

void
show_ways(const struct rules *rules, const struct router_options *options,
    struct text *t)
{
	struct router *router;
	struct text written = { 0 };
	struct address a;
	uint32_t rule = rules_first(rules);
	size_t n, begun = t->len;
	struct pattern p;

	if (rule == 0)
		return;
	router = router_new(rules, options);
	fuzz_check(router != NULL, "there is memory");
	for (n = 0; n < MOST_RULES && rule != 0 &&
	    t->len - begun < LONG; n++) {
		p = rules_pattern(rules, rule);
		write_example(p, &written, &a);
		show_way(router, p.role, &a, t);
		rule = rules_after(rules, rule);
	}
	text_free(&written);
	router_free(router);
}
