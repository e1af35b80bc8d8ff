#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "classes.h"
#include "cover.h"
#include "loops.h"
#include "names.h"

enum { MOST_SHOWN = 320 };	/* bytes of an address (RFC 3696, erratum) */

/* A rule for one address, and where it leads. */
struct ending {
	uint32_t rule;
	bool passed;		/* another leads through it */
	bool alone;		/* it ends in one mailbox */
	size_t mailbox;
};

/* What was found, to be told in the order of the table. */
struct finding {
	enum finding_kind kind;
	uint32_t rule;
	size_t start;		/* in the messages */
	size_t len;
};

struct checking {
	const struct rules *rules;
	const struct router_options *options;
	const struct findings *findings;
	struct classes *classes;
	struct router *router;
	struct router *once;	/* makes one step */
	struct router *next;	/* makes the one behind it */
	enum role role;
	uint32_t rule;		/* that is looked at */
	struct ending *endings;
	size_t n_endings, size_endings;
	struct names mailboxes;
	struct hop *hops;
	size_t size_hops;
	struct finding *found;
	size_t n_found, size_found;
	struct text message, messages, room, written;
};

const char *
check_kind_name(enum finding_kind kind)
{
	static const char *const names[] = { "loop", "collision", "dangling",
		"unreachable", "duplicate" };

	return names[kind];
}

/* "reroute:3" */
static int
add_place(struct checking *c, uint32_t rule)
{
	return text_add_span(&c->message, rules_file(c->rules, rule)) == -1 ?
	    -1 : text_printf(&c->message, ":%zu", rules_line(c->rules, rule));
}

/* "cpandl.net -> adatum.com" */
static int
add_rule(struct checking *c, uint32_t rule)
{
	return rules_add_pattern_text(c->rules, rule, &c->message) == -1 ||
	    text_add(&c->message, " -> ", 4) == -1 ? -1 :
	    rules_add_route_text(c->rules, rule, &c->message);
}

static int
add_words(struct checking *c, const char *words)
{
	return text_add_span(&c->message, span_of(words));
}

/* Keeps the message as one of that kind, of a rule. */
static int
take(struct checking *c, enum finding_kind kind, uint32_t rule)
{
	struct finding *grown = array_grow(c->found, &c->size_found,
	    c->n_found, sizeof(*grown));

	if (grown == NULL)
		return -1;
	c->found = grown;
	grown[c->n_found++] = (struct finding){ kind, rule, c->messages.len,
		c->message.len };
	return text_add_span(&c->messages, text_span(&c->message));
}

/* The worst first, then as the rules stand in the table. */
static int
compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->kind != y->kind)
		return (x->kind > y->kind) - (x->kind < y->kind);
	if (x->rule != y->rule)
		return (x->rule > y->rule) - (x->rule < y->rule);
	return (x->start > y->start) - (x->start < y->start);
}

static void
tell_findings(struct checking *c)
{
	size_t i;

	if (c->n_found > 0)
		qsort(c->found, c->n_found, sizeof(*c->found),
		    compare_findings);
	for (i = 0; i < c->n_found; i++)
		c->findings->take(c->findings->with, c->found[i].kind,
		    c->found[i].rule, (struct span){ c->messages.s +
		    c->found[i].start, c->found[i].len });
}

static int
add_loop_words(struct checking *c, enum loop_kind kind)
{
	switch (kind) {
	case LOOP_ENDLESS:
		return add_words(c, " is rewritten without an end: ");
	case LOOP_LONG:
		return text_printf(&c->message, " is rewritten more than %d "
		    "times, from here on: ", MOST_REWRITINGS);
	case LOOP_CIRCLE:
	case LOOP_WHOLE:
	default:
		return add_words(c, " comes round to where it was: ");
	}
}

