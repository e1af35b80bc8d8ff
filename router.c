#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "match.h"
#include "router.h"

enum {
	/*
	 * What never comes round, since captures make a new address each
	 * time, has to end too.
	 */
	MAX_GROWTH = 65536,	/* bytes added to the address received */
	MAX_COMPOSED = 4194304,	/* bytes made of it on all ways, and */
	MAX_COPIES = 16,	/* the bytes of so many copies */
	FEW_NODES = 16,		/* compared one by one */
	MOST_KNOWN = 256	/* domains; a power of two */
};

/* An address that was come to on the way. */
struct node {
	struct span local;	/* what it means */
	struct span domain;	/* canonical */
	struct span shown;	/* the domain as it is to be written */
	bool new_local;		/* not as received */
	bool new_domain;
	bool null;		/* the null sender */
	bool open;		/* it is on the way that is gone now */
	bool kept;		/* it is one of its own targets */
	bool composed;		/* of more than what a target says as it is */
	struct match match;
	size_t count;		/* of targets */
	size_t next;		/* target */
	size_t from;		/* node */
	size_t depth;
	uint32_t hash;		/* once there is an index of them */
};

/* Memory for strings that stay where they are until the next address. */
struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	char bytes[];
};

/* Where all addresses in a domain go. */
struct known {
	uint32_t domain;	/* match_domain(); 0: none */
	struct destination destination;
};

struct router {
	const struct rules *rules;
	struct router_options options;
	struct text unqualified;	/* options.domain, canonical */
	enum role role;
	struct text local, domain;	/* of the address received */
	struct text room;	/* for match_find() and match_capture() */
	struct text work;	/* for what is being put together */
	size_t longest;		/* bytes that an address may grow to */
	size_t composed;	/* bytes put together for this address */
	size_t most;		/* of them */
	struct chunk *chunks;
	struct node *nodes;
	size_t n_nodes, size_nodes;
	size_t *index;		/* of nodes by hash, when there are many */
	size_t size_index;
	struct destination *destinations;
	size_t n_destinations, size_destinations;
	bool by_local;		/* another local part may go elsewhere */
	struct known known[MOST_KNOWN];
};

/* What became of one step. */
enum step { STEP_OK, STEP_LOOP, STEP_MISROUTED, STEP_NO_MEMORY };

static char *
allocate(struct router *r, size_t size)
{
	struct chunk *c = r->chunks;
	size_t most = size > 4096 ? size : 4096;

	if (c == NULL || c->size - c->used < size) {
		if ((c = malloc(sizeof(*c) + most)) == NULL)
			return NULL;
		*c = (struct chunk){ .next = r->chunks, .size = most };
		r->chunks = c;
	}
	c->used += size;
	return c->bytes + c->used - size;
}

/* Forgets all strings, and keeps one chunk to be used again. */
static void
release(struct router *r)
{
	struct chunk *c;

	while ((c = r->chunks) != NULL && c->next != NULL) {
		r->chunks = c->next;
		free(c);
	}
	if (c != NULL)
		c->used = 0;
}

static bool
keep(struct router *r, struct span s, struct span *kept)
{
	char *copy = allocate(r, s.len);

	if (copy == NULL)
		return false;
	r->composed += s.len;
	if (s.len > 0)
		memcpy(copy, s.s, s.len);
	*kept = (struct span){ copy, s.len };
	return true;
}

struct router *
router_new(const struct rules *rules, const struct router_options *options)
{
	struct router *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->rules = rules;
	r->options = *options;
	if (text_add_span(&r->unqualified, options->domain) == -1 ||
	    domain_canonical(&r->unqualified, 0) == -1) {
		router_free(r);
		return NULL;
	}
	return r;
}

void
router_free(struct router *r)
{
	if (r == NULL)
		return;
	release(r);
	free(r->chunks);
	free(r->nodes);
	free(r->index);
	free(r->destinations);
	text_free(&r->unqualified);
	text_free(&r->local);
	text_free(&r->domain);
	text_free(&r->room);
	text_free(&r->work);
	free(r);
}

const struct rules *
router_rules(const struct router *r)
{
	return r->rules;
}

static uint32_t
hash(const struct node *n)
{
	uint32_t h = 5381;
	size_t i;

	for (i = 0; i < n->local.len; i++)
		h = h * 33 ^ ascii_lower((unsigned char)n->local.s[i]);
	for (i = 0; i < n->domain.len; i++)
		h = h * 33 ^ (unsigned char)n->domain.s[i];
	return h ^ h >> 15;
}

