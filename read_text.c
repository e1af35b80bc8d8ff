#include <string.h>

#include "read_text.h"
#include "reader.h"

enum {
	ENOUGH = 64 * 1024,	/* bytes to look at in one go */
	LONGEST_URL = 512,	/* bytes before an address that may be one */
	LONGEST_WORD = 16	/* more than those that are looked for */
};

/* A piece of text: whole lines, with those that continue them. */
struct piece {
	struct filter *filter;
	struct span text;
	size_t line;		/* number of its first line */
	const char *known;	/* how far it is known what the line says */
	const char *line_start;
	bool of_messages;	/* it is about messages */
};

static bool
is_alnum(char c)
{
	unsigned char u = ascii_lower((unsigned char)c);

	return (u >= 'a' && u <= 'z') || ascii_digit(u) || u >= 0x80;
}

static bool
is_local(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("._-+%~", c) != NULL);
}

static bool
is_domain(char c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* The local part that ends before the @: an apostrophe may stand inside. */
static struct span
local_before(struct span text, const char *at)
{
	const char *s = at;

	while (s > text.s && (is_local(s[-1]) || (s[-1] == '\'' && s < at &&
	    s - 1 > text.s && is_alnum(s[0]) && is_alnum(s[-2]))))
		s--;
	while (s < at && !is_alnum(*s) && *s != '_')
		s++;
	if (s < at && at[-1] == '.')
		s = at;
	return span_between(s, at);
}

/* [192.0.2.1] or [IPv6:...] */
static struct span
literal_after(const char *s, const char *end)
{
	const char *start = s;

	for (s++; s < end && (is_alnum(*s) || *s == '.' || *s == ':'); s++)
		continue;
	if (s == end || *s != ']')
		return (struct span){ start, 0 };
	return span_between(start, s + 1);
}

/* The domain behind the @, without dots and hyphens at its end. */
static struct span
domain_after(struct span text, const char *at)
{
	const char *start = at + 1, *s = start, *end = text.s + text.len;

	if (s < end && *s == '[')
		return literal_after(s, end);
	if (s == end || !is_alnum(*s))
		return (struct span){ start, 0 };
	while (s < end && is_domain(*s) && !(s[0] == '.' && s[-1] == '.'))
		s++;
	while (!is_alnum(s[-1]))
		s--;
	return span_between(start, s);
}

/* Whether "scheme://" stands before, with nothing but user:password between. */
static bool
is_in_url(struct span text, const char *s)
{
	const char *least = s - text.s > LONGEST_URL ? s - LONGEST_URL :
	    text.s;

	while (s > least && (is_alnum(s[-1]) || (s[-1] != '\0' &&
	    strchr("._~%!$&'()*+,;=:-", s[-1]) != NULL)))
		s--;
	return s - least >= 3 && memcmp(s - 3, "://", 3) == 0;
}

/* What stands around an address, and says that it is none. */
static bool
is_something_else(struct span text, struct span local, struct span domain)
{
	const char *after = domain.s + domain.len, *end = text.s + text.len;

	if (local.s > text.s && (local.s[-1] == '@' || is_in_url(text,
	    local.s)))
		return true;
	if (after == end)
		return false;
	if (*after == '@' || *after == '/')
		return true;
	return *after == ':' && after + 1 < end && after[1] != ' ' &&
	    after[1] != '\t' && after[1] != '\r' && after[1] != '\n';
}

/* Whether a text speaks of messages, not of people. */
static bool
speaks_of_messages(struct span s)
{
	static const char *const words[] = { "message-id", "msgid",
		"references", "in-reply-to", "content-id" };
	size_t i;

	for (; s.len > 0; s.s++, s.len--)
		for (i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (ascii_lower((unsigned char)*s.s) ==
			    (unsigned char)words[i][0] &&
			    span_begins_fold(s, words[i]))
				return true;
	return false;
}

/*
 * Learns what the line says up to s, before which a bracket stands; a line
 * that begins with a blank goes on with the one before.  No byte is looked at
 * twice, but for a word's length.
 */
static void
read_line_to(struct piece *p, const char *s)
{
	const char *c, *from = p->known;

	for (c = p->known; c < s; c++)
		if (*c == '\n' && !is_blank(c[1])) {
			p->line_start = from = c + 1;
			p->of_messages = false;
		}
	from = from - p->line_start > LONGEST_WORD ? from - LONGEST_WORD :
	    p->line_start;
	if (!p->of_messages)
		p->of_messages = speaks_of_messages(span_between(from, s));
	p->known = s;
}

/* Whether an address in angle brackets stands where a Message-ID would. */
static bool
is_message_id(struct piece *p, struct span local, struct span domain)
{
	const char *after = domain.s + domain.len;

	if (local.s == p->text.s || local.s[-1] != '<' ||
	    after == p->text.s + p->text.len || *after != '>')
		return false;
	read_line_to(p, local.s);
	return p->of_messages;
}

static int
pass_address(struct piece *p, struct span local, struct span domain)
{
	const char *end = domain.s + domain.len;
	const struct address a = { span_between(local.s, end), local, domain };
	const struct place place = { 0 };
	const struct writer *w = &p->filter->writer;
	enum use use = is_message_id(p, local, domain) ? USE_ID :
	    USE_LIST;

	if (w->begin != NULL)
		w->begin(w->state, &place);
	if (filter_address(p->filter, use, &a, p->line) == -1)
		return -1;
	return w->end == NULL ? 0 : w->end(w->state);
}

static int
pass_piece(struct piece *p)
{
	const char *s = p->text.s, *end = s + p->text.len, *at = s;
	struct span local, domain;

	while ((at = memchr(at, '@', (size_t)(end - at))) != NULL) {
		local = local_before(span_between(s, end), at);
		domain = domain_after(p->text, at);
		if (local.len == 0 || domain.len == 0 ||
		    is_something_else(p->text, local, domain)) {
			at++;
			continue;
		}
		p->line += span_lines(span_between(s, local.s));
		filter_plain(p->filter, span_between(s, local.s));
		if (pass_address(p, local, domain) == -1)
			return -1;
		s = at = domain.s + domain.len;
	}
	p->line += span_lines(span_between(s, end));
	filter_plain(p->filter, span_between(s, end));
	return 0;
}

/*
 * Behind the last line that is not continued; 0 if there is none.  None begins
 * in what was looked at before, which is not gone through again.
 */
static size_t
behind_lines(struct span s, size_t before)
{
	size_t i;

	for (i = s.len; i > 1 && i > before; i--)
		if (s.s[i - 2] == '\n' && !is_blank(s.s[i - 1]))
			return i - 1;
	return 0;
}

/* Behind the last blank in what is too long to be kept. */
static size_t
behind_blank(struct span s)
{
	size_t i;

	for (i = s.len; i > 0; i--)
		if (is_blank(s.s[i - 1]))
			return i;
	return 0;
}

/* Reads on until there is a piece; its length, or 0 if there is none. */
static size_t
next_piece(struct input *in)
{
	size_t len = 0, wanted = ENOUGH, before = 0;
	struct span s;

	for (;;) {
		if (!reader_has(in, wanted))
			return input_span(in).len;
		s = input_span(in);
		if ((len = behind_lines(s, before)) > 0)
			return len;
		if (s.len > LONGEST_TEXT)
			return behind_blank((struct span){ s.s,
				LONGEST_TEXT });
		wanted = before = s.len;
	}
}

/* Passes on 16 MiB that are one word. */
static int
pass_long_word(struct piece *p, struct input *in)
{
	p->text = (struct span){ input_span(in).s, LONGEST_TEXT };
	filter_plain(p->filter, p->text);
	return filter_report(p->filter, p->line,
	    "16 MiB without a blank, left as they are", p->text);
}

int
read_text(struct input *in, struct filter *f)
{
	struct piece p = { .filter = f, .line = 1 };
	int done = 0;

	while (done == 0 && reader_has(in, 0)) {
		p.text.len = next_piece(in);
		p.text.s = p.known = p.line_start = input_span(in).s;
		p.of_messages = false;
		done = p.text.len == 0 ? pass_long_word(&p, in) :
		    pass_piece(&p);
		input_take(in, p.text.len);
	}
	return done;
}
