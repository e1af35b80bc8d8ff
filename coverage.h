/*
 * Which rules of a table were exercised by a run of tests: by each of them, as
 * it goes, and by none at the end.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include "rules.h"

struct coverage {
	uint32_t *rules;	/* in their order, none of them twice */
	size_t *tests;		/* the last that passed each rule, or 0 */
	size_t count;		/* of rules */
	size_t exercised;	/* of them */
};

/*
 * Begins with a table that is finished, and none of whose rules is exercised.
 * One that stands there twice is one rule.  0, or -1 if there is no memory.
 */
int coverage_begin(struct coverage *, const struct rules *);

/*
 * Notes that a test, by its number from 1 on, has passed a rule.  Returns
 * whether it is the first time that this test did.
 */
bool coverage_mark(struct coverage *, uint32_t rule, size_t test);

/* Gives the memory back. */
void coverage_free(struct coverage *);

#endif
