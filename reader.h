/*
 * What the readers share: bytes on their way through that nobody looks at.
 */
#ifndef READER_H
#define READER_H

#include "filter.h"
#include "stream.h"

/*
 * Passes on what is left of a line, in pieces however long it is, with the
 * byte that ends it.
 */
void reader_pass_line(struct input *, struct filter *, char end);

/* Passes on all that is left of the input. */
void reader_pass_rest(struct input *, struct filter *);

/* Whether there is a byte that far behind what was taken; reads if need be. */
bool reader_has(struct input *, size_t at);

/* A line without the LF, or CR and LF, at its end. */
struct span reader_cut_line_end(struct span);

#endif
