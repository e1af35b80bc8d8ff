/*
 * What stands between a reader and a writer: of the texts that a reader
 * hands over, each address is found, looked up, and given to the writer with
 * what became of it.
 */
#ifndef FILTER_H
#define FILTER_H

#include "router.h"
#include "writer.h"

/*
 * A field or line of more bytes is not read as addresses, so that memory
 * does not grow with the input.
 */
enum { LONGEST_TEXT = 16 * 1024 * 1024 };

/* What to tell of, in the input's order; all of it makes the status 65. */
enum trouble {
	UNREADABLE,		/* no address list, or too long for one */
	MISLED			/* a loop, or what is no address */
};

struct filter {
	struct router *router;
	struct writer writer;

	/* Is told of trouble; the line is counted from 1. */
	void (*report)(void *with, enum trouble, size_t line, struct span);
	void *with;

	struct text message;	/* begins as all zeros */
};

void filter_free(struct filter *);

/* Passes on bytes that hold no addresses. */
void filter_plain(struct filter *, struct span);

/*
 * Passes on a text that holds addresses for that role and stands in that line
 * of the input.  What cannot be read of it stays as it is.  0, or -1 if there
 * is no memory.
 */
int filter_text(struct filter *, enum role, struct span text,
    const struct place *, size_t line);

/*
 * Tells of something in that line that stays as it is: what is wrong, and
 * the bytes that are meant.  0, or -1 if there is no memory.
 */
int filter_report(struct filter *, enum trouble, size_t line,
    const char *what, struct span);

#endif
