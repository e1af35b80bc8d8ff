#include <string.h>

#include "draw.h"
#include "graph.h"
#include "merge.h"

enum {
	MOST_ARROWS = 300,	/* that a person can follow */
	MOST_BYTES = 80,	/* of a text in a node */
	MOST_NAMES = 3		/* of those that one node stands for */
};

struct drawing {
	struct output *out;
	const struct rules *rules;
	struct graph graph;
	bool one_file;		/* all rules stand in one */
	struct text t;		/* not yet written */
	struct text room;
};

static const char preamble[] =
"digraph rewrite {\n"
"\trankdir=LR\n"
"\tranksep=0.6\n"
"\tnodesep=0.2\n"
"\tfontname=\"Helvetica,Arial,sans-serif\"\n"
"\tfontsize=12\n"
"\tnode [fontname=\"Helvetica,Arial,sans-serif\" fontsize=12 height=0.3\n"
"\t    margin=\"0.12,0.05\" shape=box style=filled fillcolor=white]\n"
"\tedge [fontname=\"Helvetica,Arial,sans-serif\" fontsize=10\n"
"\t    color=gray30 fontcolor=gray30 arrowsize=0.7]\n";

/* How nodes look, and what several of a kind are called. */
static const struct {
	const char *look;
	const char *several;
} kinds[] = {
	[NODE_DOMAIN] = { "", "domains" },
	[NODE_ADDRESS] = { "shape=ellipse margin=\"0,0\"", "addresses" },
	[NODE_REGEX] = { "shape=hexagon margin=\"0,0\"",
	    "regular expressions" },
	[NODE_INBOUND] = { "shape=cylinder fillcolor=palegreen", "inbound" },
	[NODE_FORWARD] = { "shape=cds fillcolor=lightblue", "hosts" },
	[NODE_REJECT] = { "shape=octagon margin=\"0,0\" fillcolor=gold",
	    "reject" },
	[NODE_DISCARD] = { "shape=invtrapezium margin=\"0,0\" fillcolor=gray80",
	    "discard" },
	[NODE_KEEP] = { "shape=note fillcolor=lightyellow", "keep" },
};

static int
add(struct drawing *d, const char *s)
{
	return text_add(&d->t, s, strlen(s));
}

static void
flush(struct drawing *d)
{
	output_write(d->out, text_span(&d->t));
	d->t.len = 0;
}

/*
 * A text within a quoted string, which dot(1) looks through for escapes and
 * for the entities of HTML.
 */
static int
add_escaped(struct drawing *d, struct span text)
{
	size_t i;
	int done = 0;

	d->room.len = 0;
	if (text_add_visible(&d->room, text, MOST_BYTES) == -1)
		return -1;
	for (i = 0; i < d->room.len && done == 0; i++)
		switch (d->room.s[i]) {
		case '"':
			done = add(d, "\\\"");
			break;
		case '\\':
			done = add(d, "\\\\");
			break;
		case '&':
			done = add(d, "&amp;");
			break;
		default:
			done = text_add_byte(&d->t, d->room.s[i]);
		}
	return done;
}

/* A number for a person to read: "1,234,567". */
static int
add_count(struct drawing *d, size_t n)
{
	size_t unit = 1;

	while (n / unit >= 1000)
		unit *= 1000;
	if (text_printf(&d->t, "%zu", n / unit) == -1)
		return -1;
	while ((unit /= 1000) > 0)
		if (text_printf(&d->t, ",%03zu", n / unit % 1000) == -1)
			return -1;
	return 0;
}

static int
add_node_text(struct drawing *d, size_t node)
{
	struct text text = { 0 };
	int done = graph_add_node_text(&d->graph, node, &text) == -1 ? -1 :
	    add_escaped(d, text_span(&text));

	text_free(&text);
	return done;
}

/* How many nodes it stands for, and which, as far as that helps. */
static int
add_several(struct drawing *d, size_t node)
{
	const struct node *n = &d->graph.nodes[node];
	size_t i;

	if (add_count(d, n->count) == -1 || add(d, " ") == -1 ||
	    add(d, kinds[n->kind].several) == -1)
		return -1;
	for (i = 0; i < MOST_NAMES && i < n->count; i++) {
		if (add(d, "\\n") == -1 || add_node_text(d, node) == -1)
			return -1;
		node = d->graph.nodes[node].next;
	}
	return n->count > MOST_NAMES ? add(d, "\\n...") : 0;
}

static int
draw_node(struct drawing *d, size_t i, const char *indent)
{
	const struct node *n = &d->graph.nodes[i];

	if (text_printf(&d->t, "%sn%zu [label=\"", indent, i + 1) == -1 ||
	    (n->count > 1 ? add_several(d, i) : add_node_text(d, i)) == -1 ||
	    text_printf(&d->t, "\"%s%s", *kinds[n->kind].look == '\0' ? "" :
	    " ", kinds[n->kind].look) == -1 ||
	    (!n->ruled && add(d, " style=dotted") == -1) ||
	    (n->looped && add(d, " color=red fontcolor=red penwidth=2") ==
	    -1) || add(d, "]\n") == -1)
		return -1;
	flush(d);
	return 0;
}

