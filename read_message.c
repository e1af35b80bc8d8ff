#include <string.h>

#include "read_message.h"
#include "reader.h"

static const char default_recipients[] =
    "To,Cc,Bcc,Resent-To,Resent-Cc,Resent-Bcc";

static const char senders[] =
    "From,Sender,Reply-To,Resent-From,Resent-Sender,Return-Receipt-To,"
    "Disposition-Notification-To,Errors-To,Mail-Reply-To,Mail-Followup-To";

/* Whether a name is among those that commas, and maybe blanks, separate. */
static bool
is_among(struct span name, const char *names)
{
	const char *s = names;
	size_t i;

	for (;;) {
		while (is_blank(*s))
			s++;
		for (i = 0; i < name.len && ascii_lower((unsigned char)*s) ==
		    ascii_lower((unsigned char)name.s[i]); i++)
			s++;
		while (is_blank(*s))
			s++;
		if (i == name.len && (*s == ',' || *s == '\0'))
			return true;
		if ((s = strchr(s, ',')) == NULL)
			return false;
		s++;
	}
}

/* Whether a field of that name holds addresses, and whose. */
static bool
holds_addresses(const struct header *h, struct span name, enum use *use)
{
	if (strcmp(h->recipients, "-") == 0)
		return false;
	*use = span_begins_fold(name, "Resent-") ? USE_RESENT : USE_TO;
	if (is_among(name, h->recipients))
		return true;
	*use = USE_SENDER;
	return is_among(name, senders);
}

/* RFC 5322, 2.2 and 4.5.8: printable ASCII, blanks, and a colon. */
size_t
header_field_name(struct span line)
{
	size_t i = 0, len;

	while (i < line.len && line.s[i] > ' ' && line.s[i] < 0x7f &&
	    line.s[i] != ':')
		i++;
	len = i;
	while (i < line.len && is_blank(line.s[i]))
		i++;
	return i < line.len && line.s[i] == ':' ? len : 0;
}

/* How a line of the header ends, of which this is a piece. */
static void
note_line_end(struct header *h, struct span piece)
{
	const char *end = piece.s + piece.len;
	bool cr = h->after_cr;

	if (piece.len == 0)
		return;
	h->after_cr = end[-1] == '\r';
	if (end[-1] != '\n')
		return;
	h->crlf = piece.len > 1 ? end[-2] == '\r' : cr;
	if (h->line_end.len == 0)
		h->line_end = span_of(h->crlf ? "\r\n" : "\n");
	h->began = true;
}

/* Passes on some bytes of the header; the line they are in may go on. */
static void
pass_bytes(struct header *h, size_t len)
{
	struct span piece = { input_span(h->in).s, len };

	note_line_end(h, piece);
	filter_plain(h->filter, piece);
	h->line += span_lines(piece);
	input_take(h->in, len);
}

static void
pass_line(struct header *h)
{
	size_t len;
	bool ended;

	do {
		len = input_line(h->in, 0, '\n', 0);
		ended = len == 0 || input_span(h->in).s[len - 1] == '\n';
		pass_bytes(h, len);
	} while (!ended);
}

/* A field while its end is looked for. */
struct extent {
	struct address_quoting quoting;
	size_t quoted;		/* bytes that quoting has gone through */
	size_t len;
};

/*
 * Whether the line end that the field has last, behind its name and a colon,
 * is quoted in it.
 */
static bool
is_quoted(struct extent *e, struct input *in)
{
	const char *field = input_span(in).s;
	size_t from = e->quoted;

	if (field[e->len - 2] != '\\')
		return false;
	e->quoted = e->len - 1;
	return address_goes_on_quoting(&e->quoting,
	    span_between(field + from, field + e->quoted));
}

/*
 * Whether the field goes on after what there is, which ends a line: in a
 * line that begins with a blank, or behind a line end that is quoted (but
 * never in one that ends the data of SMTP).
 */
static bool
goes_on(struct extent *e, struct input *in)
{
	struct span next;

	if (!reader_has(in, e->len))
		return false;
	if (is_blank(input_span(in).s[e->len]))
		return true;
	if (!is_quoted(e, in))
		return false;
	next = reader_cut_line_end(reader_peek_line(in, e->len));
	return header_field_name(next) == 0 && next.len > 0 &&
	    !span_equal(next, span_of("."));
}

