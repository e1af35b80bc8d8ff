/*
 * A set of addresses, to write each one once.  Two that are the same address
 * (the case of letters, quoting, A-labels) are one in it.
 */
#ifndef SEEN_H
#define SEEN_H

#include <stdint.h>

#include "text.h"

struct seen {
	struct text addresses;	/* each as its length and its bytes */
	size_t *slots;		/* offsets behind the length; 0: free */
	size_t size;		/* of slots: a power of two, or 0 */
	size_t used;
	uint32_t seed;		/* of their hash */
	struct text room;
};

/*
 * Adds an address, given as it is written, to a set, which begins as all
 * zeros.  1 if it is new, 0 if it was there, -1 if there is no memory.
 */
int seen_add(struct seen *, struct span local, struct span domain);

/* Makes the set empty. */
void seen_clear(struct seen *);

/* Gives its memory back; it is empty and can be used again. */
void seen_free(struct seen *);

#endif
