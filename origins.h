/*
 * The rules for whole domains, of two tables that are compared, by the
 * addresses that they rewrite to.
 */
#ifndef ORIGINS_H
#define ORIGINS_H

#include "both.h"
#include "names.h"

struct origin {
	int table;
	uint32_t rule;
	size_t next;		/* with the same address, + 1 */
};

struct origins {
	struct names addresses;
	size_t *first;		/* origin of each, + 1 */
	size_t size_first;
	struct origin *list;
	size_t count, size;
	struct text key;
};

/*
 * Lists those of the role that the tables are compared for.  false if there is
 * no memory; what there is has to be freed in every case.
 */
bool origins_list(struct origins *, const struct both *);
void origins_free(struct origins *);

/*
 * Sets *first to the first that rewrites to a local part (what it means) in an
 * area, to be followed by next, or to NULL.  false if there is no memory.
 */
bool origins_find(struct origins *, struct span local, size_t area,
    const struct origin **first);

/* The one behind it, or NULL. */
const struct origin *origins_next(const struct origins *,
    const struct origin *);

#endif