/* How many bytes a field has, over all its lines; more than the limit: so. */
static size_t
field_length(struct input *in)
{
	struct extent e = { .len = 0 };

	do
		e.len += input_line(in, e.len, '\n', LONGEST_TEXT - e.len);
	while (e.len <= LONGEST_TEXT && goes_on(&e, in));
	return e.len;
}

/* A field with addresses: its name, the addresses, and its line end. */
static int
pass_field(struct header *h, enum use use, struct span field)
{
	const char *colon = memchr(field.s, ':', field.len);
	struct span name = span_between(field.s, colon + 1);
	struct span body = reader_cut_line_end(span_between(colon + 1,
	    field.s + field.len));
	struct span line_end = span_between(body.s + body.len,
	    field.s + field.len);
	struct place place = { line_end, name.len };

	if (line_end.len == 0)
		place.line_end = h->line_end.len > 0 ? h->line_end :
		    span_of("\n");
	filter_plain(h->filter, name);
	if (filter_text(h->filter, use, body, &place, h->line) == -1)
		return -1;
	filter_plain(h->filter, line_end);
	h->line += span_lines(field);
	note_line_end(h, field);
	return 0;
}

static int
read_field(struct header *h, enum use use)
{
	struct span field = { NULL, field_length(h->in) };
	int done;

	field.s = input_span(h->in).s;
	if (field.len <= LONGEST_TEXT) {
		done = pass_field(h, use, field);
		input_take(h->in, field.len);
		return done;
	}
	done = filter_report(h->filter, h->line,
	    "a field longer than 16 MiB, left as it is", field);
	pass_bytes(h, LONGEST_TEXT);
	pass_line(h);
	return done;
}

/* Return-Path is not rewritten, but tells the sender of the envelope. */
static int
read_return_path(struct header *h)
{
	struct span field = { NULL, field_length(h->in) };
	const char *colon;

	field.s = input_span(h->in).s;
	if (field.len > LONGEST_TEXT) {
		pass_line(h);
		return 0;
	}
	colon = memchr(field.s, ':', field.len);
	if (filter_wants_sender(h->filter) &&
	    filter_found_sender(h->filter, SENDER_IN_FIELD,
	    span_trim(reader_cut_line_end(span_between(colon + 1,
	    field.s + field.len)))) == -1)
		return -1;
	pass_bytes(h, field.len);
	return 0;
}

/*
 * One line of the header, or a field with addresses.  1 if the header is
 * over, -1 if there is no memory.
 */
static int
read_header_line(struct header *h)
{
	struct span line = reader_peek_line(h->in, 0), name;
	enum use use;

	if (reader_cut_line_end(line).len == 0)
		return 1;
	if (is_blank(line.s[0]) && h->began) {
		pass_line(h);
		return 0;
	}
	name = (struct span){ line.s, header_field_name(line) };
	if (name.len == 0)
		return 1;
	if (holds_addresses(h, name, &use))
		return read_field(h, use);
	if (span_equal_fold(name, span_of("Return-Path")))
		return read_return_path(h);
	pass_line(h);
	return 0;
}

/* Without a line of its own, the header ends as the body begins. */
static struct span
body_line_end(const struct header *h)
{
	struct span line = reader_peek_line(h->in, 0);

	return span_of(line.len > 1 && line.s[line.len - 1] == '\n' &&
	    line.s[line.len - 2] == '\r' ? "\r\n" : "\n");
}

int
read_header(struct header *h)
{
	struct span next;
	int over = 0;

	if (h->recipients == NULL)
		h->recipients = default_recipients;
	h->began = h->crlf = h->after_cr = false;
	while (over == 0)
		over = read_header_line(h);
	if (over == -1)
		return -1;
	if (h->line_end.len == 0)
		h->line_end = body_line_end(h);
	next = reader_cut_line_end(reader_peek_line(h->in, 0));
	return filter_header_end(h->filter, h->line_end, next.len == 0 ||
	    (h->smtp && span_equal(next, span_of("."))));
}

int
read_message(struct input *in, struct filter *f, const char *recipients)
{
	struct header h = { .in = in, .filter = f, .line = 1,
		.recipients = recipients };

	struct span mark;
	int from_line;

	from_line = reader_take_from_line(in, f);
	if (from_line == 0) {
		mark = reader_mark(in);
		filter_open(f, mark);
		input_take(in, mark.len);
	}
	h.line += from_line == 1;
	if (from_line == -1 || read_header(&h) == -1)
		return -1;
	reader_pass_body(in, f);
	if (in->error == 0)
		filter_close(f);
	return 0;
}
