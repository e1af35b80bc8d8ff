#include <errno.h>

#include "spool.h"

enum { IN_MEMORY = 1024 * 1024, BLOCK = 64 * 1024 };

/* Moves what is in memory to the end of the file. */
static int
to_file(struct spool *spool)
{
	if (spool->file == NULL && (spool->file = tmpfile()) == NULL)
		return -1;
	if (fwrite(spool->memory.s, 1, spool->memory.len, spool->file) !=
	    spool->memory.len)
		return -1;
	spool->memory.len = 0;
	return 0;
}

int
spool_add(struct spool *spool, struct span s)
{
	if (spool->memory.len + s.len > IN_MEMORY && spool->memory.len > 0 &&
	    to_file(spool) == -1)
		return -1;
	if (text_add_span(&spool->memory, s) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

bool
spool_is_empty(const struct spool *spool)
{
	return spool->file == NULL && spool->memory.len == 0;
}

static int
each_of_file(FILE *file, int (*take)(void *, struct span), void *with)
{
	char block[BLOCK];
	size_t n;
	int result = 0;

	if (fflush(file) == EOF || fseek(file, 0, SEEK_SET) == -1)
		return -1;
	while (result == 0 && (n = fread(block, 1, sizeof(block), file)) > 0)
		result = take(with, (struct span){ block, n });
	return ferror(file) ? -1 : result;
}

int
spool_each(struct spool *spool, int (*take)(void *, struct span), void *with)
{
	int result = 0;

	if (spool->file != NULL)
		result = each_of_file(spool->file, take, with);
	if (result == 0 && spool->memory.len > 0)
		result = take(with, text_span(&spool->memory));
	return result;
}

void
spool_clear(struct spool *spool)
{
	if (spool->file != NULL)
		fclose(spool->file);
	spool->file = NULL;
	spool->memory.len = 0;
}

void
spool_free(struct spool *spool)
{
	spool_clear(spool);
	text_free(&spool->memory);
}
