/*
 * A set of addresses, to write each one once.  Two that are the same address
 * (the case of letters, quoting, A-labels) are one in it.
 */
#ifndef SEEN_H
#define SEEN_H

#include "names.h"
#include "router.h"

struct seen {
	struct names addresses;
	struct text room;
};

/*
 * Adds an address, given as it is written, to a set, which begins as all
 * zeros.  1 if it is new, 0 if it was there, -1 if there is no memory.
 */
int seen_add(struct seen *, struct span local, struct span domain);

/*
 * Calls a function for each address of an outcome that somebody gets mail at,
 * if it is new to the set, which it is added to.  0, or -1 if there is no
 * memory or the function returned it.
 */
int seen_each_new(struct seen *, const struct outcome *,
    int (*take)(void *, const struct destination *), void *);

/* Makes the set empty. */
void seen_clear(struct seen *);

/* Gives its memory back; it is empty and can be used again. */
void seen_free(struct seen *);

#endif
