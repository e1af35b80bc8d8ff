#include "seen.h"

int
seen_add(struct seen *seen, struct span local, struct span domain)
{
	size_t n;

	seen->room.len = 0;
	if (address_add_canonical(&seen->room, local, domain) == -1)
		return -1;
	return names_add(&seen->addresses, text_span(&seen->room), &n);
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
	names_clear(&seen->addresses);
}

void
seen_free(struct seen *seen)
{
	names_free(&seen->addresses);
	text_free(&seen->room);
}
