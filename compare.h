/*
 * What two tables treat differently, found from the tables alone: no address
 * has to be tried but one for each class of addresses that they can tell
 * apart.
 *
 * It is exact for all rules but those of step 2 of rewrite(5), "Which rule",
 * (local parts with '*', and regular expressions) and those that put the whole
 * address into a local part; these are compared as they are written.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "router.h"

/* A class of addresses, and where one of them goes by either table. */
struct difference {
	struct span pattern;	/* what the class has in common */
	const struct address *example;
	const struct router *routers[2];	/* of either, for the trails */
	struct outcome outcomes[2];
	/*
	 * It is only possible: it is as told for those that rules of step 2
	 * leave alone, if they leave any.
	 */
	bool possible;
};

/*
 * Takes what is found; all of it is valid until the function returns, which
 * it does with 0, or -1 to stop.
 */
struct differences {
	int (*differ)(void *with, const struct difference *);
	/* There may be others, for a reason told as a line, or several. */
	int (*possible)(void *with, struct span reason);
	void *with;
};

/*
 * Compares two tables, which are finished, with what the options make of
 * them.  If nothing is found they treat all addresses alike.  Returns 0, or
 * -1 if there is no memory or something was not taken.
 */
int compare_tables(const struct rules *, const struct rules *,
    const struct router_options *, const struct differences *);

#endif
