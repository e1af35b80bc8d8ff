/*
 * The lines that nearly all of a large table is made of: one pattern, blanks
 * and one route, in letters, digits, '-', '_', '.', and '+' in a local part,
 * the domains in lower case.  Such a line is read here in one go.  What is
 * found is the same as table.c finds by the full rules; a line that is not as
 * plain as that is left to it.
 */
#ifndef PLAIN_RULE_H
#define PLAIN_RULE_H

#include "rules.h"

struct plain_rule {
	struct pattern pattern;
	struct route route;
	struct target target;	/* the one that the route has, if it has any */
};

/*
 * Reads a line without its line end that is not continued.  false if it is
 * left to the full rules.  The spans point into the line.  The targets of the
 * route are not set, as the target may be moved.
 */
bool plain_rule_read(struct span line, struct plain_rule *);

#endif
