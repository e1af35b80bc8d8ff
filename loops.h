/*
 * The loops of a table, found from its rules alone: which rules lead an
 * address round to where it has been, or on without an end.
 */
#ifndef LOOPS_H
#define LOOPS_H

#include "router.h"

enum loop_kind {
	LOOP_CIRCLE,		/* the last hop leads to the first again */
	LOOP_ENDLESS,		/* its rules come again, the addresses grow */
	LOOP_WHOLE,		/* the whole way; it comes round by a $0 */
	LOOP_LONG		/* more than MOST_REWRITINGS, from the hop on */
};

struct loop {
	enum role role;
	enum loop_kind kind;
	const struct hop *hops;	/* the first address as it is written */
	size_t count;		/* of hops, at least 1 */
};

/*
 * Calls a function for each loop of a table, once for all that consist of the
 * same rules.  A circle begins with the first of its rules in the table.  The
 * function returns 0, or -1 to stop; what it is given is valid until it
 * returns.  Returns 0, or -1 if there is no memory or the function returned
 * it.
 */
int loops_find(const struct rules *, const struct router_options *,
    int (*take)(void *with, const struct loop *), void *with);

#endif
