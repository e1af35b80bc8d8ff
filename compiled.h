/*
 * A table as a file: its parts one behind another, to be mapped and used as
 * they are.
 *
 * To start with a table of a million rules is to take no longer than with one
 * of four, so the file is not read as a whole.  It is checked as it is used:
 *
 * - The head, which says where the parts are, and the checksums of the pages
 *   behind it have a checksum that is looked at when it is loaded.  Of a small
 *   file all pages are.
 * - A page of a larger one is compared with its checksum when something in it
 *   is used for the first time.  What is in a page that differs is taken for
 *   zeros, and the table known to be damaged.
 * - A checksum keeps nobody from making a file that is wrong and has a right
 *   one.  So numbers are compared with the size of their part where they are
 *   used, lists are followed in one direction only, and what else is in a
 *   table can be anything without harm.
 */
#ifndef COMPILED_H
#define COMPILED_H

#include "rules.h"
#include "stream.h"

/* Whether a file that begins like this is a compiled table. */
bool compiled_begins(struct span);

/* Appends a table as it is in a file.  0, or -1, with errno. */
int compiled_make(const struct rules *, struct text *);

/* Puts the checksums right, for tests; false if there is no telling where. */
bool compiled_seal(struct text *);

enum compiled_found {
	COMPILED_GOOD,
	COMPILED_FOREIGN,	/* from a machine of another kind */
	COMPILED_VERSION,	/* from another version */
	COMPILED_ALTERED,	/* or cut short */
	COMPILED_REGEX,		/* an expression does not compile */
	COMPILED_FAILED		/* no memory, or it cannot be read: errno */
};

/*
 * Loads a table of which nothing was taken.  A file is mapped, anything else
 * read to its end.  NULL, with *found set, if it cannot be used.
 */
struct rules *compiled_load(struct input *, enum compiled_found *found);

/* What that is, and what to do, in words. */
const char *compiled_problem(enum compiled_found);

/* Checks all of a compiled table at once; whether it is good. */
bool compiled_check(const struct rules *);

/* Whether something that was used is not as it was compiled. */
bool compiled_damaged(const struct rules *);

#endif
