#include <string.h>

#include "write_same.h"

/* RFC 5322, 2.1.1: the longest line, its end not counted. */
enum { LONGEST_LINE = 998 };

static void
plain(void *state, struct span s)
{
	struct write_same *same = state;

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
fold(struct write_same *same)
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
write_tail(struct write_same *same, bool comma)
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
	struct write_same *same = state;

	same->place = *place;
	same->after_comma = same->line_changed = same->tail_changed = false;
}

static int
end(void *state)
{
	write_tail(state, false);
	return 0;
}

/* Behind the comma that parts what follows from what went before, or 0. */
static size_t
behind_comma(struct span s)
{
	size_t i = s.len;

	while (i > 0 && (is_blank(s.s[i - 1]) || s.s[i - 1] == '\r' ||
	    s.s[i - 1] == '\n'))
		i--;
	return i > 0 && (s.s[i - 1] == ',' || s.s[i - 1] == ';') ? i : 0;
}

static int
between(void *state, struct span s)
{
	struct write_same *same = state;
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

int
write_same_add(struct text *t, const struct address *a,
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

static int
add_destination(struct write_same *same, const struct address *a,
    const struct destination *d)
{
	same->tail_changed |= d->new_local || d->new_domain;
	return write_same_add(&same->tail, a, d);
}

/* A mailbox that goes nowhere, or to be refused, stands as it was. */
static int
mailbox(void *state, const struct address *a, const struct outcome *outcome)
{
	struct write_same *same = state;
	size_t i, written = 0;

	for (i = 0; i < outcome->count; i++) {
		if (destination_is_gone(&outcome->destinations[i]))
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

static void
open_message(void *state, struct span before)
{
	struct write_same *same = state;

	plain(same, before);
	same->diverted = same->out->diverted;
	same->out->diverted = &same->header;
	spool_clear(&same->header);
}

static void
forget(void *state)
{
	struct write_same *same = state;

	spool_clear(&same->originals);
	seen_clear(&same->seen);
}

static int
recipient(void *state, const struct address *a, const struct outcome *o)
{
	struct write_same *same = state;
	int new;

	if (!outcome_is_rewritten(o))
		return 0;
	same->line.len = 0;
	if (text_printf(&same->line, "X-Original-To: ") == -1 ||
	    address_add(&same->line, a->local, a->domain) == -1)
		return -1;
	if (same->line.len > LONGEST_LINE ||
	    !address_fits_a_line(text_span(&same->line)))
		return 0;
	if ((new = seen_add(&same->seen, a->local, a->domain)) != 1)
		return new;
	if (text_add_byte(&same->line, '\0') == -1)
		return -1;
	return spool_add(&same->originals, text_span(&same->line));
}

/* The fields, a NUL being where a line of the message has to end. */
static int
take_originals(void *state, struct span s)
{
	struct write_same *same = state;
	const char *nul, *end_of_s = s.s + s.len;

	while ((nul = memchr(s.s, '\0', (size_t)(end_of_s - s.s))) != NULL) {
		plain(same, span_between(s.s, nul));
		plain(same, same->line_end);
		s.s = nul + 1;
	}
	plain(same, span_between(s.s, end_of_s));
	return 0;
}

static int
take_header(void *state, struct span s)
{
	plain(state, s);
	return 0;
}

static int
header_end(void *state, struct span sender, struct span line_end, bool parted)
{
	struct write_same *same = state;

	(void)sender;
	same->out->diverted = same->diverted;
	same->line_end = line_end;
	if (spool_each(&same->originals, take_originals, same) == -1 ||
	    spool_each(&same->header, take_header, same) == -1)
		return -1;
	/* A body without a header must not run on from the new fields. */
	if (!parted && !spool_is_empty(&same->originals) &&
	    spool_is_empty(&same->header))
		plain(same, line_end);
	forget(same);
	return 0;
}

struct writer
write_same(struct write_same *same, struct output *out,
    struct spool_file *file, bool original)
{
	struct writer w = {
		.state = same,
		.plain = plain,
		.begin = begin,
		.end = end,
		.between = between,
		.mailbox = mailbox,
	};

	*same = (struct write_same){ .out = out };
	same->header.file = same->originals.file = file;
	if (original) {
		w.open = open_message;
		w.recipient = recipient;
		w.forget = forget;
		w.header_end = header_end;
	}
	return w;
}

void
write_same_free(struct write_same *same)
{
	text_free(&same->tail);
	text_free(&same->line);
	spool_free(&same->header);
	spool_free(&same->originals);
	seen_free(&same->seen);
}