/* Whether they are the same address. */
static bool
same(const struct node *a, const struct node *b)
{
	return span_equal(a->domain, b->domain) &&
	    span_equal_fold(a->local, b->local);
}

static void
enter(struct router *r, size_t node)
{
	size_t i = r->nodes[node].hash & (r->size_index - 1);

	while (r->index[i] != 0)
		i = (i + 1) & (r->size_index - 1);
	r->index[i] = node + 1;
}

/* Makes an index of the nodes, with half of it free at least. */
static bool
make_index(struct router *r)
{
	size_t i, size = (size_t)4 * FEW_NODES;
	size_t *index;

	while (size < 4 * r->n_nodes)
		size *= 2;
	if ((index = calloc(size, sizeof(*index))) == NULL)
		return false;
	free(r->index);
	r->index = index;
	r->size_index = size;
	for (i = 0; i < r->n_nodes; i++) {
		r->nodes[i].hash = hash(&r->nodes[i]);
		enter(r, i);
	}
	return true;
}

/* The node with this address that has been come to already, or NULL. */
static struct node *
find_node(const struct router *r, struct node *n)
{
	size_t i;

	if (r->size_index == 0) {
		for (i = 0; i < r->n_nodes; i++)
			if (same(&r->nodes[i], n))
				return &r->nodes[i];
		return NULL;
	}
	n->hash = hash(n);
	for (i = n->hash & (r->size_index - 1); r->index[i] != 0;
	    i = (i + 1) & (r->size_index - 1))
		if (r->nodes[r->index[i] - 1].hash == n->hash &&
		    same(&r->nodes[r->index[i] - 1], n))
			return &r->nodes[r->index[i] - 1];
	return NULL;
}

static bool
add_node(struct router *r, const struct node *n)
{
	struct node *nodes = array_grow(r->nodes, &r->size_nodes, r->n_nodes,
	    sizeof(*nodes));

	if (nodes == NULL)
		return false;
	r->nodes = nodes;
	r->nodes[r->n_nodes++] = *n;
	if (r->n_nodes < FEW_NODES)
		return true;
	if (r->n_nodes > r->size_index / 2)
		return make_index(r);
	enter(r, r->n_nodes - 1);
	return true;
}

static struct query
query(const struct router *r, const struct node *n)
{
	return (struct query){
		.role = r->role,
		.local = n->local,
		.domain = n->domain,
		.null = n->null,
		.delimiters = r->options.delimiters,
		.bare = r->options.bare,
	};
}

/* Appends a template to the work, its captures filled in. */
static bool
expand(struct router *r, struct span template, const struct span *captures)
{
	const struct node *received = &r->nodes[0];
	const char *s = template.s, *end = template.s + template.len;
	bool done;

	for (; s < end; s++) {
		if (*s != '$')
			done = text_add_byte(&r->work, *s) == 0;
		else if (*++s == '$')
			done = text_add_byte(&r->work, '$') == 0;
		else if (*s != '0')
			done = text_add_span(&r->work,
			    captures[*s - '0']) == 0;
		else
			done = text_add_span(&r->work, received->local) == 0 &&
			    (received->shown.len == 0 ||
			    (text_add_byte(&r->work, '@') == 0 &&
			    text_add_span(&r->work, received->shown) == 0));
		if (!done)
			return false;
	}
	return true;
}

static bool
expand_to(struct router *r, struct span template,
    const struct span *captures, struct span *result)
{
	r->work.len = 0;
	return expand(r, template, captures) &&
	    keep(r, text_span(&r->work), result);
}

/* The domain as the target has it, or as captures, if any, make it. */
static bool
set_domain(struct router *r, const struct target *target, struct node *n,
    const struct span *captures)
{
	n->new_domain = true;
	n->shown = target->domain;
	n->domain = target->canonical;
	if (target->canonical.len > 0 || target->domain.len == 0)
		return true;
	if (captures != NULL &&
	    !expand_to(r, target->domain, captures, &n->shown))
		return false;
	r->work.len = 0;
	return text_add_span(&r->work, n->shown) == 0 &&
	    domain_canonical(&r->work, 0) == 0 &&
	    keep(r, text_span(&r->work), &n->domain);
}

static bool
has_dollar(struct span s)
{
	return memchr(s.s, '$', s.len) != NULL;
}

