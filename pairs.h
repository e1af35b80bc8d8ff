/*
 * Two tables compared pair by pair of a local part and an area of domains:
 * all that have to be tried so that nothing can differ that was not.
 *
 * All local parts that no rule names are alike, so that one of them is tried
 * in each area.  A local part that a rule names is tried where the rule is for
 * it, and wherever the arrows (arrows.h) lead from to where it differs; and
 * where the tables take different steps, or lead by different ways, that come
 * to the same in the end, but perhaps not for a local part that has a rule of
 * its own between.
 */
#ifndef PAIRS_H
#define PAIRS_H

#include "arrows.h"
#include "origins.h"
#include "specials.h"
#include "telling.h"

/* Begins as all zeros, but for its first four members. */
struct pairs {
	struct both *both;
	struct telling *telling;
	bool has_globs;		/* some rule is one of step 2 */
	bool has_all;		/* some rule takes $0 */
	bool partial;		/* some details could not be tried */
	struct arrows arrows;
	struct specials specials;
	struct origins origins;
	size_t *reached;	/* room for all areas */
	struct names steps;	/* that are taken from areas that hide */
	size_t *areas;		/* the first area that takes each of them */
	size_t size_areas;
	size_t *alike;		/* of areas: another that takes it, + 1 */
	struct names tried;	/* pairs, or still to be tried */
	struct names around;	/* rules, and a local part tried everywhere */
	struct text key, local, room, detail;
};

/*
 * Compares the tables for the addresses of one role, with all that is told
 * told.  0, or -1 if there is no memory or something was not taken.
 */
int pairs_compare(struct pairs *);

/* Gives its memory back. */
void pairs_free(struct pairs *);

#endif
