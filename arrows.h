/*
 * Where a local part that no rule names is led by two tables: arrows between
 * the areas of domains, one for each step of either table, and what becomes
 * of it from each area in the end.  Rules of step 2 are passed over.
 */
#ifndef ARROWS_H
#define ARROWS_H

#include "both.h"

/* From area to area; those of one area stand together. */
struct links {
	size_t *first;		/* of each area */
	size_t *to;
	size_t count, size;
};

struct arrows {
	size_t areas;		/* how many there are */
	unsigned char *marks;	/* of each */
	struct links on;	/* to where an area leads */
	struct links back;	/* to what leads there */
};

/*
 * Draws the arrows for the role that the tables are compared for; with all,
 * not only to the next areas but to all that a way passes.  false if there is
 * no memory; what there is has to be freed in every case.
 */
bool arrows_survey(struct arrows *, struct both *, bool all);
void arrows_free(struct arrows *);

/* Whether the tables differ in what becomes of it from an area. */
bool arrows_differ(const struct arrows *, size_t area);

/*
 * Whether they do not, but take different steps there, or lead to where they
 * do: one that has a rule of its own on the way may fare otherwise.
 */
bool arrows_hide(const struct arrows *, size_t area);

/*
 * Puts all that can be reached from an area, itself first, into an array that
 * has room for all areas, and returns how many they are.
 */
size_t arrows_reach(struct arrows *, size_t area, size_t *reached);

#endif
