#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "names.h"

enum { KEPT = 4096 };	/* slots that are worth keeping for the next set */

/* Who sends the strings must not know where they land. */
static uint32_t
secret(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint32_t)now.tv_nsec * 2654435761u ^ (uint32_t)now.tv_sec ^
	    (uint32_t)getpid() << 16;
}

static uint32_t
hash(struct span a, uint32_t seed)
{
	uint32_t h = 2166136261u ^ seed;
	size_t i;

	for (i = 0; i < a.len; i++)
		h = (h ^ (unsigned char)a.s[i]) * 16777619u;
	return h ^ h >> 15;
}

struct span
names_get(const struct names *names, size_t n)
{
	size_t start = n == 0 ? 0 : names->ends[n - 1];
	struct span bytes = text_span(&names->bytes);

	return (struct span){ bytes.s + start, names->ends[n] - start };
}

/* The slot that holds the string, or the free one where it belongs. */
static size_t *
find(const struct names *names, struct span a)
{
	size_t i = hash(a, names->seed) & (names->size - 1);

	while (names->slots[i] != 0 &&
	    !span_equal(names_get(names, names->slots[i] - 1), a))
		i = (i + 1) & (names->size - 1);
	return &names->slots[i];
}

static bool
grow(struct names *names)
{
	struct names grown = *names;
	size_t i;

	if (names->size == 0)
		grown.seed = secret();
	grown.size = names->size == 0 ? 64 : names->size * 2;
	if ((grown.slots = calloc(grown.size, sizeof(*grown.slots))) == NULL)
		return false;
	for (i = 0; i < names->count; i++)
		*find(&grown, names_get(names, i)) = i + 1;
	free(names->slots);
	*names = grown;
	return true;
}

int
names_add(struct names *names, struct span a, size_t *n)
{
	size_t *slot, *ends;

	if (names->count >= names->size / 2 && !grow(names))
		return -1;
	slot = find(names, a);
	if (*slot != 0) {
		*n = *slot - 1;
		return 0;
	}
	ends = array_grow(names->ends, &names->size_ends, names->count,
	    sizeof(*ends));
	if (ends == NULL)
		return -1;
	names->ends = ends;
	if (text_add_span(&names->bytes, a) == -1)
		return -1;
	ends[names->count] = names->bytes.len;
	*n = names->count++;
	*slot = names->count;
	return 1;
}

bool
names_find(const struct names *names, struct span a, size_t *n)
{
	size_t slot = names->size == 0 ? 0 : *find(names, a);

	if (slot != 0)
		*n = slot - 1;
	return slot != 0;
}

void
names_clear(struct names *names)
{
	if (names->size > KEPT) {
		names_free(names);
		return;
	}
	if (names->count > 0)
		memset(names->slots, 0, names->size * sizeof(*names->slots));
	names->count = 0;
	names->bytes.len = 0;
}

void
names_free(struct names *names)
{
	free(names->slots);
	free(names->ends);
	text_free(&names->bytes);
	*names = (struct names){ 0 };
}
