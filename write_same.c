#include <string.h>

#include "write_same.h"

/* RFC 5322, 2.1.1: the longest line, its end not counted. */
enum { LONGEST_LINE = 998 };

static void
plain(void *state, struct span s)
{
	struct same *same = state;

	output_write(same->out, s);
}

/* How many bytes the first line of the tail has, blanks alone being none. */
static size_t
first_line(const struct text *tail)
{
	const char *lf = memchr(tail->s, '\n', tail->len);
	size_t i, len = lf == NULL ? tail->len : (size_t)(lf - tail->s);

	if (len > 0 && lf != NULL && lf[-1] == '\r')
		len--;
	for (i = 0; i < len; i++)
		if (!is_blank(tail->s[i]))
			return len;
	return 0;
}

/* Begins a new line before the tail if it does not fit on this one. */
static void
fold(struct same *same)
{
	size_t len = first_line(&same->tail);

	if (!same->after_comma || len == 0 || same->place.line_end.len == 0 ||
	    !(same->line_changed || same->tail_changed) ||
	    same->place.column + len <= LONGEST_LINE)
		return;
	output_write(same->out, same->place.line_end);
	same->place.column = 0;
	same->line_changed = false;
	if (!is_blank(same->tail.s[0])) {
		output_write(same->out, span_of(" "));
		same->place.column = 1;
	}
}

static void
write_tail(struct same *same, bool comma)
{
	struct span tail = text_span(&same->tail);
	size_t i = tail.len;

	if (tail.len == 0)
		return;
	fold(same);
	output_write(same->out, tail);
	while (i > 0 && tail.s[i - 1] != '\n')
		i--;
	if (i > 0) {
		same->place.column = 0;
		same->line_changed = false;
	}
	same->place.column += tail.len - i;
	same->line_changed |= same->tail_changed;
	same->tail_changed = false;
	same->after_comma = comma;
	same->tail.len = 0;
}

static void
begin(void *state, const struct place *place)
{
	struct same *same = state;

	same->place = *place;
	same->after_comma = same->line_changed = same->tail_changed = false;
}

static int
end(void *state)
{
	write_tail(state, false);
	return 0;
}

/* The comma, if one parts what follows from what went before, else 0. */
static size_t
behind_comma(struct span s)
{
	size_t i = s.len;

	while (i > 0 && (is_blank(s.s[i - 1]) || s.s[i - 1] == '\r' ||
	    s.s[i - 1] == '\n'))
		i--;
	return i > 0 && s.s[i - 1] == ',' ? i : 0;
}

static int
between(void *state, struct span s)
{
	struct same *same = state;
	size_t comma = behind_comma(s);

	if (text_add(&same->tail, s.s, comma) == -1)
		return -1;
	if (comma > 0)
		write_tail(same, true);
	return text_add(&same->tail, s.s + comma, s.len - comma);
}

/* The part of an address that is new, and the comments of the old one. */
static int
replace(struct text *t, struct span new, struct span old)
{
	return text_add_span(t, new) == -1 ||
	    address_add_comments(t, old) == -1 ? -1 : 0;
}

static int
add_mailbox(struct text *t, const struct address *a,
    const struct destination *d)
{
	const char *s = a->mailbox.s, *after = a->local.s + a->local.len;

	if (text_add_span(t, span_between(s, a->local.s)) == -1)
		return -1;
	if ((d->new_local ? replace(t, d->local, a->local) :
	    text_add_span(t, a->local)) == -1)
		return -1;
	if (a->domain.len > 0) {
		if (text_add_span(t, span_between(after, a->domain.s)) == -1)
			return -1;
		after = a->domain.s + a->domain.len;
	} else if (d->domain.len > 0 && text_add_byte(t, '@') == -1) {
		return -1;
	}
	if ((d->new_domain ? replace(t, d->domain, a->domain) :
	    text_add_span(t, a->domain)) == -1)
		return -1;
	return text_add_span(t, span_between(after, s + a->mailbox.len));
}

static bool
is_written(const struct destination *d)
{
	return d->action != REJECT && d->action != DISCARD;
}

static int
add_destination(struct same *same, const struct address *a,
    const struct destination *d)
{
	same->tail_changed |= d->new_local || d->new_domain;
	return add_mailbox(&same->tail, a, d);
}

/* A mailbox that goes nowhere, or to be refused, stands as it was. */
static int
mailbox(void *state, const struct address *a, const struct outcome *outcome)
{
	struct same *same = state;
	size_t i, written = 0;

	for (i = 0; i < outcome->count && outcome->status == ROUTED; i++) {
		if (!is_written(&outcome->destinations[i]))
			continue;
		if (written++ > 0) {
			if (text_add_byte(&same->tail, ',') == -1)
				return -1;
			write_tail(same, true);
			if (text_add_byte(&same->tail, ' ') == -1)
				return -1;
		}
		if (add_destination(same, a, &outcome->destinations[i]) == -1)
			return -1;
	}
	return written > 0 ? 0 : text_add_span(&same->tail, a->mailbox);
}

struct writer
write_same(struct same *same, struct output *out)
{
	*same = (struct same){ .out = out };
	return (struct writer){
		.state = same,
		.plain = plain,
		.begin = begin,
		.end = end,
		.between = between,
		.mailbox = mailbox,
	};
}

void
write_same_free(struct same *same)
{
	text_free(&same->tail);
}
