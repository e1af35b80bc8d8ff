#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "spool.h"
#include "stream.h"

enum { IN_MEMORY = 256 * 1024, BLOCK = 64 * 1024 };

/* What a spool has in the file, at one place. */
struct spool_piece {
	off_t at;
	off_t len;
};

void
spool_file_open(struct spool_file *file)
{
	*file = (struct spool_file){ .stream = tmpfile(), .fd = -1 };
	if (file->stream == NULL)
		file->error = errno;
	else
		file->fd = fileno(file->stream);
}

void
spool_file_close(struct spool_file *file)
{
	if (file->stream != NULL)
		fclose(file->stream);
	file->stream = NULL;
	file->fd = -1;
}

static int
seek(const struct spool_file *file, off_t at)
{
	return lseek(file->fd, at, SEEK_SET) == -1 ? -1 : 0;
}

/* Appends to the file. */
static int
file_add(struct spool_file *file, struct span s)
{
	if (file->fd == -1) {
		errno = file->error;
		return -1;
	}
	if (seek(file, file->size) == -1 || stream_write(file->fd, s) == -1)
		return -1;
	file->size += (off_t)s.len;
	return 0;
}

/* The piece that ends where the file does, be it a new one. */
static struct spool_piece *
last_piece(struct spool *spool)
{
	struct spool_piece *p = spool->pieces;
	size_t n = spool->n_pieces;

	if (n > 0 && p[n - 1].at + p[n - 1].len == spool->file->size)
		return &p[n - 1];
	if ((p = realloc(p, (n + 1) * sizeof(*p))) == NULL)
		return NULL;
	p[n] = (struct spool_piece){ spool->file->size, 0 };
	spool->pieces = p;
	spool->n_pieces++;
	spool->file->in_use += n == 0;
	return &p[n];
}

/* Moves what is in memory to the end of the file. */
static int
to_file(struct spool *spool)
{
	struct spool_piece *p = last_piece(spool);

	if (p == NULL || file_add(spool->file,
	    text_span(&spool->memory)) == -1)
		return -1;
	p->len += (off_t)spool->memory.len;
	spool->memory.len = 0;
	return 0;
}

/* Keeps errno, and what failed from being taken for all. */
static int
fail(struct spool *spool)
{
	spool->error = errno;
	return -1;
}

int
spool_add(struct spool *spool, struct span s)
{
	if (text_add_span(&spool->memory, s) == -1 ||
	    (spool->memory.len > IN_MEMORY && to_file(spool) == -1))
		return fail(spool);
	return 0;
}

bool
spool_is_empty(const struct spool *spool)
{
	return spool->n_pieces == 0 && spool->memory.len == 0;
}

/* The place is looked for anew each time: who takes may write to the file. */
static int
each_of_piece(const struct spool_file *file, struct spool_piece p,
    int (*take)(void *, struct span), void *with)
{
	char block[BLOCK];
	size_t want;
	ssize_t n;
	int result = 0;

	while (result == 0 && p.len > 0) {
		want = p.len < BLOCK ? (size_t)p.len : sizeof(block);
		if (seek(file, p.at) == -1)
			return -1;
		if ((n = read(file->fd, block, want)) <= 0) {
			if (n == -1 && errno == EINTR)
				continue;
			if (n == 0)
				errno = EIO;	/* somebody cut it */
			return -1;
		}
		p.at += n;
		p.len -= n;
		result = take(with, (struct span){ block, (size_t)n });
	}
	return result;
}

int
spool_each(struct spool *spool, int (*take)(void *, struct span), void *with)
{
	size_t i;
	int result = 0;

	if (spool->error != 0) {
		errno = spool->error;
		return -1;
	}
	for (i = 0; i < spool->n_pieces && result == 0; i++)
		result = each_of_piece(spool->file, spool->pieces[i], take,
		    with);
	if (result == 0 && spool->memory.len > 0)
		result = take(with, text_span(&spool->memory));
	return result;
}

/* When no spool needs the file any more, it gives back its room. */
static void
leave_file(struct spool *spool)
{
	struct spool_file *file = spool->file;

	if (spool->n_pieces == 0)
		return;
	spool->n_pieces = 0;
	if (--file->in_use == 0 && ftruncate(file->fd, 0) == 0)
		file->size = 0;
}

void
spool_clear(struct spool *spool)
{
	leave_file(spool);
	spool->error = 0;
	spool->memory.len = 0;
}

void
spool_free(struct spool *spool)
{
	spool_clear(spool);
	free(spool->pieces);
	spool->pieces = NULL;
	text_free(&spool->memory);
}
