#include "write_rcpt.h"

static int
add_recipient(void *state, const struct destination *d)
{
	struct write_rcpt *w = state;

	w->line.len = 0;
	if (address_add(&w->line, d->local, d->domain) == -1 ||
	    text_add_byte(&w->line, w->end) == -1)
		return -1;
	output_write(w->out, text_span(&w->line));
	return 0;
}

static int
recipient(void *state, const struct address *a, const struct outcome *o)
{
	struct write_rcpt *w = state;

	(void)a;
	return seen_each_new(&w->seen, o, add_recipient, w);
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
