#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "domain.h"
#include "graph.h"
#include "loops.h"
#include "match.h"
#include "names.h"

/* A step on a circle: a rule, that of its targets, and the rule behind it. */
struct step {
	uint32_t rule;
	uint32_t target;
	uint32_t next;		/* 0: none */
};

/* What it takes to build a graph. */
struct building {
	struct graph *graph;
	const struct rules *rules;
	const struct router_options *options;
	struct names keys;	/* of the nodes */
	struct text key;
	struct text someone;	/* a local part and a label that no rule has */
	struct text sub;
	struct text local;	/* an address that a target can become */
	struct text domain;
	bool captured_local;	/* some of it is captured */
	bool captured_domain;
	bool failed;		/* there was no memory for a key */
	struct text room;
	struct step *steps;
	size_t n_steps, size_steps;
};

/* What begins the key of a node that is no pattern. */
enum { KEY_PATTERN = 'p', KEY_CAPTURED = 'c', KEY_END = 'e' };

/* A rule that is found: not one that stands there twice. */
static uint32_t
first_found(const struct rules *rules, uint32_t rule)
{
	while (rule != 0 && rules_same(rules, rule) != 0)
		rule = rules_after(rules, rule);
	return rule;
}

static uint32_t
next_found(const struct rules *rules, uint32_t rule)
{
	return first_found(rules, rules_after(rules, rule));
}

size_t
graph_count_rules(const struct rules *rules, size_t *arrows)
{
	struct route route;
	uint32_t rule;
	size_t n = 0;

	*arrows = 0;
	for (rule = first_found(rules, rules_first(rules)); rule != 0;
	    rule = next_found(rules, rule)) {
		route = rules_route(rules, rule);
		*arrows += route.rewrites ? route.count : 1;
		n++;
	}
	return n;
}

/* What keys are made of: if there is no memory, that is noted for later. */
static void
add_bytes(struct building *b, struct text *t, const void *bytes, size_t len)
{
	if (text_add(t, bytes, len) == -1)
		b->failed = true;
}

static void
add_span(struct building *b, struct text *t, struct span a)
{
	add_bytes(b, t, a.s, a.len);
}

static void
add_lower(struct building *b, struct text *t, struct span a)
{
	size_t i, from = t->len;

	add_span(b, t, a);
	for (i = from; i < t->len; i++)
		t->s[i] = (char)ascii_lower((unsigned char)t->s[i]);
}

/*
 * The node of the key that was made, which begins as another one if it is
 * new.  0, or -1 if there is no memory.
 */
static int
node_of_key(struct building *b, struct node new, uint32_t *n)
{
	struct graph *g = b->graph;
	struct node *grown;
	size_t i;
	int added;

	if (b->failed ||
	    (added = names_add(&b->keys, text_span(&b->key), &i)) == -1)
		return -1;
	*n = (uint32_t)i;
	if (added == 0)
		return 0;
	grown = array_grow(g->nodes, &g->size_nodes, i, sizeof(*grown));
	if (grown == NULL)
		return -1;
	g->nodes = grown;
	new.count = 1;
	grown[i] = new;
	g->n_nodes = i + 1;
	return 0;
}

/* The node of the key that was made, which is there already. */
static uint32_t
node_there(const struct building *b)
{
	size_t i = 0;

	names_find(&b->keys, text_span(&b->key), &i);
	return (uint32_t)i;
}

static void
begin_key(struct building *b, char begin, enum role role, int kind)
{
	const char head[] = { begin, (char)role, (char)kind };

	b->key.len = 0;
	add_bytes(b, &b->key, head, sizeof(head));
}

/* A pattern's key; the length tells where its local part ends. */
static void
make_pattern_key(struct building *b, const struct pattern *p)
{
	const char scope = (char)p->scope;
	size_t len = p->local.len;

	begin_key(b, KEY_PATTERN, p->role, (int)p->locals);
	add_bytes(b, &b->key, &scope, 1);
	add_bytes(b, &b->key, &len, sizeof(len));
	add_lower(b, &b->key, p->local);
	add_span(b, &b->key, p->domain);
}

