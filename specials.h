/*
 * The rules for one local part, of two tables that are compared, by the
 * domains that they are for, and the details that such local parts end in.
 */
#ifndef SPECIALS_H
#define SPECIALS_H

#include "both.h"
#include "names.h"

struct special {
	size_t domain;		/* of its pattern; the count for any */
	int table;
	uint32_t rule;
};

struct specials {
	struct special *list;	/* in the order of their domains */
	size_t count, size;
	size_t *first;		/* of each domain, and any */
	struct names details;	/* "+detail" as it stands in a rule */
	bool many;		/* details, too many to try them everywhere */
};

/*
 * Lists those of the role that the tables are compared for.  false if there is
 * no memory; what there is has to be freed in every case.
 */
bool specials_list(struct specials *, const struct both *);
void specials_free(struct specials *);

/*
 * Calls a function with the local part of each whose pattern takes an area.
 * false if the function returned it.
 */
bool specials_each_at(const struct specials *, const struct both *,
    size_t area, bool (*take)(void *with, struct span local), void *with);

#endif
