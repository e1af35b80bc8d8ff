/*
 * The loops of a table, found from its rules alone: which rules lead an
 * address round to where it has been, or on without an end.
 */
#ifndef LOOPS_H
#define LOOPS_H

#include "router.h"

struct loop {
	enum role role;
	bool endless;		/* it never comes round, but never ends */
	const struct hop *hops;	/* the circle: each rule, the address before */
	size_t count;		/* of hops, at least 1 */
};

/*
 * Calls a function for each loop of a table, once for each circle of rules
 * that is met.  The function returns 0, or -1 to stop; what it is given is
 * valid until it returns.  Returns 0, or -1 if there is no memory or the
 * function returned it.
 */
int loops_find(const struct rules *, const struct router_options *,
    int (*take)(void *with, const struct loop *), void *with);

#endif
