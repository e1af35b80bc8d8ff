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
reader_pass_rest(struct input *in, struct filter *f)
{
	do {
		filter_plain(f, input_span(in));
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
reader_cut_line_end(struct span line)
{
	if (line.len > 0 && line.s[line.len - 1] == '\n') {
		line.len--;
		if (line.len > 0 && line.s[line.len - 1] == '\r')
			line.len--;
	}
	return line;
}
