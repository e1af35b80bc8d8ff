/*
 * Input and output by large blocks.
 *
 * An input keeps what was read and not yet taken in one piece of memory, so
 * that a reader can look at a whole line or field; it grows for a long one.
 * Before it waits for more, it has the output flushed that was tied to it: who
 * writes a line to a filter and waits for the answer gets it.  When the input
 * fails, that output has all that was made of what came before, and nothing
 * is written to it any more.
 */
#ifndef STREAM_H
#define STREAM_H

#include "spool.h"
#include "text.h"

struct output {
	int fd;
	int error;		/* errno of the first failure, or 0 */
	size_t len;
	char *buffer;
	struct spool *diverted;	/* where to write instead, or NULL */
};

struct input {
	int fd;
	int error;		/* errno of the first failure, or 0 */
	bool eof;
	struct output *tied;	/* or NULL */
	void (*pause)(void *);	/* called before each read, or NULL */
	void *with;
	unsigned long long taken;	/* bytes, for a report */
	char *buffer;
	size_t size;
	size_t start;		/* what is not yet taken: from here */
	size_t end;		/* to here */
};

/* Begin to use a descriptor, which the caller closes.  0, or -1: no memory. */
int input_open(struct input *, int fd, struct output *tied);
int output_open(struct output *, int fd);

/* Free the memory; what has not been flushed is lost. */
void input_free(struct input *);
void output_free(struct output *);

/* What was read and not yet taken; valid until the next call. */
struct span input_span(const struct input *);

/* Takes so many bytes of it. */
void input_take(struct input *, size_t);

/*
 * Reads some more bytes.  false at the end of the input and when reading
 * failed (error is set then; ENOMEM if the memory could not grow).
 */
bool input_more(struct input *);

/*
 * The length of the line that begins that many bytes behind what was taken,
 * with the byte (an LF, as a rule) that ends it; the last one may have none.
 * Reads as much as is needed.  0 at the end of the input.  A line of more
 * bytes than most is cut: what is returned is then greater than most, and
 * the line goes on.
 */
size_t input_line(struct input *, size_t from, char end, size_t most);

/* Writes all of it to a descriptor, now.  0, or -1, with errno. */
int stream_write(int fd, struct span);

/*
 * Writes, now or later.  After a failure, of which error tells, nothing is
 * written any more.
 */
void output_write(struct output *, struct span);

/*
 * Writes lines for a person to read: all bytes but the LF that ends each of
 * them as text_add_visible() shows them.  0, or -1 if there is no memory.
 */
int output_write_visible(struct output *, struct span lines);

/* Writes what is not yet written.  0, or -1 if anything failed so far. */
int output_flush(struct output *);

#endif