/* The local part of the target, and +detail if there is one. */
static bool
set_local(struct router *r, const struct target *target, struct node *n,
    const struct span *captures, struct span detail)
{
	n->new_local = true;
	if (detail.len == 0 && !has_dollar(target->local)) {
		n->local = target->local;
		return true;
	}
	r->work.len = 0;
	return expand(r, target->local, captures) &&
	    text_add_span(&r->work, detail) == 0 &&
	    keep(r, text_span(&r->work), &n->local);
}

/* Behind the @ before the domain, which may be a literal with an @ in it. */
static size_t
behind_at(struct span s)
{
	bool literal = s.len > 0 && s.s[s.len - 1] == ']';
	size_t i = s.len;

	while (i > 0 && (s.s[i - 1] != '@' ||
	    (literal && s.s[i] != '[')))
		i--;
	return i;
}

/*
 * What is captured is an address if there is an @ in it, else a domain; but
 * an address without a domain may be captured whole.
 */
static bool
set_captured(struct router *r, const struct target *target, struct node *n,
    const struct span *captures)
{
	struct target made = { 0 };
	struct span text;
	size_t at;

	if (!expand_to(r, target->domain, captures, &text))
		return false;
	if (n->domain.len == 0 && span_equal(n->local, text))
		return true;
	if ((at = behind_at(text)) > 0) {
		n->new_local = true;
		n->local = (struct span){ text.s, at - 1 };
	}
	made.domain = (struct span){ text.s + at, text.len - at };
	return set_domain(r, &made, n, NULL);
}

/* A '$' in the local part may be one that stands for itself. */
static bool
has_captures(const struct target *target)
{
	return target->kind == TARGET_CAPTURED ||
	    target->canonical.len == 0 || has_dollar(target->local);
}

/* Sets both parts to what the target says, with captures. */
static bool
set_target(struct router *r, const struct target *target, struct node *n,
    const struct span *captures, struct span detail)
{
	if (target->kind == TARGET_CAPTURED)
		return set_captured(r, target, n, captures);
	return (target->kind != TARGET_ADDRESS ||
	    set_local(r, target, n, captures, detail)) &&
	    set_domain(r, target, n, captures);
}

/* The address that the i-th target of a node makes of it. */
static bool
make_target(struct router *r, size_t from, size_t i, struct node *n)
{
	const struct node *node = &r->nodes[from];
	struct target target = rules_target(r->rules, node->match.rule, i);
	struct span captures[CAPTURES] = { { NULL, 0 } };
	bool captured = has_captures(&target);
	struct query q = query(r, node);

	*n = *node;
	n->null = false;
	n->from = from;
	n->depth = node->depth + 1;
	n->kept = n->open = false;
	n->composed = captured || node->match.detail.len > 0;
	r->by_local |= captured || target.kind == TARGET_ADDRESS;
	if (captured && match_capture(r->rules, node->match.rule, &q, &r->room,
	    captures) == -1)
		return false;
	return set_target(r, &target, n, captures, node->match.detail);
}

/*
 * Whether what was made of captures can be an address (RFC 5321, 4.1.2).  What
 * a target says as it is was looked at when the table was read.
 */
static bool
is_address(const struct router *r, const struct node *n)
{
	if (n->new_local && (n->local.len == 0 ||
	    !address_fits_a_line(n->local)))
		return false;
	if (r->composed > r->most)
		return false;
	return n->local.len + n->domain.len <= r->longest &&
	    domain_valid(n->domain) && address_fits_a_line(n->shown);
}

/* The local part as it is written. */
static bool
write_local(struct router *r, const struct node *n, struct span *written)
{
	*written = n->local;
	if (n->null || address_is_dot_atom(n->local))
		return true;
	r->work.len = 0;
	return address_add_quoted(&r->work, n->local) == 0 &&
	    keep(r, text_span(&r->work), written);
}

static enum step
arrive(struct router *r, size_t node, enum action action, struct span detail,
    uint32_t rule)
{
	const struct node *n = &r->nodes[node];
	struct destination *d = array_grow(r->destinations,
	    &r->size_destinations, r->n_destinations, sizeof(*d));

	if (d == NULL)
		return STEP_NO_MEMORY;
	r->destinations = d;
	d += r->n_destinations;
	*d = (struct destination){
		.action = action,
		.domain = n->shown,
		.new_local = n->new_local,
		.new_domain = n->new_domain,
		.detail = detail,
		.rule = rule,
		.node = node,
	};
	if (!write_local(r, n, &d->local))
		return STEP_NO_MEMORY;
	r->n_destinations++;
	return STEP_OK;
}

