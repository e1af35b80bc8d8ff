/*
 * How the lines of a table, and of other files that are written like one, are
 * put together, and how what stands on them is told apart: a line that begins
 * with a blank continues the one before, lines of blanks or comments count for
 * nothing, LF or CR and LF end a line, and a byte order mark may come first.
 */
#ifndef LINES_H
#define LINES_H

#include "rules.h"
#include "stream.h"

struct lines {
	struct input *in;
	struct span (*cut)(void *with, struct span line);
	void *with;
	size_t began;		/* line, from 1, in which the last one began */
	int error;		/* errno of what failed, or 0 */
	size_t number;		/* of lines read */
	struct text joined;
};

enum lines_found {
	LINES_END,		/* nothing more, or error is set */
	LINES_FOUND,		/* a line, joined with those that continue it */
	LINES_ORPHAN		/* one that begins with a blank, behind none */
};

/*
 * Finds the next line that counts, of those that begin with in, cut and with
 * set and all else zeros.  Each line of the file goes through cut(), which
 * takes a comment at its end off, as only its caller knows what is quoted.
 * The line is valid until the next call.  error is that of the read, or ENOMEM.
 */
enum lines_found lines_next(struct lines *, struct span *line);

/*
 * Looks, behind a line that was found, so many bytes ahead for one that is
 * nothing but itself: behind it a line begins that counts and does not
 * continue it, as far as it has been read.  Sets *line to it, without its end,
 * and returns its length with it, or 0.  The line is not taken until
 * lines_take().
 */
size_t lines_look(const struct lines *, size_t ahead, struct span *line);

/* Takes a line of that length; what it began in is then set. */
void lines_take(struct lines *, size_t len);

/* Frees the memory, but not the input. */
void lines_free(struct lines *);

/* Whether a line is nothing but blanks, or a comment behind them. */
bool lines_is_idle(struct span line);

/* Behind the blanks at s. */
const char *lines_skip_blanks(const char *s, const char *end);

/* Behind what is enclosed from s on, or the end if it is never closed. */
const char *lines_skip_enclosed(const char *s, const char *end, char close);

/* Over one byte, or over a quoted string or literal that begins here. */
const char *lines_skip_one(const char *s, const char *end);

/* The first of these bytes that is neither quoted nor in a literal, or end. */
const char *lines_find_unquoted(const char *s, const char *end,
    const char *bytes);

/* Takes "from:" or "to:" off, if the text begins with it. */
struct span lines_take_role(struct span text, enum role *);

#endif
