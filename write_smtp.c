#include <string.h>

#include "write_smtp.h"

static void
put(struct write_smtp *w, const char *s)
{
	output_write(w->out, span_of(s));
}

static void
plain(void *state, struct span s)
{
	struct write_smtp *w = state;

	w->same.plain(w->same.state, s);
}

static void
begin(void *state, const struct place *place)
{
	struct write_smtp *w = state;

	w->same.begin(w->same.state, place);
}

static int
end(void *state)
{
	struct write_smtp *w = state;

	return w->same.end(w->same.state);
}

static int
between(void *state, struct span s)
{
	struct write_smtp *w = state;

	return w->same.between(w->same.state, s);
}

static int
mailbox(void *state, const struct address *a, const struct outcome *o)
{
	struct write_smtp *w = state;

	return w->same.mailbox(w->same.state, a, o);
}

static void
open_message(void *state, struct span before)
{
	struct write_smtp *w = state;

	(void)before;
	spool_clear(&w->header);
	spool_clear(&w->recipients);
	seen_clear(&w->seen);
	if (w->same.open != NULL)
		w->same.open(w->same.state, (struct span){ NULL, 0 });
}

static int
add_recipient(void *state, const struct destination *d)
{
	struct write_smtp *w = state;

	w->line.len = 0;
	if (text_printf(&w->line, "RCPT TO:<") == -1 ||
	    address_add(&w->line, d->local, d->domain) == -1 ||
	    text_add(&w->line, ">\r\n", 3) == -1)
		return -1;
	return spool_add(&w->recipients, text_span(&w->line));
}

static int
recipient(void *state, const struct address *a, const struct outcome *o)
{
	struct write_smtp *w = state;

	if (w->same.recipient != NULL &&
	    w->same.recipient(w->same.state, a, o) == -1)
		return -1;
	return seen_each_new(&w->seen, o, add_recipient, w);
}

/* A line, or a piece of one without its end. */
static void
put_piece(struct write_smtp *w, struct span s)
{
	if (s.len == 0)
		return;
	if (w->at_line_start && s.s[0] == '.')
		put(w, ".");
	output_write(w->out, s);
	w->at_line_start = false;
	w->after_cr = s.s[s.len - 1] == '\r';
}

static void
end_line(struct write_smtp *w)
{
	put(w, w->after_cr ? "\n" : "\r\n");
	w->at_line_start = true;
	w->after_cr = false;
}

static void
body(void *state, struct span s)
{
	struct write_smtp *w = state;
	const char *lf, *end_of_s = s.s + s.len;

	if (w->left_out || s.len == 0)
		return;
	while ((lf = memchr(s.s, '\n', (size_t)(end_of_s - s.s))) != NULL) {
		put_piece(w, span_between(s.s, lf));
		end_line(w);
		s.s = lf + 1;
	}
	put_piece(w, span_between(s.s, end_of_s));
}

static int
take_command(void *state, struct span s)
{
	struct write_smtp *w = state;

	output_write(w->out, s);
	return 0;
}

static int
take_header(void *state, struct span s)
{
	body(state, s);
	return 0;
}

static int
header_end(void *state, struct span sender, struct span line_end, bool parted)
{
	struct write_smtp *w = state;

	if (w->same.header_end != NULL &&
	    w->same.header_end(w->same.state, sender, line_end, parted) == -1)
		return -1;
	w->left_out = spool_is_empty(&w->recipients);
	if (w->left_out)
		return 0;
	if (!w->greeted)
		put(w, "HELO localhost\r\n");
	w->greeted = true;
	put(w, "MAIL FROM:<");
	output_write(w->out, sender);
	put(w, ">\r\n");
	if (spool_each(&w->recipients, take_command, w) == -1)
		return -1;
	put(w, "DATA\r\n");
	w->at_line_start = true;
	w->after_cr = false;
	return spool_each(&w->header, take_header, w);
}

static void
close_message(void *state)
{
	struct write_smtp *w = state;

	if (w->left_out)
		return;
	if (!w->at_line_start)
		end_line(w);
	put(w, ".\r\n");
}

static void
finish(void *state)
{
	struct write_smtp *w = state;

	if (w->greeted)
		put(w, "QUIT\r\n");
}

struct writer
write_smtp(struct write_smtp *w, struct output *out,
    struct spool_file *file, bool original)
{
	*w = (struct write_smtp){ .out = out };
	w->header.file = w->recipients.file = file;
	w->header_out = (struct output){ .fd = -1, .diverted = &w->header };
	w->same = write_same(&w->same_state, &w->header_out, file,
	    original);
	return (struct writer){
		.state = w,
		.envelope = true,
		.needs_recipients = true,
		.lines = true,
		.plain = plain,
		.begin = begin,
		.end = end,
		.between = between,
		.mailbox = mailbox,
		.open = open_message,
		.recipient = recipient,
		.header_end = header_end,
		.body = body,
		.close = close_message,
		.finish = finish,
	};
}

void
write_smtp_free(struct write_smtp *w)
{
	write_same_free(&w->same_state);
	spool_free(&w->header);
	spool_free(&w->recipients);
	seen_free(&w->seen);
	text_free(&w->line);
}
