/*
 * Reads an extended regular expression (XBD 9.4) into a tree.  See ere.h.
 */
#ifndef ERE_PARSE_H
#define ERE_PARSE_H

#include <stdint.h>

#include "text.h"

enum ere_op {
	ERE_EMPTY,
	ERE_CHAR,		/* c, in lower case */
	ERE_ANY,
	ERE_SET,		/* of the characters at sets[c] */
	ERE_BEGIN,		/* '^' */
	ERE_END,		/* '$' */
	ERE_GROUP,		/* what the node before is, as group c */
	ERE_CAT,		/* the two nodes before, one after another */
	ERE_ALT,		/* the first of the two that is all of it */
	ERE_PLUS		/* the node before, once or more */
};

/*
 * A node stands right behind all that is below it.  Its second part, or its
 * only one, is the node at n - 1, and the first of two is behind all that is
 * below that one: at n - 1 - nodes[n - 1].nodes.
 */
struct ere_node {
	enum ere_op op;
	uint32_t c;
	uint32_t nodes;		/* itself and all below it */
	uint32_t steps;		/* its length in a program, see ere.c */
};

struct ere_tree {
	struct ere_node *nodes;	/* the last one is the root */
	size_t n_nodes, size_nodes;
	uint32_t *sets;
	size_t n_sets, size_sets;
	uint32_t groups;
};

/* A tree has no more; its steps are twice that at most. */
enum { ERE_MOST_NODES = 8191 };

/*
 * A character: its code point, or a byte that is part of none, plus
 * ERE_BYTES.  That which begins or ends a span, of at least one byte; *c is
 * set to it, in lower case if it is in ASCII.  Returns its length in bytes.
 */
enum { ERE_BYTES = 0x110000 };
size_t ere_first_char(struct span, uint32_t *c);
size_t ere_last_char(struct span, uint32_t *c);

/* Whether a set holds c. */
bool ere_set_holds(const uint32_t *set, uint32_t c);

/*
 * Reads an expression into a tree that is all zeros; it is to be given to
 * ere_free_tree() whatever is returned.  0; or -1, with *why saying what is
 * wrong, or NULL, with errno set, if there is no memory.
 */
int ere_parse(struct span, struct ere_tree *, const char **why);

void ere_free_tree(struct ere_tree *);

#endif
