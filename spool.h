/*
 * Bytes put aside, to be used when what comes before them is known.  Up to a
 * megabyte stays in memory, more goes to a temporary file without a name, so
 * that memory does not grow with the input.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdio.h>

#include "text.h"

struct spool {
	struct text memory;
	FILE *file;		/* what came before what is in memory */
};

/* Appends to a spool, which begins as all zeros.  0, or -1 with errno. */
int spool_add(struct spool *, struct span);

/* Whether nothing is in it. */
bool spool_is_empty(const struct spool *);

/*
 * Hands all of it, from its beginning on and in pieces, to a function until
 * that returns something else than 0, which is then returned.  -1 with errno
 * if it cannot be read back.
 */
int spool_each(struct spool *, int (*take)(void *, struct span), void *);

/* Makes it empty; the memory is kept to be used again. */
void spool_clear(struct spool *);

/* Gives memory and file back. */
void spool_free(struct spool *);

#endif
