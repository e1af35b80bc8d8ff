/*
 * What a reader's pieces are handed to: bytes that hold no address, and
 * texts that do, mailbox by mailbox, each with what became of it.
 */
#ifndef WRITER_H
#define WRITER_H

#include "address.h"
#include "router.h"

/* Where a text with addresses stands. */
struct place {
	struct span line_end;	/* to fold with; empty: it is never folded */
	size_t column;		/* bytes before it on its line */
};

/*
 * The functions of a writer; the first argument is its state.  Those that
 * return int return 0, or -1 if there is no memory.
 */
struct writer {
	void *state;

	/* Bytes outside of such a text. */
	void (*plain)(void *, struct span);

	/* A text with addresses begins, and ends. */
	void (*begin)(void *, const struct place *);
	int (*end)(void *);

	/* Bytes of it between mailboxes, or that cannot be read. */
	int (*between)(void *, struct span);

	/* A mailbox of it. */
	int (*mailbox)(void *, const struct address *,
	    const struct outcome *);
};

#endif