/* Makes the key of a rule's pattern; returns how its node begins. */
static struct node
key_of_rule(struct building *b, uint32_t rule)
{
	struct pattern p = rules_pattern(b->rules, rule);
	struct node new = { .rule = rule, .role = (uint8_t)p.role };

	new.kind = p.locals == LOCAL_REGEX ? NODE_REGEX :
	    p.locals == LOCAL_ANY ? NODE_DOMAIN : NODE_ADDRESS;
	if (b->graph->by_domain) {
		p.local.len = 0;
		if (p.locals == LOCAL_EXACT || p.locals == LOCAL_GLOB) {
			p.locals = LOCAL_ANY;
			new.kind = NODE_DOMAIN;
		}
	}
	make_pattern_key(b, &p);
	return new;
}

/* The node of a rule that has been added. */
static uint32_t
node_of_rule(struct building *b, uint32_t rule)
{
	key_of_rule(b, rule);
	return node_there(b);
}

/* The domain itself, as mail for any local part gets there. */
static void
make_domain_key(struct building *b, enum role role, struct span domain)
{
	struct pattern p = { .role = role, .scope = SCOPE_DOMAIN,
		.locals = LOCAL_ANY, .domain = domain };

	make_pattern_key(b, &p);
}

/*
 * Sets a text to a part of a target, with this in place of what is captured;
 * returns whether anything is.
 */
static bool
fill(struct building *b, struct text *t, struct span part,
    struct span in_place)
{
	bool captured = false;
	size_t i;

	t->len = 0;
	for (i = 0; i < part.len; i++) {
		if (part.s[i] == '$' && part.s[++i] != '$') {
			captured = true;
			add_span(b, t, in_place);
		} else {
			add_bytes(b, t, &part.s[i], 1);
		}
	}
	return captured;
}

/* Makes up an address that a target can become. */
static void
make_sample(struct building *b, const struct target *t)
{
	b->captured_local = b->captured_domain = false;
	b->local.len = b->domain.len = 0;
	if (t->kind == TARGET_ADDRESS)
		b->captured_local = fill(b, &b->local, t->local,
		    text_span(&b->someone));
	else
		add_span(b, &b->local, text_span(&b->someone));
	if (t->canonical.len > 0) {
		add_span(b, &b->domain, t->canonical);
		return;
	}
	b->captured_domain = fill(b, &b->domain, t->domain,
	    text_span(&b->sub));
	if (domain_canonical(&b->domain, 0) == -1)
		b->failed = true;
}

/* What is captured has its text for a key. */
static void
make_target_key(struct building *b, enum role role, const struct target *t,
    bool address)
{
	struct pattern p = { .role = role, .scope = SCOPE_DOMAIN,
		.locals = LOCAL_EXACT, .local = text_span(&b->local),
		.domain = text_span(&b->domain) };

	if (!b->captured_domain && !address) {
		make_domain_key(b, role, p.domain);
		return;
	}
	if (!b->captured_domain && !b->captured_local) {
		make_pattern_key(b, &p);
		return;
	}
	begin_key(b, KEY_CAPTURED, role, (int)address);
	if (address) {
		add_lower(b, &b->key, t->local);
		add_bytes(b, &b->key, "@", 1);
	}
	add_lower(b, &b->key, t->domain);
}

/* The same for a rule's target; its sample is left in the building. */
static struct node
key_of_target(struct building *b, uint32_t rule, size_t i)
{
	struct target t = rules_target(b->rules, rule, i);
	enum role role = rules_pattern(b->rules, rule).role;
	bool address = t.kind == TARGET_ADDRESS && !b->graph->by_domain;

	make_sample(b, &t);
	make_target_key(b, role, &t, address);
	return (struct node){ .rule = rule, .target = (uint32_t)i + 1,
		.kind = address ? NODE_ADDRESS : NODE_DOMAIN,
		.role = (uint8_t)role };
}

static uint32_t
node_of_target(struct building *b, uint32_t rule, size_t i)
{
	key_of_target(b, rule, i);
	return node_there(b);
}