/* Goes on from a node by the rule that was found for it. */
static enum step
take_rule(struct router *r, size_t node)
{
	struct node *n = &r->nodes[node];
	struct span none = { NULL, 0 };
	struct route route;

	if (n->match.rule == 0)
		return arrive(r, node, RELAY, none, 0);
	route = rules_route(r->rules, n->match.rule);
	if (!route.rewrites)
		return arrive(r, node, route.action, route.detail,
		    n->match.rule);
	if (r->options.once && n->depth > 0)
		return arrive(r, node, RELAY, none, 0);
	n->open = true;
	n->count = route.count;
	n->next = 0;
	return STEP_OK;
}

/* Finds the rule of a node that was just come to. */
static enum step
look_up(struct router *r, size_t node)
{
	struct node *n = &r->nodes[node];
	struct query q = query(r, n);

	if (q.null && r->role == RECIPIENT)
		return arrive(r, node, RELAY, (struct span){ NULL, 0 }, 0);
	if (match_find(r->rules, &q, &r->room, &n->match) == -1)
		return STEP_NO_MEMORY;
	return take_rule(r, node);
}

/*
 * Goes on to the next target of a node, and to the node it leads to.  A rule
 * that leaves what others made as it is (as "* x@y" does x@y) is none.
 */
static enum step
go_on(struct router *r, size_t *node)
{
	struct node *n = &r->nodes[*node], *been, made;

	if (!make_target(r, *node, n->next++, &made))
		return STEP_NO_MEMORY;
	if (same(&made, n)) {
		if (n->kept)
			return STEP_OK;
		n->kept = true;
		return arrive(r, *node, RELAY, (struct span){ NULL, 0 },
		    n->depth > 0 && n->count == 1 ? 0 : n->match.rule);
	}
	if (made.composed && !is_address(r, &made))
		return STEP_MISROUTED;
	if ((been = find_node(r, &made)) != NULL)
		return been->open ? STEP_LOOP : STEP_OK;
	if (made.depth > MOST_REWRITINGS)
		return STEP_LOOP;
	if (!add_node(r, &made))
		return STEP_NO_MEMORY;
	*node = r->n_nodes - 1;
	return look_up(r, *node);
}

/*
 * Every way from the first node, whose step that was, to its end, without
 * recursion.
 */
static enum step
follow(struct router *r, enum step step, size_t *node)
{
	for (*node = 0; step == STEP_OK;) {
		struct node *n = &r->nodes[*node];

		if (n->open && n->next < n->count) {
			step = go_on(r, node);
			continue;
		}
		n->open = false;
		if (*node == 0)
			break;
		*node = n->from;
	}
	return step;
}

/* Makes ready for a way from an address of so many bytes. */
static void
start(struct router *r, enum role role, const struct address *a)
{
	release(r);
	r->role = role;
	r->n_nodes = r->n_destinations = 0;
	free(r->index);
	r->index = NULL;
	r->size_index = 0;
	r->longest = a->local.len + a->domain.len;
	r->most = MAX_COMPOSED + MAX_COPIES * r->longest;
	r->longest += MAX_GROWTH;
	r->composed = 0;
	r->by_local = false;
}

/* The address as it was received. */
static bool
add_received(struct router *r, const struct address *a)
{
	struct node n = { .null = address_is_null(a) };

	if (address_local(a->local, &r->local, &n.local) == -1 ||
	    address_domain(a->domain, &r->domain, &n.domain) == -1)
		return false;
	n.shown = domain_valid(a->domain) ? a->domain : n.domain;
	if (n.shown.len > 0 && n.shown.s[n.shown.len - 1] == '.')
		n.shown.len--;
	if (n.domain.len == 0 && !n.null &&
	    r->options.domain.len > 0) {
		n.domain = text_span(&r->unqualified);
		n.shown = r->options.domain;
		n.new_domain = true;
	}
	return add_node(r, &n);
}

/* The same for a plain address. */
static bool
add_plain(struct router *r, const struct address *a)
{
	const struct node n = { .local = a->local, .domain = a->domain,
		.shown = a->domain };

	return add_node(r, &n);
}

bool
destination_is_gone(const struct destination *d)
{
	return d->action == REJECT || d->action == DISCARD;
}

bool
outcome_is_rewritten(const struct outcome *outcome)
{
	size_t i;

	for (i = 0; i < outcome->count; i++)
		if (outcome->destinations[i].new_local ||
		    outcome->destinations[i].new_domain)
			return true;
	return false;
}

