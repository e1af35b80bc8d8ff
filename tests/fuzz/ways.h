/*
 * The ways in which the program comes to the same end: input from memory,
 * whole or cut into pieces, and its fast paths, shut where they are to be
 * compared with the slow ones.
 *
 * The functions of the program that are replaced for this, read(2) among
 * them, are wrapped by the linker (--wrap, see the Makefile).
 */
#ifndef WAYS_H
#define WAYS_H

#include "fuzz.h"
#include "rules.h"
#include "stream.h"
#include "table.h"

/* How an input comes, and how it is worked through. */
struct way {
	bool pieces;		/* cut into pieces at random */
	bool slow;		/* by the full rules alone */
};

/* One way to read all of it at once and fast, and the others. */
enum { WAYS = 3 };
extern const struct way ways[WAYS];

/*
 * Begins an input, of these bytes and no more.  What is read beyond them is
 * seen by the sanitizer if they come whole.  input_free() ends it.
 */
void ways_input(struct input *, struct span, const struct way *);

/* Where much is put aside; it stays open. */
struct spool_file *ways_aside(void);

/* An output that goes to a spool, which is set up. */
struct output ways_output(struct spool *);

/* Takes what is in a spool, and empties it. */
void ways_take(struct spool *, struct text *);

/* Reads a table that way, which has the name "t". */
struct rules *ways_read_table(struct span, const struct way *,
    const struct table_errors *);

#endif
