#include <string.h>

#include "read_message.h"
#include "reader.h"

/* No line without a colon in its first bytes is a header field. */
enum { LONGEST_NAME = 4096 };

/* A message while it is read. */
struct message {
	struct input *in;
	struct filter *filter;
	const char *recipients;
	size_t line;		/* number of the line that comes next */
};

static const char default_recipients[] =
    "To,Cc,Bcc,Resent-To,Resent-Cc,Resent-Bcc";

static const char senders[] =
    "From,Sender,Reply-To,Resent-From,Resent-Sender,Return-Receipt-To,"
    "Disposition-Notification-To,Errors-To,Mail-Reply-To,Mail-Followup-To";

/* Whether a name is among those that commas separate. */
static bool
is_among(struct span name, const char *names)
{
	const char *comma;

	for (;; names = comma + 1) {
		comma = names + strcspn(names, ",");
		if (span_equal_fold(name,
		    span_trim(span_between(names, comma))))
			return true;
		if (*comma == '\0')
			return false;
	}
}

/* Whether a field of that name holds addresses, and whose. */
static bool
holds_addresses(const struct message *m, struct span name, enum role *role)
{
	*role = RECIPIENT;
	if (is_among(name, m->recipients))
		return true;
	*role = SENDER;
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

static void
pass_line(struct message *m)
{
	reader_pass_line(m->in, m->filter, '\n');
	m->line++;
}

/*
 * The beginning of the line that comes that far behind what was taken, as
 * much of it as is needed to know what it is.
 */
static struct span
peek_line(struct input *in, size_t from)
{
	size_t len = input_line(in, from, '\n', LONGEST_NAME);

	if (len > LONGEST_NAME)
		len = LONGEST_NAME;
	return (struct span){ input_span(in).s + from, len };
}

/*
 * Whether the field goes on after its first len bytes, which end a line: in
 * a line that begins with a blank, or behind a line end that is quoted.
 */
static bool
goes_on(struct input *in, size_t len)
{
	struct span field, next;

	if (!reader_has(in, len))
		return false;
	if (is_blank(input_span(in).s[len]))
		return true;
	field = (struct span){ input_span(in).s, len - 1 };
	if (field.len == 0 || field.s[field.len - 1] != '\\' ||
	    !address_ends_quoting(field))
		return false;
	next = peek_line(in, len);
	return header_field_name(next) == 0 &&
	    reader_cut_line_end(next).len > 0;
}

/* How many bytes a field has, over all its lines; more than the limit: so. */
static size_t
field_length(struct input *in)
{
	size_t len = 0;

	do
		len += input_line(in, len, '\n', LONGEST_TEXT - len);
	while (len <= LONGEST_TEXT && goes_on(in, len));
	return len;
}

static size_t
count_lines(struct span s)
{
	const char *lf, *end = s.s + s.len;
	size_t n = 0;

	while ((lf = memchr(s.s, '\n', (size_t)(end - s.s))) != NULL) {
		s.s = lf + 1;
		n++;
	}
	return n;
}

/* A field with addresses: its name, the addresses, and its line end. */
static int
pass_field(struct message *m, enum role role, struct span field)
{
	const char *colon = memchr(field.s, ':', field.len);
	struct span name = span_between(field.s, colon + 1);
	struct span body = reader_cut_line_end(span_between(colon + 1,
	    field.s + field.len));
	struct span line_end = span_between(body.s + body.len,
	    field.s + field.len);
	struct place place = { line_end, name.len };

	if (line_end.len == 0)
		place.line_end = span_of("\n");
	filter_plain(m->filter, name);
	if (filter_text(m->filter, role, body, &place, m->line) == -1)
		return -1;
	filter_plain(m->filter, line_end);
	m->line += count_lines(field);
	return 0;
}

static int
read_field(struct message *m, enum role role)
{
	struct span field = { NULL, field_length(m->in) };
	int done;

	field.s = input_span(m->in).s;
	if (field.len <= LONGEST_TEXT) {
		done = pass_field(m, role, field);
		input_take(m->in, field.len);
		return done;
	}
	done = filter_report(m->filter, UNREADABLE, m->line,
	    "a field longer than 16 MiB", field);
	pass_line(m);
	return done;
}

/*
 * One line of the header, or a field with addresses.  1 if the header is
 * over, -1 if there is no memory.
 */
static int
read_header_line(struct message *m)
{
	struct span line = peek_line(m->in, 0);
	size_t name;
	enum role role;

	if (line.len == 0 || reader_cut_line_end(line).len == 0)
		return 1;
	if (is_blank(line.s[0])) {
		pass_line(m);
		return 0;
	}
	if ((name = header_field_name(line)) == 0)
		return 1;
	if (holds_addresses(m, (struct span){ line.s, name }, &role))
		return read_field(m, role);
	pass_line(m);
	return 0;
}

/* The line that parts messages in a mailbox is no field. */
static bool
is_from_line(struct input *in)
{
	struct span s;

	reader_has(in, 5);
	s = input_span(in);
	if (s.len > 0 && s.s[0] == '>')
		s = (struct span){ s.s + 1, s.len - 1 };
	return s.len >= 5 && memcmp(s.s, "From ", 5) == 0;
}

int
read_message(struct input *in, struct filter *f, const char *recipients)
{
	struct message m = { .in = in, .filter = f, .line = 1,
		.recipients = recipients };
	int over = 0;

	if (recipients == NULL)
		m.recipients = default_recipients;
	if (is_from_line(in))
		pass_line(&m);
	while (over == 0)
		over = read_header_line(&m);
	if (over == -1)
		return -1;
	reader_pass_rest(in, f);
	return 0;
}
