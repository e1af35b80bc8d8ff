#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "lines.h"

static struct span
cut_line_end(struct span line)
{
	if (line.s[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && line.s[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* The next line of the file, not yet taken; its length, with its end. */
static size_t
look(const struct lines *l, struct span *line)
{
	size_t len;

	if (l->in->error != 0 ||
	    (len = input_line(l->in, 0, '\n', SIZE_MAX)) == 0)
		return 0;
	*line = cut_line_end((struct span){ input_span(l->in).s, len });
	if (l->number == 0 && span_begins_fold(*line, "\xef\xbb\xbf"))
		*line = (struct span){ line->s + 3, line->len - 3 };
	return len;
}

static void
join(struct lines *l, struct span line)
{
	if (text_add_span(&l->joined, line) == -1)
		l->error = ENOMEM;
}

/* A line is complete when the next one begins. */
enum lines_found
lines_next(struct lines *l, struct span *line)
{
	enum lines_found found = LINES_END;
	struct span s;
	size_t len;

	l->joined.len = 0;
	while (l->error == 0 && found != LINES_ORPHAN &&
	    (len = look(l, &s)) > 0) {
		if (!lines_is_idle(s)) {
			if (found == LINES_FOUND && !is_blank(s.s[0]))
				break;
			if (found == LINES_END) {
				l->began = l->number + 1;
				found = is_blank(s.s[0]) ? LINES_ORPHAN :
				    LINES_FOUND;
			}
			join(l, found == LINES_ORPHAN ? s : l->cut(l->with, s));
		}
		l->number++;
		input_take(l->in, len);
	}
	if (l->error == 0)
		l->error = l->in->error;
	*line = text_span(&l->joined);
	return l->error == 0 ? found : LINES_END;
}

/* Whether this begins a line that neither counts for nothing nor continues. */
static bool
begins_line(char c)
{
	return !is_blank(c) && c != '#' && c != '\n' && c != '\r';
}

size_t
lines_look(const struct lines *l, size_t ahead, struct span *line)
{
	struct span s = input_span(l->in);
	const char *lf;

	s = (struct span){ s.s + ahead, s.len - ahead };
	if (s.len < 2 || (lf = memchr(s.s, '\n', s.len - 1)) == NULL ||
	    !begins_line(lf[1]))
		return 0;
	*line = cut_line_end(span_between(s.s, lf + 1));
	return (size_t)(lf + 1 - s.s);
}

void
lines_take(struct lines *l, size_t len)
{
	l->began = ++l->number;
	input_take(l->in, len);
}

void
lines_free(struct lines *l)
{
	text_free(&l->joined);
}

bool
lines_is_idle(struct span line)
{
	line = span_trim(line);
	return line.len == 0 || line.s[0] == '#';
}

const char *
lines_skip_blanks(const char *s, const char *end)
{
	while (s < end && is_blank(*s))
		s++;
	return s;
}

const char *
lines_skip_enclosed(const char *s, const char *end, char close)
{
	for (s++; s < end; s++) {
		if (*s == close)
			return s + 1;
		if (*s == '\\' && s + 1 < end)
			s++;
	}
	return end;
}

const char *
lines_skip_one(const char *s, const char *end)
{
	if (*s == '"')
		return lines_skip_enclosed(s, end, '"');
	if (*s == '[')
		return lines_skip_enclosed(s, end, ']');
	return s + 1;
}

const char *
lines_find_unquoted(const char *s, const char *end, const char *bytes)
{
	while (s < end && (*s == '\0' || strchr(bytes, *s) == NULL))
		s = lines_skip_one(s, end);
	return s;
}

struct span
lines_take_role(struct span text, enum role *role)
{
	size_t len = 0;

	*role = RECIPIENT;
	if (span_begins_fold(text, "from:")) {
		*role = SENDER;
		len = 5;
	} else if (span_begins_fold(text, "to:")) {
		len = 3;
	}
	return (struct span){ text.s + len, text.len - len };
}