static int
end_node(struct building *b, uint32_t rule, uint32_t *n)
{
	static const uint8_t kinds[] = { NODE_KEEP, NODE_INBOUND, NODE_FORWARD,
		NODE_REJECT, NODE_DISCARD };
	struct route route = rules_route(b->rules, rule);
	enum role role = rules_pattern(b->rules, rule).role;
	struct node new = { .rule = rule, .kind = kinds[route.action],
		.role = (uint8_t)role, .ruled = true };

	if (b->graph->by_domain && route.action == REJECT)
		route.detail.len = 0;
	begin_key(b, KEY_END, role, new.kind);
	if (new.kind == NODE_FORWARD)
		add_lower(b, &b->key, route.detail);
	else
		add_span(b, &b->key, route.detail);
	return node_of_key(b, new, n);
}

static int
add_arrow(struct building *b, struct arrow new)
{
	struct graph *g = b->graph;
	struct arrow *grown = array_grow(g->arrows, &g->size_arrows,
	    g->n_arrows, sizeof(*grown));

	if (grown == NULL)
		return -1;
	g->arrows = grown;
	new.count = new.rule != 0;
	grown[g->n_arrows++] = new;
	if (new.looped)
		g->nodes[new.from].looped = g->nodes[new.to].looped = true;
	return 0;
}

static int
add_rule(struct building *b, uint32_t rule)
{
	struct route route = rules_route(b->rules, rule);
	struct arrow new = { .rule = rule };
	size_t i;

	if (node_of_key(b, key_of_rule(b, rule), &new.from) == -1)
		return -1;
	b->graph->nodes[new.from].ruled = true;
	if (!route.rewrites)
		return end_node(b, rule, &new.to) == -1 ? -1 :
		    add_arrow(b, new);
	for (i = 0; i < route.count; i++)
		if (node_of_key(b, key_of_target(b, rule, i), &new.to) ==
		    -1 || add_arrow(b, new) == -1)
			return -1;
	return 0;
}

/* Notes that mail for any local part gets to the domain of the sample. */
static void
open_domain(struct building *b, enum role role)
{
	size_t n;

	make_domain_key(b, role, text_span(&b->domain));
	if (names_find(&b->keys, text_span(&b->key), &n))
		b->graph->nodes[n].open = true;
}

/*
 * Whether all that a rule does is to leave the sample as it is: its way ends
 * there then, as without a rule.
 */
static bool
changes_nothing(const struct building *b, uint32_t rule)
{
	struct target t;

	if (b->captured_local || b->captured_domain ||
	    rules_route(b->rules, rule).count != 1)
		return false;
	t = rules_target(b->rules, rule, 0);
	return span_equal(t.canonical, text_span(&b->domain)) &&
	    (t.kind != TARGET_ADDRESS ||
	    span_equal_fold(t.local, text_span(&b->local)));
}

/* Leads on from a target to the pattern that it comes under. */
static int
lead_on(struct building *b, uint32_t rule, size_t i)
{
	struct target t = rules_target(b->rules, rule, i);
	struct query q = { .role = rules_pattern(b->rules, rule).role,
		.delimiters = b->options->delimiters };
	struct arrow new = { .rule = 0 };
	struct match m;

	new.from = node_of_target(b, rule, i);
	if (t.kind != TARGET_ADDRESS || b->captured_local)
		open_domain(b, q.role);
	q.local = text_span(&b->local);
	q.domain = text_span(&b->domain);
	if (match_find(b->rules, &q, &b->room, &m) == -1)
		return -1;
	if (m.rule == 0 || (m.detail.len == 0 && changes_nothing(b, m.rule)))
		return 0;
	b->graph->nodes[new.from].ruled = true;
	new.to = node_of_rule(b, m.rule);
	return new.to == new.from ? 0 : add_arrow(b, new);
}

/*
 * Leads from a domain that mail is rewritten to to the addresses in it that
 * have rules of their own.
 */
static int
lead_to_address(struct building *b, uint32_t rule)
{
	struct pattern p = rules_pattern(b->rules, rule);
	struct arrow new = { .rule = 0 };
	size_t n;

	if ((p.locals != LOCAL_EXACT && p.locals != LOCAL_GLOB) ||
	    p.scope != SCOPE_DOMAIN)
		return 0;
	make_domain_key(b, p.role, p.domain);
	if (!names_find(&b->keys, text_span(&b->key), &n) ||
	    !b->graph->nodes[n].open)
		return 0;
	new.from = (uint32_t)n;
	new.to = node_of_rule(b, rule);
	return add_arrow(b, new);
}

