#include <string.h>

#include "reader.h"

void
reader_pass_line(struct input *in, struct filter *f, char end)
{
	struct span some;
	bool ended;

	do {
		some.len = input_line(in, 0, end, 0);
		some.s = input_span(in).s;
		ended = some.len == 0 || some.s[some.len - 1] == end;
		filter_plain(f, some);
		input_take(in, some.len);
	} while (!ended);
}

void
reader_pass_body(struct input *in, struct filter *f)
{
	do {
		filter_body(f, input_span(in));
		input_take(in, input_span(in).len);
	} while (input_more(in));
}

bool
reader_has(struct input *in, size_t at)
{
	while (input_span(in).len <= at)
		if (!input_more(in))
			return false;
	return true;
}

struct span
reader_mark(struct input *in)
{
	struct span mark = { "", 0 };

	if (!reader_has(in, 2))
		return mark;
	mark = (struct span){ input_span(in).s, 3 };
	if (!span_equal(mark, span_of("\xef\xbb\xbf")))
		mark.len = 0;
	return mark;
}

struct span
reader_peek_line(struct input *in, size_t from)
{
	size_t len = input_line(in, from, '\n', READER_PEEK);

	if (len > READER_PEEK)
		len = READER_PEEK;
	return (struct span){ input_span(in).s + from, len };
}

struct span
reader_cut_line_end(struct span line)
{
	if (line.len > 0 && line.s[line.len - 1] == '\n') {
		line.len--;
		if (line.len > 0 && line.s[line.len - 1] == '\r')
			line.len--;
	}
	return line;
}

struct span
reader_path(struct span s)
{
	bool quoted = false, angle = s.len > 0 && s.s[0] == '<';
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.s[i] == '"')
			quoted = !quoted;
		else if (s.s[i] == '\\' && i + 1 < s.len)
			i++;
		else if (!quoted && !angle && is_blank(s.s[i]))
			break;
		else if (!quoted && angle && s.s[i] == '>')
			return (struct span){ s.s, i + 1 };
	}
	return (struct span){ s.s, i };
}

/* "From jane@example.com Thu Jan  1 00:00:00 1970": its second word. */
static int
find_sender(struct filter *f, struct span line)
{
	const char *s = memchr(line.s, ' ', line.len);

	line = reader_path(span_trim(reader_cut_line_end(span_between(s + 1,
	    line.s + line.len))));
	if (span_equal_fold(line, span_of("MAILER-DAEMON")) ||
	    span_equal(line, span_of("-")))
		line.len = 0;
	return filter_found_sender(f, SENDER_IN_FROM_LINE, line);
}

int
reader_take_from_line(struct input *in, struct filter *f)
{
	struct span line = reader_peek_line(in, 0), s = line;

	if (s.len > 0 && s.s[0] == '>')
		s = (struct span){ s.s + 1, s.len - 1 };
	if (s.len < 5 || memcmp(s.s, "From ", 5) != 0 ||
	    line.len >= READER_PEEK)
		return 0;
	filter_open(f, line);
	if (filter_wants_sender(f) && find_sender(f, line) == -1)
		return -1;
	input_take(in, line.len);
	return 1;
}
