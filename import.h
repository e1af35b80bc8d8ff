/*
 * Tables of other systems, written as tables of ours; rewrite(5) says what
 * becomes of what, under "Importing tables".
 */
#ifndef IMPORT_H
#define IMPORT_H

#include "stream.h"

struct import_format;

/* Is told of each line that has no equal; lines are counted from 1. */
struct import_reports {
	void (*say)(void *with, size_t line, struct span message);
	void *with;
};

/* The format of that name, or NULL. */
const struct import_format *import_format(const char *name);

/* The name of the nth format, from 0 on; NULL behind the last. */
const char *import_name(size_t n);

/*
 * Reads a foreign table to its end and writes it as one of ours, without an
 * error in it, with its comments.  A line that has no equal is told of and
 * becomes a comment.  Local parts without a domain get the one given, which
 * may be empty: then they have no equal.  Returns 0, or -1 if there is no
 * memory, or no room (errno is ENOMEM or EFBIG, see rules.h); whether reading
 * and writing went well, input and output tell.
 */
int import_table(const struct import_format *, struct input *,
    struct output *, struct span domain, const struct import_reports *);

#endif
