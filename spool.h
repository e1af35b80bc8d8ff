/*
 * Bytes put aside, to be used when what comes before them is known.  Up to
 * 256 KB stay in memory, more goes to a temporary file without a name, so
 * that memory does not grow with the input.  All spools share one such file,
 * which is opened before any of them needs it: a process that is confined
 * (confine.h) opens no more.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdio.h>
#include <sys/types.h>

#include "text.h"

struct spool_file {
	FILE *stream;		/* or NULL */
	int fd;			/* of it */
	int error;		/* errno, why it could not be opened */
	off_t size;
	size_t in_use;		/* spools that have something in it */
};

/* Begins as all zeros but for the file, which is there as long as it is. */
struct spool {
	struct spool_file *file;
	struct text memory;
	struct spool_piece *pieces;	/* of the file, before the memory */
	size_t n_pieces;
	int error;		/* errno of the first failure, or 0 */
};

/*
 * Opens the file.  If that fails it is told of when a spool needs the file,
 * which most never do.
 */
void spool_file_open(struct spool_file *);
void spool_file_close(struct spool_file *);

/*
 * Appends to a spool.  0, or -1 with errno; after a failure it is not read
 * back, as not all is there.
 */
int spool_add(struct spool *, struct span);

/* Whether nothing is in it. */
bool spool_is_empty(const struct spool *);

/*
 * Hands all of it, from its beginning on and in pieces, to a function until
 * that returns something else than 0, which is then returned.  -1 with errno
 * if it cannot be read back.  The function may append to other spools.
 */
int spool_each(struct spool *, int (*take)(void *, struct span), void *);

/* Makes it empty; the memory is kept to be used again. */
void spool_clear(struct spool *);

/* Gives memory back; the file is to be closed later. */
void spool_free(struct spool *);

#endif
