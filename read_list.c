#include "match.h"
#include "plain_list.h"
#include "read_list.h"
#include "reader.h"

enum {
	FEW = 16,		/* addresses of a line that are kept */
	MOST_SKIPPED = 16	/* lines not looked at for plain ones */
};

/* The addresses in a line; those of a long one are found twice. */
struct line {
	struct span text;
	struct address found[FEW];
	size_t count;
};

static bool
is_readable(struct line *line)
{
	struct address_parser p;
	struct address a;
	enum address_found found;

	line->count = 0;
	address_begin(&p, line->text);
	while ((found = address_next(&p, &a)) == ADDRESS_FOUND) {
		if (line->count < FEW)
			line->found[line->count] = a;
		line->count++;
	}
	return found == ADDRESS_END;
}

static int
pass_addresses(struct filter *f, const struct line *line, size_t number)
{
	const struct place place = { 0 };

	if (line->count > FEW)
		return filter_text(f, USE_LIST, line->text, &place, number);
	if (filter_passes(f, line->found, line->count)) {
		filter_plain(f, line->text);
		return 0;
	}
	return filter_found(f, USE_LIST, line->text, line->found,
	    line->count, &place, number);
}

static int
read_line(struct filter *f, struct span whole, char end, size_t number)
{
	struct line line;

	line.text = whole;
	if (end == '\n')
		line.text = reader_cut_line_end(whole);
	else if (whole.s[whole.len - 1] == end)
		line.text.len--;
	if (line.text.len == 0 || (end == '\n' && line.text.s[0] == '#')) {
		filter_plain(f, whole);
		return 0;
	}
	if (!is_readable(&line)) {
		filter_plain(f, whole);
		return filter_report(f, number, "no address list, "
		    "left as it is; correct it", line.text);
	}
	if (pass_addresses(f, &line, number) == -1)
		return -1;
	filter_plain(f, span_between(line.text.s + line.text.len,
	    whole.s + whole.len));
	return 0;
}

/*
 * Passes on the plain lines that come next, in one go those that no rule is
 * for.  As read_list().
 */
static int
pass_lines(struct input *in, struct filter *f, char line_end, size_t *number)
{
	struct span lines = input_span(in);
	const char *s = lines.s;
	struct address a[MOST_AT_ONCE];
	struct plain_list p;
	size_t n;
	int done;

	if (lines.len > LONGEST_TEXT)
		lines.len = LONGEST_TEXT;
	plain_list_begin(&p, lines, line_end);
	do {
		n = plain_list_next(&p, a, MOST_AT_ONCE);
		done = filter_plain_lines(f, &s, a, n, *number + 1);
		*number += n;
	} while (n == MOST_AT_ONCE && done == 0);
	if (done == 0)
		filter_plain(f, span_between(s, p.line));
	input_take(in, (size_t)(p.line - lines.s));
	return done;
}

/* Reads what comes next as one line.  As read_list(); 1 if there is none. */
static int
read_next(struct input *in, struct filter *f, char end, size_t number)
{
	struct span line = { NULL, input_line(in, 0, end, LONGEST_TEXT) };
	int done;

	line.s = input_span(in).s;
	if (line.len == 0)
		return 1;
	if (line.len > LONGEST_TEXT) {
		done = filter_report(f, number,
		    "a line longer than 16 MiB, left as it is", line);
		reader_pass_line(in, f, end);
		return done;
	}
	done = read_line(f, line, end, number);
	input_take(in, line.len);
	return done;
}

/*
 * Where the lines are not plain, plain ones are looked for more and more
 * seldom.
 */
int
read_list(struct input *in, struct filter *f, char end)
{
	struct span mark = reader_mark(in);
	size_t before, number = 0, skip = 0, skipped = 0;
	int done = 0;

	filter_plain(f, mark);
	input_take(in, mark.len);
	while (done == 0) {
		before = number;
		if (skipped++ >= skip) {
			done = pass_lines(in, f, end, &number);
			skip = number > before ? 0 :
			    skip + (skip < MOST_SKIPPED);
			skipped = 0;
		}
		if (done == 0)
			done = read_next(in, f, end, ++number);
	}
	return done == -1 ? -1 : 0;
}
