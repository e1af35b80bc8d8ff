#include <stdlib.h>
#include <string.h>

#include "write_collisions.h"

static void
plain(void *state, struct span s)
{
	struct write_collisions *w = state;
	const char *end = s.s + s.len;

	while (s.s < end &&
	    (s.s = memchr(s.s, w->end, (size_t)(end - s.s))) != NULL) {
		w->line++;
		s.s++;
	}
}

/* An address without a domain is shown without an @ as well. */
static int
add_shown(struct text *t, struct span canonical)
{
	if (canonical.s[canonical.len - 1] == '@')
		canonical.len--;
	return text_add_visible(t, canonical, canonical.len);
}

static int
tell(struct write_collisions *w, size_t address, size_t owner, size_t mailbox)
{
	struct text *t = &w->message;

	t->len = 0;
	if (add_shown(t, names_get(&w->addresses, address)) == -1 ||
	    text_add(t, " and ", 5) == -1 ||
	    add_shown(t, names_get(&w->addresses, owner)) == -1 ||
	    text_printf(t, " of line %zu both end in ",
	    w->lines[owner]) == -1 ||
	    add_shown(t, names_get(&w->mailboxes, mailbox)) == -1)
		return -1;
	w->tell(w->with, w->line, text_span(t));
	return 0;
}

/* Where an address stood first, and its number; 1 if it is new. */
static int
enter_address(struct write_collisions *w, const struct address *a, size_t *n)
{
	struct span domain = a->domain.len == 0 ? w->domain : a->domain;
	size_t *lines;
	int new;

	w->room.len = 0;
	if (address_add_canonical(&w->room, a->local, domain) == -1 ||
	    (new = names_add(&w->addresses, text_span(&w->room), n)) == -1 ||
	    (lines = array_grow(w->lines, &w->size_lines, *n,
	    sizeof(*lines))) == NULL)
		return -1;
	w->lines = lines;
	if (new)
		lines[*n] = w->line;
	return new;
}

static int
recipient(void *state, const struct address *a, const struct outcome *o)
{
	struct write_collisions *w = state;
	const struct destination *d = o->destinations;
	size_t address, mailbox, *owners;
	int new = enter_address(w, a, &address);

	/* A route of several is a list of people, not a mailbox. */
	if (new != 1 || o->status != ROUTED || o->count != 1 ||
	    destination_is_gone(d))
		return new == -1 ? -1 : 0;
	w->room.len = 0;
	if (address_add_canonical(&w->room, d->local, d->domain) == -1 ||
	    (new = names_add(&w->mailboxes, text_span(&w->room),
	    &mailbox)) == -1 || (owners = array_grow(w->owners,
	    &w->size_owners, mailbox, sizeof(*owners))) == NULL)
		return -1;
	w->owners = owners;
	if (!new)
		return tell(w, address, owners[mailbox], mailbox);
	owners[mailbox] = address;
	return 0;
}

struct writer
write_collisions(struct write_collisions *w, struct span domain, char end,
    void (*tell_of)(void *, size_t, struct span), void *with)
{
	*w = (struct write_collisions){ .domain = domain, .end = end,
		.line = 1, .tell = tell_of, .with = with };
	return (struct writer){ .state = w, .plain = plain,
		.recipient = recipient };
}

void
write_collisions_free(struct write_collisions *w)
{
	names_free(&w->mailboxes);
	names_free(&w->addresses);
	free(w->owners);
	free(w->lines);
	text_free(&w->room);
	text_free(&w->message);
}
