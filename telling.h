/*
 * How the differences of two tables are told: each class of addresses once,
 * by a pattern for all of it, with one address.
 *
 * A class is what comes under the same rule first in either table, if they
 * differ in all that the narrower of the two takes, or else one area of it.  Of
 * a rule for one local part in many domains it is all that comes under it.
 */
#ifndef TELLING_H
#define TELLING_H

#include "both.h"
#include "compare.h"
#include "names.h"

/* Begins as all zeros, but for its first two members. */
struct telling {
	struct both *both;
	const struct differences *take;
	enum way way;		/* of what is told of */
	struct names told;	/* first rules, and a local part */
	unsigned char *all_told;	/* of these: all that they take is */
	size_t size_all_told;
	struct text key, pattern;
};

/*
 * Tells of a local part (what it means) in an area that was routed last, by
 * both whole tables, and differs, unless that was told; if it was routed by
 * the bare ones, that it is possible.  One that is covered is told of only if
 * some rule names it: all others of its area differ.  0, or -1 if there is no
 * memory or it was not taken.
 */
int telling_tell(struct telling *, enum way, struct span local, size_t area,
    bool covered);

/* Forgets what was told, for addresses of the other role. */
void telling_clear(struct telling *);

/* Gives its memory back. */
void telling_free(struct telling *);

#endif
