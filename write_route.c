#include <string.h>

#include "write_route.h"

const char *
write_route_action(enum action action)
{
	static const char *const names[] =
	    { "relay", "inbound", "forward", "reject", "discard" };

	return names[action];
}

/* Appends a column, escaped from the offset on at which it begins. */
static int
end_column(struct text *t, size_t from, char end)
{
	static const char special[] = { '\t', '\n', '\r', '\0', '\\' };
	static const char letter[] = { 't', 'n', 'r', '0', '\\' };
	const char *found;
	size_t i;

	for (i = from; i < t->len; i++) {
		found = memchr(special, t->s[i], sizeof(special));
		if (found == NULL)
			continue;
		if (text_add_byte(t, '\\') == -1)
			return -1;
		memmove(t->s + i + 1, t->s + i, t->len - i - 1);
		t->s[i++] = '\\';
		t->s[i] = letter[found - special];
	}
	return text_add_byte(t, end);
}

static int
add_line(struct text *t, const struct address *a,
    const struct destination *d)
{
	size_t from = t->len = 0;

	if (address_add(t, a->local, a->domain) == -1 ||
	    end_column(t, from, '\t') == -1 ||
	    text_printf(t, "%s\t", write_route_action(d->action)) == -1)
		return -1;
	from = t->len;
	if (address_add(t, d->local, d->domain) == -1 ||
	    end_column(t, from, '\t') == -1)
		return -1;
	if (d->action == FORWARD && text_add_span(t, d->detail) == -1)
		return -1;
	return text_add_byte(t, '\n');
}

static int
recipient(void *state, const struct address *a, const struct outcome *o)
{
	struct write_route *w = state;
	size_t i;

	for (i = 0; i < o->count; i++) {
		if (add_line(&w->line, a, &o->destinations[i]) == -1)
			return -1;
		output_write(w->out, text_span(&w->line));
	}
	return 0;
}

struct writer
write_route(struct write_route *w, struct output *out)
{
	*w = (struct write_route){ .out = out };
	return (struct writer){ .state = w, .envelope = true,
		.recipient = recipient };
}

void
write_route_free(struct write_route *w)
{
	text_free(&w->line);
}