/* What leads nowhere, by the rule of the last node, stays as it came. */
static bool
stay(struct router *r, const struct address *a, size_t node)
{
	r->n_destinations = 0;
	if (arrive(r, node, RELAY, (struct span){ "", 0 },
	    r->nodes[node].match.rule) != STEP_OK)
		return false;
	r->destinations[0].local = a->local;
	r->destinations[0].domain = a->domain;
	r->destinations[0].new_local = false;
	r->destinations[0].new_domain = false;
	return true;
}

/* The outcome of the way that the first step led to.  As router_route(). */
static int
finish(struct router *r, const struct address *a, enum step step,
    struct outcome *outcome)
{
	size_t node;

	step = follow(r, step, &node);
	if (step == STEP_NO_MEMORY || (step != STEP_OK && !stay(r, a, node)))
		return -1;
	*outcome = (struct outcome){
		.status = step == STEP_OK ? ROUTED :
		    step == STEP_LOOP ? LOOPED : MISROUTED,
		.destinations = r->destinations,
		.count = r->n_destinations,
		.rule = r->nodes[node].match.rule,
	};
	return 0;
}

int
router_route(struct router *r, enum role role, const struct address *a,
    struct outcome *outcome)
{
	start(r, role, a);
	return add_received(r, a) ? finish(r, a, look_up(r, 0), outcome) : -1;
}

/* Where what is known of a domain is kept, if it is. */
static struct known *
known_for(struct router *r, uint32_t domain)
{
	uint32_t h = domain * UINT32_C(2654435769);

	return &r->known[h >> 16 & (MOST_KNOWN - 1)];
}

/* The rules on the way named no local part, and made none. */
static bool
holds_for_all(const struct router *r, const struct outcome *outcome)
{
	return outcome->status == ROUTED && outcome->count == 1 &&
	    !r->by_local && match_ignores_locals(r->rules, r->role);
}

/* What became of an address of that domain, for this one. */
static void
route_as_known(struct known *known, const struct address *a,
    struct outcome *outcome)
{
	known->destination.local = a->local;
	if (!known->destination.new_domain)
		known->destination.domain = a->domain;
	*outcome = (struct outcome){ .status = ROUTED, .count = 1,
		.destinations = &known->destination };
}

/* Goes the way of a plain address, unless no rule is for it. */
static int
route_plain(struct router *r, enum role role, const struct address *a,
    uint32_t domain, struct outcome *outcome)
{
	struct query q = { .role = role, .local = a->local,
		.domain = a->domain, .delimiters = r->options.delimiters,
		.bare = r->options.bare, .named = domain };
	struct match match;

	if (match_find(r->rules, &q, &r->room, &match) == -1)
		return -1;
	if (match.rule == 0)
		return 1;
	start(r, role, a);
	if (!add_plain(r, a))
		return -1;
	r->nodes[0].match = match;
	return finish(r, a, take_rule(r, 0), outcome);
}

int
router_route_plain(struct router *r, enum role role, const struct address *a,
    uint32_t domain, struct outcome *outcome)
{
	struct known *known;
	int done;

	if (domain == 0)
		return !match_reaches_unnamed(r->rules, role) ? 1 :
		    route_plain(r, role, a, domain, outcome);
	known = known_for(r, domain);
	if (known->domain == domain) {
		route_as_known(known, a, outcome);
		return 0;
	}
	done = route_plain(r, role, a, domain, outcome);
	if (done == 0 && holds_for_all(r, outcome)) {
		known->domain = domain;
		known->destination = outcome->destinations[0];
	}
	return done;
}

bool
router_passes(struct router *r, enum role role, const struct address *a)
{
	struct query q = { .role = role,
		.delimiters = r->options.delimiters, .bare = r->options.bare };
	struct match match;

	return a->domain.len > 0 &&
	    address_local(a->local, &r->local, &q.local) == 0 &&
	    address_domain(a->domain, &r->domain, &q.domain) == 0 &&
	    match_find(r->rules, &q, &r->room, &match) == 0 &&
	    match.rule == 0;
}

size_t
router_trail(const struct router *r, const struct destination *d,
    struct hop *hops, size_t most)
{
	const struct node *n = &r->nodes[d->node];
	size_t i, count = n->depth + (d->rule != 0);

	if (d->rule == 0 && n->depth > 0)
		n = &r->nodes[n->from];
	for (i = count; i > 0; i--, n = &r->nodes[n->from])
		if (i <= most)
			hops[i - 1] = (struct hop){ n->match.rule, n->local,
				n->domain };
	return count;
}
