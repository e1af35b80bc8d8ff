/*
 * What is wrong with a table although it can be read: what its author can
 * hardly have meant.  rewrite(5), "Warnings", tells what each finding is.
 */
#ifndef CHECK_H
#define CHECK_H

#include "router.h"

/* The kinds of findings, the worst first. */
enum finding_kind { FOUND_LOOP, FOUND_COLLISION, FOUND_DANGLING,
	FOUND_UNREACHABLE, FOUND_DUPLICATE };

/* Takes what is found: the kind, the rule concerned, and a text. */
struct findings {
	void (*take)(void *with, enum finding_kind, uint32_t rule,
	    struct span message);
	void *with;
};

/*
 * Checks a table that is finished, with what the options make of it.  The
 * findings come by kind, and of one kind in the order of the table.  Returns
 * 0, or -1 if there is no memory.
 */
int check_rules(const struct rules *, const struct router_options *,
    const struct findings *);

/* The name of a kind of finding: "loop". */
const char *check_kind_name(enum finding_kind);

#endif