static int
take_loop(void *with, const struct loop *loop)
{
	struct checking *c = with;
	const struct hop *hop = loop->hops;
	size_t i;

	c->message.len = c->room.len = 0;
	if (address_add(&c->room, hop->local, hop->domain) == -1 ||
	    text_add_visible(&c->message, text_span(&c->room), MOST_SHOWN) ==
	    -1 || add_loop_words(c, loop->kind) == -1)
		return -1;
	for (i = 0; i < loop->count; i++)
		if ((i > 0 && add_words(c, ", ") == -1) ||
		    add_place(c, hop[i].rule) == -1 ||
		    add_words(c, ": ") == -1 || add_rule(c, hop[i].rule) == -1)
			return -1;
	return take(c, FOUND_LOOP, hop[0].rule);
}

/* All rules for one address, in this role, in the order of the table. */
static int
list_endings(struct checking *c)
{
	struct ending *grown;
	uint32_t rule;

	c->n_endings = 0;
	for (rule = rules_first(c->rules); rule != 0;
	    rule = rules_after(c->rules, rule)) {
		if (!rules_is_for_address(c->rules, rule) ||
		    rules_pattern(c->rules, rule).role != c->role ||
		    rules_same(c->rules, rule) != 0)
			continue;
		grown = array_grow(c->endings, &c->size_endings, c->n_endings,
		    sizeof(*grown));
		if (grown == NULL)
			return -1;
		c->endings = grown;
		grown[c->n_endings++] = (struct ending){ .rule = rule };
	}
	return 0;
}

