/*
 * A set of strings, numbered from 0 in the order in which they came.  Whoever
 * sends the strings cannot make it slow: how they are hashed differs from one
 * run to the next.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdint.h>

#include "text.h"

struct names {
	struct text bytes;	/* of all of them */
	size_t *ends;		/* in them, of each */
	size_t size_ends;
	size_t count;
	size_t *slots;		/* numbers + 1; 0: free */
	size_t size;		/* of slots: a power of two, or 0 */
	uint32_t seed;
};

/*
 * Adds a copy of a string to a set, which begins as all zeros, and sets *n to
 * its number.  1 if it is new, 0 if it was there, -1 if there is no memory.
 */
int names_add(struct names *, struct span, size_t *n);

/* Whether a string is there; if so, sets *n to its number. */
bool names_find(const struct names *, struct span, size_t *n);

/* The string of that number; valid until the next is added. */
struct span names_get(const struct names *, size_t n);

/* Makes the set empty. */
void names_clear(struct names *);

/* Gives its memory back; it is empty and can be used again. */
void names_free(struct names *);

#endif