static int
draw_nodes(struct drawing *d, enum role role, const char *indent)
{
	const struct graph *g = &d->graph;
	size_t i;

	for (i = 0; i < g->n_nodes; i++)
		if (g->nodes[i].role == role && g->nodes[i].count > 0 &&
		    draw_node(d, i, indent) == -1)
			return -1;
	return 0;
}

static bool
has_senders(const struct graph *g)
{
	size_t i;

	for (i = 0; i < g->n_nodes; i++)
		if (g->nodes[i].role == SENDER)
			return true;
	return false;
}

static int
draw_senders(struct drawing *d)
{
	if (!has_senders(&d->graph))
		return 0;
	return add(d, "\tsubgraph cluster_senders {\n\t\tlabel=\"senders\"\n"
	    "\t\tcolor=gray70\n") == -1 ||
	    draw_nodes(d, SENDER, "\t\t") == -1 ? -1 : add(d, "\t}\n");
}

/* The ends stand side by side at the right, where they are looked for. */
static int
draw_ends(struct drawing *d)
{
	const struct graph *g = &d->graph;
	size_t i, n = 0;

	for (i = 0; i < g->n_nodes; i++) {
		if (g->nodes[i].kind < NODE_INBOUND ||
		    g->nodes[i].role != RECIPIENT || g->nodes[i].count == 0)
			continue;
		if (text_printf(&d->t, "%sn%zu", n++ == 0 ?
		    "\t{ rank=sink; " : "; ", i + 1) == -1)
			return -1;
	}
	return n == 0 ? 0 : add(d, " }\n");
}

/* Its line; with the file, where there are several. */
static int
add_place(struct drawing *d, uint32_t rule)
{
	if (!d->one_file && (add_escaped(d, rules_file(d->rules, rule)) ==
	    -1 || add(d, ":") == -1))
		return -1;
	return text_printf(&d->t, "%zu", rules_line(d->rules, rule));
}

static int
add_arrow_label(struct drawing *d, const struct arrow *a)
{
	if (add(d, "label=\"") == -1 || (a->count == 1 ?
	    add_place(d, a->rule) : add_count(d, a->count)) == -1)
		return -1;
	return add(d, a->count == 1 ? "\"" : " rules\"");
}

static int
draw_arrow(struct drawing *d, const struct arrow *a)
{
	if (text_printf(&d->t, "\tn%lu -> n%lu [", (unsigned long)a->from + 1,
	    (unsigned long)a->to + 1) == -1 || (a->rule == 0 ?
	    add(d, "style=dashed") : add_arrow_label(d, a)) == -1 ||
	    (a->looped && add(d, " color=red fontcolor=red penwidth=2") ==
	    -1) || add(d, "]\n") == -1)
		return -1;
	flush(d);
	return 0;
}

static int
draw_arrows(struct drawing *d)
{
	size_t i;

	for (i = 0; i < d->graph.n_arrows; i++)
		if (draw_arrow(d, &d->graph.arrows[i]) == -1)
			return -1;
	return 0;
}

/* Why there are counts, where there are. */
static int
draw_title(struct drawing *d, size_t n)
{
	if (!d->graph.by_domain)
		return 0;
	return add(d, "\tlabel=\"") == -1 || add_count(d, n) == -1 ? -1 :
	    add(d, " rules, drawn by domain\"\n");
}

static int
draw(struct drawing *d, size_t n)
{
	return add(d, preamble) == -1 || draw_title(d, n) == -1 ||
	    draw_nodes(d, RECIPIENT, "\t") == -1 || draw_ends(d) == -1 ||
	    draw_senders(d) == -1 || draw_arrows(d) == -1 ||
	    add(d, "}\n") == -1 ? -1 : 0;
}

static bool
is_one_file(const struct rules *rules)
{
	uint32_t first = rules_first(rules), rule;

	for (rule = first; rule != 0; rule = rules_after(rules, rule))
		if (!span_equal(rules_file(rules, rule),
		    rules_file(rules, first)))
			return false;
	return true;
}

int
draw_write(struct output *out, const struct rules *rules,
    const struct router_options *options)
{
	struct drawing d = { .out = out, .rules = rules,
		.one_file = is_one_file(rules) };
	size_t arrows, n = graph_count_rules(rules, &arrows);
	bool by_domain = arrows > MOST_ARROWS;
	int done = graph_build(&d.graph, rules, options, by_domain);

	if (done == 0 && by_domain)
		done = graph_merge(&d.graph, MOST_ARROWS);
	if (done == 0) {
		graph_join_arrows(&d.graph);
		done = draw(&d, n);
	}
	flush(&d);
	text_free(&d.t);
	text_free(&d.room);
	graph_free(&d.graph);
	return done;
}
