#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "foreign.h"

static const struct import_format *const families[] = { import_exchange,
	import_csv, import_postfix, import_sendmail, import_aliases };

enum { FAMILIES = sizeof(families) / sizeof(*families) };

/* The lines of one that is continued, and what was read behind them. */
struct import {
	const struct import_format *format;
	struct foreign foreign;
	struct output *out;
	size_t number;		/* of lines read */
	struct text raw;	/* as they are, each with an LF */
	struct text comments;	/* that follow */
	struct text joined;
};

static const struct import_format *
nth_format(size_t n)
{
	const struct import_format *format;
	size_t i;

	for (i = 0; i < FAMILIES; i++)
		for (format = families[i]; format->name != NULL; format++)
			if (n-- == 0)
				return format;
	return NULL;
}

const struct import_format *
import_format(const char *name)
{
	const struct import_format *format;
	size_t n = 0;

	while ((format = nth_format(n++)) != NULL)
		if (strcmp(format->name, name) == 0)
			return format;
	return NULL;
}

const char *
import_name(size_t n)
{
	const struct import_format *format = nth_format(n);

	return format == NULL ? NULL : format->name;
}

static void
add(struct import *im, struct text *t, struct span s)
{
	if (text_add_span(t, s) == -1 || text_add_byte(t, '\n') == -1)
		im->foreign.error = ENOMEM;
}

/* A line of what is to be converted. */
static void
add_raw(struct import *im, struct span line)
{
	const char *s = line.s, *end = line.s + line.len;

	for (; (s = memchr(s, '"', (size_t)(end - s))) != NULL; s++)
		im->foreign.quoted = !im->foreign.quoted;
	add(im, &im->raw, line);
}

/* Puts the lines together. */
static bool
join_lines(struct import *im)
{
	size_t i;

	im->joined.len = 0;
	if (text_add(&im->joined, im->raw.s, im->raw.len - 1) == -1)
		return false;
	for (i = 0; i < im->joined.len; i++)
		if (im->joined.s[i] == '\n')
			im->joined.s[i] = ' ';
	return true;
}

/* What has no equal, as a comment. */
static void
write_as_comment(struct import *im)
{
	const char *s = im->raw.s, *end = s + im->raw.len, *lf;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		output_write(im->out, span_of("# "));
		output_write(im->out, span_between(s, lf + 1));
	}
}

static void
write_out(struct import *im, struct text *t)
{
	output_write(im->out, text_span(t));
	t->len = 0;
}

/* Converts what has been read, if anything has. */
static void
finish_line(struct import *im)
{
	struct foreign *f = &im->foreign;

	if (im->raw.len == 0)
		return;
	f->made.len = f->rule.len = 0;
	f->unequal = f->quoted = false;
	if (!join_lines(im))
		f->error = ENOMEM;
	else
		im->format->convert(f, text_span(&im->joined));
	if (f->unequal)
		write_as_comment(im);
	write_out(im, &f->made);
	write_out(im, &im->comments);
	im->raw.len = 0;
}

static void
take_line(struct import *im, struct span line)
{
	im->number++;
	if (im->raw.len > 0 && im->format->goes_on(&im->foreign, line)) {
		add_raw(im, line);
	} else if (im->format->is_comment(line)) {
		add(im, &im->comments, line);
		if (im->raw.len == 0)
			write_out(im, &im->comments);
	} else {
		finish_line(im);
		im->foreign.line = im->number;
		add_raw(im, line);
	}
}

/* The line of that length, without its end and a byte order mark. */
static struct span
cut_line(const struct import *im, const char *s, size_t len)
{
	struct span line = { s, len };

	if (line.s[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && line.s[line.len - 1] == '\r')
		line.len--;
	if (im->number == 0 && span_begins_fold(line, "\xef\xbb\xbf"))
		line = (struct span){ line.s + 3, line.len - 3 };
	return line;
}

static void
read_lines(struct import *im, struct input *in)
{
	size_t len;

	while (im->foreign.error == 0 &&
	    (len = input_line(in, 0, '\n', SIZE_MAX)) > 0) {
		take_line(im, cut_line(im, input_span(in).s, len));
		input_take(in, len);
	}
	if (im->foreign.error == 0 && in->error == 0) {
		finish_line(im);
		write_out(im, &im->foreign.later);
	}
}

static void
free_import(struct import *im)
{
	struct foreign *f = &im->foreign;

	rules_free(f->rules);
	text_free(&f->rule);
	text_free(&f->made);
	text_free(&f->later);
	text_free(&f->local);
	text_free(&f->name);
	text_free(&f->work);
	text_free(&f->message);
	text_free(&f->fields[0]);
	text_free(&f->fields[1]);
	text_free(&im->raw);
	text_free(&im->comments);
	text_free(&im->joined);
}

int
import_table(const struct import_format *format, struct input *in,
    struct output *out, struct span domain,
    const struct import_reports *reports)
{
	struct import im = { .format = format, .out = out,
		.foreign = { .reports = reports, .domain = domain } };

	im.foreign.rules = rules_new();
	if (im.foreign.rules == NULL ||
	    !rules_begin_file(im.foreign.rules, "standard input"))
		im.foreign.error = ENOMEM;
	read_lines(&im, in);
	free_import(&im);
	if (im.foreign.error == 0)
		return 0;
	errno = im.foreign.error;
	return -1;
}
