/*
 * A table as a graph.  What mail is sent to, what it is routed to, and the
 * ends of its way are nodes; an arrow is a rule, or leads from a target to
 * the pattern that mail for it comes under.
 *
 * What rules have in common is one node: "cpandl.net adatum.com" and
 * "adatum.com inbound" share adatum.com.  Senders have nodes of their own.
 * By domain, all patterns and targets in one domain share its node, and all
 * regular expressions one, as all texts of a reject do.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "router.h"

enum node_kind {
	NODE_DOMAIN,		/* or a pattern for domains */
	NODE_ADDRESS,		/* or a pattern for addresses */
	NODE_REGEX,
	NODE_INBOUND,		/* these end the way of mail */
	NODE_FORWARD,
	NODE_REJECT,
	NODE_DISCARD,
	NODE_KEEP
};

struct node {
	uint32_t rule;		/* the first one that names it */
	uint32_t target;	/* among its targets, from 1; 0: no target */
	uint32_t count;		/* of nodes that it stands for, itself too; 0:
				   another one stands for it */
	uint32_t next;		/* one that the same node stands for, or 0 */
	uint8_t kind;
	uint8_t role;
	bool ruled;		/* mail comes under a rule there */
	bool open;		/* mail for any local part gets there */
	bool looped;		/* it is on a circle */
};

struct arrow {
	uint32_t from;		/* numbers of nodes */
	uint32_t to;
	uint32_t rule;		/* the first one; 0: it leads to a pattern */
	uint32_t count;		/* of rules */
	bool looped;
};

struct graph {
	const struct rules *rules;
	bool by_domain;
	struct node *nodes;
	size_t n_nodes, size_nodes;
	struct arrow *arrows;	/* by from, then to, then rule */
	size_t n_arrows, size_arrows;
};

/*
 * How many rules a table has, one that stands there twice counted once, and
 * how many arrows they are, drawn one by one.
 */
size_t graph_count_rules(const struct rules *, size_t *arrows);

/*
 * Makes the graph of a table that is finished and stays as long, with what
 * the options make of it.  Each arrow is one rule.  0, or -1 if there is no
 * memory; it is to be freed in either case.
 */
int graph_build(struct graph *, const struct rules *,
    const struct router_options *, bool by_domain);

/*
 * Makes arrows that go from one node to another one arrow, with a count of
 * their rules; one that only leads there is not drawn beside a rule.
 */
void graph_join_arrows(struct graph *);

/* Appends what a node is, as the table has it.  0, or -1: no memory. */
int graph_add_node_text(const struct graph *, size_t node, struct text *);

/* Frees what a graph holds, but not its table. */
void graph_free(struct graph *);

#endif