/* All arrows that are no rules. */
static int
add_leads(struct building *b)
{
	struct route route;
	uint32_t rule, first = first_found(b->rules, rules_first(b->rules));
	size_t i;

	for (rule = first; rule != 0; rule = next_found(b->rules, rule)) {
		route = rules_route(b->rules, rule);
		for (i = 0; i < route.count; i++)
			if (lead_on(b, rule, i) == -1)
				return -1;
	}
	for (rule = b->graph->by_domain ? 0 : first; rule != 0;
	    rule = next_found(b->rules, rule))
		if (lead_to_address(b, rule) == -1)
			return -1;
	return 0;
}

/* How well an address fits a target that it may have been made from. */
static int
fit(const struct target *t, const struct hop *hop)
{
	if (t->canonical.len == 0)
		return 1;
	if (!span_equal_fold(t->canonical, hop->domain) &&
	    !span_equal_fold(t->domain, hop->domain))
		return 0;
	return t->kind == TARGET_ADDRESS &&
	    !span_equal_fold(t->local, hop->local) ? 2 : 3;
}

static uint32_t
best_target(const struct rules *rules, uint32_t rule, const struct hop *hop)
{
	size_t i, n = rules_route(rules, rule).count;
	struct target t;
	uint32_t best = 0;
	int best_fit = -1;

	for (i = 0; i < n; i++) {
		t = rules_target(rules, rule, i);
		if (fit(&t, hop) > best_fit) {
			best_fit = fit(&t, hop);
			best = (uint32_t)i;
		}
	}
	return best;
}

/*
 * Whether the last rule leads to where the way began.  One that comes round by
 * a $0 may do so further on, unless it is by the last rule.
 */
static bool
comes_round(const struct building *b, const struct loop *loop)
{
	switch (loop->kind) {
	case LOOP_LONG:
		return false;
	case LOOP_WHOLE:
		return classes_rule_captures(b->rules,
		    loop->hops[loop->count - 1].rule);
	case LOOP_CIRCLE:
	case LOOP_ENDLESS:
	default:
		return true;
	}
}

static int
keep_circle(void *with, const struct loop *loop)
{
	struct building *b = with;
	const struct hop *next;
	struct step *grown;
	size_t i;
	bool closes;

	for (i = 0; i < loop->count; i++) {
		next = &loop->hops[(i + 1) % loop->count];
		closes = i + 1 < loop->count || comes_round(b, loop);
		grown = array_grow(b->steps, &b->size_steps, b->n_steps,
		    sizeof(*grown));
		if (grown == NULL)
			return -1;
		b->steps = grown;
		grown[b->n_steps++] = (struct step){ loop->hops[i].rule,
			best_target(b->rules, loop->hops[i].rule, next),
			closes ? next->rule : 0 };
	}
	return 0;
}

/* Draws the circles over the arrows there are, and closes them. */
static int
add_circles(struct building *b)
{
	const struct step *s;
	struct arrow rule, lead;
	size_t i;

	for (i = 0; i < b->n_steps; i++) {
		s = &b->steps[i];
		rule = (struct arrow){ .rule = s->rule, .looped = true };
		lead = (struct arrow){ .looped = true };
		rule.from = node_of_rule(b, s->rule);
		rule.to = node_of_target(b, s->rule, s->target);
		if (add_arrow(b, rule) == -1)
			return -1;
		if (s->next == 0)
			continue;
		lead.from = rule.to;
		lead.to = node_of_rule(b, s->next);
		if (lead.from != lead.to && add_arrow(b, lead) == -1)
			return -1;
	}
	return 0;
}

/* What stands for all local parts, and labels, that no rule has. */
static int
make_up(struct building *b)
{
	struct classes *classes = classes_new(&b->rules, 1);
	int done;

	if (classes == NULL)
		return -1;
	done = text_add_span(&b->someone, classes_local(classes)) == -1 ||
	    text_add_span(&b->sub, classes_label(classes)) == -1 ? -1 : 0;
	classes_free(classes);
	return done;
}

