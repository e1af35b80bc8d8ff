#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "seen.h"

enum { KEPT = 4096 };	/* slots that are worth keeping for the next set */

/* Who sends the addresses must not know where they land. */
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

static struct span
stored(const struct seen *seen, size_t offset)
{
	struct span a = { seen->addresses.s + offset, 0 };

	memcpy(&a.len, a.s - sizeof(a.len), sizeof(a.len));
	return a;
}

/* The slot that holds the address, or the free one where it belongs. */
static size_t *
find(const struct seen *seen, struct span a)
{
	size_t i = hash(a, seen->seed) & (seen->size - 1);

	while (seen->slots[i] != 0 &&
	    !span_equal(stored(seen, seen->slots[i]), a))
		i = (i + 1) & (seen->size - 1);
	return &seen->slots[i];
}

static bool
grow(struct seen *seen)
{
	struct seen grown = *seen;
	size_t i;

	if (seen->size == 0)
		grown.seed = secret();
	grown.size = seen->size == 0 ? 64 : seen->size * 2;
	if ((grown.slots = calloc(grown.size, sizeof(*grown.slots))) == NULL)
		return false;
	for (i = 0; i < seen->size; i++)
		if (seen->slots[i] != 0)
			*find(&grown, stored(seen, seen->slots[i])) =
			    seen->slots[i];
	free(seen->slots);
	*seen = grown;
	return true;
}

/* The one form of an address: its meaning, in lower case. */
static int
canonical(struct text *t, struct span local, struct span domain)
{
	struct text room = { 0 };
	struct span meaning;
	size_t i;
	int done = -1;

	t->len = 0;
	if (address_local(local, &room, &meaning) == -1 ||
	    text_add_span(t, meaning) == -1)
		goto out;
	for (i = 0; i < t->len; i++)
		t->s[i] = (char)ascii_lower((unsigned char)t->s[i]);
	if (address_domain(domain, &room, &meaning) == -1 ||
	    text_add_byte(t, '@') == -1 || text_add_span(t, meaning) == -1)
		goto out;
	done = 0;
out:
	text_free(&room);
	return done;
}

int
seen_add(struct seen *seen, struct span local, struct span domain)
{
	struct span a;
	size_t *slot;

	if (seen->used >= seen->size / 2 && !grow(seen))
		return -1;
	if (canonical(&seen->room, local, domain) == -1)
		return -1;
	a = text_span(&seen->room);
	slot = find(seen, a);
	if (*slot != 0)
		return 0;
	if (text_reserve(&seen->addresses, sizeof(a.len) + a.len) == -1)
		return -1;
	text_add(&seen->addresses, (const char *)&a.len, sizeof(a.len));
	*slot = seen->addresses.len;
	text_add_span(&seen->addresses, a);
	seen->used++;
	return 1;
}

int
seen_each_new(struct seen *seen, const struct outcome *o,
    int (*take)(void *, const struct destination *), void *with)
{
	const struct destination *d;
	size_t i;
	int new;

	for (i = 0; i < o->count; i++) {
		d = &o->destinations[i];
		if (destination_is_gone(d))
			continue;
		new = seen_add(seen, d->local, d->domain);
		if (new == -1 || (new == 1 && take(with, d) == -1))
			return -1;
	}
	return 0;
}

void
seen_clear(struct seen *seen)
{
	if (seen->size > KEPT) {
		seen_free(seen);
		return;
	}
	if (seen->used > 0)
		memset(seen->slots, 0, seen->size * sizeof(*seen->slots));
	seen->used = 0;
	seen->addresses.len = 0;
}

void
seen_free(struct seen *seen)
{
	free(seen->slots);
	text_free(&seen->addresses);
	text_free(&seen->room);
	*seen = (struct seen){ 0 };
}
