/*
 * What the pieces of the input are handed to.
 *
 * A writer takes texts with addresses mailbox by mailbox, each with what
 * became of it, or the recipients of an envelope, or both.  What it does not
 * take its function is NULL for.  One that takes no recipients takes texts:
 * it has plain, mailbox and end.
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
 * The first argument of each function is the state.  Those that return int
 * return 0, or -1 if there is no memory or no room for temporary files.
 */
struct writer {
	void *state;

	/* Recipients make an envelope: who is refused has to be told. */
	bool envelope;

	/* A message without any recipient is left out. */
	bool needs_recipients;

	/* Recipients stand on lines: none may have a line end in it. */
	bool lines;

	/* Bytes outside of such a text. */
	void (*plain)(void *, struct span);

	/* A text with addresses begins, and ends. */
	void (*begin)(void *, const struct place *);
	int (*end)(void *);

	/* Bytes of it between mailboxes, or that cannot be read. */
	int (*between)(void *, struct span);

	/* A mailbox of it; if its address stays, it may come as plain bytes. */
	int (*mailbox)(void *, const struct address *,
	    const struct outcome *);

	/* A message begins; what is before it, a From_ line or nothing. */
	void (*open)(void *, struct span before);

	/* A recipient, of an envelope or a list. */
	int (*recipient)(void *, const struct address *,
	    const struct outcome *);

	/* The recipients told of since the last message come to nothing. */
	void (*forget)(void *);

	/*
	 * The header is over, all recipients are told; the sender as it is
	 * written, how the lines of the message end, and whether the body is
	 * parted from the header by an empty line, or there is none.
	 */
	int (*header_end)(void *, struct span sender, struct span line_end,
	    bool parted);

	/* Bytes of the body. */
	void (*body)(void *, struct span);

	/* The message is over. */
	void (*close)(void *);

	/* The input is over. */
	void (*finish)(void *);
};

#endif
