#include "write_rcpt.h"

static int
add_recipient(struct write_rcpt *w, struct span local, struct span domain)
{
	int new = seen_add(&w->seen, local, domain);

	if (new != 1)
		return new;
	w->line.len = 0;
	if (address_add(&w->line, local, domain) == -1 ||
	    text_add_byte(&w->line, w->end) == -1)
		return -1;
	output_write(w->out, text_span(&w->line));
	return 0;
}

static int
recipient(void *state, const struct address *a, const struct outcome *o)
{
	struct write_rcpt *w = state;
	const struct destination *d;
	size_t i;

	(void)a;
	for (i = 0; i < o->count; i++) {
		d = &o->destinations[i];
		if (!destination_is_gone(d) &&
		    add_recipient(w, d->local, d->domain) == -1)
			return -1;
	}
	return 0;
}

struct writer
write_rcpt(struct write_rcpt *w, struct output *out, char end)
{
	*w = (struct write_rcpt){ .out = out, .end = end };
	return (struct writer){ .state = w, .envelope = true,
		.lines = true, .recipient = recipient };
}

void
write_rcpt_free(struct write_rcpt *w)
{
	seen_free(&w->seen);
	text_free(&w->line);
}
