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

/*
 * The byte order mark that comes next, which is no part of what follows it;
 * empty if there is none.
 */
struct span reader_mark(struct input *);

/* Passes on all that is left of the input as the body of a message. */
void reader_pass_body(struct input *, struct filter *);

/*
 * As much of a line as is needed to know what it is: no longer line is a
 * header field without a colon in it, or a From_ line.
 */
enum { READER_PEEK = 4096 };

/*
 * The line that begins so many bytes behind what was taken, or the first
 * READER_PEEK bytes of it.  Empty at the end.
 */
struct span reader_peek_line(struct input *, size_t from);

/* Whether there is a byte that far behind what was taken; reads if need be. */
bool reader_has(struct input *, size_t at);

/* A line without the LF, or CR and LF, at its end. */
struct span reader_cut_line_end(struct span);

/*
 * The path that a span begins with (RFC 5321, 4.1.2): what stands in angle
 * brackets, or all up to a blank that is not quoted.
 */
struct span reader_path(struct span);

/*
 * If a From_ line comes next ("From " at its beginning, or ">From "), takes
 * it and opens a message with it; the sender that it names is one found.
 * 1, or 0 if none comes, or -1 if there is no memory.
 */
int reader_take_from_line(struct input *, struct filter *);

#endif
