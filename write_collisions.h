/*
 * The writer of collisions: it writes nothing of the input, but tells of the
 * addresses in it that end in one mailbox though they are not the same.
 */
#ifndef WRITE_COLLISIONS_H
#define WRITE_COLLISIONS_H

#include "names.h"
#include "writer.h"

struct write_collisions {
	/* Is told of each; the line is counted from 1. */
	void (*tell)(void *with, size_t line, struct span message);
	void *with;
	struct span domain;	/* of an address without one, or empty */
	char end;		/* of a line */
	size_t line;
	struct names mailboxes;
	size_t *owners;		/* of each, the first that ended there */
	size_t size_owners;
	struct names addresses;
	size_t *lines;		/* of each, where it stood first */
	size_t size_lines;
	struct text room, message;
};

/*
 * The state is set up by it; the domain is what an address without one gets,
 * or empty, and stays as long; end is LF or NUL.
 */
struct writer write_collisions(struct write_collisions *, struct span domain,
    char end, void (*tell)(void *with, size_t line, struct span message),
    void *with);

/* Gives back what the state took. */
void write_collisions_free(struct write_collisions *);

#endif
