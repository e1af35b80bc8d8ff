#include <string.h>

#include "read_mbox.h"
#include "read_message.h"
#include "reader.h"

enum { ENOUGH = 64 * 1024 };	/* bytes to pass on at a time */

/* A body while it is read. */
struct body {
	struct input *in;
	struct filter *filter;
	size_t seen;		/* bytes of it that were looked at */
	size_t empty;		/* of these, the empty line at their end */
	size_t line;		/* number of the line that comes next */
	bool in_line;		/* what was seen ends within a line */
};

/* Passes on what was seen, but for the empty line that may part messages. */
static void
pass_seen(struct body *b)
{
	size_t len = b->seen - b->empty;

	filter_body(b->filter, (struct span){ input_span(b->in).s, len });
	input_take(b->in, len);
	b->seen = b->empty;
}

/* Whether a message begins behind what was seen of this one. */
static bool
at_from_line(const struct body *b, size_t len)
{
	const char *s = input_span(b->in).s + b->seen;

	if (b->empty == 0 || len < 5 || len >= READER_PEEK ||
	    memcmp(s, "From ", 5) != 0)
		return false;
	return header_field_name(reader_peek_line(b->in, b->seen + len)) > 0;
}

/* Looks at one line, or a piece of one.  false if the body is over. */
static bool
look_at_line(struct body *b)
{
	struct span line = { NULL, input_line(b->in, b->seen, '\n', ENOUGH) };

	if (line.len == 0 || (!b->in_line && at_from_line(b, line.len)))
		return false;
	line.s = input_span(b->in).s + b->seen;
	b->empty = 0;
	if (!b->in_line && reader_cut_line_end(line).len == 0)
		b->empty = line.len;
	b->in_line = line.s[line.len - 1] != '\n';
	b->line += !b->in_line;
	b->seen += line.len;
	if (b->seen > ENOUGH)
		pass_seen(b);
	return true;
}

/*
 * Sees whole lines that are not empty, and are behind none that is: neither
 * they nor what is behind them can begin a message.
 */
static void
skip_lines(struct body *b)
{
	struct span all = input_span(b->in);
	const char *s = all.s + b->seen, *end = all.s + all.len, *lf;

	if (b->in_line || b->empty > 0)
		return;
	while (s < end && *s != '\n' && *s != '\r' &&
	    (lf = memchr(s, '\n', (size_t)(end - s))) != NULL) {
		s = lf + 1;
		b->line++;
	}
	b->seen = (size_t)(s - all.s);
	if (b->seen > ENOUGH)
		pass_seen(b);
}

/* Passes on a body, and the empty line behind it as part of no message. */
static void
pass_body(struct header *h)
{
	struct body b = { .in = h->in, .filter = h->filter, .line = h->line };
	struct span empty = reader_peek_line(h->in, 0);

	if (empty.len > 0 && reader_cut_line_end(empty).len == 0) {
		filter_body(h->filter, empty);
		input_take(h->in, empty.len);
		b.line++;
		if (at_from_line(&(struct body){ .in = h->in, .empty = 1 },
		    input_line(h->in, 0, '\n', ENOUGH))) {
			h->line = b.line;
			return;
		}
	}
	do
		skip_lines(&b);
	while (look_at_line(&b));
	pass_seen(&b);
	empty = (struct span){ input_span(h->in).s, b.empty };
	filter_outside(h->filter, empty);
	input_take(h->in, b.empty);
	h->line = b.line;
}

int
read_mbox(struct input *in, struct filter *f, const char *recipients)
{
	struct header h = { .in = in, .filter = f, .line = 1,
		.recipients = recipients };
	int from_line;

	while (reader_has(in, 0)) {
		h.line_end = (struct span){ NULL, 0 };
		from_line = reader_take_from_line(in, f);
		if (from_line == 0)
			filter_open(f, (struct span){ NULL, 0 });
		h.line += from_line == 1;
		if (from_line == -1 || read_header(&h) == -1)
			return -1;
		pass_body(&h);
		if (in->error == 0)
			filter_close(f);
	}
	return 0;
}
