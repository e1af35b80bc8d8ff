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
	bool failed;		/* there was no memory for all of the text */
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

static void
add_span(struct drawing *d, struct span s)
{
	if (text_add_span(&d->t, s) == -1)
		d->failed = true;
}

static void
add(struct drawing *d, const char *s)
{
	add_span(d, span_of(s));
}

static void PRINTF_LIKE(2, 3)
add_printf(struct drawing *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (text_vprintf(&d->t, format, args) == -1)
		d->failed = true;
	va_end(args);
}

/* What could not be put together whole is not written. */
static void
flush(struct drawing *d)
{
	if (!d->failed)
		output_write(d->out, text_span(&d->t));
	d->t.len = 0;
}

/*
 * A text within a quoted string, which dot(1) looks through for escapes and
 * for the entities of HTML.
 */
static void
add_escaped(struct drawing *d, struct span text)
{
	size_t i;

	d->room.len = 0;
	if (text_add_visible(&d->room, text, MOST_BYTES) == -1)
		d->failed = true;
	for (i = 0; i < d->room.len; i++)
		switch (d->room.s[i]) {
		case '"':
			add(d, "\\\"");
			break;
		case '\\':
			add(d, "\\\\");
			break;
		case '&':
			add(d, "&amp;");
			break;
		default:
			add_span(d, (struct span){ d->room.s + i, 1 });
		}
}

/* A number for a person to read: "1,234,567". */
static void
add_count(struct drawing *d, size_t n)
{
	size_t unit = 1;

	while (n / unit >= 1000)
		unit *= 1000;
	add_printf(d, "%zu", n / unit);
	while ((unit /= 1000) > 0)
		add_printf(d, ",%03zu", n / unit % 1000);
}

static void
add_node_text(struct drawing *d, size_t node)
{
	struct text text = { 0 };

	if (graph_add_node_text(&d->graph, node, &text) == -1)
		d->failed = true;
	add_escaped(d, text_span(&text));
	text_free(&text);
}

/* How many nodes it stands for, and which, as far as that helps. */
static void
add_several(struct drawing *d, size_t node)
{
	const struct node *n = &d->graph.nodes[node];
	size_t i;

	add_count(d, n->count);
	add(d, " ");
	add(d, kinds[n->kind].several);
	for (i = 0; i < MOST_NAMES && i < n->count; i++) {
		add(d, "\\n");
		add_node_text(d, node);
		node = d->graph.nodes[node].next;
	}
	if (n->count > MOST_NAMES)
		add(d, "\\n...");
}

static void
draw_node(struct drawing *d, size_t i, const char *indent)
{
	const struct node *n = &d->graph.nodes[i];

	add_printf(d, "%sn%zu [label=\"", indent, i + 1);
	if (n->count > 1)
		add_several(d, i);
	else
		add_node_text(d, i);
	add_printf(d, "\"%s%s", *kinds[n->kind].look == '\0' ? "" : " ",
	    kinds[n->kind].look);
	if (!n->ruled)
		add(d, " style=dotted");
	add(d, n->looped ? " color=red fontcolor=red penwidth=2]\n" : "]\n");
	flush(d);
}

static void
draw_nodes(struct drawing *d, enum role role, const char *indent)
{
	const struct graph *g = &d->graph;
	size_t i;

	for (i = 0; i < g->n_nodes; i++)
		if (g->nodes[i].role == role && g->nodes[i].count > 0)
			draw_node(d, i, indent);
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

static void
draw_senders(struct drawing *d)
{
	if (!has_senders(&d->graph))
		return;
	add(d, "\tsubgraph cluster_senders {\n\t\tlabel=\"senders\"\n"
	    "\t\tcolor=gray70\n");
	draw_nodes(d, SENDER, "\t\t");
	add(d, "\t}\n");
}

/* The ends stand side by side at the right, where they are looked for. */
static void
draw_ends(struct drawing *d)
{
	const struct graph *g = &d->graph;
	size_t i, n = 0;

	for (i = 0; i < g->n_nodes; i++) {
		if (g->nodes[i].kind < NODE_INBOUND ||
		    g->nodes[i].role != RECIPIENT || g->nodes[i].count == 0)
			continue;
		add_printf(d, "%sn%zu", n++ == 0 ? "\t{ rank=sink; " : "; ",
		    i + 1);
	}
	if (n > 0)
		add(d, " }\n");
}

/* Its line; with the file, where there are several. */
static void
add_place(struct drawing *d, uint32_t rule)
{
	if (!d->one_file) {
		add_escaped(d, rules_file(d->rules, rule));
		add(d, ":");
	}
	add_printf(d, "%zu", rules_line(d->rules, rule));
}

static void
add_arrow_label(struct drawing *d, const struct arrow *a)
{
	add(d, "label=\"");
	if (a->count == 1)
		add_place(d, a->rule);
	else
		add_count(d, a->count);
	add(d, a->count == 1 ? "\"" : " rules\"");
}

static void
draw_arrow(struct drawing *d, const struct arrow *a)
{
	add_printf(d, "\tn%zu -> n%zu [", (size_t)a->from + 1,
	    (size_t)a->to + 1);
	if (a->rule == 0)
		add(d, "style=dashed");
	else
		add_arrow_label(d, a);
	add(d, a->looped ? " color=red fontcolor=red penwidth=2]\n" : "]\n");
	flush(d);
}

static void
draw_arrows(struct drawing *d)
{
	size_t i;

	for (i = 0; i < d->graph.n_arrows; i++)
		draw_arrow(d, &d->graph.arrows[i]);
}

/* Why there are counts, where there are. */
static void
draw_title(struct drawing *d, size_t n)
{
	if (!d->graph.by_domain)
		return;
	add(d, "\tlabel=\"");
	add_count(d, n);
	add(d, " rules, drawn by domain\"\n");
}

static void
draw(struct drawing *d, size_t n)
{
	add(d, preamble);
	draw_title(d, n);
	draw_nodes(d, RECIPIENT, "\t");
	draw_ends(d);
	draw_senders(d);
	draw_arrows(d);
	add(d, "}\n");
	flush(d);
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
		draw(&d, n);
	}
	text_free(&d.t);
	text_free(&d.room);
	graph_free(&d.graph);
	return d.failed ? -1 : done;
}
