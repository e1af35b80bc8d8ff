#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "classes.h"
#include "loops.h"
#include "match.h"
#include "names.h"

/* A rule for one address, and where it leads. */
struct ending {
	uint32_t rule;
	bool passed;		/* another leads through it */
	bool alone;		/* it ends in one mailbox */
	size_t mailbox;
};

/* A rule of step 2, with the others of its domain. */
struct glob {
	uint32_t rule;
	size_t next;		/* + 1 */
};

struct checking {
	const struct rules *rules;
	const struct findings *findings;
	struct classes *classes;
	struct router *router;
	struct router *once;	/* makes one step */
	bool all_have_domains;
	enum role role;
	uint32_t rule;		/* that is looked at */
	struct ending *endings;
	size_t n_endings, size_endings;
	struct names mailboxes;
	struct hop *hops;
	size_t size_hops;
	struct names domains;	/* of globs; for those in any, "" */
	size_t *heads;		/* glob of each, + 1 */
	size_t size_heads;
	struct glob *globs;
	size_t n_globs, size_globs;
	bool told;		/* something of this rule */
	struct text message, room, written;
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

static int
take(struct checking *c, enum finding_kind kind, uint32_t rule)
{
	return c->findings->take(c->findings->with, kind, rule,
	    text_span(&c->message));
}

/* An address as it is written, from what its local part means. */
static int
write_address(struct checking *c, struct span local, struct span domain,
    struct address *a)
{
	c->written.len = 0;
	if ((local.len > 0 || domain.len > 0) &&
	    address_add_quoted(&c->written, local) == -1)
		return -1;
	a->local.len = c->written.len;
	if (text_add_span(&c->written, domain) == -1)
		return -1;
	a->mailbox = text_span(&c->written);
	a->local.s = a->mailbox.s;
	a->domain = (struct span){ a->mailbox.s + a->local.len, domain.len };
	return 0;
}

static int
take_loop(void *with, const struct loop *loop)
{
	struct checking *c = with;
	const struct hop *hop = loop->hops;
	struct address a;
	size_t i;

	c->message.len = 0;
	a = (struct address){ .local = hop->local, .domain = hop->domain };
	if (address_add(&c->message, a.local, a.domain) == -1 ||
	    add_words(c, loop->endless ? " is rewritten without an end: " :
	    " comes round to where it was: ") == -1)
		return -1;
	for (i = 0; i < loop->count; i++)
		if ((i > 0 && add_words(c, ", ") == -1) ||
		    add_place(c, hop[i].rule) == -1 ||
		    add_words(c, ": ") == -1 || add_rule(c, hop[i].rule) == -1)
			return -1;
	return take(c, FOUND_LOOP, hop[0].rule);
}

/* The address that a rule is for. */
static struct pattern
pattern_of(const struct checking *c, uint32_t rule)
{
	return rules_pattern(c->rules, rule);
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
		    pattern_of(c, rule).role != c->role ||
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
	struct pattern p = pattern_of(c, e->rule);
	struct address a;
	struct outcome o;
	size_t i;

	if (write_address(c, p.local, p.domain, &a) == -1 ||
	    router_route(c->router, c->role, &a, &o) == -1)
		return -1;
	for (i = 0; i < o.count && o.status == ROUTED; i++)
		if (mark_passed(c, &o.destinations[i], e->rule) == -1)
			return -1;
	e->alone = o.status == ROUTED && o.count == 1 &&
	    !destination_is_gone(o.destinations);
	if (!e->alone)
		return 0;
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
	    text_add_visible(&c->message, mailbox, mailbox.len) == -1)
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

/* Tells of the rule if the address that it leads to is under no rule. */
static int
check_target(struct checking *c, const struct address *a)
{
	const struct destination *d;
	struct outcome o;

	if (router_route(c->router, RECIPIENT, a, &o) == -1)
		return -1;
	d = o.destinations;
	if (c->told || o.status != ROUTED || o.count != 1 || d->node != 0 ||
	    d->rule != 0)
		return 0;
	c->told = true;
	c->message.len = 0;
	return add_words(c, "no rule receives ") == -1 ||
	    text_add_span(&c->message, d->domain.len > 0 ? d->domain :
	    d->local) == -1 || add_words(c, ", though others are received: ")
	    == -1 || add_rule(c, c->rule) == -1 ? -1 :
	    take(c, FOUND_DANGLING, c->rule);
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

	if (write_address(c, local, domain, &a) == -1 ||
	    router_route(c->once, RECIPIENT, &a, &o) == -1)
		return -1;
	for (i = 0; i < o.count && o.status == ROUTED; i++) {
		if (o.destinations[i].node == 0 || router_trail(c->once,
		    &o.destinations[i], &first, 1) == 0 ||
		    first.rule != c->rule)
			continue;
		a.local = o.destinations[i].local;
		a.domain = o.destinations[i].domain;
		if (check_target(c, &a) == -1)
			return -1;
	}
	return 0;
}

static int
check_fixed_target(void *with, struct span local, struct span domain)
{
	struct checking *c = with;
	struct address a;

	return write_address(c, local, domain, &a) == -1 ? -1 :
	    check_target(c, &a);
}

static int
check_dangling(struct checking *c)
{
	struct pattern p;
	int done = 0;

	if (!receives(c->rules))
		return 0;
	for (c->rule = rules_first(c->rules); c->rule != 0 && done == 0;
	    c->rule = rules_after(c->rules, c->rule)) {
		p = pattern_of(c, c->rule);
		c->told = false;
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
	return done;
}

/* Puts a rule with '*' in its local part to the others of its domain. */
static int
add_glob(struct checking *c, uint32_t rule, struct span domain)
{
	struct glob *globs;
	size_t n, *heads;
	int new = names_add(&c->domains, domain, &n);

	if (new == -1 || (heads = array_grow(c->heads, &c->size_heads, n,
	    sizeof(*heads))) == NULL)
		return -1;
	c->heads = heads;
	if ((globs = array_grow(c->globs, &c->size_globs, c->n_globs,
	    sizeof(*globs))) == NULL)
		return -1;
	c->globs = globs;
	globs[c->n_globs++] = (struct glob){ rule, new ? 0 : heads[n] };
	heads[n] = c->n_globs;
	return 0;
}

static int
list_globs(struct checking *c)
{
	struct pattern p;
	uint32_t rule;

	names_clear(&c->domains);
	c->n_globs = 0;
	for (rule = rules_first(c->rules); rule != 0;
	    rule = rules_after(c->rules, rule)) {
		p = pattern_of(c, rule);
		if (p.role == c->role && p.locals == LOCAL_GLOB &&
		    add_glob(c, rule, p.domain) == -1)
			return -1;
	}
	return 0;
}

/* A byte that is not in the text, or NUL. */
static char
unused_byte(struct span text)
{
	unsigned char byte = 1;

	while (byte != 0 && memchr(text.s, byte, text.len) != NULL)
		byte++;
	return (char)byte;
}

/*
 * Whether one glob matches all that another one does: it does if it matches
 * the other with a byte for each '*' that only a '*' of its own can match.
 * -1 if there is no memory.
 */
static int
glob_covers(struct checking *c, struct span glob, struct span other)
{
	char byte = unused_byte(glob);
	size_t i;
	int done = 0;

	if (byte == '\0')
		return 0;
	c->room.len = 0;
	for (i = 0; i < other.len && done == 0; i++)
		if (other.s[i] == '*')
			done = text_add_byte(&c->room, byte);
		else
			done = text_add_byte(&c->room, other.s[i] == '\\' ?
			    other.s[++i] : other.s[i]);
	return done == -1 ? -1 : match_glob(glob, text_span(&c->room));
}

static bool
is_all_stars(struct span glob)
{
	size_t i = 0;

	while (i < glob.len && glob.s[i] == '*')
		i++;
	return i == glob.len;
}

/*
 * The rule with '*' in its local part, of those kept by that name and in one
 * of two scopes, that takes all local parts of a pattern; 0 if there is none.
 */
static int
find_cover(struct checking *c, struct span name, enum scope scope,
    enum scope other, uint32_t *cover)
{
	struct pattern p = pattern_of(c, c->rule), q;
	size_t n, i;
	int covers;

	*cover = 0;
	if (!names_find(&c->domains, name, &n))
		return 0;
	for (i = c->heads[n]; i != 0; i = c->globs[i - 1].next) {
		q = pattern_of(c, c->globs[i - 1].rule);
		if (q.scope != scope && q.scope != other)
			continue;
		covers = p.locals == LOCAL_ANY ? is_all_stars(q.local) :
		    c->globs[i - 1].rule >= c->rule ? 0 :
		    glob_covers(c, q.local, p.local);
		if (covers == -1)
			return -1;
		if (covers)
			*cover = c->globs[i - 1].rule;
	}
	return 0;
}

/* The same for a domain, or what is below it, and all that contains that. */
static int
find_glob_cover(struct checking *c, struct span name, bool below,
    uint32_t *cover)
{
	const char *dot;

	if (find_cover(c, name, below ? SCOPE_BELOW : SCOPE_DOMAIN,
	    SCOPE_TREE, cover) == -1)
		return -1;
	while (*cover == 0 &&
	    (dot = memchr(name.s, '.', name.len)) != NULL) {
		name = span_between(dot + 1, name.s + name.len);
		if (find_cover(c, name, SCOPE_BELOW, SCOPE_TREE, cover) == -1)
			return -1;
	}
	return *cover != 0 ? 0 : find_cover(c, (struct span){ "", 0 },
	    SCOPE_ANY, SCOPE_ANY, cover);
}

/* The rule that takes all of a pattern in the domain itself, or below it. */
static int
find_part_cover(struct checking *c, bool below, uint32_t *cover)
{
	struct pattern p = pattern_of(c, c->rule);

	*cover = 0;
	if (p.scope == SCOPE_TREE && p.locals != LOCAL_GLOB) {
		p.scope = below ? SCOPE_BELOW : SCOPE_DOMAIN;
		*cover = rules_find(c->rules, &p);
	}
	return *cover != 0 || p.locals == LOCAL_EXACT ? 0 :
	    find_glob_cover(c, p.domain, below, cover);
}

/* The rules, one or two, that take all of a pattern; both 0 if none do. */
static int
find_covers(struct checking *c, uint32_t covers[2])
{
	struct pattern p = pattern_of(c, c->rule);

	covers[0] = covers[1] = 0;
	if (p.scope == SCOPE_ANY)
		return p.locals == LOCAL_GLOB || (p.locals == LOCAL_ANY &&
		    c->all_have_domains) ? find_cover(c, p.domain, SCOPE_ANY,
		    SCOPE_ANY, covers) : 0;
	if (p.scope != SCOPE_BELOW &&
	    (find_part_cover(c, false, &covers[0]) == -1 || covers[0] == 0))
		return covers[0] == 0 ? 0 : -1;
	if (p.scope != SCOPE_DOMAIN &&
	    find_part_cover(c, true, &covers[1]) == -1)
		return -1;
	if (p.scope != SCOPE_DOMAIN && covers[1] == 0)
		covers[0] = 0;
	return 0;
}

static int
take_unreachable(struct checking *c, const uint32_t covers[2])
{
	size_t i;
	bool one = covers[0] == 0 || covers[1] == 0 || covers[0] == covers[1];

	c->message.len = 0;
	if (add_words(c, "no address comes under ") == -1 ||
	    add_pattern(c, c->rule) == -1)
		return -1;
	for (i = covers[0] == 0; i < 2 && covers[i] != 0; i++) {
		if (i == 1 && covers[0] == covers[1])
			break;
		if (add_words(c, i == 1 && !one ? " and " : ": ") == -1 ||
		    add_pattern(c, covers[i]) == -1 ||
		    add_words(c, " (") == -1 ||
		    add_place(c, covers[i]) == -1 || add_words(c, ")") == -1)
			return -1;
	}
	return add_words(c, one ? " takes all of it" : " take all of it") ==
	    -1 ? -1 : take(c, FOUND_UNREACHABLE, c->rule);
}

static int
check_unreachable(struct checking *c)
{
	uint32_t covers[2];
	struct pattern p;

	if (list_globs(c) == -1)
		return -1;
	for (c->rule = rules_first(c->rules); c->rule != 0;
	    c->rule = rules_after(c->rules, c->rule)) {
		p = pattern_of(c, c->rule);
		if (p.role != c->role || p.locals == LOCAL_REGEX ||
		    p.locals == LOCAL_NULL || rules_same(c->rules, c->rule))
			continue;
		if (find_covers(c, covers) == -1 || ((covers[0] != 0 ||
		    covers[1] != 0) && take_unreachable(c, covers) == -1))
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
run(struct checking *c, const struct router_options *options)
{
	return loops_find(c->rules, options, take_loop, c) == -1 ||
	    for_each_role(c, check_collisions) == -1 ||
	    check_dangling(c) == -1 ||
	    for_each_role(c, check_unreachable) == -1 ? -1 :
	    check_duplicates(c);
}

static void
free_checking(struct checking *c)
{
	classes_free(c->classes);
	router_free(c->router);
	router_free(c->once);
	names_free(&c->mailboxes);
	names_free(&c->domains);
	free(c->endings);
	free(c->hops);
	free(c->heads);
	free(c->globs);
	text_free(&c->message);
	text_free(&c->room);
	text_free(&c->written);
}

int
check_rules(const struct rules *rules, const struct router_options *options,
    const struct findings *findings)
{
	struct checking c = { .rules = rules, .findings = findings,
		.all_have_domains = options->domain.len > 0 };
	struct router_options once = *options;
	int done = -1;

	once.once = true;
	c.classes = classes_new(&rules, 1);
	c.router = router_new(rules, options);
	c.once = router_new(rules, &once);
	if (c.classes != NULL && c.router != NULL && c.once != NULL)
		done = run(&c, options);
	free_checking(&c);
	return done;
}
