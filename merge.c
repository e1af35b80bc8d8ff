#include <stdlib.h>

#include "merge.h"
#include "names.h"

enum { ROUNDS = 3 };		/* as far nodes are looked at */

struct merging {
	struct graph *graph;
	size_t most;		/* arrows */
	uint32_t *incoming;	/* arrows to each node */
	uint32_t *classes;	/* of the nodes */
	uint32_t *finer;	/* the same, told apart by what follows */
	struct names keys;	/* of classes */
	struct text key;
	bool failed;		/* there was no memory for a key */
	uint64_t *after;	/* classes behind one node */
	size_t size_after;
};

/* If there is no memory, that is noted until the key is complete. */
static void
add_number(struct merging *m, uint64_t n)
{
	if (text_add(&m->key, (const char *)&n, sizeof(n)) == -1)
		m->failed = true;
}

/*
 * Sets a node's class to that of the key.  Each node has an arrow: so many
 * classes have too many arrows between them.  1, 0 if there are too many, or
 * -1 if there is no memory.
 */
static int
put_class(struct merging *m, uint32_t *class)
{
	size_t n;

	if (m->failed || names_add(&m->keys, text_span(&m->key), &n) == -1)
		return -1;
	*class = (uint32_t)n;
	return n / 2 <= m->most;
}

/*
 * The classes to begin with: nodes that so many arrows lead to have one of
 * their own, and those on circles if they are to; the others share one with
 * all of their kind.
 */
static int
begin(struct merging *m, uint32_t least, bool circles)
{
	const struct node *n;
	size_t i;
	int done = 1;
	bool alone;

	names_clear(&m->keys);
	for (i = 0; i < m->graph->n_nodes && done == 1; i++) {
		n = &m->graph->nodes[i];
		alone = m->incoming[i] >= least ||
		    (circles && n->looped);
		m->key.len = 0;
		add_number(m, (uint64_t)n->kind << 3 |
		    (uint64_t)n->role << 2 | (uint64_t)n->looped << 1 |
		    n->ruled);
		add_number(m, alone ? i + 1 : 0);
		done = put_class(m, &m->classes[i]);
	}
	return done;
}

static int
compare_numbers(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* The key of a node: its class, and those that these arrows lead to. */
static int
make_key(struct merging *m, size_t node, const struct arrow *a, size_t n)
{
	uint64_t *grown;
	size_t i, used;

	for (used = 0; used < n; used++) {
		grown = array_grow(m->after, &m->size_after, used,
		    sizeof(*grown));
		if (grown == NULL)
			return -1;
		m->after = grown;
		grown[used] = (uint64_t)m->classes[a[used].to] << 1 |
		    (a[used].rule != 0);
	}
	if (n > 0)
		qsort(m->after, n, sizeof(*m->after), compare_numbers);
	m->key.len = 0;
	add_number(m, m->classes[node]);
	for (i = 0; i < n; i++)
		if (i == 0 || m->after[i] != m->after[i - 1])
			add_number(m, m->after[i]);
	return 0;
}

/* Tells nodes of one class apart by the classes that they lead to. */
static int
refine(struct merging *m)
{
	const struct graph *g = m->graph;
	const struct arrow *a = g->arrows, *end = a + g->n_arrows, *next;
	uint32_t *swapped;
	size_t i;
	int done = 1;

	names_clear(&m->keys);
	for (i = 0; i < g->n_nodes && done == 1; i++, a = next) {
		for (next = a; next < end && next->from == i; next++)
			;
		if (make_key(m, i, a, (size_t)(next - a)) == -1)
			return -1;
		done = put_class(m, &m->finer[i]);
	}
	swapped = m->classes;
	m->classes = m->finer;
	m->finer = swapped;
	return done;
}

/* Whether few enough arrows are left between the classes; or -1. */
static int
few_arrows(struct merging *m)
{
	const struct graph *g = m->graph;
	size_t i, n;

	names_clear(&m->keys);
	for (i = 0; i < g->n_arrows; i++) {
		m->key.len = 0;
		add_number(m, m->classes[g->arrows[i].from]);
		add_number(m, m->classes[g->arrows[i].to]);
		if (m->failed ||
		    names_add(&m->keys, text_span(&m->key), &n) == -1)
			return -1;
		if (m->keys.count > m->most)
			return 0;
	}
	return 1;
}

static int
try(struct merging *m, uint32_t least, bool circles, size_t rounds)
{
	int done = begin(m, least, circles);

	for (; rounds > 0 && done == 1; rounds--)
		done = refine(m);
	return done == 1 ? few_arrows(m) : done;
}

/* Finds classes that are few enough, as many as can be.  0, or -1. */
static int
classify(struct merging *m)
{
	const uint32_t none = UINT32_MAX;
	size_t rounds;
	uint32_t least;
	int done = 0;

	for (least = 1; least <= none / 4 && done == 0; least *= 4)
		done = try(m, least, true, ROUNDS);
	for (least = 1; least <= none / 4 && done == 0; least *= 4)
		done = try(m, least, false, ROUNDS);
	/* Without a look at what follows there are a few dozen classes. */
	for (rounds = ROUNDS; done == 0; rounds--)
		done = try(m, none, false, rounds - 1);
	return done == -1 ? -1 : 0;
}

/* Lets the first node of each class stand for all of them. */
static int
apply(struct merging *m)
{
	struct graph *g = m->graph;
	struct node *nodes = g->nodes;
	uint32_t *first = calloc(g->n_nodes + 1, sizeof(*first));
	uint32_t *last = m->finer, class;
	size_t i;

	if (first == NULL)
		return -1;
	for (i = 0; i < g->n_nodes; i++) {
		class = m->classes[i];
		if (first[class] == 0) {
			first[class] = (uint32_t)i + 1;
		} else {
			nodes[first[class] - 1].count++;
			nodes[i].count = 0;
			nodes[last[class]].next = (uint32_t)i;
		}
		last[class] = (uint32_t)i;
	}
	for (i = 0; i < g->n_arrows; i++) {
		g->arrows[i].from = first[m->classes[g->arrows[i].from]] - 1;
		g->arrows[i].to = first[m->classes[g->arrows[i].to]] - 1;
	}
	free(first);
	return 0;
}

static int
count_incoming(struct merging *m)
{
	const struct graph *g = m->graph;
	size_t i;

	m->incoming = calloc(g->n_nodes + 1, sizeof(*m->incoming));
	m->classes = calloc(g->n_nodes + 1, sizeof(*m->classes));
	m->finer = calloc(g->n_nodes + 1, sizeof(*m->finer));
	if (m->incoming == NULL || m->classes == NULL || m->finer == NULL)
		return -1;
	for (i = 0; i < g->n_arrows; i++)
		m->incoming[g->arrows[i].to]++;
	for (i = 0; i < g->n_nodes; i++)
		m->classes[i] = (uint32_t)i;
	return 0;
}

int
graph_merge(struct graph *g, size_t most)
{
	struct merging m = { .graph = g, .most = most };
	int done = count_incoming(&m);

	if (done == 0 && (done = few_arrows(&m)) == 0)
		done = classify(&m) == -1 || apply(&m) == -1 ? -1 : 1;
	names_free(&m.keys);
	text_free(&m.key);
	free(m.incoming);
	free(m.classes);
	free(m.finer);
	free(m.after);
	return done == -1 ? -1 : 0;
}