static int
compare_arrows(const void *x, const void *y)
{
	const struct arrow *a = x, *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static void
sort_arrows(struct graph *g)
{
	if (g->n_arrows > 0)
		qsort(g->arrows, g->n_arrows, sizeof(*g->arrows),
		    compare_arrows);
}

static int
add_all(struct building *b)
{
	uint32_t rule;

	/* The loops come first: to find them takes memory, which is then
	   given back. */
	if (loops_find(b->rules, b->options, keep_circle, b) == -1 ||
	    make_up(b) == -1)
		return -1;
	for (rule = first_found(b->rules, rules_first(b->rules)); rule != 0;
	    rule = next_found(b->rules, rule))
		if (add_rule(b, rule) == -1)
			return -1;
	return add_leads(b) == -1 || add_circles(b) == -1 || b->failed ? -1 :
	    0;
}

int
graph_build(struct graph *g, const struct rules *rules,
    const struct router_options *options, bool by_domain)
{
	struct building b = { .graph = g, .rules = rules, .options = options };
	int done;

	*g = (struct graph){ .rules = rules, .by_domain = by_domain };
	done = add_all(&b);
	names_free(&b.keys);
	text_free(&b.key);
	text_free(&b.someone);
	text_free(&b.sub);
	text_free(&b.local);
	text_free(&b.domain);
	text_free(&b.room);
	free(b.steps);
	sort_arrows(g);
	return done;
}

void
graph_join_arrows(struct graph *g)
{
	struct arrow *last = NULL, *a;
	uint32_t rule = 0;
	size_t i;

	sort_arrows(g);
	for (i = 0; i < g->n_arrows; i++) {
		a = &g->arrows[i];
		if (last != NULL && last->from == a->from &&
		    last->to == a->to) {
			last->looped |= a->looped;
			last->count += a->rule != rule;
			if (last->rule == 0)
				last->rule = a->rule;
		} else {
			last = last == NULL ? g->arrows : last + 1;
			*last = *a;
		}
		rule = a->rule;
	}
	g->n_arrows = last == NULL ? 0 : (size_t)(last - g->arrows) + 1;
}

static int
add_target_text(const struct graph *g, const struct node *n, struct text *t)
{
	struct target target = rules_target(g->rules, n->rule, n->target - 1);

	if (n->kind == NODE_ADDRESS &&
	    (address_add_quoted(t, target.local) == -1 ||
	    text_add_byte(t, '@') == -1))
		return -1;
	return text_add_span(t, target.domain);
}

/* What all patterns in one domain have in common. */
static int
add_domain_text(const struct pattern *p, struct text *t)
{
	static const char *const scopes[] = { "", "*.", ".", "*" };

	if (p->locals == LOCAL_REGEX)
		return text_add_span(t, span_of("regular expressions"));
	if (p->locals == LOCAL_NULL)
		return text_add(t, "<>", 2);
	return text_add_span(t, span_of(scopes[p->scope])) == -1 ? -1 :
	    text_add_span(t, p->domain);
}

/* A pattern as it was written; that it is for senders is seen elsewhere. */
static int
add_pattern_text(const struct graph *g, const struct node *n, struct text *t)
{
	struct pattern p = rules_pattern(g->rules, n->rule);
	struct text room = { 0 };
	struct span text;
	int done = -1;

	if (g->by_domain)
		return add_domain_text(&p, t);
	if (rules_add_pattern_text(g->rules, n->rule, &room) == 0) {
		text = text_span(&room);
		if (span_begins_fold(text, "from:"))
			text = (struct span){ text.s + 5, text.len - 5 };
		else if (span_begins_fold(text, "to:"))
			text = (struct span){ text.s + 3, text.len - 3 };
		done = text_add_span(t, text);
	}
	text_free(&room);
	return done;
}

int
graph_add_node_text(const struct graph *g, size_t i, struct text *t)
{
	const struct node *n = &g->nodes[i];

	if (n->target > 0)
		return add_target_text(g, n, t);
	if (n->kind < NODE_INBOUND)
		return add_pattern_text(g, n, t);
	if (n->kind == NODE_REJECT && g->by_domain)
		return text_add(t, "reject", 6);
	return rules_add_route_text(g->rules, n->rule, t);
}

void
graph_free(struct graph *g)
{
	free(g->nodes);
	free(g->arrows);
	*g = (struct graph){ 0 };
}