/* That of a rule, or NULL; they are in the order of their numbers. */
static struct ending *
find_ending(struct checking *c, uint32_t rule)
{
	size_t low = 0, high = c->n_endings, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (c->endings[middle].rule == rule)
			return &c->endings[middle];
		if (c->endings[middle].rule < rule)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Marks the rules that the way of another one leads through. */
static int
mark_passed(struct checking *c, const struct destination *d, uint32_t rule)
{
	size_t i, n = router_trail(c->router, d, c->hops, c->size_hops);
	struct ending *passed;
	struct hop *grown;

	if (n > c->size_hops) {
		if ((grown = realloc(c->hops, n * sizeof(*grown))) == NULL)
			return -1;
		c->hops = grown;
		c->size_hops = n;
		router_trail(c->router, d, c->hops, n);
	}
	for (i = 0; i < n; i++) {
		passed = find_ending(c, c->hops[i].rule);
		if (passed != NULL && passed->rule != rule)
			passed->passed = true;
	}
	return 0;
}

static int
find_end(struct checking *c, struct ending *e)
{
	struct pattern p = rules_pattern(c->rules, e->rule);
	struct address a;
	struct outcome o;

	if (address_write(&c->written, p.local, p.domain, &a) == -1 ||
	    router_route(c->router, c->role, &a, &o) == -1)
		return -1;
	e->alone = o.status == ROUTED && o.count == 1 &&
	    !destination_is_gone(o.destinations);
	if (!e->alone)
		return 0;
	if (mark_passed(c, o.destinations, e->rule) == -1)
		return -1;
	c->room.len = 0;
	return address_add_canonical(&c->room, o.destinations->local,
	    o.destinations->domain) == -1 || names_add(&c->mailboxes,
	    text_span(&c->room), &e->mailbox) == -1 ? -1 : 0;
}

static int
add_pattern(struct checking *c, uint32_t rule)
{
	return rules_add_pattern_text(c->rules, rule, &c->message);
}

static int
take_collision(struct checking *c, const struct ending *e, uint32_t owner)
{
	struct span mailbox = names_get(&c->mailboxes, e->mailbox);

	c->message.len = 0;
	if (add_pattern(c, e->rule) == -1 || add_words(c, " and ") == -1 ||
	    add_pattern(c, owner) == -1 || add_words(c, " (") == -1 ||
	    add_place(c, owner) == -1 || add_words(c, ") both end in ") == -1 ||
	    text_add_visible(&c->message, mailbox, MOST_SHOWN) == -1)
		return -1;
	return take(c, FOUND_COLLISION, e->rule);
}

/*
 * Two rules for an address each that end in one mailbox, and neither of them
 * by way of the other.
 */
static int
check_collisions(struct checking *c)
{
	uint32_t *owners;
	size_t i;
	int done = 0;

	names_clear(&c->mailboxes);
	if (list_endings(c) == -1)
		return -1;
	for (i = 0; i < c->n_endings; i++)
		if (find_end(c, &c->endings[i]) == -1)
			return -1;
	owners = calloc(c->mailboxes.count + 1, sizeof(*owners));
	if (owners == NULL)
		return -1;
	for (i = 0; i < c->n_endings && done == 0; i++) {
		const struct ending *e = &c->endings[i];

		if (!e->alone || e->passed)
			continue;
		if (owners[e->mailbox] == 0)
			owners[e->mailbox] = e->rule;
		else
			done = take_collision(c, e, owners[e->mailbox]);
	}
	free(owners);
	return done;
}

/* Whether some rule receives mail, here or by forwarding it. */
static bool
receives(const struct rules *rules)
{
	struct route route;
	uint32_t rule;

	for (rule = rules_first(rules); rule != 0;
	    rule = rules_after(rules, rule)) {
		route = rules_route(rules, rule);
		if (!route.rewrites && (route.action == INBOUND ||
		    route.action == FORWARD))
			return true;
	}
	return false;
}

/* Whether nothing of a local part is made up. */
static bool
is_named(const struct checking *c, struct span local)
{
	return !span_contains_fold(local, classes_local(c->classes)) &&
	    !span_contains_fold(local, classes_label(c->classes)) &&
	    !span_contains_fold(local, classes_elsewhere(c->classes));
}

/*
 * Tells of the rule if the address that it leads to is under no rule; 1 if it
 * is told of.
 */
static int
check_target(struct checking *c, const struct address *a)
{
	const struct destination *d;
	struct outcome o;

	if (router_route(c->next, RECIPIENT, a, &o) == -1)
		return -1;
	d = o.destinations;
	if (o.status != ROUTED || o.count != 1 || d->node != 0 ||
	    d->rule != 0)
		return 0;
	c->message.len = c->room.len = 0;
	if (address_add(&c->room, d->local, d->domain) == -1)
		return -1;
	return add_rule(c, c->rule) == -1 ||
	    add_words(c, ": no rule receives ") == -1 ||
	    text_add_visible(&c->message, is_named(c, d->local) ?
	    text_span(&c->room) : d->domain, MOST_SHOWN) == -1 ||
	    add_words(c, ", though others are received; "
	    "correct it, or add a rule with keep for it") == -1 ||
	    take(c, FOUND_DANGLING, c->rule) == -1 ? -1 : 1;
}

/* The addresses that the rule makes of one that it matches. */
static int
check_step(void *with, struct span local, struct span domain)
{
	struct checking *c = with;
	struct address a;
	struct outcome o;
	struct hop first;
	size_t i;
	int done = 0;

	if (address_write(&c->written, local, domain, &a) == -1 ||
	    router_route(c->once, RECIPIENT, &a, &o) == -1)
		return -1;
	for (i = 0; i < o.count && o.status == ROUTED && done == 0; i++) {
		if (o.destinations[i].node == 0)
			continue;
		router_trail(c->once, &o.destinations[i], &first, 1);
		if (first.rule != c->rule)
			continue;
		a.local = o.destinations[i].local;
		a.domain = o.destinations[i].domain;
		done = check_target(c, &a);
	}
	return done;
}

static int
check_fixed_target(void *with, struct span local, struct span domain)
{
	struct checking *c = with;
	struct address a;

	return address_write(&c->written, local, domain, &a) == -1 ? -1 :
	    check_target(c, &a);
}

static int
check_dangling(struct checking *c)
{
	struct pattern p;
	int done = 0;

	if (!receives(c->rules))
		return 0;
	for (c->rule = rules_first(c->rules); c->rule != 0 && done != -1;
	    c->rule = rules_after(c->rules, c->rule)) {
		p = rules_pattern(c->rules, c->rule);
		if (p.role != RECIPIENT ||
		    !rules_route(c->rules, c->rule).rewrites ||
		    rules_same(c->rules, c->rule) != 0)
			continue;
		done = p.locals == LOCAL_REGEX ?
		    classes_each_target(c->classes, c->rules, c->rule,
		    check_fixed_target, c) :
		    classes_each_sample(c->classes, c->rules, c->rule,
		    check_step, c);
	}
	return done == -1 ? -1 : 0;
}

static int
take_unreachable(struct checking *c, uint32_t rule, const struct cover *cover)
{
	size_t i;

	c->message.len = 0;
	if (add_words(c, "no address comes under ") == -1 ||
	    add_pattern(c, rule) == -1)
		return -1;
	for (i = 0; i < cover->count; i++)
		if (add_words(c, i == 0 ? ": " : " and ") == -1 ||
		    add_pattern(c, cover->rules[i]) == -1 ||
		    add_words(c, " (") == -1 ||
		    add_place(c, cover->rules[i]) == -1 ||
		    add_words(c, ")") == -1)
			return -1;
	return add_words(c, cover->count == 1 ? " takes it all" :
	    " take it all") == -1 ? -1 : take(c, FOUND_UNREACHABLE, rule);
}

static int
check_unreachable(struct checking *c)
{
	struct cover cover;
	uint32_t rule;

	for (rule = rules_first(c->rules); rule != 0;
	    rule = rules_after(c->rules, rule)) {
		if (rules_same(c->rules, rule) != 0)
			continue;
		if (cover_find(c->rules, c->options, rule, &c->room,
		    &cover) == -1 || (cover.count > 0 &&
		    take_unreachable(c, rule, &cover) == -1))
			return -1;
	}
	return 0;
}

static int
check_duplicates(struct checking *c)
{
	uint32_t rule, same;

	for (rule = rules_first(c->rules); rule != 0;
	    rule = rules_after(c->rules, rule)) {
		if ((same = rules_same(c->rules, rule)) == 0)
			continue;
		c->message.len = 0;
		if (add_rule(c, rule) == -1 ||
		    add_words(c, " is there already, in ") == -1 ||
		    add_place(c, same) == -1 ||
		    take(c, FOUND_DUPLICATE, rule) == -1)
			return -1;
	}
	return 0;
}

/* One check of all rules for recipients, then of those for senders. */
static int
for_each_role(struct checking *c, int (*check)(struct checking *))
{
	c->role = RECIPIENT;
	if (check(c) == -1)
		return -1;
	c->role = SENDER;
	return check(c);
}

static int
run(struct checking *c)
{
	if (loops_find(c->rules, c->options, take_loop, c) == -1 ||
	    for_each_role(c, check_collisions) == -1 ||
	    check_dangling(c) == -1 ||
	    check_unreachable(c) == -1 || check_duplicates(c) == -1)
		return -1;
	tell_findings(c);
	return 0;
}

static void
free_checking(struct checking *c)
{
	classes_free(c->classes);
	router_free(c->router);
	router_free(c->once);
	router_free(c->next);
	names_free(&c->mailboxes);
	free(c->endings);
	free(c->hops);
	free(c->found);
	text_free(&c->message);
	text_free(&c->messages);
	text_free(&c->room);
	text_free(&c->written);
}

int
check_rules(const struct rules *rules, const struct router_options *options,
    const struct findings *findings)
{
	struct checking c = { .rules = rules, .options = options,
		.findings = findings };
	struct router_options once = *options;
	int done = -1;

	once.once = true;
	c.classes = classes_new(&rules, 1);
	c.router = router_new(rules, options);
	c.once = router_new(rules, &once);
	c.next = router_new(rules, &once);
	if (c.classes != NULL && c.router != NULL && c.once != NULL &&
	    c.next != NULL)
		done = run(&c);
	free_checking(&c);
	return done;
}
