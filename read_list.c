#include "read_list.h"
#include "reader.h"

static bool
is_readable(struct span line)
{
	struct address_parser p;
	struct address a;
	enum address_found found;

	address_begin(&p, line);
	do
		found = address_next(&p, &a);
	while (found == ADDRESS_FOUND);
	return found == ADDRESS_END;
}

static int
read_line(struct filter *f, struct span whole, char end, size_t number)
{
	const struct place place = { 0 };
	struct span line = whole;

	if (end == '\n')
		line = reader_cut_line_end(line);
	else if (line.s[line.len - 1] == end)
		line.len--;
	if (line.len == 0 || (end == '\n' && line.s[0] == '#')) {
		filter_plain(f, whole);
		return 0;
	}
	if (!is_readable(line)) {
		filter_plain(f, whole);
		return filter_report(f, UNREADABLE, number, "no address list, "
		    "left as it is; correct it", line);
	}
	if (filter_text(f, USE_LIST, line, &place, number) == -1)
		return -1;
	filter_plain(f, (struct span){ line.s + line.len,
	    whole.len - line.len });
	return 0;
}

int
read_list(struct input *in, struct filter *f, char end)
{
	struct span line;
	size_t number = 0;
	int done;

	line = reader_mark(in);
	filter_plain(f, line);
	input_take(in, line.len);
	while ((line.len = input_line(in, 0, end, LONGEST_TEXT)) > 0) {
		line.s = input_span(in).s;
		number++;
		if (line.len > LONGEST_TEXT) {
			done = filter_report(f, UNREADABLE, number,
			    "a line longer than 16 MiB, left as it is", line);
			reader_pass_line(in, f, end);
		} else {
			done = read_line(f, line, end, number);
			input_take(in, line.len);
		}
		if (done == -1)
			return -1;
	}
	return 0;
}
